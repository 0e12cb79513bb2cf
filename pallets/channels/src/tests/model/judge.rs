// SPDX-License-Identifier: Apache-2.0

//! A judge so simple that it is obviously right: it has plain maps, believes what it is told about
//! signatures and proofs, keeps transfers in lists instead of trees and bitmaps, and pays from one
//! pot.

use super::acts::Shape;
use crate::mock::*;
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelId, ChannelState, Hash, Stream, Transfer,
};
use std::collections::{BTreeMap, BTreeSet};

/// A channel as the simple judge sees it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Numbers of its parties, in the order of their accounts.
    pub order: Vec<u8>,
    pub open_by: BlockNumber,
    pub total: Balance,
    pub base: ChannelState,
    pub stage: Stage,
}

// There are few of them: their size is no concern.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum Stage {
    Open,
    Quarrel(Quarrel),
    Rest(Rest),
}

#[derive(Clone, Debug)]
pub struct Quarrel {
    pub by: AccountId,
    pub first: u64,
    pub shown: ChannelState,
    pub end: BlockNumber,
    pub has_moved: bool,
    pub winner: Option<AccountId>,
}

#[derive(Clone, Debug)]
pub struct Rest {
    /// Each with whether it is decided.
    pub leaves: Vec<(Transfer, bool)>,
    /// Each with the units that are paid.
    pub streams: Vec<(Stream, u64)>,
    pub until: BlockNumber,
}

impl Quarrel {
    /// Whose move it is, and how many are left.
    pub fn turn(&self) -> Option<(usize, u8)> {
        let app = self.shown.app.as_ref().filter(|_| !self.shown.is_final)?;
        let (mover, left) = (app.data[0], app.data[1]);
        (left > 0).then_some((usize::from(mover), left))
    }

    pub fn over_from(&self) -> BlockNumber {
        self.end + if self.turn().is_some() { WINDOW } else { 0 }
    }
}

/// The simple judge.
#[derive(Default)]
pub struct Judge {
    pub money: BTreeMap<AccountId, Balance>,
    pub cases: BTreeMap<ChannelId, Case>,
    pub used: BTreeSet<ChannelId>,
    pub opened: Vec<ChannelId>,
    /// Last opening blocks of channels that ended before them.
    pub retired: Vec<BlockNumber>,
    /// First block and end of each reveal.
    pub reveals: BTreeMap<Hash, (BlockNumber, BlockNumber)>,
    /// The transfers below each root that was ever made.
    pub known: BTreeMap<Hash, Vec<Transfer>>,
}

pub fn account(number: u8) -> AccountId {
    Party::new(number).account()
}

impl Judge {
    pub fn nth(&self, nth: usize) -> Option<ChannelId> {
        let latest = self.opened.iter().rev().take(4).collect::<Vec<_>>();
        latest.get(nth % latest.len().max(1)).map(|id| **id)
    }

    pub fn give(&mut self, who: AccountId, amount: Balance) {
        *self.money.get_mut(&who).expect("everybody is known") += amount;
    }

    pub fn take(&mut self, who: AccountId, amount: Balance) {
        *self.money.get_mut(&who).expect("everybody is known") -= amount;
    }

    /// Whether `who` owns as much beyond what keeps it alive. Its money includes the anchors of its
    /// channels, which it cannot spend.
    pub fn can_spare(&self, who: &AccountId, amount: Balance) -> bool {
        let takes_part = |case: &&Case| case.order.iter().any(|it| account(*it) == *who);
        let channels = self.cases.values().filter(takes_part).count();
        self.money[who] >= amount + ED + ANCHOR * channels as Balance
    }

    pub fn pay(&mut self, order: &[u8], shares: &[Balance]) {
        for (number, share) in order.iter().zip(shares) {
            self.give(account(*number), *share);
        }
    }

    /// Pays the last of a channel.
    pub fn close(&mut self, id: ChannelId, shares: &[Balance]) {
        let case = self.cases.remove(&id).expect("it is there");
        self.pay(&case.order, shares);
        if case.open_by < now() {
            self.give(stranger(), CHANNEL_TICKET);
        } else {
            self.retired.push(case.open_by);
        }
    }

    pub fn decide_bond(&mut self, quarrel: &Quarrel) {
        match quarrel.winner.clone() {
            // Half to whoever proved the claim stale; the other half, and the odd unit, to all.
            Some(winner) => {
                self.give(winner, BOND / 2);
                self.give(treasury(), BOND.div_ceil(2));
            }
            None => self.give(quarrel.by.clone(), BOND),
        }
    }

    /// Whether a state counts, if it is shown with everybody's signature, or without any if the
    /// chain knows a state of this version.
    pub fn accepts(case: &Case, shown: &ChannelState, shape: &Shape) -> bool {
        if shown.version == case.base.version {
            *shown == case.base
        } else {
            shown.version > case.base.version && shape.is_signed && shape.is_sound
        }
    }

