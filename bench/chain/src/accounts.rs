// SPDX-License-Identifier: Apache-2.0

//! The accounts that send, and the genesis that funds them.
//!
//! Their keys follow from their numbers, so that a chain and a load that know the same count agree
//! on everything else. Everybody knows these keys: they are good for measurements only.

use anyhow::{Context, bail, ensure};
use polkadot_sdk::{
    sp_core::{Pair, crypto::Ss58Codec, ecdsa, ed25519, sr25519},
    sp_io::hashing::blake2_256,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Tag of the accounts' seeds.
const ACCOUNT_TAG: &[u8] = b"millrace/load/account";

/// Tag of the seeds of the keys that sign states of their channels.
const SIGNER_TAG: &[u8] = b"millrace/load/signer";

/// What each account starts with: 10,000 MILL, in the smallest unit. A channel's storage is about one.
const ENDOWMENT: u64 = 10_000_000_000_000_000;

/// What each validator has staked itself: 100,000 MILL, in the smallest unit.
const SELF_BOND: u64 = 100_000_000_000_000_000;

/// The commission of each validator, in parts of a billion.
const COMMISSION: u32 = 50_000_000;

/// Validators in the order in which they are added, by the names of their development keys.
pub const NAMES: [&str; 6] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];

/// One account that sends.
#[derive(Clone)]
pub struct Account {
    /// Signs its transactions and its consent to open a channel.
    pub key: sr25519::Pair,
    /// Signs states of its channels.
    pub signer: ed25519::Pair,
}

/// A seed that follows from a number.
fn seed(tag: &[u8], number: u32) -> [u8; 32] {
    blake2_256(&[tag, &number.to_le_bytes()].concat())
}

impl Account {
    /// The account of this number.
    pub fn new(number: u32) -> Self {
        let signer = ed25519::Pair::from_seed(&seed(SIGNER_TAG, number));
        Self { key: sr25519::Pair::from_seed(&seed(ACCOUNT_TAG, number)), signer }
    }

    /// Its 32 bytes.
    pub fn id(&self) -> [u8; 32] {
        self.key.public().0
    }
}

/// The patch of a preset that funds the accounts, and that gives the chain its validators.
///
/// A patch replaces lists, so the accounts that the preset funds are named again.
/// Errors: the node's binary does not know the preset.
pub fn genesis_patch(
    node: &Path,
    preset: &str,
    accounts: u32,
    validators: u32,
) -> anyhow::Result<Value> {
    let preset = show_preset(node, preset)?;
    let funded = preset.pointer("/balances/balances").and_then(Value::as_array);
    let mut balances = funded.cloned().unwrap_or_default();
    balances.extend(endowments(accounts));
    let (mut keys, mut candidates) = (Vec::new(), Vec::new());
    for name in names(validators)? {
        let (account, session) = validator(name)?;
        keys.push(json!([account, account, session]));
        candidates.push(json!([account, SELF_BOND, COMMISSION]));
    }
    Ok(json!({
        "balances": { "balances": balances },
        "dpos": { "candidates": candidates },
        "session": { "keys": keys },
    }))
}

/// What the accounts have at genesis.
pub fn endowments(accounts: u32) -> impl Iterator<Item = Value> {
    let account = |number| Account::new(number).key.public().to_ss58check();
    (0..accounts).map(move |number| json!([account(number), ENDOWMENT]))
}

/// Names of the first validators.
/// Errors: there are not so many names.
pub fn names(validators: u32) -> anyhow::Result<&'static [&'static str]> {
    let count = usize::try_from(validators)?;
    NAMES.get(..count).with_context(|| format!("at most {} validators", NAMES.len()))
}

/// The account and the session keys of a development name.
pub fn validator(name: &str) -> anyhow::Result<(String, Value)> {
    let uri = format!("//{name}");
    let bad = |error| anyhow::anyhow!("the keys of {name}: {error:?}");
    let sr25519 = sr25519::Pair::from_string(&uri, None).map_err(bad)?.public().to_ss58check();
    let ed25519 = ed25519::Pair::from_string(&uri, None).map_err(bad)?.public().to_ss58check();
    let ecdsa = ecdsa::Pair::from_string(&uri, None).map_err(bad)?.public().to_ss58check();
    let session = json!({
        "authority_discovery": sr25519,
        "babe": sr25519,
        "beefy": ecdsa,
        "grandpa": ed25519,
    });
    Ok((sr25519, session))
}

fn show_preset(node: &Path, preset: &str) -> anyhow::Result<Value> {
    let output = Command::new(node)
        .args(["chain-spec", "show-preset", preset])
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {}", node.display()))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("{} does not show the preset {preset}: {error}", node.display());
    }
    let preset: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(preset.is_object(), "the preset is no JSON object");
    Ok(preset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn accounts_are_distinct_and_always_the_same() {
        let ids: HashSet<_> = (0..100).map(|number| Account::new(number).id()).collect();
        assert_eq!(ids.len(), 100);
        assert_eq!(Account::new(7).id(), Account::new(7).id());
        assert_ne!(Account::new(7).id(), Account::new(7).signer.public().0);
    }

    #[test]
    fn validators_have_the_keys_of_their_names() {
        let (account, session) = validator("Alice").unwrap();
        assert_eq!(account, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
        assert_eq!(session["grandpa"], "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu");
        assert_eq!(session["babe"], account.as_str());
    }
}
