// SPDX-License-Identifier: Apache-2.0

//! A chain at random takes what a queue signs: some of it late, some twice submitted, some dropped,
//! and somebody else uses the account too.

use crate::{
    calls::Call,
    submitter::{
        queue::{MAX_QUEUED, MAX_UNDER_WAY, Queue, Step, Variant, Wish},
        tips::TipPlan,
    },
};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash};
use proptest::prelude::*;
use std::collections::BTreeMap;

const LIFE: BlockNumber = 8;

fn wish(ticket: u64, deadline: Option<BlockNumber>) -> Wish {
    let call = Call::conclude(ChannelId::from_low_u64_be(ticket));
    Wish { ticket, call, plan: TipPlan { from: 0, deadline, limit: 1_000 } }
}

/// What the model's chain knows of an extrinsic.
#[derive(Clone, Debug)]
struct Extrinsic {
    nonce: u64,
    ticket: Option<u64>,
    dies: BlockNumber,
}

/// A chain whose blocks are final one behind the best, and a pool that forgets.
#[derive(Default)]
struct Chain {
    height: BlockNumber,
    nonce: u64,
    /// Everything that was ever signed, by hash; the pool is a subset.
    signed: BTreeMap<Hash, Extrinsic>,
    pool: Vec<Hash>,
    /// How often each ticket was carried out.
    done: BTreeMap<u64, u32>,
    serial: u64,
}

impl Chain {
    fn pool_nonce(&self) -> u64 {
        // As a node counts: without gaps from the chain's nonce on.
        let mut next = self.nonce;
        while self.pool.iter().any(|hash| self.signed[hash].nonce == next) {
            next += 1;
        }
        next
    }

    fn sign(&mut self, nonce: u64, ticket: Option<u64>, tip: u128) -> Variant {
        self.serial += 1;
        let hash = Hash::from_low_u64_be(self.serial);
        let dies = self.height + LIFE;
        self.signed.insert(hash, Extrinsic { nonce, ticket, dies });
        Variant { hash, bytes: hash.as_bytes().to_vec(), tip, dies }
    }

    fn submit(&mut self, hash: Hash) {
        if !self.pool.contains(&hash) && self.signed[&hash].nonce >= self.nonce {
            self.pool.push(hash);
        }
    }

    /// Makes a block of at most `room` extrinsics, choosing among those of one nonce by `choice`.
    fn make_block(&mut self, room: usize, choice: usize, foreign: bool) -> Vec<Hash> {
        self.height += 1;
        let mut block = Vec::new();
        if foreign {
            block.push(Hash::repeat_byte(0xee));
            self.nonce += 1;
        }
        while block.len() < room {
            let fitting: Vec<_> = self
                .pool
                .iter()
                .filter(|hash| {
                    let it = &self.signed[*hash];
                    it.nonce == self.nonce && it.dies > self.height
                })
                .copied()
                .collect();
            let Some(hash) = fitting.get(choice % fitting.len().max(1)) else { break };
            block.push(*hash);
            self.nonce += 1;
            if let Some(ticket) = self.signed[hash].ticket {
                *self.done.entry(ticket).or_default() += 1;
            }
        }
        let (nonce, height) = (self.nonce, self.height);
        let signed = &self.signed;
        self.pool.retain(|hash| signed[hash].nonce >= nonce && signed[hash].dies > height + 1);
        block
    }
}

/// The submitter's task without a node.
struct Driver {
    queue: Queue,
    chain: Chain,
    /// Outcomes by ticket: whether it was carried out.
    outcomes: BTreeMap<u64, bool>,
}

impl Driver {
    fn look(&mut self, submits: bool) {
        let height = self.chain.height;
        for step in self.queue.steps(height, height) {
            match step {
                Step::Sign { nonce, tip, .. } => self.sign(nonce, tip, submits),
                Step::Repeat { bytes, .. } => {
                    if submits {
                        self.chain.submit(Hash::from_slice(&bytes));
                    }
                }
                Step::Expired(wish) => self.answer(wish.ticket, false),
            }
        }
        while self.queue.first_waiting().is_some() {
            let pool_nonce = self.chain.pool_nonce();
            let nonce = self.queue.start_first(pool_nonce, height).expect("one waits");
            let tip = self.queue.tip_of(nonce, height);
            self.sign(nonce, tip, submits);
        }
    }

    fn sign(&mut self, nonce: u64, tip: u128, submits: bool) {
        let slot = self.queue.slot(nonce).expect("it was started");
        let ticket = slot.wish.as_ref().map(|wish| wish.ticket);
        // CF-4: while something signed for the nonce lives, no other call gets it.
        let alive = slot.variants.iter().filter(|it| it.dies > self.chain.height + 1);
        for variant in alive {
            assert_eq!(self.chain.signed[&variant.hash].ticket, ticket);
        }
        let variant = self.chain.sign(nonce, ticket, tip);
        let hash = variant.hash;
        self.queue.signed(nonce, variant);
        if submits {
            self.chain.submit(hash);
        }
    }

