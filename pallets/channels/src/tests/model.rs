// SPDX-License-Identifier: Apache-2.0

//! Random calls, good and bad, against a judge so simple that it is obviously right. After every
//! call both pallets' rules hold, no unit is made or lost, and everybody has exactly what the simple
//! judge says.
//!
//! The simple judge has plain maps, believes what it is told about signatures and proofs, keeps
//! transfers in lists instead of trees and bitmaps, and pays from one pot.

use crate::mock::*;
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelId, ChannelState, Hash, Resize, Stream, Transfer,
    channel_id, transfer as trees,
};
use polkadot_sdk::{
    frame_support::{assert_ok, traits::Hooks, weights::Weight},
    sp_runtime::BoundedVec,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that somebody tries.
#[derive(Clone, Debug)]
enum Act {
    Open { size: u8, nonce: u64, deposits: [Balance; 3] },
    Settle { nth: usize, shape: Shape },
    SettleMany { first: (usize, Shape), second: (usize, Shape) },
    Resize { nth: usize, shape: Shape, deltas: [i128; 3], is_late: bool },
    Dispute { nth: usize, who: u8, shape: Shape },
    Answer { nth: usize, shape: Shape, for_tower: bool },
    Conclude { nth: usize },
    Reveal { number: u8 },
    Claim { nth: usize, leaf: usize, is_forged: bool },
    Refund { nth: usize, leaf: usize },
    ClaimStream { nth: usize, chain: u32, depth: u32, is_forged: bool },
    Progress { nth: usize, who: usize, is_good: bool },
    Wait { blocks: u32, is_idle: bool },
}

/// What a state is like that somebody shows.
#[derive(Clone, Debug)]
struct Shape {
    version: u64,
    split: [u8; 3],
    is_final: bool,
    /// Bits: transfers, a stream, a game.
    extras: u8,
    /// Everybody signed it.
    is_signed: bool,
    /// It distributes what the channel has.
    is_sound: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let extras = prop_oneof![4 => Just(0), 6 => 1..8u8];
    (
        0..8u64,
        prop::array::uniform3(0..=4u8),
        any::<bool>(),
        extras,
        prop::bool::weighted(0.95),
        prop::bool::weighted(0.95),
    )
        .prop_map(|(version, split, is_final, extras, is_signed, is_sound)| Shape {
            version,
            split,
            is_final,
            extras,
            is_signed,
            is_sound,
        })
}

fn act() -> impl Strategy<Value = Act> {
    let deposit = prop_oneof![1 => Just(0), 6 => 1..5_000u128, 1 => Just(ENDOWMENT)];
    let delta = prop_oneof![Just(0), -2_000..2_000i128, Just(ENDOWMENT as i128)];
    // Mostly about the latest channel, so that things come to their end.
    let nth = prop_oneof![3 => Just(0), 1 => 0..4usize].boxed();
    let flag = any::<bool>();
    let seldom = prop::bool::weighted(0.1);
    prop_oneof![
        2 => (2..=3u8, 0..4u64, prop::array::uniform3(deposit))
            .prop_map(|(size, nonce, deposits)| Act::Open { size, nonce, deposits }),
        2 => (nth.clone(), shape()).prop_map(|(nth, shape)| Act::Settle { nth, shape }),
        1 => (nth.clone(), shape(), nth.clone(), shape())
            .prop_map(|(one, first, two, second)| Act::SettleMany {
                first: (one, first),
                second: (two, second),
            }),
        2 => (nth.clone(), shape(), prop::array::uniform3(delta), seldom)
            .prop_map(|(nth, shape, deltas, is_late)| Act::Resize { nth, shape, deltas, is_late }),
        5 => (nth.clone(), 0..3u8, shape())
            .prop_map(|(nth, who, shape)| Act::Dispute { nth, who, shape }),
        5 => (nth.clone(), shape(), flag)
            .prop_map(|(nth, shape, for_tower)| Act::Answer { nth, shape, for_tower }),
        2 => nth.clone().prop_map(|nth| Act::Conclude { nth }),
        3 => (0..4u8).prop_map(|number| Act::Reveal { number }),
        9 => (nth.clone(), 0..4usize, seldom)
            .prop_map(|(nth, leaf, is_forged)| Act::Claim { nth, leaf, is_forged }),
        8 => (nth.clone(), 0..4usize).prop_map(|(nth, leaf)| Act::Refund { nth, leaf }),
        7 => (nth.clone(), 0..3u32, 1..5u32, seldom)
            .prop_map(|(nth, chain, depth, is_forged)| Act::ClaimStream {
                nth,
                chain,
                depth,
                is_forged,
            }),
        7 => (nth, 0..2usize, prop::bool::weighted(0.9))
            .prop_map(|(nth, who, is_good)| Act::Progress { nth, who, is_good }),
        9 => (1..14u32, flag).prop_map(|(blocks, is_idle)| Act::Wait { blocks, is_idle }),
    ]
}

/// A channel as the simple judge sees it.
#[derive(Clone, Debug)]
struct Case {
    /// Numbers of its parties, in the order of their accounts.
    order: Vec<u8>,
    open_by: BlockNumber,
    total: Balance,
    base: ChannelState,
    stage: Stage,
}

// There are few of them: their size is no concern.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
enum Stage {
    Open,
    Quarrel(Quarrel),
    Rest(Rest),
}

#[derive(Clone, Debug)]
struct Quarrel {
    by: AccountId,
    first: u64,
    shown: ChannelState,
    end: BlockNumber,
    has_moved: bool,
    winner: Option<AccountId>,
}

#[derive(Clone, Debug)]
struct Rest {
    /// Each with whether it is decided.
    leaves: Vec<(Transfer, bool)>,
    /// Each with the units that are paid.
    streams: Vec<(Stream, u64)>,
    until: BlockNumber,
}

impl Quarrel {
    /// Whose move it is, and how many are left.
    fn turn(&self) -> Option<(usize, u8)> {
        let app = self.shown.app.as_ref().filter(|_| !self.shown.is_final)?;
        let (mover, left) = (app.data[0], app.data[1]);
        (left > 0).then_some((usize::from(mover), left))
    }

    fn over_from(&self) -> BlockNumber {
        self.end + if self.turn().is_some() { WINDOW } else { 0 }
    }
}

/// The simple judge.
#[derive(Default)]
struct Judge {
    money: BTreeMap<AccountId, Balance>,
    cases: BTreeMap<ChannelId, Case>,
    used: BTreeSet<ChannelId>,
    opened: Vec<ChannelId>,
    /// Last opening blocks of channels that ended before them.
    retired: Vec<BlockNumber>,
    /// First block and end of each reveal.
    reveals: BTreeMap<Hash, (BlockNumber, BlockNumber)>,
    /// The transfers below each root that was ever made.
    known: BTreeMap<Hash, Vec<Transfer>>,
}

/// Divides `total` in proportion to `split`; the first gets what is left over.
fn divide(total: Balance, split: &[u8]) -> Vec<Balance> {
    let parts: Balance = split.iter().map(|it| Balance::from(*it)).sum();
    let mut shares: Vec<Balance> =
        split.iter().map(|it| total * Balance::from(*it) / parts.max(1)).collect();
    shares[0] += total - shares.iter().sum::<Balance>();
    shares
}

/// Numbers of the first `size` parties in ascending order of their accounts.
fn order(size: u8) -> Vec<u8> {
    let mut numbers: Vec<u8> = (0..size).collect();
    numbers.sort_by_key(|it| Party::new(*it).account());
    numbers
}

fn account(number: u8) -> AccountId {
    Party::new(number).account()
}

/// Takes what `shape` has beside balances out of `total`, and divides the rest.
fn build(
    judge: &mut Judge,
    id: ChannelId,
    size: usize,
    total: Balance,
    shape: &Shape,
) -> ChannelState {
    let mut rest = total;
    let mut made = state(id, shape.version, &vec![0; size]);
    made.is_final = shape.is_final;
    if shape.extras & 1 != 0 && total >= 100 {
        let leaf = |nth: u8, amount: Balance, wait: u32| Transfer {
            payer: nth % size as u8,
            payee: (nth + 1) % size as u8,
            ..transfer((shape.version as u8 + nth) % 4, amount, now() + wait)
        };
        let leaves = vec![leaf(0, total / 20, 5), leaf(1, total / 30, 12), leaf(2, total / 40, 20)];
        rest -= leaves.iter().map(|it| it.amount).sum::<Balance>();
        made = with_transfers(made, &leaves);
        judge.known.insert(trees::root(&leaves), leaves);
    }
    if shape.extras & 2 != 0 && total >= 100 {
        let pulses = Pulses::new(id, shape.version as u32, total / 100, 3, 4);
        rest -= total / 100 * 12;
        made = with_streams(made, &[pulses.stream]);
    }
    if shape.extras & 4 != 0 {
        made = with_app(made, Tally::data((shape.version % 2) as u8, 2));
    }
    made.balances = amounts(&divide(rest, &shape.split[..size]));
    if !shape.is_sound {
        made.balances[0] += 1;
    }
    made
}

impl Judge {
    fn nth(&self, nth: usize) -> Option<ChannelId> {
        let latest = self.opened.iter().rev().take(4).collect::<Vec<_>>();
        latest.get(nth % latest.len().max(1)).map(|id| **id)
    }

    fn give(&mut self, who: AccountId, amount: Balance) {
        *self.money.get_mut(&who).expect("everybody is known") += amount;
    }

    fn take(&mut self, who: AccountId, amount: Balance) {
        *self.money.get_mut(&who).expect("everybody is known") -= amount;
    }

    fn can_spare(&self, who: &AccountId, amount: Balance) -> bool {
        self.money[who] >= amount + ED
    }

    fn pay(&mut self, order: &[u8], shares: &[Balance]) {
        for (number, share) in order.iter().zip(shares) {
            self.give(account(*number), *share);
        }
    }

    /// Pays the last of a channel.
    fn close(&mut self, id: ChannelId, shares: &[Balance]) {
        let case = self.cases.remove(&id).expect("it is there");
        self.pay(&case.order, shares);
        if case.open_by < now() {
            self.give(stranger(), CHANNEL_TICKET);
        } else {
            self.retired.push(case.open_by);
        }
    }

    fn decide_bond(&mut self, quarrel: &Quarrel) {
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
    fn accepts(case: &Case, shown: &ChannelState, shape: &Shape) -> bool {
        if shown.version == case.base.version {
            *shown == case.base
        } else {
            shown.version > case.base.version && shape.is_signed && shape.is_sound
        }
    }

    fn settle(&mut self, id: ChannelId, shown: &ChannelState, shape: &Shape) -> bool {
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

    fn conclude(&mut self, id: ChannelId) -> bool {
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
    fn carry_out(&mut self, id: ChannelId, quarrel: &Quarrel) {
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
    fn end_rest(&mut self, id: ChannelId, rest: &Rest) {
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
    fn decide(&mut self, id: ChannelId, rest: Rest, position: u8, amount: Balance) {
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

    fn is_unlocked(&self, leaf: &Transfer) -> bool {
        self.reveals.get(&leaf.hashlock).is_some_and(|(at, _)| *at < leaf.expiry)
    }

    /// What is left to decide of a channel, while it can be.
    fn rest(&self, id: ChannelId) -> Option<Rest> {
        match &self.cases.get(&id)?.stage {
            Stage::Rest(rest) if now() < rest.until => Some(rest.clone()),
            _ => None,
        }
    }

    /// Everything that happens by itself.
    fn idle(&mut self) {
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

/// Gives the chain idle time until everything due is done.
fn idle() {
    loop {
        Channels::on_idle(now(), Weight::MAX);
        let is_behind =
            crate::NextDue::<Test>::get() <= now() || crate::NextToForget::<Test>::get() < now();
        if !is_behind {
            break;
        }
    }
}

/// Everybody's signatures, or the first one's in place of all.
fn signatures(
    parties: &[Party],
    shown: &ChannelState,
    shape: &Shape,
) -> millrace_primitives_channels::state::Signatures {
    let mut all = co_sign(parties, shown);
    if !shape.is_signed {
        let first = all[0].clone();
        all.iter_mut().for_each(|it| *it = first.clone());
    }
    all
}

/// Parties, size and deposit of a channel, or of none.
fn about(judge: &Judge, id: ChannelId) -> (Vec<Party>, usize, Balance) {
    let size = judge.cases.get(&id).map_or(2, |it| it.order.len());
    (parties(size as u8), size, judge.cases.get(&id).map_or(0, |it| it.total))
}

/// Tries `act` on the chain and on the model, and compares what they say.
fn step(judge: &mut Judge, act: Act) {
    match act {
        Act::Open { size, nonce, deposits } => open(judge, size, nonce, deposits),
        Act::Settle { nth, shape } => {
            let Some(id) = judge.nth(nth) else { return };
            let (parties, size, total) = about(judge, id);
            let shown = build(judge, id, size, total, &shape);
            let signatures = signatures(&parties, &shown, &shape);
            let expected = judge.settle(id, &shown, &shape);
            let outcome = Channels::settle(anybody(), shown, signatures);
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
        }
        Act::SettleMany { first, second } => {
            let mut batch = Vec::new();
            let mut expected = false;
            for (nth, shape) in [first, second] {
                let Some(id) = judge.nth(nth) else { return };
                let (parties, size, total) = about(judge, id);
                let shown = build(judge, id, size, total, &shape);
                let signatures = signatures(&parties, &shown, &shape);
                expected |= judge.settle(id, &shown, &shape);
                batch.push((shown, signatures));
            }
            let outcome = Channels::settle_many(anybody(), BoundedVec::truncate_from(batch));
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
        }
        Act::Resize { nth, shape, deltas, is_late } => {
            resize_channel(judge, nth, shape, deltas, is_late);
        }
        Act::Dispute { nth, who, shape } => dispute_channel(judge, nth, who, shape),
        Act::Answer { nth, shape, for_tower } => answer_channel(judge, nth, shape, for_tower),
        Act::Conclude { nth } => {
            let Some(id) = judge.nth(nth) else { return };
            let expected = judge.conclude(id);
            let outcome = conclude(id);
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
        }
        Act::Reveal { number } => {
            assert_ok!(reveal(number));
            let lock = trees::hashlock(&secret(number));
            let (at, is_new) = judge.reveals.get(&lock).map_or((now(), true), |it| (it.0, false));
            judge.reveals.insert(lock, (at, now() + REVEAL_BLOCKS));
            if is_new {
                judge.take(stranger(), REVEAL_TICKET);
            }
        }
        Act::Claim { nth, leaf, is_forged } => {
            let Some(id) = judge.nth(nth) else { return };
            let Some((mut rest, leaves)) = leaves(judge, id) else { return };
            let Some((mut shown, is_decided)) = rest.leaves.get(leaf).copied() else { return };
            if is_forged {
                shown.amount += 1;
            }
            let expected =
                !is_forged && !is_decided && judge.rest(id).is_some() && judge.is_unlocked(&shown);
            let proof = trees::proof(&leaves, leaf as u32).expect("it is there");
            let outcome = Channels::claim(anybody(), id, shown, proof);
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
            if expected {
                rest.leaves[leaf].1 = true;
                judge.decide(id, rest, shown.payee, shown.amount);
            }
        }
        Act::Refund { nth, leaf } => {
            let Some(id) = judge.nth(nth) else { return };
            let Some((mut rest, leaves)) = leaves(judge, id) else { return };
            let Some((shown, is_decided)) = rest.leaves.get(leaf).copied() else { return };
            let expected = !is_decided
                && judge.rest(id).is_some()
                && now() >= shown.expiry
                && !judge.is_unlocked(&shown);
            let outcome = refund(id, &leaves, leaf as u32);
            assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
            if expected {
                rest.leaves[leaf].1 = true;
                judge.decide(id, rest, shown.payer, shown.amount);
            }
        }
        Act::ClaimStream { nth, chain, depth, is_forged } => {
            claim_channel_stream(judge, nth, chain, depth, is_forged);
        }
        Act::Progress { nth, who, is_good } => progress_channel(judge, nth, who, is_good),
        Act::Wait { blocks, is_idle } => {
            for _ in 0..blocks {
                jump_to(now() + 1);
                if is_idle {
                    idle();
                    judge.idle();
                }
            }
        }
    }
}

fn open(judge: &mut Judge, size: u8, nonce: u64, deposits: [Balance; 3]) {
    let parties = parties(size);
    let mut wanted = params(&parties);
    // Few different ids, so that some come twice.
    wanted.open_by = now().div_ceil(20) * 20 + 10;
    wanted.nonce = nonce;
    let open_by = wanted.open_by;
    let id = channel_id(&genesis(), &wanted);
    let deposits = &deposits[..usize::from(size)];
    let order = order(size);
    let are_affordable =
        order.iter().zip(deposits).all(|(it, amount)| judge.can_spare(&account(*it), *amount));
    let expected = !judge.used.contains(&id)
        && are_affordable
        && judge.can_spare(&stranger(), CHANNEL_TICKET)
        && deposits.iter().sum::<Balance>() > 0;
    let outcome = open_with(&parties, wanted, deposits);
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    if expected {
        for (number, deposit) in order.iter().zip(deposits) {
            judge.take(account(*number), *deposit);
        }
        judge.take(stranger(), CHANNEL_TICKET);
        judge.used.insert(id);
        judge.opened.push(id);
        let total = deposits.iter().sum();
        let base = state(id, 0, deposits);
        judge.cases.insert(id, Case { order, open_by, total, base, stage: Stage::Open });
    }
}

fn resize_channel(judge: &mut Judge, nth: usize, shape: Shape, deltas: [i128; 3], is_late: bool) {
    let Some(id) = judge.nth(nth) else { return };
    let (parties, size, total) = about(judge, id);
    let deltas = &deltas[..size];
    let after = total as i128 + deltas.iter().sum::<i128>();
    let shown = build(judge, id, size, after.max(0) as Balance, &shape);
    let wanted = Resize {
        state: shown.clone(),
        deltas: BoundedVec::truncate_from(deltas.to_vec()),
        valid_until: if is_late { now() - 1 } else { now() },
    };
    let mut agreed = agree(&parties, &wanted);
    if !shape.is_signed {
        let first = agreed[0].clone();
        agreed.iter_mut().for_each(|it| *it = first.clone());
    }
    let case = judge.cases.get(&id).cloned();
    let expected = case.is_some_and(|case| {
        matches!(case.stage, Stage::Open)
            && !is_late
            && shown.version > case.base.version
            && after > 0
            && shape.is_sound
            && shape.is_signed
            && case.order.iter().zip(deltas).all(|(number, delta)| {
                *delta <= 0 || judge.can_spare(&account(*number), delta.unsigned_abs())
            })
    });
    let outcome = Channels::resize(anybody(), wanted, agreed);
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    if expected {
        let case = judge.cases.get_mut(&id).expect("it is there");
        case.base = shown;
        case.total = after as Balance;
        let order = case.order.clone();
        for (number, delta) in order.iter().zip(deltas) {
            match delta {
                1.. => judge.take(account(*number), delta.unsigned_abs()),
                _ => judge.give(account(*number), delta.unsigned_abs()),
            }
        }
    }
}

fn dispute_channel(judge: &mut Judge, nth: usize, who: u8, shape: Shape) {
    let Some(id) = judge.nth(nth) else { return };
    let (parties, size, total) = about(judge, id);
    let case = judge.cases.get(&id).cloned();
    let base = case.as_ref().map(|it| it.base.clone());
    let mut shown = build(judge, id, size, total, &shape);
    // The state that the chain knows is what it is, so that disputes with it work half of the time.
    if let Some(base) = base.as_ref().filter(|it| it.version == shape.version && shape.is_signed) {
        shown = base.clone();
    }
    let is_base = base.is_some_and(|it| it.version == shown.version);
    let by = account(who);
    let expected = case.is_some_and(|case| {
        matches!(case.stage, Stage::Open)
            && case.order.contains(&who)
            && Judge::accepts(&case, &shown, &shape)
            && judge.can_spare(&by, BOND)
    });
    let signatures = if is_base { BoundedVec::new() } else { signatures(&parties, &shown, &shape) };
    let outcome = Channels::dispute(RuntimeOrigin::signed(by.clone()), shown.clone(), signatures);
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    if expected {
        judge.take(by.clone(), BOND);
        let case = judge.cases.get_mut(&id).expect("it is there");
        case.stage = Stage::Quarrel(Quarrel {
            by,
            first: shown.version,
            shown,
            end: now() + WINDOW,
            has_moved: false,
            winner: None,
        });
    }
}

fn answer_channel(judge: &mut Judge, nth: usize, shape: Shape, for_tower: bool) {
    let Some(id) = judge.nth(nth) else { return };
    let (parties, size, total) = about(judge, id);
    let shown = build(judge, id, size, total, &shape);
    let winner = if for_tower { tower() } else { stranger() };
    let expected = judge.cases.get(&id).is_some_and(|case| match &case.stage {
        Stage::Quarrel(quarrel) => {
            now() < quarrel.end
                && shown.version > quarrel.shown.version
                && Judge::accepts(case, &shown, &shape)
        }
        Stage::Open | Stage::Rest(_) => false,
    });
    let signatures = signatures(&parties, &shown, &shape);
    let outcome = Channels::answer(anybody(), shown.clone(), signatures, winner.clone());
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    if let (true, Some(Case { stage: Stage::Quarrel(quarrel), .. })) =
        (expected, judge.cases.get_mut(&id))
    {
        if !quarrel.has_moved && shown.version >= quarrel.first + 2 {
            quarrel.winner = Some(winner);
        }
        quarrel.shown = shown;
    }
}

/// What is left of a channel, and the transfers in the order of its tree.
fn leaves(judge: &Judge, id: ChannelId) -> Option<(Rest, Vec<Transfer>)> {
    match &judge.cases.get(&id)?.stage {
        Stage::Rest(rest) => {
            Some((rest.clone(), rest.leaves.iter().map(|(leaf, _)| *leaf).collect()))
        }
        Stage::Open | Stage::Quarrel(_) => None,
    }
}

fn claim_channel_stream(judge: &mut Judge, nth: usize, chain: u32, depth: u32, is_forged: bool) {
    let Some(id) = judge.nth(nth) else { return };
    let Some((mut rest, _)) = leaves(judge, id) else { return };
    let Some((stream, paid)) = rest.streams.first().copied() else { return };
    let epoch = if is_forged { stream.epoch + 1 } else { stream.epoch };
    let pulses = Pulses::new(id, epoch, stream.unit, stream.chains, stream.links);
    let units = u64::from(chain * stream.links + depth);
    let expected = !is_forged && units > paid && judge.rest(id).is_some();
    let outcome = pulses.claim(id, chain, depth);
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    if expected {
        rest.streams[0].1 = units;
        judge.decide(id, rest, stream.payee, stream.unit * Balance::from(units - paid));
    }
}

fn progress_channel(judge: &mut Judge, nth: usize, who: usize, is_good: bool) {
    let Some(id) = judge.nth(nth) else { return };
    let (parties, ..) = about(judge, id);
    let Some(Case { stage: Stage::Quarrel(quarrel), .. }) = judge.cases.get_mut(&id) else {
        return;
    };
    let Some((mover, left)) = quarrel.turn() else { return };
    let mut next = quarrel.shown.clone();
    next.version += 1;
    if next.balances[1 - mover] > 0 {
        next.balances[1 - mover] -= 1;
        next.balances[mover] += 1;
    }
    let left = if is_good { left - 1 } else { left };
    next = with_app(next, Tally::data(1 - mover as u8, left));
    let is_time = (quarrel.end..quarrel.end + WINDOW).contains(&now());
    let expected = is_good && is_time && who == mover;
    let outcome = progress(&parties[who], next.clone());
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
    if expected {
        quarrel.shown = next;
        quarrel.end = now() + WINDOW;
        quarrel.has_moved = true;
    }
}

/// Checks that the chain and the simple judge agree about everybody's money.
fn compare(judge: &Judge) {
    check_invariants();
    for (who, money) in &judge.money {
        assert_eq!(Balances::free_balance(who), *money, "{who}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn chain_and_simple_judge_agree(acts in prop::collection::vec(act(), 20..160)) {
        new_test_ext().execute_with(|| {
            let issuance = Balances::total_issuance();
            let mut judge = Judge::default();
            let people = (0..3).map(account).chain([stranger(), tower(), treasury()]);
            judge.money.extend(people.map(|who| (who, ENDOWMENT)));
            for act in acts {
                step(&mut judge, act);
                compare(&judge);
                assert_eq!(Balances::total_issuance(), issuance);
            }

            // However it went, everybody can get out, and nothing stays behind.
            for (id, case) in judge.cases.clone() {
                if matches!(case.stage, Stage::Open) {
                    let richest = case.order.iter().max_by_key(|it| free(&Party::new(**it)));
                    let by = account(*richest.expect("every channel has parties"));
                    assert_ok!(Channels::dispute(
                        RuntimeOrigin::signed(by),
                        case.base,
                        BoundedVec::new()
                    ));
                    // The model forgets this one: only the sum is compared from here on.
                    judge.cases.remove(&id);
                }
            }
            for _ in 0..150 {
                jump_to(now() + 1);
                idle();
            }
            check_invariants();
            assert!(is_forgotten());
            let left: Balance = judge.money.keys().map(Balances::free_balance).sum();
            assert_eq!(left, 6 * ENDOWMENT);
        });
    }
}
