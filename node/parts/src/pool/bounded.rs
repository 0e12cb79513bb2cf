// SPDX-License-Identifier: Apache-2.0

//! A pool that refuses what it has no room for, instead of taking it and dropping something later.

use crate::{Block, Hash};
use async_trait::async_trait;
use log::debug;
use polkadot_sdk::{
    sc_transaction_pool::{ChainApi, ValidateTransactionPriority},
    sc_transaction_pool_api::{
        ChainEvent, ImportNotificationStream, InPoolTransaction, MaintainedTransactionPool,
        PoolStatus, ReadyTransactions, TransactionPool, TransactionStatusStreamFor,
        TxInvalidityReportMap, error::Error as Refusal,
    },
    sp_runtime::{
        OpaqueExtrinsic,
        transaction_validity::{TransactionPriority, TransactionSource},
    },
};
use std::{
    collections::HashMap,
    pin::Pin,
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

/// The way of clients into a pool, which is closed while the pool holds as much as it shall.
///
/// The SDK's pool takes a transaction that it has no room for, and drops one of those with the lowest priority, be it
/// this one or another. Whoever sent that one has been told that the pool has it. Here a full pool refuses what is not
/// more urgent than the least urgent that it has, with the error that the SDK has for it, so that the sender tries
/// again later. What is more urgent goes in, which is what priorities are for.
///
/// What other nodes tell goes past this: a node that refuses its peers' transactions thinks badly of them, although
/// they did nothing wrong. The pool itself has room for it ([`super::Settings::limits`]).
pub struct Bounded<Pool, Api> {
    pool: Arc<Pool>,
    api: Arc<Api>,
    size: Size,
    /// Transactions on their way into the pool.
    open: Mutex<usize>,
    floor: Mutex<Option<(Instant, TransactionPriority)>>,
}

impl<Pool, Api> Bounded<Pool, Api> {
    /// Into `pool`, up to this size; `api` says how urgent transactions are.
    pub fn new(pool: Arc<Pool>, api: Arc<Api>, size: Size) -> Self {
        Self { pool, api, size, open: Mutex::default(), floor: Mutex::default() }
    }
}

/// Counts transactions as on their way until it is dropped.
struct OnTheirWay<'a>(&'a Mutex<usize>, usize);

impl Drop for OnTheirWay<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
    }
}

