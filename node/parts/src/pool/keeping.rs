// SPDX-License-Identifier: Apache-2.0

//! What the node told its clients it has, it has until that is final.
//!
//! A pool is a cache. The SDK's drops transactions that are valid: one that was found invalid on a fork that nobody
//! follows any more, one whose turn had not come in the only view that knew it, whatever depends on one of these. It
//! tells nobody but who watches that transaction, and most clients do not. So a node that took a
//! transaction keeps it in [`Kept`] as well, and the [`Keeper`] hands it to the pool again until a final block has it,
//! or until it is certain that none ever will.
//!
//! All of this is in memory. A node that is stopped forgets it, as it forgets its pool.

use super::Size;
use crate::{Block, Hash};
use codec::Encode;
use futures::{Stream, StreamExt, channel::mpsc::UnboundedSender};
use log::{debug, info, warn};
use polkadot_sdk::{
    sc_transaction_pool::{ChainApi, ValidateTransactionPriority},
    sc_transaction_pool_api::{
        TransactionPool,
        error::{Error as Refusal, IntoPoolError},
    },
    sp_runtime::{
        OpaqueExtrinsic,
        transaction_validity::{
            InvalidTransaction, TransactionSource, TransactionValidityError::Invalid,
        },
    },
    substrate_prometheus_endpoint::{Counter, Gauge, PrometheusError, Registry, U64, register},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked for what is due.
const STEP: Duration = Duration::from_secs(2);

/// How long nothing is done for a transaction that the pool had. More than a full pool needs to empty itself
/// into final blocks, and more than the pool keeps out what it dropped ([`super::Settings::ban_seconds`]).
const PATIENCE: Duration = Duration::from_secs(12);

/// How many are handed over at once at most. Of most of them the pool says that it has them, which costs a hash.
const AT_ONCE: usize = 4_096;

/// How often the pool may refuse one. It is asked again after [`PATIENCE`], then after twice that, and so on: for 13
/// minutes.
const MOST_REFUSALS: u32 = 7;

/// Transactions that clients were told are accepted, and that are in no final block yet.
///
/// There is a bound: above it, more are accepted but not kept.
pub struct Kept {
    state: Mutex<State>,
    bound: Size,
}

#[derive(Default)]
struct State {
    transactions: HashMap<Hash, Entry>,
    /// Of all of them.
    bytes: usize,
    /// How many there have ever been.
    count: u64,
}

struct Entry {
    transaction: OpaqueExtrinsic,
    /// Which one it was.
    order: u64,
    /// When to ask the pool for it.
    due: Instant,
    /// How often the pool has refused it since it had it last, not counted again while finality stands still.
    refusals: u32,
    /// The last final block when it was refused last.
    refused_after: Option<Hash>,
    /// How often it was refused since then, with the same final block.
    stalls: u32,
}

impl State {
    fn remove(&mut self, hash: &Hash) -> bool {
        let removed = self.transactions.remove(hash);
        self.bytes -= removed.as_ref().map_or(0, |entry| entry.transaction.encoded_size());
        removed.is_some()
    }
}

impl Kept {
    /// Nothing yet, and never more than `bound`.
    pub fn new(bound: Size) -> Self {
        Self { state: Mutex::default(), bound }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps these, as far as there is room.
    pub fn keep(
        &self,
        transactions: impl IntoIterator<Item = (Hash, OpaqueExtrinsic)>,
        now: Instant,
    ) {
        let mut state = self.state();
        for (hash, transaction) in transactions {
            let length = transaction.encoded_size();
            let has_room = state.transactions.len() < self.bound.count
                && state.bytes.saturating_add(length) <= self.bound.bytes;
            if has_room && !state.transactions.contains_key(&hash) {
                let order = state.count;
                let due = now + PATIENCE;
                let (refusals, refused_after, stalls) = (0, None, 0);
                let entry = Entry { transaction, order, due, refusals, refused_after, stalls };
                state.transactions.insert(hash, entry);
                state.count += 1;
                state.bytes += length;
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.state().transactions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn forget<'a>(&self, hashes: impl IntoIterator<Item = &'a Hash>) {
        let mut state = self.state();
        for hash in hashes {
            state.remove(hash);
        }
    }

    /// Those to ask the pool for, in the order in which they came, so that what depends on another one follows it.
    fn due(&self, now: Instant) -> Vec<(Hash, OpaqueExtrinsic)> {
        let state = self.state();
        let mut due: Vec<_> =
            state.transactions.iter().filter(|(_, entry)| entry.due <= now).collect();
        due.sort_unstable_by_key(|(_, entry)| entry.order);
        due.truncate(AT_ONCE);
        due.into_iter().map(|(hash, entry)| (*hash, entry.transaction.clone())).collect()
    }

    /// The pool has it.
    fn seen(&self, hash: &Hash, now: Instant) {
        if let Some(entry) = self.state().transactions.get_mut(hash) {
            (entry.due, entry.refusals) = (now + PATIENCE, 0);
            (entry.refused_after, entry.stalls) = (None, 0);
        }
    }

    /// The pool does not want it. Says whether it may be asked again: it may as long as finality stands still, because
    /// a pool that has forgotten a block refuses what is in it, and that may be this one.
    fn refused(&self, hash: &Hash, finalized: Hash, now: Instant) -> bool {
        let mut state = self.state();
        let Some(entry) = state.transactions.get_mut(hash) else { return false };
        let stands_still = entry.refused_after.replace(finalized) == Some(finalized);
        entry.stalls = if stands_still { entry.stalls.saturating_add(1) } else { 0 };
        let times = entry.refusals.saturating_add(entry.stalls).min(MOST_REFUSALS - 1);
        entry.due = now + PATIENCE * (1 << times);
        if stands_still {
            return true;
        }
        entry.refusals += 1;
        entry.refusals < MOST_REFUSALS || !state.remove(hash)
    }
}

/// The ends of the chain, as a node sees it.
#[derive(Clone, Copy, Debug)]
pub struct Tips {
    /// The block on which the next one is made.
    pub best: Hash,
    /// The last final block.
    pub finalized: Hash,
}

/// Hands what is [`Kept`] to the pool again if that has lost it.
pub struct Keeper<Pool, Api> {
    kept: Arc<Kept>,
    pool: Arc<Pool>,
    api: Arc<Api>,
    /// Where it is said what peers shall be told of.
    accepted: UnboundedSender<Hash>,
    metrics: Option<Metrics>,
}

/// What became of those that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Round {
    /// The pool had lost them, and has them again.
    brought_back: u64,
    /// No block will have them, as far as can be seen.
    given_up: u64,
}

impl<Pool, Api> Keeper<Pool, Api>
where
    Pool: TransactionPool<Block = Block, Hash = Hash>,
    Api: ChainApi<Block = Block>,
{
    pub(super) fn new(
        kept: Arc<Kept>,
        pool: Arc<Pool>,
        api: Arc<Api>,
        accepted: UnboundedSender<Hash>,
    ) -> Self {
        Self { kept, pool, api, accepted, metrics: None }
    }

    /// Counts in this registry what it does.
    pub fn counting_in(mut self, registry: Option<&Registry>) -> Self {
        let failed = |error| warn!("cannot count transactions that are kept: {error}");
        self.metrics =
            registry.and_then(|registry| Metrics::register(registry).map_err(failed).ok());
        self
    }

    /// Runs until no block can become final any more. `finalized` are the blocks that do, in their order, and
    /// all of them; `tips` says where the chain ends.
    pub async fn run(self, finalized: impl Stream<Item = Vec<Hash>>, tips: impl Fn() -> Tips) {
        let mut finalized = std::pin::pin!(finalized.fuse());
        // What is final for the client may wait in the stream: only what was taken out of it is known.
        let mut last = tips().finalized;
        let mut steps = interval(STEP);
        steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                blocks = finalized.next() => {
                    let Some(blocks) = blocks else { return };
                    last = blocks.last().copied().unwrap_or(last);
                    for block in blocks {
                        self.settle(block).await;
                    }
                }
                _ = steps.tick() => {
                    let tips = Tips { best: tips().best, finalized: last };
                    self.report(self.bring_back(tips, Instant::now()).await);
                }
            }
        }
    }

    fn report(&self, Round { brought_back, given_up }: Round) {
        if brought_back > 0 {
            info!("🔁 The pool had lost {brought_back} accepted transactions, and has them again");
        }
        if given_up > 0 {
            info!(
                "🗑️  {given_up} accepted transactions will not be brought back any more: others took their place, they \
                 cannot be valid again, or the pool went on refusing them. `-l txpool=debug` names them"
            );
        }
        if let Some(metrics) = &self.metrics {
            metrics.kept.set(self.kept.len() as u64);
            metrics.brought_back.inc_by(brought_back);
            metrics.given_up.inc_by(given_up);
        }
    }

    /// What is in a final block need not be kept.
    async fn settle(&self, block: Hash) {
        if self.kept.is_empty() {
            return;
        }
        match self.api.block_body(block).await {
            Ok(body) => {
                let hash = |transaction| self.api.hash_and_length(transaction).0;
                let hashes: Vec<_> = body.iter().flatten().map(hash).collect();
                self.kept.forget(&hashes);
            }
            Err(error) => {
                debug!(target: "txpool", "no transactions of final block {block}: {error}")
            }
        }
    }

    /// Hands what is due to the pool, which says if it has it.
    async fn bring_back(&self, tips: Tips, now: Instant) -> Round {
        let mut round = Round::default();
        let (hashes, transactions): (Vec<_>, Vec<_>) = self.kept.due(now).into_iter().unzip();
        if hashes.is_empty() {
            return round;
        }
        let source = TransactionSource::External;
        let results = match self.pool.submit_at(tips.best, source, transactions.clone()).await {
            Ok(results) => results,
            Err(error) => {
                debug!(target: "txpool", "cannot hand over what is kept: {error}");
                return round;
            }
        };
        for ((hash, transaction), result) in hashes.iter().zip(transactions).zip(results) {
            match result.map_err(IntoPoolError::into_pool_error) {
                Ok(_) => {
                    round.brought_back += 1;
                    self.kept.seen(hash, now);
                    // Nobody listens any more when the node stops.
                    let _ = self.accepted.unbounded_send(*hash);
                }
                Err(Ok(Refusal::AlreadyImported(_))) => self.kept.seen(hash, now),
                Err(refusal) => {
                    let why = refusal.map_or_else(|error| error.to_string(), |it| it.to_string());
                    if self.is_hopeless(tips.finalized, transaction).await {
                        self.kept.forget([hash]);
                    } else if self.kept.refused(hash, tips.finalized, now) {
                        continue;
                    }
                    round.given_up += 1;
                    debug!(target: "txpool", "{hash:?} is not brought back any more: {why}");
                }
            }
        }
        round
    }

    /// Whether it cannot be in any block after this final one, whatever that has in it. It is not in a final block itself.
    async fn is_hopeless(&self, finalized: Hash, transaction: OpaqueExtrinsic) -> bool {
        let (source, priority) =
            (TransactionSource::External, ValidateTransactionPriority::Submitted);
        let transaction = Arc::new(transaction);
        let validity =
            self.api.validate_transaction(finalized, source, transaction, priority).await;
        matches!(
            validity,
            Ok(Err(Invalid(
                // Another one has its nonce; its time is over; it was signed for another version of the runtime.
                InvalidTransaction::Stale
                    | InvalidTransaction::AncientBirthBlock
                    | InvalidTransaction::BadProof
            )))
        )
    }
}

struct Metrics {
    kept: Gauge<U64>,
    brought_back: Counter<U64>,
    given_up: Counter<U64>,
}

impl Metrics {
    fn register(registry: &Registry) -> Result<Self, PrometheusError> {
        let counter = |name, help| register(Counter::new(name, help)?, registry);
        let kept = Gauge::new(
            "millrace_pool_kept",
            "Transactions that clients were told are accepted, and that are in no final block yet",
        )?;
        Ok(Self {
            kept: register(kept, registry)?,
            brought_back: counter(
                "millrace_pool_brought_back_total",
                "Accepted transactions that the pool had lost, and has again",
            )?,
            given_up: counter(
                "millrace_pool_given_up_total",
                "Accepted transactions that cannot become final any more",
            )?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::fake::{BLOCK, Fake, pool, transaction},
        *,
    };
    use futures::{
        channel::mpsc::{UnboundedReceiver, unbounded},
        executor::block_on,
    };
    use polkadot_sdk::{
        sc_transaction_pool::BasicPool, sc_transaction_pool_api::TxInvalidityReportMap,
    };

    const TIPS: Tips = Tips { best: BLOCK, finalized: BLOCK };
    const BOUND: Size = Size { count: 10, bytes: 1_000 };

    /// A node that took transactions from clients.
    struct Node {
        api: Arc<Fake>,
        pool: Arc<BasicPool<Fake, Block>>,
        kept: Arc<Kept>,
        keeper: Keeper<BasicPool<Fake, Block>, Fake>,
        told: UnboundedReceiver<Hash>,
        begin: Instant,
    }

    impl Node {
        fn new() -> Self {
            let api = Arc::new(Fake::default());
            let pool = pool(api.clone(), 10);
            let kept = Arc::new(Kept::new(BOUND));
            let (accepted, told) = unbounded();
            let keeper = Keeper::new(kept.clone(), pool.clone(), api.clone(), accepted);
            Self { api, pool, kept, keeper, told, begin: Instant::now() }
        }

        /// It was accepted, and is kept; the pool does not have it any more.
        fn lost(&self, which: u8) -> Hash {
            let transaction = transaction(which, 5);
            let hash = self.pool.hash_of(&transaction);
            self.kept.keep([(hash, transaction)], self.begin);
            hash
        }

        /// It was accepted, and is kept and in the pool.
        fn taken(&self, which: u8) -> Hash {
            let (source, transaction) = (TransactionSource::External, transaction(which, 5));
            block_on(self.pool.submit_one(BLOCK, source, transaction)).unwrap();
            self.lost(which)
        }

        /// The pool threw it out, and will not have it back.
        fn banned(&self, which: u8) -> Hash {
            let hash = self.taken(which);
            let invalid: TxInvalidityReportMap<Hash> = [(hash, None)].into_iter().collect();
            block_on(self.pool.report_invalid(None, invalid));
            hash
        }

        /// What becomes of those that are due after so many times [`PATIENCE`].
        fn look(&self, times: u32) -> Round {
            self.look_after(times, Hash::from_low_u64_be(times.into()))
        }

        /// The same, after this final block.
        fn look_after(&self, times: u32, finalized: Hash) -> Round {
            let tips = Tips { finalized, ..TIPS };
            block_on(self.keeper.bring_back(tips, self.begin + PATIENCE * times))
        }

        fn has(&self, hash: Hash) -> bool {
            self.pool.ready_transaction(&hash).is_some()
        }
    }

    const NOTHING: Round = Round { brought_back: 0, given_up: 0 };

    #[test]
    fn what_the_pool_lost_comes_back_and_peers_are_told() {
        let mut node = Node::new();
        let hashes = [node.lost(1), node.lost(2)];
        assert_eq!(node.look(0), NOTHING, "not due yet");
        assert_eq!(node.look(1), Round { brought_back: 2, given_up: 0 });
        assert!(hashes.iter().all(|hash| node.has(*hash)));
        let told = || node.told.try_recv().ok();
        assert_eq!(std::iter::from_fn(told).collect::<Vec<_>>(), hashes, "in their order");
        assert_eq!(node.look(2), NOTHING, "the pool has them");
        assert_eq!(node.kept.len(), 2);
    }

    #[test]
    fn what_the_pool_has_is_left_alone() {
        let mut node = Node::new();
        node.taken(1);
        assert_eq!(node.look(1), NOTHING);
        assert!(node.kept.due(node.begin + PATIENCE).is_empty(), "it was seen a moment ago");
        assert!(node.told.try_recv().is_err());
    }

    #[test]
    fn what_is_final_is_not_kept() {
        let node = Node::new();
        let (first, second) = (node.lost(1), node.lost(2));
        node.api.bodies.lock().unwrap().insert(first, vec![transaction(1, 5), transaction(3, 5)]);
        let blocks = futures::stream::iter([vec![BLOCK, first]]);
        let (api, kept, pool) = (node.api.clone(), node.kept.clone(), node.pool.clone());
        let keeper = Keeper::new(kept.clone(), pool, api, node.keeper.accepted.clone());
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(keeper.run(blocks, || TIPS));
        assert_eq!(kept.due(node.begin + PATIENCE), [(second, transaction(2, 5))]);
    }

    #[test]
    fn what_cannot_be_valid_any_more_is_given_up() {
        let node = Node::new();
        node.lost(1);
        node.api.stale.lock().unwrap().insert(1);
        assert_eq!(node.look(1), Round { brought_back: 0, given_up: 1 });
        assert!(node.kept.is_empty());
        assert_eq!(node.look(2), NOTHING);
    }

    #[test]
    fn what_is_refused_is_tried_again_but_not_forever() {
        let node = Node::new();
        let hash = node.banned(1);
        let mut times = 1;
        for refusals in 1..MOST_REFUSALS {
            assert_eq!(node.look(times), NOTHING);
            assert_eq!(node.kept.len(), 1, "after {refusals} refusals");
            times += 1 << (refusals - 1);
            assert!(node.kept.due(node.begin + PATIENCE * (times - 1)).is_empty(), "not yet");
        }
        assert_eq!(node.look(times), Round { brought_back: 0, given_up: 1 });
        assert_eq!(PATIENCE * times, Duration::from_secs(12 * 64), "after so long");
        assert!(node.kept.is_empty() && !node.has(hash));
    }

    #[test]
    fn nothing_is_given_up_while_finality_stands_still() {
        let node = Node::new();
        node.banned(1);
        let mut asked = 0;
        for times in 1..1_000 {
            asked += node.kept.due(node.begin + PATIENCE * times).len();
            assert_eq!(node.look_after(times, TIPS.finalized), NOTHING);
        }
        assert_eq!(node.kept.len(), 1);
        assert!(asked < 25, "the pool was asked {asked} times");
        // It goes on, and what it has refused before counts once.
        let mut times = 1_064;
        for refusals in 1..MOST_REFUSALS {
            assert_eq!(node.kept.len(), 1, "after {refusals} refusals");
            times += 1 << refusals;
            node.look(times);
        }
        assert!(node.kept.is_empty());
    }

    #[test]
    fn there_is_a_bound_and_nothing_is_counted_twice() {
        let kept = Kept::new(Size { count: 2, bytes: 1_000 });
        let now = Instant::now();
        let all = [1, 1, 2, 3].map(|it| (Hash::repeat_byte(it), transaction(it, 5)));
        kept.keep(all, now);
        assert_eq!(kept.len(), 2);
        let length = transaction(1, 5).encoded_size();
        assert_eq!(kept.state().bytes, 2 * length);
        kept.forget([&Hash::repeat_byte(1), &Hash::repeat_byte(7)]);
        assert_eq!(kept.state().bytes, length);

        let kept = Kept::new(Size { count: 10, bytes: 2 * length });
        let all = [1, 2, 3].map(|it| (Hash::repeat_byte(it), transaction(it, 5)));
        kept.keep(all, now);
        assert_eq!(kept.len(), 2, "bytes are bounded as well");
    }
}
