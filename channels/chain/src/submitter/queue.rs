// SPDX-License-Identifier: Apache-2.0

//! Which call has which nonce, and what to do about it next: the submitter without a socket.
//!
//! A call waits, gets a nonce, and keeps it until that nonce is used in a final block. Under one
//! nonce it may be signed several times, with other tips and lifetimes: the chain takes at most one
//! of them. A call gets another nonce only when its own was used by an extrinsic of somebody else
//! who has the account's key, so it can never be carried out twice.

use super::tips::TipPlan;
use crate::calls::Call;
use millrace_primitives_channels::{Balance, BlockNumber, Hash};
use std::collections::{BTreeMap, VecDeque};

/// How many calls may wait and be under way, together.
pub const MAX_QUEUED: usize = 4_096;

/// How many calls may be under way: node pools hold few of one account.
pub const MAX_UNDER_WAY: usize = 64;

/// Names a call for whoever waits for its outcome.
pub type TicketNumber = u64;

/// A call that somebody wants in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Who waits for it.
    pub ticket: TicketNumber,
    /// The call.
    pub call: Call,
    /// Its deadline, and what it may cost.
    pub plan: TipPlan,
}

/// A call as it was signed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Hash of the extrinsic.
    pub hash: Hash,
    /// The extrinsic.
    pub bytes: Vec<u8>,
    /// What it offers to the block's author.
    pub tip: Balance,
    /// The first block that cannot hold it any more.
    pub dies: BlockNumber,
}

/// A nonce that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The nonce.
    pub nonce: u64,
    /// What it was taken for; nothing if that is not wanted any more, and the nonce has to be used
    /// up for those behind it.
    pub wish: Option<Wish>,
    /// All that was signed with it, the newest last.
    pub variants: Vec<Variant>,
}

/// What to do next about a nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sign the call anew with this tip, and submit it.
    Sign {
        /// The nonce.
        nonce: u64,
        /// The call.
        call: Call,
        /// What to offer.
        tip: Balance,
    },
    /// Submit this again, in case the node has dropped it.
    Repeat {
        /// The nonce.
        nonce: u64,
        /// The newest extrinsic that is still valid.
        bytes: Vec<u8>,
    },
    /// The deadline is over, and nothing signed for it can be included any more.
    Expired(Wish),
}

/// All calls of one account.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Wish>,
    slots: BTreeMap<u64, Slot>,
}

impl Slot {
    fn is_alive(&self, finalised: BlockNumber) -> bool {
        self.newest_alive(finalised).is_some()
    }

    fn newest_alive(&self, finalised: BlockNumber) -> Option<&Variant> {
        // The next block that could hold it comes after the newest final one.
        self.variants.iter().rev().find(|variant| variant.dies > finalised.saturating_add(1))
    }

    fn highest_tip(&self, finalised: BlockNumber) -> Balance {
        let alive = self.variants.iter().filter(|it| it.dies > finalised.saturating_add(1));
        alive.map(|variant| variant.tip).max().unwrap_or(0)
    }
}

impl Wish {
    /// Whether no block below the deadline can follow the newest final one.
    fn is_late(&self, finalised: BlockNumber) -> bool {
        self.plan.deadline.is_some_and(|deadline| finalised.saturating_add(1) >= deadline)
    }
}

impl Queue {
    /// Puts a call at the end; gives it back if the queue is full.
    pub fn push(&mut self, wish: Wish) -> Result<(), Box<Wish>> {
        if self.waiting.len().saturating_add(self.slots.len()) >= MAX_QUEUED {
            return Err(Box::new(wish));
        }
        self.waiting.push_back(wish);
        Ok(())
    }