    pub fn settle(&mut self, id: ChannelId, shown: &ChannelState, shape: &Shape) -> bool {
        let Some(case) = self.cases.get(&id).cloned() else { return false };
        // Settling always comes with signatures, so the state that the chain knows does not settle.
        let counts = shown.version > case.base.version && Self::accepts(&case, shown, shape);
        let is_ok = counts
            && shown.is_final
            && (shown.pending.is_none() && shown.streams.is_empty() && shown.app.is_none())
            && match &case.stage {
                Stage::Open => true,
                Stage::Quarrel(quarrel) => shown.version >= quarrel.shown.version,
                Stage::Rest(_) => false,
            };
        if is_ok {
            if let Stage::Quarrel(quarrel) = &case.stage {
                self.decide_bond(quarrel);
            }
            self.close(id, &shown.balances);
        }
        is_ok
    }

    pub fn conclude(&mut self, id: ChannelId) -> bool {
        let Some(case) = self.cases.get(&id).cloned() else { return false };
        match case.stage {
            Stage::Open => false,
            Stage::Quarrel(quarrel) if now() >= quarrel.over_from() => {
                self.decide_bond(&quarrel);
                self.carry_out(id, &quarrel);
                true
            }
            Stage::Rest(rest) if now() >= rest.until => {
                self.end_rest(id, &rest);
                true
            }
            Stage::Quarrel(_) | Stage::Rest(_) => false,
        }
    }

    /// Pays balances, and keeps what is conditional.
    pub fn carry_out(&mut self, id: ChannelId, quarrel: &Quarrel) {
        let mut shares = quarrel.shown.balances.to_vec();
        if let Some((mover, _)) = quarrel.turn() {
            shares[1 - mover] += shares[mover];
            shares[mover] = 0;
        }
        let shown = &quarrel.shown;
        if shown.pending.is_none() && shown.streams.is_empty() {
            return self.close(id, &shares);
        }
        let leaves = shown.pending.as_ref().map_or(vec![], |it| self.known[&it.root].clone());
        let last = leaves.iter().map(|it| it.expiry).max().unwrap_or(0);
        let case = self.cases.get_mut(&id).expect("it is there");
        case.stage = Stage::Rest(Rest {
            leaves: leaves.into_iter().map(|it| (it, false)).collect(),
            streams: shown.streams.iter().map(|it| (*it, 0)).collect(),
            until: now().max(last) + WINDOW,
        });
        let order = case.order.clone();
        self.pay(&order, &shares);
    }

    /// Gives back what is left.
    pub fn end_rest(&mut self, id: ChannelId, rest: &Rest) {
        let mut shares = vec![0; self.cases[&id].order.len()];
        for (leaf, _) in rest.leaves.iter().filter(|(_, is_decided)| !is_decided) {
            shares[usize::from(leaf.payer)] += leaf.amount;
        }
        for (stream, paid) in &rest.streams {
            let left = u128::from(stream.chains * stream.links) - u128::from(*paid);
            shares[usize::from(stream.payer)] += stream.unit * left;
        }
        self.close(id, &shares);
    }

    /// Pays one participant, and closes the channel if nothing is left to decide.
    pub fn decide(&mut self, id: ChannelId, rest: Rest, position: u8, amount: Balance) {
        let case = self.cases.get_mut(&id).expect("it is there");
        let payee = account(case.order[usize::from(position)]);
        case.stage = Stage::Rest(rest.clone());
        self.give(payee, amount);
        let is_done = rest.leaves.iter().all(|(_, is_decided)| *is_decided)
            && rest.streams.iter().all(|(it, paid)| *paid == u64::from(it.chains * it.links));
        if is_done {
            self.end_rest(id, &rest);
        }
    }

    pub fn is_unlocked(&self, leaf: &Transfer) -> bool {
        self.reveals.get(&leaf.hashlock).is_some_and(|(at, _)| *at < leaf.expiry)
    }

    /// What is left to decide of a channel, while it can be.
    pub fn rest(&self, id: ChannelId) -> Option<Rest> {
        match &self.cases.get(&id)?.stage {
            Stage::Rest(rest) if now() < rest.until => Some(rest.clone()),
            _ => None,
        }
    }

    /// Everything that happens by itself.
    pub fn idle(&mut self) {
        let ids: Vec<ChannelId> = self.cases.keys().copied().collect();
        for id in ids {
            self.conclude(id);
        }
        let before = (self.reveals.len(), self.retired.len());
        self.reveals.retain(|_, (_, until)| *until > now());
        self.retired.retain(|open_by| *open_by >= now());
        let reveals = (before.0 - self.reveals.len()) as Balance;
        let retired = (before.1 - self.retired.len()) as Balance;
        self.give(stranger(), reveals * REVEAL_TICKET + retired * CHANNEL_TICKET);
    }
}
