// SPDX-License-Identifier: Apache-2.0

//! The newest final block that this daemon has seen, for its next start: a node of the chain that has
//! not come as far, or shows another block there, is not believed.

use anyhow::Context;
use millrace_channels_chain::Head;
use millrace_channels_store::{Batch, Store, Table};
use millrace_primitives_channels::{BlockNumber, Hash};
use std::sync::Arc;

/// Height and hash of that block.
const CHECKPOINT: Table<u8, (BlockNumber, [u8; 32])> = Table::new("checkpoint", 1);

/// It is written down once in so many blocks. What a node that is only that far behind does not show
/// yet, it will show in a moment.
const EVERY: BlockNumber = 10;

/// Notes final blocks.
pub struct Checkpoint {
    store: Arc<Store>,
    head: Option<Head>,
}

impl Checkpoint {
    /// What the last run has noted, to go on from.
    pub fn open(store: Arc<Store>) -> anyhow::Result<Self> {
        let kept = store.get(&CHECKPOINT, &0).context("the newest final block cannot be read")?;
        let head = kept.map(|(number, hash)| Head { number, hash: Hash::from(hash) });
        Ok(Self { store, head })
    }

    /// The newest one that is written down.
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Notes a final block. Nobody waits for it, and what is lost of it was only of the last moments.
    pub fn note(&mut self, head: Head) {
        let is_due =
            self.head.is_none_or(|known| head.number >= known.number.saturating_add(EVERY));
        if !is_due {
            return;
        }
        let batch = Batch::new().put(&CHECKPOINT, &0, &(head.number, head.hash.0), None);
        // While the queue is full, or the disk refuses, it stays as it was.
        if self.store.try_submit(batch).is_ok() {
            self.head = Some(head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::store;

    fn head(number: BlockNumber) -> Head {
        Head { number, hash: Hash::from_low_u64_be(number.into()) }
    }

    #[test]
    fn newest_final_block_survives_and_is_written_down_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        {
            let store = store(&folder);
            let mut checkpoint = Checkpoint::open(store.clone()).unwrap();
            assert_eq!(checkpoint.head(), None);
            for number in 100..=125 {
                checkpoint.note(head(number));
            }
            // A node that is behind is refused, but whatever it says makes nothing older.
            checkpoint.note(head(7));
            assert_eq!(checkpoint.head(), Some(head(120)));
            drop(checkpoint);
            Arc::try_unwrap(store).unwrap().close().unwrap();
        }
        let checkpoint = Checkpoint::open(store(&folder)).unwrap();
        assert_eq!(checkpoint.head(), Some(head(120)));
    }
}
