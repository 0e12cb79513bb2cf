// SPDX-License-Identifier: Apache-2.0

//! What becomes of every transaction.

use millrace_primitives_channels::Hash;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Moves money.
    Transfer,
    /// Opens a channel.
    Open,
    /// Does something else with a channel.
    Other,
}

/// One transaction. Times are counted from the beginning of the load.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its hash, by which it is found in blocks.
    pub hash: Hash,
    /// Number of the account that sends it.
    pub account: u32,
    /// What it does.
    pub kind: Kind,
    /// When it was sent; the last time, if the pool had no room before.
    pub sent: Option<Duration>,
    /// When the node's answer came that its pool has it.
    pub accepted: Option<Duration>,
    /// Its place in a final block.
    pub done: Option<Done>,
    /// Its bytes, as text, from when it is sent until it is final.
    pub text: Option<Arc<str>>,
}

/// A transaction's place in a final block.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// When the block was imported.
    pub imported: Duration,
    /// When it was known to be final.
    pub finalised: Duration,
    /// Whether the transaction did what it says; if not, it paid its fee all the same.
    pub has_succeeded: bool,
}

/// A final block.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Its height.
    pub number: u32,
    /// Transactions of the load in it.
    pub transactions: usize,
    /// When it was imported.
    pub imported: Duration,
    /// When it was known to be final.
    pub finalised: Duration,
}

/// Everything that is known about a load.
#[derive(Debug, Default)]
pub struct Ledger {
    /// All transactions, in the order in which they were signed.
    pub entries: Vec<Entry>,
    /// All final blocks since the beginning of the load.
    pub blocks: Vec<Block>,
    /// When the pool had no room for a transaction.
    pub full: Vec<Duration>,
    /// What was refused for good, by the node's reason.
    pub refused: BTreeMap<String, u64>,
    /// What was in a block and failed there, by the chain's reason.
    pub failed: BTreeMap<String, u64>,
    /// Transactions that were final although no node had said that it accepted them.
    pub unannounced: u64,
    by_hash: HashMap<Hash, usize>,
    /// How many were accepted, and how many of them are not final yet.
    accepted: u64,
    open: u64,
}

impl Ledger {
    /// Notes a signed transaction, and returns its number.
    pub fn sign(&mut self, hash: Hash, account: u32, kind: Kind) -> usize {
        let number = self.entries.len();
        self.by_hash.insert(hash, number);
        let (sent, accepted, done, text) = (None, None, None, None);
        self.entries.push(Entry { hash, account, kind, sent, accepted, done, text });
        number
    }

    /// It is sent now.
    pub fn send(&mut self, number: usize, at: Duration, text: Arc<str>) {
        if let Some(entry) = self.entries.get_mut(number) {
            (entry.sent, entry.text) = (Some(at), Some(text));
        }
    }

    /// A node has said that its pool has it.
    pub fn accept(&mut self, number: usize, at: Duration) {
        let Some(entry) = self.entries.get_mut(number) else { return };
        if entry.accepted.replace(at).is_none() {
            self.accepted += 1;
            // Its block may have been faster than the answer.
            self.open += u64::from(entry.done.is_none());
        }
    }

    /// A node has no room for it.
    pub fn find_full(&mut self, at: Duration) {
        self.full.push(at);
    }

    /// A node refuses it for good.
    pub fn refuse(&mut self, reason: String) {
        *self.refused.entry(reason).or_default() += 1;
    }

    /// A block is final. `contents`: hashes of all its transactions, each with why it failed, if it
    /// did.
    pub fn finalise(
        &mut self,
        number: u32,
        (imported, finalised): (Duration, Duration),
        contents: impl IntoIterator<Item = (Hash, Option<String>)>,
    ) {
        let mut transactions = 0;
        for (hash, failure) in contents {
            let found = self.by_hash.get(&hash).and_then(|it| self.entries.get_mut(*it));
            let Some(entry) = found else { continue };
            transactions += 1;
            self.open -= u64::from(entry.accepted.is_some() && entry.done.is_none());
            entry.text = None;
            entry.done = Some(Done { imported, finalised, has_succeeded: failure.is_none() });
            if let Some(reason) = failure {
                *self.failed.entry(reason).or_default() += 1;
            }
        }
        self.blocks.push(Block { number, transactions, imported, finalised });
    }

    /// How many were accepted so far.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// How many were accepted and are not final yet.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// Numbers of what was accepted and is not final.
    pub fn missing(&self) -> Vec<usize> {
        let all = self.entries.iter().enumerate();
        all.filter(|(_, it)| it.accepted.is_some() && it.done.is_none()).map(|it| it.0).collect()
    }

    /// Counts what was final without having been accepted, at the end of a run.
    pub fn count_unannounced(&mut self) {
        let unannounced =
            self.entries.iter().filter(|it| it.accepted.is_none() && it.done.is_some());
        self.unannounced = u64::try_from(unannounced.count()).unwrap_or(u64::MAX);
    }
}

/// A ledger that several tasks write to, and the clock that all of them read.
#[derive(Clone)]
pub struct Shared {
    ledger: Arc<Mutex<Ledger>>,
    began: Instant,
}

impl Shared {
    /// A load begins.
    pub fn begin(ledger: Ledger) -> Self {
        Self { ledger: Arc::new(Mutex::new(ledger)), began: Instant::now() }
    }

    /// Time since the load began.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The ledger. Nobody may wait for anything while holding it.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_accepted_is_missing_until_it_is_final() {
        let mut ledger = Ledger::default();
        let (one, two) = (Hash::repeat_byte(1), Hash::repeat_byte(2));
        let first = ledger.sign(one, 0, Kind::Transfer);
        let second = ledger.sign(two, 1, Kind::Open);
        ledger.send(first, SECOND, "0x00".into());
        ledger.accept(first, SECOND);
        ledger.accept(second, SECOND);
        assert_eq!((ledger.accepted(), ledger.open()), (2, 2));
        assert_eq!(ledger.missing(), [first, second]);
        let contents = [(Hash::zero(), None), (two, Some("Channels.ChannelExists".to_owned()))];
        ledger.finalise(7, (SECOND, 2 * SECOND), contents);
        assert_eq!((ledger.missing(), ledger.open()), (vec![first], 1));
        assert_eq!(ledger.failed.get("Channels.ChannelExists"), Some(&1));
        assert_eq!(ledger.blocks.first().map(|it| (it.number, it.transactions)), Some((7, 1)));
    }

    #[test]
    fn a_block_can_be_faster_than_the_answer() {
        let mut ledger = Ledger::default();
        let hash = Hash::repeat_byte(1);
        let number = ledger.sign(hash, 0, Kind::Transfer);
        ledger.finalise(1, (SECOND, SECOND), [(hash, None)]);
        ledger.count_unannounced();
        assert_eq!((ledger.unannounced, ledger.open()), (1, 0));
        ledger.accept(number, SECOND);
        ledger.count_unannounced();
        assert_eq!((ledger.unannounced, ledger.open(), ledger.accepted()), (0, 0, 1));
    }
}
