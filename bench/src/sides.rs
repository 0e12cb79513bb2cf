// SPDX-License-Identifier: Apache-2.0

//! Nodes with a store each. The chain is in memory and judges nothing: it opens what is submitted
//! and shows that it is open.

use anyhow::{Context, bail, ensure};
use millrace_channels_daemon::{
    Command, Config, Identity, Keys, Node, Output, Peer, Reply,
    in_memory::{MemoryChain, wire},
    node::Standing,
    shell::{Handle, Ledger, Wire, start},
    write,
};
use millrace_channels_routing::OnionKey;
use millrace_channels_store::{GuessCost, Options, Passphrase, Store};
use millrace_channels_transport::NodeKey;
use millrace_primitives_channels::{Balance, ChannelId, Hash};
use polkadot_sdk::sp_core::{Pair, ed25519, sr25519};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// What each party deposits in each channel: more than any measurement pays.
pub const DEPOSIT: Balance = 1 << 80;

/// How many channels are opened at once.
const OPENED_AT_ONCE: usize = 256;

/// How long two nodes may take to be ready for each other.
const PATIENCE: Duration = Duration::from_secs(30);

/// Genesis hash of the chain that judges the channels.
pub fn genesis() -> Hash {
    Hash::repeat_byte(7)
}

/// One of the parties of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    number: u8,
    /// Whether it forwards, and pays over several channels.
    is_routing: bool,
}

impl Party {
    /// Of two: opens channels and pays.
    pub const HERE: Self = Self { number: 1, is_routing: false };

    /// Of two: accepts and is paid.
    pub const THERE: Self = Self { number: 2, is_routing: false };

    /// Of several that forward for each other: the one with this number.
    pub fn routing(number: u8) -> Self {
        Self { number, is_routing: true }
    }

    /// The secret of its node's key.
    fn secret(self) -> [u8; 32] {
        [self.number.wrapping_add(100); 32]
    }

    /// The key of its node.
    pub fn node_key(self) -> NodeKey {
        NodeKey::from_bytes(self.secret().into())
    }

    /// Its node.
    pub fn peer(self) -> anyhow::Result<Peer> {
        let id = self.node_key().peer_id().to_bytes();
        Peer::from_peer_id(&id).context("a node's key is an ed25519 key")
    }

    fn identity(self) -> anyhow::Result<Identity> {
        let number = self.number;
        let account = sr25519::Pair::from_seed(&[number.wrapping_add(50); 32]);
        let signer = ed25519::Pair::from_seed(&[number; 32]);
        let keys = Keys::new(account, signer, [number; 32]);
        let keys = if self.is_routing {
            let onion = OnionKey::from_seed(&[number.wrapping_add(150); 32]);
            keys.with_routing(ed25519::Pair::from_seed(&self.secret()), onion)
        } else {
            keys
        };
        Ok(Identity { genesis: genesis(), keys, me: self.peer()?, seed: [number; 32] })
    }
}

/// The defaults, except for how many channels one peer may have and how fast it may send.
fn config() -> Config {
    let mut config = Config::default();
    config.acceptance.own_deposit_max = Balance::MAX / 8;
    config.limits.openings_per_peer = OPENED_AT_ONCE;
    config.limits.channels_per_peer = config.limits.channels;
    config.limits.frames_per_second = u32::MAX;
    config
}

/// What loading a store took, and what came of it.
pub struct Loaded {
    /// The store.
    pub store: Store,
    /// The node as the store leaves it.
    pub node: Node,
    /// What it wants done first.
    pub outputs: Vec<Output>,
    /// Until the store was open. The passphrase is a random key, so guessing it costs nothing.
    pub opening: Duration,
    /// Until all records were read.
    pub reading: Duration,
    /// Until the node had made its channels of them.
    pub restoring: Duration,
}

/// Loads a party from its store, which is made if there is none.
pub fn load(party: Party, folder: &Path) -> anyhow::Result<Loaded> {
    let began = Instant::now();
    let passphrase = Passphrase::new("measured, and kept from nobody");
    let (guess_cost, cache_bytes) = (GuessCost::LEAST, write::CACHE_BYTES);
    let options = Options { guess_cost, cache_bytes, ..Options::default() };
    let store = match folder.exists() {
        true => Store::open(folder, &passphrase, &options)?,
        false => Store::create(folder, &passphrase, &options)?,
    };
    let opening = began.elapsed();
    let records = write::load(&store)?;
    ensure!(records.damaged.is_empty(), "damaged records: {:?}", records.damaged);
    let reading = began.elapsed();
    let restored = Node::restore(config(), party.identity()?, records);
    ensure!(restored.damaged.is_empty(), "damaged channels: {:?}", restored.damaged);
    let (node, outputs) = (restored.node, restored.outputs);
    Ok(Loaded { store, node, outputs, opening, reading, restoring: began.elapsed() })
}