impl<Pool, Api> Bounded<Pool, Api>
where
    Pool: TransactionPool<Block = Block, Hash = Hash>,
    Api: ChainApi<Block = Block>,
{
    /// Whether each of these may go in. Those that may count as being there until the other value is dropped.
    async fn admit(
        &self,
        at: Hash,
        source: TransactionSource,
        transactions: &[OpaqueExtrinsic],
    ) -> (Vec<bool>, OnTheirWay<'_>) {
        let (room, mut on_their_way) = self.take_room(transactions);
        let mut admitted: Vec<_> = (0..transactions.len()).map(|index| index < room).collect();
        if room < transactions.len() {
            let floor = self.floor();
            debug!(target: "txpool", "no room for {} transactions below priority {floor}", transactions.len() - room);
            for (transaction, admitted) in transactions.iter().zip(&mut admitted).skip(room) {
                *admitted = self.may_pass(at, source, transaction, floor).await;
                if *admitted {
                    *self.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    on_their_way.1 += 1;
                }
            }
        }
        (admitted, on_their_way)
    }

    /// How many of these there is room for.
    fn take_room(&self, transactions: &[OpaqueExtrinsic]) -> (usize, OnTheirWay<'_>) {
        let bytes: usize = transactions.iter().map(|it| self.api.hash_and_length(it).1).sum();
        let length = bytes.div_ceil(transactions.len().max(1));
        let status = self.pool.status();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.size.room(&status, *open, length).min(transactions.len());
        *open += room;
        (room, OnTheirWay(&self.open, room))
    }

    /// Whether a full pool should have a look at it: it is more urgent than others there, or the pool has a better
    /// reason to refuse it than that it is full.
    async fn may_pass(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: &OpaqueExtrinsic,
        floor: TransactionPriority,
    ) -> bool {
        if self.pool.ready_transaction(&self.pool.hash_of(transaction)).is_some() {
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
    fn floor(&self) -> TransactionPriority {
        let mut floor = self.floor.lock().unwrap_or_else(PoisonError::into_inner);
        match *floor {
            Some((found, priority)) if found.elapsed() < FLOOR_TIME => priority,
            _ => {
                let lowest = self.pool.ready().map(|it| *it.priority()).min().unwrap_or_default();
                *floor = Some((Instant::now(), lowest));
                lowest
            }
        }
    }

    /// Nothing if it may go in, or why not.
    async fn admit_one(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: &OpaqueExtrinsic,
    ) -> Result<OnTheirWay<'_>, Pool::Error> {
        let (admitted, on_its_way) =
            self.admit(at, source, std::slice::from_ref(transaction)).await;
        if admitted[0] { Ok(on_its_way) } else { Err(Refusal::ImmediatelyDropped.into()) }
    }
}

#[async_trait]
impl<Pool, Api> TransactionPool for Bounded<Pool, Api>
where
    Pool: TransactionPool<Block = Block, Hash = Hash>,
    Api: ChainApi<Block = Block>,
{
    type Block = Block;
    type Hash = Hash;
    type InPoolTransaction = Pool::InPoolTransaction;
    type Error = Pool::Error;

    async fn submit_at(
        &self,
        at: Hash,
        source: TransactionSource,
        transactions: Vec<OpaqueExtrinsic>,
    ) -> Result<Vec<Result<Hash, Self::Error>>, Self::Error> {
        let (admitted, _on_their_way) = self.admit(at, source, &transactions).await;
        let admissible = transactions.into_iter().zip(&admitted).filter(|(_, admitted)| **admitted);
        let admissible: Vec<_> = admissible.map(|(transaction, _)| transaction).collect();
        let mut results = Vec::new();
        if !admissible.is_empty() {
            results = self.pool.submit_at(at, source, admissible).await?;
        }
        let mut results = results.into_iter();
        let outcome = |admitted: bool| match admitted {
            true => results.next().unwrap_or_else(|| Err(Refusal::ImmediatelyDropped.into())),
            false => Err(Refusal::ImmediatelyDropped.into()),
        };
        Ok(admitted.into_iter().map(outcome).collect())
    }

    async fn submit_one(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: OpaqueExtrinsic,
    ) -> Result<Hash, Self::Error> {
        let _on_its_way = self.admit_one(at, source, &transaction).await?;
        self.pool.submit_one(at, source, transaction).await
    }

    async fn submit_and_watch(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: OpaqueExtrinsic,
    ) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
        let _on_its_way = self.admit_one(at, source, &transaction).await?;
        self.pool.submit_and_watch(at, source, transaction).await
    }

    async fn ready_at(
        &self,
        at: Hash,
    ) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
        self.pool.ready_at(at).await
    }

    fn ready(&self) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
        self.pool.ready()
    }

    async fn report_invalid(
        &self,
        at: Option<Hash>,
        invalid: TxInvalidityReportMap<Hash>,
    ) -> Vec<Arc<Self::InPoolTransaction>> {
        self.pool.report_invalid(at, invalid).await
    }

    fn futures(&self) -> Vec<Self::InPoolTransaction> {
        self.pool.futures()
    }

    fn status(&self) -> PoolStatus {
        self.pool.status()
    }

    fn import_notification_stream(&self) -> ImportNotificationStream<Hash> {
        self.pool.import_notification_stream()
    }

    fn on_broadcasted(&self, propagations: HashMap<Hash, Vec<String>>) {
        self.pool.on_broadcasted(propagations);
    }

    fn hash_of(&self, transaction: &OpaqueExtrinsic) -> Hash {
        self.pool.hash_of(transaction)
    }

    fn ready_transaction(&self, hash: &Hash) -> Option<Arc<Self::InPoolTransaction>> {
        self.pool.ready_transaction(hash)
    }

    async fn ready_at_with_timeout(
        &self,
        at: Hash,
        patience: Duration,
    ) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
        self.pool.ready_at_with_timeout(at, patience).await
    }
}

