// SPDX-License-Identifier: Apache-2.0

//! Passphrase and keys. The keys are random, and lie in the store, under the passphrase.

use crate::options::Options;
use anyhow::{Context, bail};
use codec::{Decode, Encode};
use millrace_channels_chain::AccountKey;
use millrace_channels_daemon::write::CACHE_BYTES;
use millrace_channels_routing::OnionKey;
use millrace_channels_store::{
    Batch, Options as StoreOptions, Passphrase, Store, StoreError, Table,
};
use millrace_channels_transport::NodeKey;
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_io::hashing::blake2_256,
};
use std::{env, fs, path::Path};
use zeroize::Zeroizing;

/// What a node must not lose, by number.
const SECRETS: Table<u8, Secrets> = Table::new("secrets", 8);

/// Tag of the seed of the key that watchtowers know.
const TOWER_CLIENT_TAG: &[u8] = b"millrace/tower-client/1";

/// The environment's passphrase.
const VARIABLE: &str = "MILLRACE_PASSPHRASE";

/// The seeds of all keys, and the chain that they are for.
#[derive(Clone, Encode, Decode)]
pub struct Secrets {
    account: [u8; 32],
    signer: [u8; 32],
    node: [u8; 32],
    /// The seed of the links of streams.
    pub streams: [u8; 32],
    /// Genesis hash of the chain.
    pub genesis: [u8; 32],
}

impl Secrets {
    /// The key that signs states.
    pub fn signer(&self) -> ed25519::Pair {
        ed25519::Pair::from_seed(&self.signer)
    }

    /// The node's key.
    pub fn node(&self) -> NodeKey {
        NodeKey::from_bytes(Zeroizing::new(self.node))
    }

    /// The same, as it signs invoices and what is told of public channels.
    pub fn node_signer(&self) -> ed25519::Pair {
        ed25519::Pair::from_seed(&self.node)
    }

    /// The key that reads packets.
    pub fn onion(&self) -> OnionKey {
        OnionKey::from_seed(&self.node)
    }

    /// The key that watchtowers know this party by. It is none that peers know, so that a tower cannot
    /// tell from it whose channels it guards.
    pub fn tower_client(&self) -> NodeKey {
        let seed = blake2_256(&[TOWER_CLIENT_TAG, &self.node[..]].concat());
        NodeKey::from_bytes(Zeroizing::new(seed))
    }

    /// The account's key.
    pub fn account(&self, options: &Options) -> anyhow::Result<AccountKey> {
        match &options.dev_account {
            Some(name) => AccountKey::development(name)
                .with_context(|| format!("there is no development account {name:?}")),
            None => Ok(AccountKey::from_seed(&self.account)),
        }
    }
}

/// Makes a folder for its owner only.
pub fn make_folder(path: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path).with_context(|| format!("cannot make {}", path.display()))
}

/// 32 random bytes.
pub fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(bytes)
}

fn passphrase(options: &Options) -> anyhow::Result<Passphrase> {
    let text = match &options.passphrase_file {
        Some(path) => Zeroizing::new(
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        ),
        None => match env::var(VARIABLE) {
            Ok(text) => Zeroizing::new(text),
            Err(_) => bail!(
                "a passphrase protects the keys and everything signed: write it into a file that \
                 only you can read and name that by --passphrase-file, or set {VARIABLE}"
            ),
        },
    };
    match text.lines().next().unwrap_or_default() {
        "" => bail!("the passphrase is empty: choose one that nobody can guess"),
        line => Ok(Passphrase::new(line)),
    }
}

/// Opens the store, or makes one on the first start.
pub fn open_store(options: &Options, folder: &Path) -> anyhow::Result<Store> {
    let passphrase = passphrase(options)?;
    let folder = folder.join("store");
    let settings = StoreOptions { cache_bytes: CACHE_BYTES, ..StoreOptions::default() };
    if let Some(backup) = &options.restore {
        Store::restore(backup, &folder).with_context(|| {
            format!(
                "cannot begin with {}; if that was done before, leave --restore out",
                backup.display()
            )
        })?;
    }
    match Store::open(&folder, &passphrase, &settings) {
        Err(StoreError::Missing { .. }) => {
            tracing::info!(folder = %folder.display(), "making a new store");
            Ok(Store::create(&folder, &passphrase, &settings)?)
        }
        other => Ok(other?),
    }
}

/// The node's secrets, if this is not the first start.
pub fn load(store: &Store) -> anyhow::Result<Option<Secrets>> {
    Ok(store.get(&SECRETS, &0)?)
}

/// New secrets, on the disk.
pub fn make(store: &Store, genesis: [u8; 32]) -> anyhow::Result<Secrets> {
    let secrets = Secrets {
        account: random()?,
        signer: random()?,
        node: random()?,
        streams: random()?,
        genesis,
    };
    store.submit(Batch::new().put(&SECRETS, &0, &secrets, None))?.wait()?;
    Ok(secrets)
}