/// A running node.
pub struct Side {
    /// How to talk to it.
    pub handle: Handle,
    /// Its store.
    pub store: Arc<Store>,
    task: JoinHandle<()>,
}

impl Side {
    /// Runs a node that was loaded.
    pub fn start(loaded: Loaded, wire: impl Wire, ledger: impl Ledger) -> Self {
        let store = Arc::new(loaded.store);
        let began = Instant::now();
        let clock = move || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (node, outputs) = (loaded.node, loaded.outputs);
        let (handle, run) = start(node, outputs, store.clone(), wire, ledger, clock);
        Self { handle, store, task: tokio::spawn(run) }
    }

    /// Waits until payments can be made in all channels with a peer.
    pub async fn ready(&self, peer: Peer) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let is_ready = self.handle.look(move |node| {
                let is_open = |id| node.standing(id) == Some(Standing::Open);
                node.sees_the_chain()
                    && node.is_connected(&peer)
                    && node.channels_with(&peer).into_iter().all(is_open)
            });
            if is_ready.await? {
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "two nodes are not ready after {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What can be paid in some channels, all in all.
    pub async fn spendable(&self, channels: &[ChannelId]) -> anyhow::Result<Balance> {
        let channels = channels.to_vec();
        let sum = self.handle.look(move |node| {
            let views = channels.into_iter().map(|id| node.channel(id));
            views.map(|view| view.map(|it| it.spendable)).sum::<Option<Balance>>()
        });
        sum.await?.context("a channel is not known")
    }

    /// Opens channels with the other of two, one payment in each, so that each has been used.
    pub async fn open(&self, count: usize, said: impl Fn(usize)) -> anyhow::Result<Vec<ChannelId>> {
        self.open_with(Party::THERE.peer()?, count, said).await
    }

    /// Opens channels with a peer, one payment in each.
    pub async fn open_with(
        &self,
        peer: Peer,
        count: usize,
        said: impl Fn(usize),
    ) -> anyhow::Result<Vec<ChannelId>> {
        let mut opened = Vec::with_capacity(count);
        while opened.len() < count {
            let some = OPENED_AT_ONCE.min(count - opened.len());
            let tasks: Vec<_> =
                (0..some).map(|_| tokio::spawn(open_one(self.handle.clone(), peer))).collect();
            for task in tasks {
                opened.push(task.await??);
            }
            said(opened.len());
        }
        Ok(opened)
    }

    /// Stops it and closes its store.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.handle.shutdown().await;
        self.task.await?;
        let store = Arc::into_inner(self.store).context("somebody still holds a store")?;
        Ok(store.close()?)
    }
}

async fn open_one(handle: Handle, peer: Peer) -> anyhow::Result<ChannelId> {
    let open = Command::Open {
        peer,
        deposit: DEPOSIT,
        their_deposit: DEPOSIT,
        challenge_blocks: 1_000,
        open_within: 500,
        operation: None,
    };
    let channel = match handle.command(open).await?? {
        Reply::Opened { channel } => channel,
        other => bail!("not opened: {other:?}"),
    };
    handle.command(payment(channel)).await??;
    Ok(channel)
}

/// Pays one unit.
pub fn payment(channel: ChannelId) -> Command {
    Command::Pay { channel, payee: None, amount: 1, operation: None }
}

/// Two nodes in one process, on a wire in memory.
pub async fn pair(folder: &Path) -> anyhow::Result<[Side; 2]> {
    let chain = MemoryChain::default();
    let (one, other) = wire(Party::HERE.peer()?, Party::THERE.peer()?);
    let here = Side::start(load(Party::HERE, &folder.join("here"))?, one, chain.ledger());
    let there = Side::start(load(Party::THERE, &folder.join("there"))?, other, chain.ledger());
    here.ready(Party::THERE.peer()?).await?;
    there.ready(Party::HERE.peer()?).await?;
    // Until both have introduced themselves there is nobody to open a channel with.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok([here, there])
}