#[async_trait]
impl<Pool, Api> MaintainedTransactionPool for Bounded<Pool, Api>
where
    Pool: MaintainedTransactionPool<Block = Block, Hash = Hash>,
    Api: ChainApi<Block = Block>,
{
    async fn maintain(&self, event: ChainEvent<Block>) {
        self.pool.maintain(event).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlockNumber, Header};
    use codec::Encode;
    use futures::executor::block_on;
    use polkadot_sdk::{
        sc_transaction_pool::{BasicPool, Options, PoolLimit},
        sc_transaction_pool_api::error::Error,
        sp_blockchain::TreeRoute,
        sp_core::hashing::blake2_256,
        sp_runtime::{
            generic::BlockId,
            transaction_validity::{InvalidTransaction, TransactionValidity, ValidTransaction},
        },
    };

    const BLOCK: Hash = Hash::zero();

    /// Transactions are two bytes: which, and how urgent. Those of urgency 0 are not valid.
    struct Fake;

    fn transaction(which: u8, urgency: u8) -> OpaqueExtrinsic {
        OpaqueExtrinsic::from_blob(vec![which, urgency])
    }

    #[async_trait]
    impl ChainApi for Fake {
        type Block = Block;
        type Error = Error;

        async fn validate_transaction(
            &self,
            at: Hash,
            source: TransactionSource,
            transaction: Arc<OpaqueExtrinsic>,
            _: ValidateTransactionPriority,
        ) -> Result<TransactionValidity, Error> {
            self.validate_transaction_blocking(at, source, transaction)
        }

        fn validate_transaction_blocking(
            &self,
            _: Hash,
            _: TransactionSource,
            transaction: Arc<OpaqueExtrinsic>,
        ) -> Result<TransactionValidity, Error> {
            let bytes = transaction.encode();
            let [.., which, urgency] = bytes[..] else { panic!("too short") };
            let valid = ValidTransaction {
                priority: urgency.into(),
                provides: vec![vec![which]],
                ..Default::default()
            };
            Ok(if urgency == 0 { Err(InvalidTransaction::Payment.into()) } else { Ok(valid) })
        }

        fn block_id_to_number(&self, _: &BlockId<Block>) -> Result<Option<BlockNumber>, Error> {
            Ok(Some(0))
        }

        fn block_id_to_hash(&self, _: &BlockId<Block>) -> Result<Option<Hash>, Error> {
            Ok(Some(BLOCK))
        }

        fn hash_and_length(&self, transaction: &OpaqueExtrinsic) -> (Hash, usize) {
            let bytes = transaction.encode();
            (blake2_256(&bytes).into(), bytes.len())
        }

        async fn block_body(&self, _: Hash) -> Result<Option<Vec<OpaqueExtrinsic>>, Error> {
            Ok(None)
        }

        fn block_header(&self, _: Hash) -> Result<Option<Header>, Error> {
            Ok(None)
        }

        fn tree_route(&self, _: Hash, _: Hash) -> Result<TreeRoute<Block>, Error> {
            Err(Error::InvalidBlockId("there are no other blocks".into()))
        }
    }

    /// A pool that clients may fill with three.
    fn three() -> Bounded<BasicPool<Fake, Block>, Fake> {
        let limit = PoolLimit { count: 6, total_bytes: 1_000 };
        let limits = Options { ready: limit.clone(), future: limit, ..Default::default() };
        let (pool, _) = BasicPool::new_test(Arc::new(Fake), BLOCK, BLOCK, limits);
        Bounded::new(Arc::new(pool), Arc::new(Fake), Size { count: 3, bytes: 1_000 })
    }

    /// What became of each: whether the pool has it, or the refusal's beginning.
    fn submit(
        pool: &Bounded<BasicPool<Fake, Block>, Fake>,
        all: &[(u8, u8)],
    ) -> Vec<Result<(), String>> {
        let all = all.iter().map(|&(which, urgency)| transaction(which, urgency)).collect();
        let results = block_on(pool.submit_at(BLOCK, TransactionSource::External, all)).unwrap();
        let told =
            |why: Error| format!("{why:?}").chars().take_while(|it| it.is_alphabetic()).collect();
        results.into_iter().map(|result| result.map(|_| ()).map_err(told)).collect()
    }

    fn full() -> Result<(), String> {
        Err("ImmediatelyDropped".into())
    }

    #[test]
    fn a_full_pool_refuses_and_keeps_what_it_took() {
        let pool = three();
        let taken = submit(&pool, &[(1, 5), (2, 5), (3, 5), (4, 5)]);
        assert_eq!(taken, [Ok(()), Ok(()), Ok(()), full()]);
        assert_eq!(submit(&pool, &[(5, 5)]), [full()]);
        assert_eq!(pool.status().ready, 3);
    }

    #[test]
    fn what_is_more_urgent_finds_room() {
        let pool = three();
        submit(&pool, &[(1, 5), (2, 4), (3, 5)]);
        assert_eq!(submit(&pool, &[(4, 4), (5, 5), (6, 3)]), [full(), Ok(()), full()]);
    }

    #[test]
    fn a_better_reason_than_that_it_is_full_is_told() {
        let pool = three();
        submit(&pool, &[(1, 5), (2, 5), (3, 5)]);
        let refused = submit(&pool, &[(1, 5), (4, 0)]);
        assert_eq!(refused, ["AlreadyImported", "InvalidTransaction"].map(|it| Err(it.into())));
    }

    #[test]
    fn one_at_a_time_is_no_other_way_in() {
        let pool = three();
        submit(&pool, &[(1, 5), (2, 5), (3, 5)]);
        let source = TransactionSource::External;
        let one = |urgency| block_on(pool.submit_one(BLOCK, source, transaction(4, urgency)));
        assert!(matches!(one(5), Err(Error::ImmediatelyDropped)));
        let watched = block_on(pool.submit_and_watch(BLOCK, source, transaction(4, 5)));
        assert!(matches!(watched, Err(Error::ImmediatelyDropped)));
        one(6).expect("more urgent than all others");
    }

    #[test]
    fn what_is_on_its_way_counts_until_it_is_there() {
        let pool = three();
        let two = [transaction(1, 5), transaction(2, 5)];
        let source = TransactionSource::External;
        let (admitted, first) = block_on(pool.admit(BLOCK, source, &two));
        assert_eq!(admitted, [true, true]);
        let (admitted, second) = block_on(pool.admit(BLOCK, source, &two));
        // The other one is as urgent as the least urgent of none.
        assert_eq!(admitted, [true, true]);
        assert_eq!(*pool.open.lock().unwrap(), 4);
        drop((first, second));
        assert_eq!(*pool.open.lock().unwrap(), 0);
    }

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
