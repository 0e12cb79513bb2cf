// SPDX-License-Identifier: Apache-2.0

//! Two ways into one pool: for this node's clients, and for its peers.

use super::{
    gate::{Gate, OnTheirWay, Size},
    gossip::{Pace, Selection},
    keeping::{Keeper, Kept},
};
use crate::{Block, Hash};
use async_trait::async_trait;
use futures::channel::mpsc::UnboundedSender;
use polkadot_sdk::{
    sc_transaction_pool::ChainApi,
    sc_transaction_pool_api::{
        ChainEvent, ImportNotificationStream, MaintainedTransactionPool, PoolStatus,
        ReadyTransactions, TransactionPool, TransactionStatusStreamFor, TxInvalidityReportMap,
        error::Error as Refusal,
    },
    sp_runtime::{OpaqueExtrinsic, transaction_validity::TransactionSource},
};
use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many times as much as clients may fill the pool with is kept until it is final: what waits, and what is in blocks
/// that are not final yet.
const KEPT: usize = 4;

/// A way into a pool.
///
/// Clients are refused while it is full (`gate.rs`). Peers are not: a node that refuses its peers' transactions thinks
/// badly of them, although they did nothing wrong. The pool itself has room for it ([`super::Settings::limits`]).
/// What is told to peers is measured out ([`super::gossip`]). What clients brought is kept until it is final
/// ([`super::keeping`]), unless they watch what becomes of it: they are told.
pub struct Door<Pool, Api> {
    pool: Arc<Pool>,
    side: Side<Api>,
}

enum Side<Api> {
    Clients {
        gate: Gate<Api>,
        /// Where it is said what went in.
        accepted: UnboundedSender<Hash>,
        kept: Arc<Kept>,
        /// What peers shall be told of, until somebody takes it.
        told: Mutex<Option<ImportNotificationStream<Hash>>>,
    },
    Peers(Selection),
}

impl<Pool, Api> Door<Pool, Api>
where
    Pool: TransactionPool<Block = Block, Hash = Hash>,
    Api: ChainApi<Block = Block>,
{
    /// The way of clients into `pool`, open up to this size; `api` says how urgent transactions are. The other values
    /// have to run: one says when peers shall be told of which transaction, the other looks after what was accepted.
    pub fn for_clients(
        pool: Arc<Pool>,
        api: Arc<Api>,
        size: Size,
    ) -> (Self, Pace, Keeper<Pool, Api>) {
        let (accepted, told, pace) = Pace::new(pool.import_notification_stream());
        let bound =
            Size { count: size.count.saturating_mul(KEPT), bytes: size.bytes.saturating_mul(KEPT) };
        let kept = Arc::new(Kept::new(bound));
        let keeper = Keeper::new(kept.clone(), pool.clone(), api.clone(), accepted.clone());
        let told = Mutex::new(Some(told));
        let side = Side::Clients { gate: Gate::new(api, size), accepted, kept, told };
        (Self { pool, side }, pace, keeper)
    }

    /// What the network sees of `pool`.
    pub fn for_peers(pool: Arc<Pool>) -> Self {
        Self { pool, side: Side::Peers(Selection::default()) }
    }

    /// Whether each of these may go in. Those that may count as being there until the other value is dropped.
    async fn admit(
        &self,
        at: Hash,
        source: TransactionSource,
        transactions: &[OpaqueExtrinsic],
    ) -> (Vec<bool>, Option<OnTheirWay<'_>>) {
        match &self.side {
            Side::Clients { gate, .. } => {
                let (admitted, open) = gate.admit(&*self.pool, at, source, transactions).await;
                (admitted, Some(open))
            }
            Side::Peers(_) => (vec![true; transactions.len()], None),
        }
    }

    /// Nothing if it may go in, or why not.
    async fn admit_one(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: &OpaqueExtrinsic,
    ) -> Result<Option<OnTheirWay<'_>>, Pool::Error> {
        let (admitted, on_its_way) =
            self.admit(at, source, std::slice::from_ref(transaction)).await;
        if admitted[0] { Ok(on_its_way) } else { Err(Refusal::ImmediatelyDropped.into()) }
    }

    /// Peers shall hear of it.
    fn tell(&self, hash: Hash) {
        if let Side::Clients { accepted, .. } = &self.side {
            // Nobody listens any more when the node stops.
            let _ = accepted.unbounded_send(hash);
        }
    }

    /// Clients were told that these are accepted.
    fn keep(&self, transactions: impl IntoIterator<Item = (Hash, OpaqueExtrinsic)>) {
        if let Side::Clients { kept, .. } = &self.side {
            kept.keep(transactions, Instant::now());
        }
    }
}

