// SPDX-License-Identifier: Apache-2.0

//! Follows the chain: when each block was imported, when it was final, and what was in it.

use crate::{
    chain::Chain,
    events::{EVENTS_KEY, failures},
    ledger::Shared,
    rpc::{Header, Node, bytes, hash},
};
use anyhow::Context;
use jsonrpsee_core::client::Subscription;
use millrace_primitives_channels::Hash;
use polkadot_sdk::sp_io::hashing::blake2_256;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// When blocks were imported, on all forks.
#[derive(Clone, Default)]
struct Imports(Arc<Mutex<HashMap<Hash, Duration>>>);

impl Imports {
    fn note(&self, hash: Hash, at: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(hash).or_insert(at);
    }

    fn of(&self, hash: &Hash) -> Option<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).copied()
    }
}

/// Follows a node until it is aborted. Blocks up to `height` are older than the load.
/// Errors: the node is gone, or what it says does not fit together.
pub async fn follow(
    node: Node,
    chain: Arc<Chain>,
    shared: Shared,
    height: u32,
) -> anyhow::Result<()> {
    let imports = Imports::default();
    let imported = node.imported().await?;
    let finalised = node.finalised().await?;
    // Of two tasks neither waits for the other: how late a block is read says nothing about when the
    // next one was imported.
    tokio::select! {
        ended = note_imports(imported, imports.clone(), shared.clone()) => ended,
        ended = read_final(&node, &chain, finalised, imports, shared, height) => ended,
    }
}

async fn note_imports(
    mut imported: Subscription<Header>,
    imports: Imports,
    shared: Shared,
) -> anyhow::Result<()> {
    loop {
        let header = imported.next().await.context("the node tells of no more blocks")??;
        imports.note(header.hash(), shared.now());
    }
}

async fn read_final(
    node: &Node,
    chain: &Chain,
    mut finalised: Subscription<Header>,
    imports: Imports,
    shared: Shared,
    mut height: u32,
) -> anyhow::Result<()> {
    loop {
        let header = finalised.next().await.context("the node tells of no more final blocks")??;
        let now = shared.now();
        // One message stands for all blocks that became final with its own.
        while height < header.number {
            height += 1;
            read(node, chain, height, now, &imports, &shared).await?;
        }
    }
}

/// Reads one final block.
async fn read(
    node: &Node,
    chain: &Chain,
    height: u32,
    finalised: Duration,
    imports: &Imports,
    shared: &Shared,
) -> anyhow::Result<()> {
    let name: String = node.ask("chain_getBlockHash", &[height.into()]).await?;
    let block: Value = node.ask("chain_getBlock", &[name.as_str().into()]).await?;
    let key = EVENTS_KEY.into();
    let events: Option<String> = node.ask("state_getStorage", &[key, name.as_str().into()]).await?;
    let failures = match events {
        Some(events) => failures(chain, &bytes(&events)?)?,
        None => HashMap::new(),
    };
    let contents = block.pointer("/block/extrinsics").and_then(Value::as_array);
    let contents = contents.with_context(|| format!("block {height} has no contents"))?;
    let mut hashes = Vec::with_capacity(contents.len());
    for (place, content) in (0..).zip(contents) {
        let content = bytes(content.as_str().context("a transaction is no text")?)?;
        hashes.push((Hash::from(blake2_256(&content)), failures.get(&place).cloned()));
    }
    // A block that was imported before this program listened is as old as its finality.
    let imported = imports.of(&hash(&name)?).unwrap_or(finalised);
    shared.ledger().finalise(height, (imported, finalised), hashes);
    Ok(())
}
