// SPDX-License-Identifier: Apache-2.0

//! From the pool into a block, until one of them has no more.

use crate::Hash;
use codec::Encode;
use log::debug;
use polkadot_sdk::{
    sc_proposer_metrics::EndProposingReason,
    sc_transaction_pool_api::{InPoolTransaction, ReadyTransactions, TxInvalidityReportMap},
    sp_runtime::{
        OpaqueExtrinsic,
        transaction_validity::{InvalidTransaction, TransactionValidityError},
    },
};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// With so many in a row that did not fit, a block counts as full once half of its time is over.
const FULL_LATE: usize = 8;

/// With so many in a row that did not fit, a block counts as full at any time.
const FULL: usize = 512;

/// How many are tried at once in the beginning.
const FIRST: usize = 8;

/// How many are tried at once at most.
const MOST: usize = 256;

/// A batch that took less is followed by a larger one.
const SHORT: Duration = Duration::from_millis(4);

/// A batch that took more is followed by a smaller one, so that a deadline is not missed by much.
const LONG: Duration = Duration::from_millis(12);

/// Why an extrinsic is not in a block.
#[derive(Debug)]
pub enum Refusal {
    /// The runtime says so.
    Invalid(TransactionValidityError),
    /// The runtime failed.
    Failed(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => write!(to, "{}", <&str>::from(*why)),
            Self::Failed(why) => to.write_str(why),
        }
    }
}

/// What extrinsics can be put into.
pub trait Takes {
    /// Its size without extrinsics, in bytes.
    fn bytes(&self) -> usize;

    /// Tries one after the other; what is refused leaves no trace. Returns what became of each.
    fn take(&mut self, extrinsics: Vec<OpaqueExtrinsic>) -> Vec<Result<(), Refusal>>;
}

/// When to stop.
pub struct Limits {
    deadline: Instant,
    /// Until then, it is worth to look for transactions that still fit.
    halfway: Instant,
    bytes: usize,
}

impl Limits {
    /// Until `deadline`, and up to `bytes` in all.
    pub fn new(deadline: Instant, bytes: usize) -> Self {
        let now = Instant::now();
        let halfway = now + deadline.saturating_duration_since(now) / 2;
        Self { deadline, halfway, bytes }
    }

    /// How much time is left.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether a block is full in which so many in a row did not fit.
    fn is_full(&self, unfit: usize) -> bool {
        unfit >= FULL || unfit >= FULL_LATE && Instant::now() >= self.halfway
    }
}

/// How filling a block ended.
pub struct Filled {
    /// Why no more was tried.
    pub reason: EndProposingReason,
    /// What the pool should forget, with the reasons.
    pub invalid: TxInvalidityReportMap<Hash>,
}

/// Puts into `block` what `ready` has, in its order.
pub fn fill<Transaction>(
    ready: &mut dyn ReadyTransactions<Item = Arc<Transaction>>,
    block: &mut impl Takes,
    limits: &Limits,
) -> Filled
where
    Transaction: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>, Hash = Hash>,
{
    let mut filling =
        Filling { invalid: TxInvalidityReportMap::new(), unfit: 0, full: None, bytes: 0 };
    let mut size = FIRST;
    let reason = loop {
        if limits.left().is_zero() {
            break filling.full.unwrap_or(EndProposingReason::HitDeadline);
        }
        let begun = Instant::now();
        let (batch, too_long) = filling.choose(ready, block.bytes(), size, limits);
        if batch.is_empty() && too_long == 0 {
            break filling.full.unwrap_or(EndProposingReason::NoMoreTransactions);
        }
        let extrinsics = batch.iter().map(|one| (**one.data()).clone()).collect();
        for (transaction, result) in batch.iter().zip(block.take(extrinsics)) {
            filling.note(ready, transaction, result);
        }
        if too_long > 0 {
            filling.unfit += too_long;
            filling.full = Some(EndProposingReason::HitBlockSizeLimit);
        }
        if let Some(reason) = filling.full.filter(|_| limits.is_full(filling.unfit)) {
            break reason;
        }
        let took = begun.elapsed();
        if took < SHORT {
            size = MOST.min(size * 2);
        } else if took > LONG {
            size = 1.max(size / 2);
        }
    };
    Filled { reason, invalid: filling.invalid }
}

