// SPDX-License-Identifier: Apache-2.0

//! What became of transactions that were accepted and are not final when a run ends.
//!
//! A pool may keep a transaction, and may drop it without telling whoever sent it. Each that is
//! missing is looked for, and sent once more to hear what the node says about it now.

use crate::{
    ledger::{Entry, Shared},
    rpc::{IS_IN_POOL, Node, bytes, refusal},
};
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::collections::{BTreeMap, HashSet};

/// What became of them.
#[derive(Clone, Debug, Default)]
pub struct Leftovers {
    /// Still in some node's pool: too slow, not lost.
    pub pending: u64,
    /// Gone, with what the node said when it was sent again.
    pub explained: BTreeMap<String, u64>,
    /// Gone, and taken again as if it had never been there.
    pub lost: Vec<Hash>,
}

impl Leftovers {
    /// Whether every accepted transaction is final or has a reason.
    pub fn has_reasons(&self) -> bool {
        self.lost.is_empty()
    }
}

/// Looks for all that is missing.
/// Errors: a node is gone.
pub async fn find(nodes: &[Node], shared: &Shared) -> anyhow::Result<Leftovers> {
    let missing = shared.ledger().missing();
    let mut leftovers = Leftovers::default();
    if missing.is_empty() {
        return Ok(leftovers);
    }
    let mut pending = HashSet::new();
    for node in nodes {
        let waiting: Vec<String> = node.ask("author_pendingExtrinsics", &[]).await?;
        for transaction in waiting {
            pending.insert(Hash::from(blake2_256(&bytes(&transaction)?)));
        }
    }
    for number in missing {
        let found = shared.ledger().entries.get(number).cloned();
        let Some(Entry { hash, account, text, .. }) = found else { continue };
        let node = nodes.get(account as usize % nodes.len().max(1));
        let answer = match (node, text) {
            _ if pending.contains(&hash) => {
                leftovers.pending += 1;
                continue;
            }
            (Some(node), Some(text)) => node.submit(&[text]).await?.into_iter().next(),
            _ => None,
        };
        match answer {
            Some(Err(error)) if error.code() == IS_IN_POOL => leftovers.pending += 1,
            Some(Err(error)) => *leftovers.explained.entry(refusal(&error)).or_default() += 1,
            _ => leftovers.lost.push(hash),
        }
    }
    Ok(leftovers)
}
