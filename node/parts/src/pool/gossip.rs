// SPDX-License-Identifier: Apache-2.0

//! How fast peers are told of transactions.
//!
//! The network sends each transaction in a message of its own, and keeps 2,048 messages for each peer that have not
//! been sent yet, over litep2p as over libp2p. When there are more, it takes the peer for dead and closes the
//! connection, with blocks and votes on it. The SDK's node tells of a transaction as soon as the pool has it, and
//! every three seconds of all that a peer may not have heard of. So a client that hands over a few thousand at
//! once cuts the node off from its peers, and so does a new peer while the pool holds more than that.
//!
//! Here [`Pace`] measures out the first, and [`Selection`] the second.

use crate::Hash;
use futures::{
    StreamExt,
    channel::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded},
    stream::Fuse,
};
use polkadot_sdk::sc_transaction_pool_api::{ImportNotificationStream, ReadyTransactions};
use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Peers hear of at most so many transactions in each [`STEP`], 4,000 a second. A peer that takes nothing for a quarter
/// of a second falls behind by half of what the network keeps for it.
const IN_A_STEP: usize = 40;

/// How often peers are told.
const STEP: Duration = Duration::from_millis(10);

/// How many hashes wait at most. What comes on top is told of by [`Selection`].
const WAITING: usize = 1 << 17;

/// How many transactions peers are told of again every three seconds: a part of the other half.
const AGAIN: usize = 512;

/// Says when peers shall be told of which transaction.
pub struct Pace {
    /// What clients brought.
    accepted: Fuse<UnboundedReceiver<Hash>>,
    /// What became ready, for whatever reason. The pool drops some of that when there is much.
    ready: Fuse<Receiver<Hash>>,
    told: Sender<Hash>,
    waiting: VecDeque<Hash>,
}

impl Pace {
    /// Where to say what clients brought, what peers shall be told of, and what has to [run](Self::run) for that.
    pub fn new(
        ready: ImportNotificationStream<Hash>,
    ) -> (UnboundedSender<Hash>, ImportNotificationStream<Hash>, Self) {
        let (sender, accepted) = unbounded();
        let (told, stream) = channel(IN_A_STEP);
        let pace =
            Self { accepted: accepted.fuse(), ready: ready.fuse(), told, waiting: VecDeque::new() };
        (sender, stream, pace)
    }

    /// Runs until nobody listens, or nothing can come any more.
    pub async fn run(mut self) {
        let mut steps = interval_at(Instant::now() + STEP, STEP);
        steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.told.is_closed() {
            tokio::select! {
                Some(hash) = self.accepted.next() => self.add(hash),
                Some(hash) = self.ready.next() => self.add(hash),
                _ = steps.tick(), if !self.waiting.is_empty() => self.step(),
                else => return,
            }
        }
    }

    fn add(&mut self, hash: Hash) {
        if self.waiting.len() < WAITING {
            self.waiting.push_back(hash);
        }
    }

    fn step(&mut self) {
        for _ in 0..IN_A_STEP {
            let Some(hash) = self.waiting.pop_front() else { return };
            if self.told.try_send(hash).is_err() {
                // The network has not taken the last ones yet.
                self.waiting.push_front(hash);
                return;
            }
        }
    }
}

/// Goes through a pool, a part of it each time.
#[derive(Default)]
pub struct Selection {
    next: AtomicUsize,
}

impl Selection {
    /// The next part of all, or the first one after the last.
    pub fn next<T: 'static>(
        &self,
        all: impl Fn() -> Box<dyn ReadyTransactions<Item = T> + Send>,
    ) -> Box<dyn ReadyTransactions<Item = T> + Send> {
        let mut begin = self.next.load(Ordering::Relaxed);
        let mut rest = all();
        if rest.by_ref().take(begin).count() < begin {
            (begin, rest) = (0, all());
        }
        self.next.store(begin + AGAIN, Ordering::Relaxed);
        Box::new(Part { rest, left: AGAIN })
    }
}

/// The first ones of those that are left.
struct Part<T> {
    rest: Box<dyn ReadyTransactions<Item = T> + Send>,
    left: usize,
}

impl<T> Iterator for Part<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        self.rest.next()
    }
}

impl<T> ReadyTransactions for Part<T> {
    fn report_invalid(&mut self, transaction: &T) {
        self.rest.report_invalid(transaction);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    fn numbered(number: usize) -> Hash {
        Hash::from_low_u64_be(number as u64)
    }

    #[test]
    fn much_at_once_is_told_in_steps_and_in_order() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let count = 5 * IN_A_STEP + 1;
        let (times, hashes): (Vec<_>, Vec<_>) = runtime.block_on(async {
            let (_ready, stream) = channel(1);
            let (accepted, mut told, pace) = Pace::new(stream);
            (0..count).for_each(|number| accepted.unbounded_send(numbered(number)).unwrap());
            let begun = Instant::now();
            let read = async {
                let mut read = Vec::new();
                while read.len() < count {
                    let hash = told.next().await.unwrap();
                    read.push((begun.elapsed(), hash));
                }
                read
            };
            tokio::select! {
                read = read => read.into_iter().unzip(),
                () = pace.run() => panic!("nothing has ended yet"),
            }
        });
        assert_eq!(hashes, (0..count).map(numbered).collect::<Vec<_>>());
        let last = *times.last().unwrap();
        assert!(last >= 6 * STEP, "{count} were told within {last:?}");
    }

    #[test]
    fn what_becomes_ready_is_told_although_no_client_brought_it() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut ready, stream) = channel(1);
            let (_accepted, mut told, pace) = Pace::new(stream);
            ready.try_send(numbered(7)).unwrap();
            tokio::select! {
                hash = told.next() => assert_eq!(hash, Some(numbered(7))),
                () = pace.run() => panic!("nothing has ended yet"),
            }
        });
    }

    #[test]
    fn it_ends_when_nothing_can_come_any_more() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (ready, stream) = channel(1);
            let (accepted, mut told, pace) = Pace::new(stream);
            accepted.unbounded_send(numbered(1)).unwrap();
            drop((ready, accepted));
            pace.run().await;
            assert_eq!(told.next().await, Some(numbered(1)));
            assert_eq!(told.next().await, None);
        });
    }

    struct Numbers(Range<usize>);

    impl Iterator for Numbers {
        type Item = usize;

        fn next(&mut self) -> Option<usize> {
            self.0.next()
        }
    }

    impl ReadyTransactions for Numbers {
        fn report_invalid(&mut self, _: &usize) {}
    }

    fn parts(selection: &Selection, pool: usize, times: usize) -> Vec<(usize, usize)> {
        let part = |_| {
            let part: Vec<_> = selection.next(|| Box::new(Numbers(0..pool))).collect();
            (part.first().copied().unwrap_or_default(), part.len())
        };
        (0..times).map(part).collect()
    }

    #[test]
    fn every_part_of_a_pool_has_its_turn() {
        let selection = Selection::default();
        let expected = [(0, AGAIN), (AGAIN, AGAIN), (2 * AGAIN, 7), (0, AGAIN)];
        assert_eq!(parts(&selection, 2 * AGAIN + 7, 4), expected);
    }

    #[test]
    fn a_pool_that_shrank_is_begun_again() {
        let selection = Selection::default();
        parts(&selection, 5 * AGAIN, 3);
        assert_eq!(parts(&selection, AGAIN + 3, 3), [(0, AGAIN), (AGAIN, 3), (0, AGAIN)]);
        assert_eq!(parts(&selection, 0, 1), [(0, 0)]);
        assert_eq!(parts(&selection, 9, 2), [(0, 9), (0, 9)]);
    }
}