    /// Whether there is nothing to do.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.slots.is_empty()
    }

    /// Whether nothing is under way, so that blocks need not be searched.
    pub fn is_settled(&self) -> bool {
        self.slots.is_empty()
    }

    /// The first call that waits for a nonce, if another one may be under way.
    pub fn first_waiting(&self) -> Option<&Wish> {
        self.waiting.front().filter(|_| self.slots.len() < MAX_UNDER_WAY)
    }

    /// Takes the first call that waits out of the queue.
    pub fn take_first_waiting(&mut self) -> Option<Wish> {
        self.waiting.pop_front()
    }

    /// Gives the first call that waits a nonce: the lowest that neither the node's pool nor we have
    /// taken. `pool_nonce`: what the node says is next, its pool included.
    /// `best`: height of the newest block, from which the time for tips runs.
    pub fn start_first(&mut self, pool_nonce: u64, best: BlockNumber) -> Option<u64> {
        let mut wish = self.waiting.pop_front()?;
        // Who waits again keeps its first start.
        if wish.plan.from == 0 {
            wish.plan.from = best;
        }
        let after_ours = self.slots.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
        let nonce = pool_nonce.max(after_ours);
        self.slots.insert(nonce, Slot { nonce, wish: Some(wish), variants: Vec::new() });
        Some(nonce)
    }

    /// What to offer for the call with this nonce.
    pub fn tip_of(&self, nonce: u64, best: BlockNumber) -> Balance {
        let wish = self.slots.get(&nonce).and_then(|slot| slot.wish.as_ref());
        wish.map_or(0, |wish| wish.plan.tip(best))
    }

    /// Remembers what is about to be submitted. To be called before it leaves the machine.
    pub fn signed(&mut self, nonce: u64, variant: Variant) {
        if let Some(slot) = self.slots.get_mut(&nonce) {
            slot.variants.push(variant);
        }
    }

    /// The nonce's slot.
    pub fn slot(&self, nonce: u64) -> Option<&Slot> {
        self.slots.get(&nonce)
    }

    /// A call that the node did not take goes back to the head of the queue, and its nonce is free
    /// again. Only for the newest nonce; others keep theirs.
    pub fn put_back(&mut self, nonce: u64) {
        if self.slots.last_key_value().is_some_and(|(last, _)| *last == nonce)
            && let Some(slot) = self.slots.remove(&nonce)
            && let Some(wish) = slot.wish
        {
            self.waiting.push_front(wish);
        }
    }

    /// Gives up what a nonce was taken for. If others are behind it, the nonce stays taken, to be
    /// used up by a call that does nothing.
    pub fn give_up(&mut self, nonce: u64) -> Option<Wish> {
        let has_others_behind = self.slots.last_key_value().is_some_and(|(last, _)| *last > nonce);
        if has_others_behind {
            return self.slots.get_mut(&nonce)?.wish.take();
        }
        self.slots.remove(&nonce)?.wish
    }

    /// Looks for our extrinsics in a final block, given the hashes of all its extrinsics. Returns the
    /// slots that are settled by it, with their places in the block.
    pub fn settle_block(&mut self, extrinsics: &[Hash]) -> Vec<(u32, Hash, Slot)> {
        let mut settled = Vec::new();
        for (index, hash) in (0u32..).zip(extrinsics) {
            let nonce = self
                .slots
                .values()
                .find(|slot| slot.variants.iter().any(|variant| variant.hash == *hash))
                .map(|slot| slot.nonce);
            if let Some(slot) = nonce.and_then(|nonce| self.slots.remove(&nonce)) {
                settled.push((index, *hash, slot));
            }
        }
        settled
    }

    /// Frees calls whose nonce was used by somebody else: they wait again, before all others.
    ///
    /// `next`: the account's next nonce as of a final block, when all blocks up to it have gone
    /// through [`Queue::settle_block`]. Returns how many calls were overtaken.
    pub fn settle_nonces(&mut self, next: u64) -> usize {
        let later = self.slots.split_off(&next);
        let used = std::mem::replace(&mut self.slots, later);
        let count = used.len();
        for wish in used.into_values().rev().filter_map(|slot| slot.wish) {
            self.waiting.push_front(wish);
        }
        count
    }

    /// What to do about all that is under way and waits too long, in the order of the nonces.
    ///
    /// `best`: height of the newest block. `finalised`: height of the newest final one.
    pub fn steps(&mut self, best: BlockNumber, finalised: BlockNumber) -> Vec<Step> {
        let late: Vec<_> =
            self.waiting.iter().filter(|it| it.is_late(finalised)).cloned().collect();
        self.waiting.retain(|wish| !wish.is_late(finalised));
        let mut steps: Vec<_> = late.into_iter().map(Step::Expired).collect();
        let nonces: Vec<_> = self.slots.keys().copied().collect();
        for nonce in nonces {
            steps.extend(self.step_of(nonce, best, finalised));
        }
        steps
    }

    fn step_of(&mut self, nonce: u64, best: BlockNumber, finalised: BlockNumber) -> Option<Step> {
        let slot = self.slots.get(&nonce)?;
        let is_alive = slot.is_alive(finalised);
        match &slot.wish {
            Some(wish) if !is_alive && wish.is_late(finalised) => {
                return self.give_up(nonce).map(Step::Expired);
            }
            Some(wish) => {
                let tip = wish.plan.tip(best);
                if !is_alive || (tip > slot.highest_tip(finalised) && !wish.is_late(finalised)) {
                    return Some(Step::Sign { nonce, call: wish.call.clone(), tip });
                }
            }
            None if !is_alive => {
                return Some(Step::Sign { nonce, call: Call::nothing(), tip: 0 });
            }
            None => {}
        }
        let bytes = slot.newest_alive(finalised)?.bytes.clone();
        Some(Step::Repeat { nonce, bytes })
    }
}
