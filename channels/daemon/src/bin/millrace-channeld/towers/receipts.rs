// SPDX-License-Identifier: Apache-2.0

//! What towers have signed for, on disk: what this party relies on, and its evidence.

use super::book::Cover;
use codec::{Decode, Encode};
use millrace_channels_store::{Batch, Store, StoreError, Table};
use millrace_channels_watchtower::{message::Blob, receipt::Receipt, sealing::TowerId};
use millrace_primitives_channels::ChannelId;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Whose appointment for which channel.
type Place = (TowerId, [u8; 32]);

/// What is relied on.
const COVERS: Table<Place, Cover> = Table::new("towers/covers", 10_000_000);

/// What proves it.
const EVIDENCE: Table<Place, Evidence> = Table::new("towers/evidence", 10_000_000);

/// A tower's signature, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Evidence {
    /// What the tower has signed.
    pub receipt: Receipt,
    /// The sealed answer that the receipt commits to.
    pub blob: Blob,
}

/// What a tower has signed for.
pub fn covers(store: &Store, tower: &TowerId) -> Result<Vec<(ChannelId, Cover)>, StoreError> {
    let mut covers = Vec::new();
    for row in store.rows(&COVERS)? {
        let row = row?;
        let (of, channel) = row.key;
        if of == *tower {
            covers.push((ChannelId::from(channel), row.value));
        }
    }
    Ok(covers)
}

/// Keeps what a tower has signed for, in place of what it signed before.
pub async fn keep(
    store: &Arc<Store>,
    tower: TowerId,
    channel: ChannelId,
    cover: Cover,
    evidence: Evidence,
) -> Result<(), StoreError> {
    let place = (tower, channel.0);
    let batch = Batch::new().put(&COVERS, &place, &cover, None);
    write(store, batch.put(&EVIDENCE, &place, &evidence, None)).await
}

/// Forgets a channel at a tower.
pub async fn forget(
    store: &Arc<Store>,
    tower: TowerId,
    channel: ChannelId,
) -> Result<(), StoreError> {
    let place = (tower, channel.0);
    write(store, Batch::new().remove(&COVERS, &place).remove(&EVIDENCE, &place)).await
}

async fn write(store: &Arc<Store>, batch: Batch) -> Result<(), StoreError> {
    let store = store.clone();
    let written = spawn_blocking(move || store.submit(batch)?.wait()).await;
    // It fails to end only if it panics, or while the program ends.
    written.unwrap_or(Ok(()))
}
