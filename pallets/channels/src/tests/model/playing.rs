// SPDX-License-Identifier: Apache-2.0

//! Every act is tried on the chain and on the simple judge.

use super::{
    acts::{Act, Shape},
    judge::{Case, Judge, Quarrel, Rest, Stage, account},
    states::{about, build, signatures},
};
use crate::mock::*;
use millrace_primitives_channels::{
    Balance, ChannelId, Resize, Transfer, channel_id, transfer as trees,
};
use polkadot_sdk::{
    frame_support::{assert_ok, traits::Hooks, weights::Weight},
    sp_runtime::BoundedVec,
};

/// Gives the chain idle time until everything due is done.
pub fn idle() {
    loop {
        Channels::on_idle(now(), Weight::MAX);
        let is_behind =
            crate::NextDue::<Test>::get() <= now() || crate::NextToForget::<Test>::get() < now();
        if !is_behind {
            break;
        }
    }
}

/// Tries `act` on the chain and on the model, and compares what they say.
pub fn step(judge: &mut Judge, act: Act) {
    match act {
        Act::Open { size, nonce, deposits } => open(judge, size, nonce, deposits),
        Act::Settle { nth, shape, by } => settle_channel(judge, nth, shape, by),
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

/// Numbers of the first `size` parties in ascending order of their accounts.
fn order(size: u8) -> Vec<u8> {
    let mut numbers: Vec<u8> = (0..size).collect();
    numbers.sort_by_key(|it| Party::new(*it).account());
    numbers
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
    let are_affordable = order
        .iter()
        .zip(deposits)
        .all(|(it, amount)| judge.can_spare(&account(*it), *amount + ANCHOR));
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

fn settle_channel(judge: &mut Judge, nth: usize, mut shape: Shape, by: Option<u8>) {
    let Some(id) = judge.nth(nth) else { return };
    let (parties, size, total) = about(judge, id);
    let shown = build(judge, id, size, total, &shape);
    let mut signatures = signatures(&parties, &shown, &shape);
    let mut origin = anybody();
    if let Some(by) = by.map(usize::from).filter(|by| *by < size) {
        signatures.remove(by);
        origin = parties[by].origin();
        // Bad signatures are the first one's in place of all, so that one itself is good.
        shape.is_signed |= size == 2 && by == 1;
    }
    let expected = judge.settle(id, &shown, &shape);
    let outcome = Channels::settle(origin, shown, signatures);
    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
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
pub fn compare(judge: &Judge) {
    check_invariants();
    for (who, money) in &judge.money {
        assert_eq!(free_of(who), *money, "{who}");
    }
}
