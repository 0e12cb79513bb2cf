// SPDX-License-Identifier: Apache-2.0

//! Keeps the graph of public channels for the next start.

use crate::running::now;
use core::time::Duration;
use millrace_channels_daemon::{
    graph::{Recalled, load},
    shell::Handle,
};
use millrace_channels_routing::Moment;
use millrace_channels_store::Store;
use millrace_primitives_channels::Hash;
use std::sync::{Arc, Weak};
use tokio::{task::spawn_blocking, time::interval};

/// How often the graph is compared with what is written.
const EVERY: Duration = Duration::from_secs(60);

/// How many channels, and how many nodes, the node takes in at once: everything else waits.
const SLICE: usize = 500;

/// Has the node recall what was known before, then writes down what it hears. Nothing waits for this,
/// and the store is closed without it.
pub async fn keep(node: Handle, store: Arc<Store>, genesis: Hash) {
    let weak = Arc::downgrade(&store);
    drop(store);
    if let Err(error) = run(&node, &weak, genesis).await {
        let then = "after the next start peers have to tell it again";
        tracing::warn!(%error, then, "the graph of public channels is not kept any more");
    }
}

async fn run(node: &Handle, store: &Weak<Store>, genesis: Hash) -> anyhow::Result<()> {
    let Some(open) = store.upgrade() else { return Ok(()) };
    let moment = Moment { millis: now(), block: 0 };
    let loading = spawn_blocking(move || load(&open, &genesis, &moment));
    let (Recalled { mut channels, mut nodes }, mut keeper) = loading.await??;
    let (count, introduced) = (channels.len(), nodes.len());
    // Nodes come after their channels, without which they would not be remembered.
    while !(channels.is_empty() && nodes.is_empty()) {
        let slice = match channels.is_empty() {
            false => Recalled { channels: last(&mut channels), nodes: Vec::new() },
            true => Recalled { channels: Vec::new(), nodes: last(&mut nodes) },
        };
        if node.look(move |node| node.recall(slice)).await.is_err() {
            return Ok(());
        }
    }
    tracing::info!(channels = count, nodes = introduced, "public channels that were known before");
    let mut look = interval(EVERY);
    loop {
        look.tick().await;
        loop {
            let compared = node.look(move |node| {
                let changes = keeper.changes(node.graph());
                (keeper, changes)
            });
            let Ok((back, changes)) = compared.await else { return Ok(()) };
            keeper = back;
            let (Some(batch), Some(open)) = (changes, store.upgrade()) else { break };
            spawn_blocking(move || open.submit(batch)?.wait()).await??;
        }
    }
}

/// Takes the last few.
fn last<T>(all: &mut Vec<T>) -> Vec<T> {
    all.split_off(all.len().saturating_sub(SLICE))
}
