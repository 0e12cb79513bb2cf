// SPDX-License-Identifier: Apache-2.0

//! What final blocks held, read when a measurement is over.

use super::limits::Taken;
use crate::{
    chain::{Chain, storage_key},
    events::{EVENTS_KEY, count_without_transaction, failures},
    ledger::{Block, Ledger},
    rpc::{Node, bytes},
};
use anyhow::Context;
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_io::hashing::blake2_256;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    time::Duration,
};

/// What happens by itself and is counted, if a measurement is about that.
pub const CONCLUDED: (&str, &str) = ("Channels", "ChannelConcluded");

/// A final block.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Its height.
    pub number: u32,
    /// When it was imported, since the measurement began.
    pub imported: Duration,
    /// Transactions of the measurement in it that did what they say.
    pub succeeded: usize,
    /// Those that failed.
    pub failed: usize,
    /// Disputes that the chain concluded in it without a transaction.
    pub by_itself: usize,
    /// What its contents took of it, by weight and in bytes.
    pub taken: Taken,
    /// As above.
    pub bytes: usize,
    /// How it was built, if its author's log says so.
    pub built: Option<Built>,
}

/// How a block was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// How long that took, in milliseconds.
    pub milliseconds: u64,
    /// Why it was not filled any further, in the node's words.
    pub end: String,
}

/// Reads the final blocks of a measurement. `logs`: what the validators said.
/// Errors: a node does not have them any more.
pub async fn read(
    node: &Node,
    chain: &Chain,
    ledger_blocks: &[Block],
    ours: &HashSet<Hash>,
    logs: &[&Path],
) -> anyhow::Result<Vec<Filled>> {
    let mut built = HashMap::new();
    for log in logs {
        let text = std::fs::read_to_string(log)
            .with_context(|| format!("reading a log, {}", log.display()))?;
        built.extend(how_built(&text));
    }
    let weight_key = format!("0x{}", hex::encode(storage_key("System", "BlockWeight")));
    let mut blocks = Vec::with_capacity(ledger_blocks.len());
    for block in ledger_blocks {
        let name: String = node.ask("chain_getBlockHash", &[block.number.into()]).await?;
        let at = Value::from(name.as_str());
        let body: Value = node.ask("chain_getBlock", std::slice::from_ref(&at)).await?;
        let contents = body.pointer("/block/extrinsics").and_then(Value::as_array);
        let state = |key: &str| [Value::from(key), at.clone()];
        let events: Option<String> = node.ask("state_getStorage", &state(EVENTS_KEY)).await?;
        let events = bytes(&events.with_context(|| format!("block {name} has no events"))?)?;
        let failures = failures(chain, &events)?;
        let taken: Option<String> = node.ask("state_getStorage", &state(&weight_key)).await?;
        let taken = taken.with_context(|| format!("block {name} does not tell its weight"))?;
        let mut filled = Filled {
            number: block.number,
            imported: block.imported,
            succeeded: 0,
            failed: 0,
            by_itself: count_without_transaction(chain, &events, CONCLUDED)?,
            taken: Taken::decode(&bytes(&taken)?)?,
            bytes: 0,
            built: built.get(&name).cloned(),
        };
        for (place, content) in (0..).zip(contents.into_iter().flatten()) {
            let content = bytes(content.as_str().context("a transaction is no text")?)?;
            filled.bytes += content.len();
            if ours.contains(&Hash::from(blake2_256(&content))) {
                let has_failed = failures.contains_key(&place);
                filled.failed += usize::from(has_failed);
                filled.succeeded += usize::from(!has_failed);
            }
        }
        blocks.push(filled);
    }
    Ok(blocks)
}

/// Hashes of all that a ledger holds.
pub fn hashes(ledger: &Ledger) -> HashSet<Hash> {
    ledger.entries.iter().map(|it| it.hash).collect()
}

/// How the blocks were built of which an author's log says so, by their hashes.
fn how_built(log: &str) -> HashMap<String, Built> {
    let (mut unsealed, mut built) = (HashMap::new(), HashMap::new());
    for line in log.lines() {
        if let Some((hash, how)) = prepared(line) {
            unsealed.insert(hash, how);
        } else if let Some((now, before)) = sealed(line)
            && let Some(how) = unsealed.remove(before)
        {
            built.insert(now.to_owned(), how);
        }
    }
    built
}

/// A block's hash with its author's seal, and that without it by which the line before names it.
fn sealed(line: &str) -> Option<(&str, &str)> {
    let (_, text) = line.split_once("Pre-sealed block for proposal at ")?;
    let (_, text) = text.split_once("Hash now ")?;
    let (now, text) = text.split_once(", previously ")?;
    Some((now, text.trim_end().trim_end_matches('.')))
}

/// The block that a line of a log says was built, by its hash without a seal.
fn prepared(line: &str) -> Option<(String, Built)> {
    let (_, text) = line.split_once("Prepared block for proposing at ")?;
    let (_, text) = text.split_once(" (")?;
    let (milliseconds, text) = text.split_once(" ms)")?;
    let (_, text) = text.split_once("hash: ")?;
    let (hash, text) = text.split_once(';')?;
    let (_, text) = text.split_once("end: ")?;
    let (end, _) = text.split_once(';')?;
    let built = Built { milliseconds: milliseconds.parse().ok()?, end: end.to_owned() };
    Some((hash.to_owned(), built))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_block_is_found_in_a_log() {
        let line = "2026-11-22 05:00:00 🎁 Prepared block for proposing at 42 (317 ms) hash: 0x0a; \
                    parent_hash: 0x0b…0c; end: HitBlockWeightLimit; extrinsics_count: 290";
        let seal = "2026-11-22 05:00:00 🔖 Pre-sealed block for proposal at 42. Hash now 0x0d, \
                    previously 0x0a.    ";
        let other = "🏆 Imported #42 (0x0a…0b → 0x0a…0c)";
        let built = how_built(&[line, seal, other].join("\n"));
        let how = Built { milliseconds: 317, end: "HitBlockWeightLimit".to_owned() };
        assert_eq!(built.get("0x0d"), Some(&how));
        assert_eq!(built.len(), 1);
    }
}