#[async_trait]
impl<Pool, Api> TransactionPool for Door<Pool, Api>
where
    Pool: TransactionPool<Block = Block, Hash = Hash, InPoolTransaction: 'static>,
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
            results = self.pool.submit_at(at, source, admissible.clone()).await?;
        }
        results.iter().flatten().for_each(|hash| self.tell(*hash));
        let accepted = results.iter().zip(admissible);
        self.keep(accepted.filter_map(|(result, it)| Some((*result.as_ref().ok()?, it))));
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
        let hash = self.pool.submit_one(at, source, transaction.clone()).await?;
        self.tell(hash);
        self.keep([(hash, transaction)]);
        Ok(hash)
    }

    async fn submit_and_watch(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: OpaqueExtrinsic,
    ) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
        let _on_its_way = self.admit_one(at, source, &transaction).await?;
        let hash = self.pool.hash_of(&transaction);
        let watched = self.pool.submit_and_watch(at, source, transaction).await?;
        self.tell(hash);
        Ok(watched)
    }

    async fn ready_at(
        &self,
        at: Hash,
    ) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
        self.pool.ready_at(at).await
    }

    fn ready(&self) -> Box<dyn ReadyTransactions<Item = Arc<Self::InPoolTransaction>> + Send> {
        match &self.side {
            Side::Clients { .. } => self.pool.ready(),
            Side::Peers(selection) => selection.next(|| self.pool.ready()),
        }
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

    /// Clients' way: what peers shall be told of, to the first who asks. The service asks once, and hands it on to the
    /// network.
    fn import_notification_stream(&self) -> ImportNotificationStream<Hash> {
        let told = match &self.side {
            Side::Clients { told, .. } => {
                told.lock().unwrap_or_else(PoisonError::into_inner).take()
            }
            Side::Peers(_) => None,
        };
        told.unwrap_or_else(|| self.pool.import_notification_stream())
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
impl<Pool, Api> MaintainedTransactionPool for Door<Pool, Api>
where
    Pool: MaintainedTransactionPool<Block = Block, Hash = Hash, InPoolTransaction: 'static>,
    Api: ChainApi<Block = Block>,
{
    async fn maintain(&self, event: ChainEvent<Block>) {
        self.pool.maintain(event).await;
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::fake::{BLOCK, Fake, pool, transaction},
        *,
    };
    use futures::executor::block_on;
    use polkadot_sdk::{sc_transaction_pool::BasicPool, sc_transaction_pool_api::error::Error};

    /// A pool that clients may fill with three.
    fn three() -> Door<BasicPool<Fake, Block>, Fake> {
        let api = Arc::new(Fake::default());
        let size = Size { count: 3, bytes: 1_000 };
        Door::for_clients(pool(api.clone(), 6), api, size).0
    }

    /// What became of each: whether the pool has it, or the refusal's beginning.
    fn submit(
        pool: &Door<BasicPool<Fake, Block>, Fake>,
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
        assert_eq!(admitted, [true, false]);
        let (admitted, third) = block_on(pool.admit(BLOCK, source, &[transaction(3, 9)]));
        assert_eq!(admitted, [false], "nobody knows yet who is more urgent");
        drop((first, second, third));
        let taken = submit(&pool, &[(1, 5), (2, 5), (3, 5), (4, 5)]);
        assert_eq!(taken, [Ok(()), Ok(()), Ok(()), full()]);
    }

    #[test]
    fn peers_may_bring_what_clients_may_not() {
        let clients = three();
        submit(&clients, &[(1, 5), (2, 5), (3, 5)]);
        let peers = Door::<_, Fake>::for_peers(clients.pool.clone());
        let told = peers.submit_one(BLOCK, TransactionSource::External, transaction(4, 5));
        block_on(told).expect("peers are not refused");
        assert_eq!(submit(&clients, &[(5, 5)]), [full()]);
    }
}