/// What is known while a block is being filled.
struct Filling {
    invalid: TxInvalidityReportMap<Hash>,
    /// How many did not fit since the last one that did.
    unfit: usize,
    /// What they did not fit into.
    full: Option<EndProposingReason>,
    /// Of all transactions that are in the block.
    bytes: usize,
}

impl Filling {
    /// The next transactions, `size` at most, that the block has bytes for, and how many it had none for.
    fn choose<Transaction>(
        &self,
        ready: &mut dyn ReadyTransactions<Item = Arc<Transaction>>,
        before: usize,
        size: usize,
        limits: &Limits,
    ) -> (Vec<Arc<Transaction>>, usize)
    where
        Transaction: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>, Hash = Hash>,
    {
        let (mut bytes, mut too_long) = (before + self.bytes, 0);
        let mut batch = Vec::with_capacity(size);
        while batch.len() < size {
            let Some(transaction) = ready.next() else { break };
            let more = transaction.data().encoded_size();
            if bytes + more > limits.bytes {
                ready.report_invalid(&transaction);
                too_long += 1;
                if limits.is_full(self.unfit + too_long) {
                    break;
                }
                continue;
            }
            bytes += more;
            batch.push(transaction);
        }
        (batch, too_long)
    }

    /// What became of a transaction.
    fn note<Transaction>(
        &mut self,
        ready: &mut dyn ReadyTransactions<Item = Arc<Transaction>>,
        transaction: &Arc<Transaction>,
        result: Result<(), Refusal>,
    ) where
        Transaction: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>, Hash = Hash>,
    {
        let Err(refusal) = result else {
            self.bytes += transaction.data().encoded_size();
            self.unfit = 0;
            self.full = None;
            return;
        };
        let hash = *transaction.hash();
        if let Refusal::Invalid(TransactionValidityError::Invalid(InvalidTransaction::Stale)) =
            refusal
        {
            // A block before this one has it, and the pool has not heard of that yet. To report it would ban
            // it, should that block be replaced, and would take whatever comes after it out of the pool.
            debug!(target: "basic-authorship", "[{hash:?}] is in a block already");
            return;
        }
        // Whatever depends on it is passed over.
        ready.report_invalid(transaction);
        match refusal {
            Refusal::Invalid(why) if why.exhausted_resources() => {
                self.unfit += 1;
                self.full = Some(EndProposingReason::HitBlockWeightLimit);
            }
            // One before it in the same batch is not in the block: its turn comes with that one.
            Refusal::Invalid(TransactionValidityError::Invalid(InvalidTransaction::Future)) => {
                debug!(target: "basic-authorship", "[{hash:?}] waits for another transaction");
            }
            Refusal::Invalid(why) => {
                debug!(target: "basic-authorship", "[{hash:?}] Invalid transaction: {why:?}");
                self.invalid.insert(hash, Some(why));
            }
            Refusal::Failed(why) => {
                debug!(target: "basic-authorship", "[{hash:?}] Invalid transaction: {why}");
                self.invalid.insert(hash, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_runtime::transaction_validity::{TransactionLongevity, TransactionTag};
    use std::collections::{BTreeMap, HashSet, VecDeque};

    /// What a transaction says: whose it is, which of theirs, and how much of a block it needs.
    type Content = (u8, u32, u32);

    #[derive(Debug)]
    struct Fake {
        content: Content,
        data: Arc<OpaqueExtrinsic>,
        hash: Hash,
        tag: Vec<TransactionTag>,
    }

    impl InPoolTransaction for Fake {
        type Hash = Hash;
        type Transaction = Arc<OpaqueExtrinsic>;

        fn data(&self) -> &Self::Transaction {
            &self.data
        }
        fn hash(&self) -> &Hash {
            &self.hash
        }
        fn priority(&self) -> &u64 {
            &0
        }
        fn longevity(&self) -> &TransactionLongevity {
            &TransactionLongevity::MAX
        }
        fn requires(&self) -> &[TransactionTag] {
            &[]
        }
        fn provides(&self) -> &[TransactionTag] {
            &self.tag
        }
        fn is_propagable(&self) -> bool {
            true
        }
    }

    fn transaction(content: Content) -> Arc<Fake> {
        let (sender, number, _) = content;
        let bytes = content.encode();
        let hash = Hash::from_low_u64_be(u64::from(sender) << 32 | u64::from(number));
        let data = Arc::new(OpaqueExtrinsic::try_from_encoded_extrinsic(&bytes.encode()).unwrap());
        Arc::new(Fake { content, data, hash, tag: vec![(sender, number).encode()] })
    }

    /// A pool's best transactions. Once one of a sender is reported, the later ones are passed over.
    struct Ready(VecDeque<Arc<Fake>>, HashSet<u8>);

    impl Ready {
        fn new(contents: impl IntoIterator<Item = Content>) -> Self {
            Self(contents.into_iter().map(transaction).collect(), HashSet::new())
        }
    }

    impl Iterator for Ready {
        type Item = Arc<Fake>;

        fn next(&mut self) -> Option<Self::Item> {
            loop {
                let next = self.0.pop_front()?;
                if !self.1.contains(&next.content.0) {
                    return Some(next);
                }
            }
        }
    }

    impl ReadyTransactions for Ready {
        fn report_invalid(&mut self, transaction: &Self::Item) {
            self.1.insert(transaction.content.0);
        }
    }

    /// A block that counts numbers and room, as a runtime does.
    struct Block {
        room: u32,
        next: BTreeMap<u8, u32>,
        taken: Vec<Content>,
        /// How many were handed over at once, each time.
        batches: Vec<usize>,
        /// Whose transactions are no good.
        bad: Option<u8>,
        /// What each transaction takes.
        pause: Duration,
    }

    impl Block {
        fn with_room(room: u32) -> Self {
            let pause = Duration::ZERO;
            Self { room, next: BTreeMap::new(), taken: vec![], batches: vec![], bad: None, pause }
        }

        fn take_one(&mut self, content: Content) -> Result<(), Refusal> {
            std::thread::sleep(self.pause);
            let (sender, number, size) = content;
            let next = self.next.entry(sender).or_default();
            let refuse = |why: InvalidTransaction| Err(Refusal::Invalid(why.into()));
            if number > *next {
                refuse(InvalidTransaction::Future)
            } else if number < *next {
                refuse(InvalidTransaction::Stale)
            } else if self.bad == Some(sender) {
                refuse(InvalidTransaction::Payment)
            } else if size > self.room {
                refuse(InvalidTransaction::ExhaustsResources)
            } else {
                *next += 1;
                self.room -= size;
                self.taken.push(content);
                Ok(())
            }
        }
    }

    impl Takes for Block {
        fn bytes(&self) -> usize {
            100
        }

        fn take(&mut self, extrinsics: Vec<OpaqueExtrinsic>) -> Vec<Result<(), Refusal>> {
            self.batches.push(extrinsics.len());
            let contents = extrinsics.iter().map(|extrinsic| {
                let bytes: Vec<u8> = codec::Decode::decode(&mut &extrinsic.encode()[..]).unwrap();
                codec::Decode::decode(&mut &bytes[..]).unwrap()
            });
            contents.map(|content| self.take_one(content)).collect()
        }
    }

    fn plenty() -> Limits {
        Limits::new(Instant::now() + Duration::from_secs(60), usize::MAX)
    }

    fn hashes(filled: &Filled) -> Vec<Hash> {
        filled.invalid.keys().copied().collect()
    }

    #[test]
    fn everything_that_is_ready_goes_in_in_its_order_in_growing_batches() {
        let contents = || (0..2_000).map(|number| (1, number, 1));
        let mut block = Block::with_room(u32::MAX);
        let filled = fill(&mut Ready::new(contents()), &mut block, &plenty());
        assert_eq!(filled.reason, EndProposingReason::NoMoreTransactions);
        assert!(filled.invalid.is_empty());
        assert_eq!(block.taken, contents().collect::<Vec<_>>());
        assert_eq!(block.batches[0], FIRST);
        assert_eq!(block.batches.iter().max(), Some(&MOST));
    }

    #[test]
    fn what_does_not_fit_stays_in_the_pool_and_what_depends_on_it_too() {
        // A large one, with three behind it, and a small one of somebody else.
        let contents = [(1, 0, 90), (2, 0, 20), (2, 1, 1), (2, 2, 1), (2, 3, 1), (3, 0, 10)];
        let mut block = Block::with_room(100);
        let filled = fill(&mut Ready::new(contents), &mut block, &plenty());
        assert_eq!(block.taken, [(1, 0, 90), (3, 0, 10)]);
        assert!(filled.invalid.is_empty(), "they are good, in another block");
    }

    #[test]
    fn a_full_block_is_not_offered_everything_that_waits() {
        let contents = (0..100u32).flat_map(|number| (0..100).map(move |who| (who, number, 1)));
        let mut block = Block::with_room(50);
        let filled = fill(&mut Ready::new(contents), &mut block, &plenty());
        assert_eq!(filled.reason, EndProposingReason::HitBlockWeightLimit);
        assert_eq!(block.taken.len(), 50);
        assert!(block.batches.iter().sum::<usize>() < 1_000, "{:?}", block.batches);
    }

    #[test]
    fn after_half_of_the_time_a_few_that_do_not_fit_are_enough() {
        let contents = (0..200).map(|who| (who, 0, 2));
        let mut block = Block::with_room(1);
        let limits = Limits { halfway: Instant::now(), ..plenty() };
        let filled = fill(&mut Ready::new(contents), &mut block, &limits);
        assert_eq!(filled.reason, EndProposingReason::HitBlockWeightLimit);
        assert_eq!(block.batches, [FIRST]);
    }

    #[test]
    fn what_is_no_good_is_reported_once_with_its_reason() {
        let contents = [(1, 0, 1), (2, 0, 1), (2, 1, 1), (3, 0, 1)];
        let mut block = Block { bad: Some(2), ..Block::with_room(100) };
        let filled = fill(&mut Ready::new(contents), &mut block, &plenty());
        assert_eq!(block.taken, [(1, 0, 1), (3, 0, 1)]);
        assert_eq!(hashes(&filled), [transaction((2, 0, 1)).hash]);
        assert_eq!(filled.invalid[0], Some(InvalidTransaction::Payment.into()));
    }

    #[test]
    fn what_an_earlier_block_has_is_not_reported_and_holds_nothing_up() {
        let contents = [(1, 0, 1), (1, 1, 1), (1, 2, 1), (2, 0, 1)];
        let mut block = Block::with_room(100);
        block.next.insert(1, 2);
        let filled = fill(&mut Ready::new(contents), &mut block, &plenty());
        assert_eq!(block.taken, [(1, 2, 1), (2, 0, 1)]);
        assert!(filled.invalid.is_empty());
    }

    #[test]
    fn a_deadline_is_kept_with_slow_transactions() {
        let contents = (0..10_000).map(|number| (1, number, 1));
        let mut block = Block { pause: Duration::from_millis(2), ..Block::with_room(u32::MAX) };
        let span = Duration::from_millis(200);
        let begun = Instant::now();
        let limits = Limits::new(begun + span, usize::MAX);
        let filled = fill(&mut Ready::new(contents), &mut block, &limits);
        assert_eq!(filled.reason, EndProposingReason::HitDeadline);
        assert!(begun.elapsed() >= span);
        assert!(block.batches.iter().all(|size| *size <= FIRST), "{:?}", block.batches);
    }

    #[test]
    fn a_block_has_no_more_bytes_than_it_may() {
        let contents = (0..100).map(|who| (who, 0, 1));
        let each = transaction((0, 0, 1)).data.encoded_size();
        let mut block = Block::with_room(u32::MAX);
        let limits = Limits::new(Instant::now() + Duration::from_millis(300), 100 + 10 * each);
        let filled = fill(&mut Ready::new(contents), &mut block, &limits);
        assert_eq!(filled.reason, EndProposingReason::HitBlockSizeLimit);
        assert_eq!(block.taken.len(), 10);
    }
}