    fn make_block(&mut self, room: usize, choice: usize, foreign: bool) {
        let block = self.chain.make_block(room, choice, foreign);
        for (_, _, slot) in self.queue.settle_block(&block) {
            if let Some(wish) = slot.wish {
                self.answer(wish.ticket, true);
            }
        }
        self.queue.settle_nonces(self.chain.nonce);
    }

    /// CF-5: one outcome each, and a true one.
    fn answer(&mut self, ticket: u64, done: bool) {
        assert_eq!(self.outcomes.insert(ticket, done), None, "two outcomes for {ticket}");
        let times = self.chain.done.get(&ticket).copied().unwrap_or(0);
        assert_eq!(times, u32::from(done), "call {ticket} was told {done}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_call_has_one_true_outcome(
        steps in proptest::collection::vec((0u8..10, any::<u8>()), 1..150),
    ) {
        let mut driver =
            Driver { queue: Queue::default(), chain: Chain::default(), outcomes: BTreeMap::new() };
        let mut tickets = 0;
        for (kind, choice) in steps {
            let number = usize::from(choice);
            match kind {
                0..=2 => {
                    tickets += 1;
                    let soon = driver.chain.height + 2 + u32::from(choice % 20);
                    let deadline = (kind > 0).then_some(soon);
                    driver.queue.push(wish(tickets, deadline)).expect("there is room");
                }
                // With and without a connection.
                3..=5 => driver.look(kind < 5),
                6 => driver.chain.pool.clear(),
                7 if driver.chain.pool.len() > 1 => {
                    let lost = number % driver.chain.pool.len();
                    driver.chain.pool.remove(lost);
                }
                8 => driver.make_block(3, number, number < 25),
                _ => driver.make_block(number % 4, number, false),
            }
        }
        // In the end everything has an outcome: a chain that takes everything comes to rest.
        for _ in 0..400 {
            driver.look(true);
            driver.make_block(10, 0, false);
            if driver.queue.is_idle() {
                break;
            }
        }
        prop_assert!(driver.queue.is_idle(), "{:?}", driver.queue);
        prop_assert_eq!(driver.outcomes.len() as u64, tickets);
    }
}

#[test]
fn nonces_follow_each_other_and_the_pool() {
    let mut queue = Queue::default();
    for ticket in 0..3 {
        queue.push(wish(ticket, None)).expect("there is room");
    }
    assert_eq!(queue.start_first(7, 1), Some(7));
    // The pool has not heard of ours yet.
    assert_eq!(queue.start_first(7, 1), Some(8));
    // Somebody else has put some there.
    assert_eq!(queue.start_first(11, 1), Some(11));
}

#[test]
fn call_that_is_given_up_leaves_no_gap() {
    let mut queue = Queue::default();
    for ticket in 0..2 {
        queue.push(wish(ticket, None)).expect("there is room");
        queue.start_first(0, 1);
    }
    assert_eq!(queue.give_up(0).map(|wish| wish.ticket), Some(0));
    let steps = queue.steps(1, 1);
    assert_eq!(steps[0], Step::Sign { nonce: 0, call: Call::nothing(), tip: 0 });
    // The last one leaves its nonce to whoever comes next.
    assert_eq!(queue.give_up(1).map(|wish| wish.ticket), Some(1));
    queue.push(wish(2, None)).expect("there is room");
    assert_eq!(queue.start_first(0, 1), Some(1));
}

#[test]
fn tip_rises_under_the_same_nonce_as_the_deadline_nears() {
    let mut queue = Queue::default();
    queue.push(wish(1, Some(101))).expect("there is room");
    queue.start_first(5, 1);
    let variant = |tip| Variant { hash: Hash::zero(), bytes: vec![1], tip, dies: 200 };
    queue.signed(5, variant(0));
    assert_eq!(queue.steps(20, 20), [Step::Repeat { nonce: 5, bytes: vec![1] }]);
    let Some(Step::Sign { nonce: 5, tip, .. }) = queue.steps(99, 98).pop() else {
        panic!("a higher tip is due");
    };
    assert_eq!(tip, 1_000);
    queue.signed(5, variant(tip));
    // What was offered once is not signed again.
    assert_eq!(queue.steps(99, 98), [Step::Repeat { nonce: 5, bytes: vec![1] }]);
}

#[test]
fn queue_is_bounded() {
    let mut queue = Queue::default();
    for ticket in 0..MAX_QUEUED as u64 {
        queue.push(wish(ticket, None)).expect("there is room");
    }
    let refused = queue.push(wish(u64::MAX, None)).expect_err("the queue is full");
    assert_eq!(refused.ticket, u64::MAX);
    for _ in 0..MAX_UNDER_WAY {
        assert!(queue.first_waiting().is_some());
        queue.start_first(0, 1);
    }
    assert_eq!(queue.first_waiting(), None);
}
