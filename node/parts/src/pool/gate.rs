// SPDX-License-Identifier: Apache-2.0

//! What a full pool refuses.

use crate::{Block, Hash};
use futures::future::join_all;
use log::debug;
use polkadot_sdk::{
    sc_transaction_pool::{ChainApi, ValidateTransactionPriority},
    sc_transaction_pool_api::{InPoolTransaction, PoolStatus, TransactionPool},
    sp_runtime::{
        OpaqueExtrinsic,
        transaction_validity::{TransactionPriority, TransactionSource},
    },
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long the lowest priority in a full pool is remembered. To find it, all transactions are looked at.
const FLOOR_TIME: Duration = Duration::from_millis(500);

/// How much a pool holds.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many transactions at most.
    pub count: usize,
    /// How many bytes all of them have at most.
    pub bytes: usize,
}

impl Size {
    /// How many transactions of this mean length there is room for. `open` are on their way into the pool.
    fn room(self, status: &PoolStatus, open: usize, length: usize) -> usize {
        let count = self.count.saturating_sub(status.ready + status.future + open);
        let taken = status.ready_bytes + status.future_bytes + open.saturating_mul(length);
        count.min(self.bytes.saturating_sub(taken) / length.max(1))
    }
}

/// Says what may go into a pool.
///
/// The SDK's pool takes a transaction that it has no room for, and drops one of those with the lowest priority, be it
/// this one or another. Whoever sent that one has been told that the pool has it. Here a full pool refuses what is not
/// more urgent than the least urgent that it has, with the error that the SDK has for it, so that the sender tries
/// again later. What is more urgent goes in, which is what priorities are for; nothing is put out for it, so the pool
/// grows until its own limits make it drop the least urgent.
pub struct Gate<Api> {
    api: Arc<Api>,
    size: Size,
    /// Transactions on their way into the pool.
    open: Mutex<usize>,
    floor: Mutex<Option<(Instant, TransactionPriority)>>,
}

/// Counts transactions as on their way until it is dropped.
pub struct OnTheirWay<'a>(&'a Mutex<usize>, usize);

impl Drop for OnTheirWay<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
    }
}

impl<Api: ChainApi<Block = Block>> Gate<Api> {
    /// Open up to this size; `api` says how urgent transactions are.
    pub fn new(api: Arc<Api>, size: Size) -> Self {
        Self { api, size, open: Mutex::default(), floor: Mutex::default() }
    }

    /// Whether each of these may go in. Those that may count as being there until the other value is dropped.
    ///
    /// If those on their way leave no room, the rest has to wait: how urgent they are is not known yet.
    pub async fn admit<Pool: TransactionPool<Block = Block, Hash = Hash>>(
        &self,
        pool: &Pool,
        at: Hash,
        source: TransactionSource,
        transactions: &[OpaqueExtrinsic],
    ) -> (Vec<bool>, OnTheirWay<'_>) {
        let bytes: usize = transactions.iter().map(|it| self.api.hash_and_length(it).1).sum();
        let length = bytes.div_ceil(transactions.len().max(1));
        let status = pool.status();
        let (room, mut on_their_way) = self.take_room(&status, length, transactions.len());
        let mut admitted: Vec<_> = (0..transactions.len()).map(|index| index < room).collect();
        if room < transactions.len() && self.size.room(&status, 0, length) == 0 {
            let floor = self.floor(pool);
            debug!(
                target: "txpool",
                "no room for {} transactions below priority {floor}",
                transactions.len() - room
            );
            let rest = transactions.iter().skip(room);
            let ask = |transaction| self.may_pass(pool, (at, source), transaction, floor);
            let urgent = join_all(rest.map(ask)).await;
            let count = urgent.iter().filter(|urgent| **urgent).count();
            *self.open.lock().unwrap_or_else(PoisonError::into_inner) += count;
            on_their_way.1 += count;
            admitted.splice(room.., urgent);
        }
        (admitted, on_their_way)
    }

    /// How many of `count` there is room for.
    fn take_room(
        &self,
        status: &PoolStatus,
        length: usize,
        count: usize,
    ) -> (usize, OnTheirWay<'_>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.size.room(status, *open, length).min(count);
        *open += room;
        (room, OnTheirWay(&self.open, room))
    }

    /// Whether a full pool should have a look at it: it is more urgent than others there, or the pool has a better
    /// reason to refuse it than that it is full.
    async fn may_pass<Pool: TransactionPool<Block = Block, Hash = Hash>>(
        &self,
        pool: &Pool,
        (at, source): (Hash, TransactionSource),
        transaction: &OpaqueExtrinsic,
        floor: TransactionPriority,
    ) -> bool {
        if pool.ready_transaction(&pool.hash_of(transaction)).is_some() {
            return true;
        }
        let transaction = Arc::new(transaction.clone());
        let priority = ValidateTransactionPriority::Submitted;
        match self.api.validate_transaction(at, source, transaction, priority).await {
            Ok(Ok(valid)) => valid.priority > floor,
            Ok(Err(_)) | Err(_) => true,
        }
    }

    /// The lowest priority among those that could go into a block.
    fn floor<Pool: TransactionPool<Block = Block, Hash = Hash>>(
        &self,
        pool: &Pool,
    ) -> TransactionPriority {
        let mut floor = self.floor.lock().unwrap_or_else(PoisonError::into_inner);
        match *floor {
            Some((found, priority)) if found.elapsed() < FLOOR_TIME => priority,
            _ => {
                let lowest = pool.ready().map(|it| *it.priority()).min().unwrap_or_default();
                *floor = Some((Instant::now(), lowest));
                lowest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_room_as_well() {
        let size = Size { count: 100, bytes: 1_000 };
        let status = PoolStatus { ready: 5, ready_bytes: 500, future: 1, future_bytes: 100 };
        assert_eq!(size.room(&status, 0, 100), 4);
        assert_eq!(size.room(&status, 3, 100), 1);
        assert_eq!(size.room(&status, 9, 100), 0);
        assert_eq!(size.room(&status, 0, 1), 94);
    }
}
