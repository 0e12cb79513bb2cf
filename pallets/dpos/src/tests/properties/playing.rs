// SPDX-License-Identifier: Apache-2.0

//! Every step is taken on the chain and, if the chain took it, in the model.

use super::{CANDIDATES, STAKERS, Step};
use crate::{
    Candidates, CurrentElection, CurrentEra, CurrentSession, Event, SessionEras,
    mock::*,
    offices::{Election, ElectionPhase},
    tests::model::{Candidate, Model, Rules, Standing, Who},
};
use polkadot_sdk::{
    frame_support::{traits::Hooks, weights::WeightMeter},
    sp_runtime::Perbill,
    sp_staking::offence::{OffenceDetails, OnOffenceHandler},
};

/// The commission of one of the candidates; the others take none.
const COMMISSION: Perbill = Perbill::from_percent(10);

/// The model of the chain at the start.
pub fn model() -> Model {
    let rules = Rules {
        bonding: BONDING,
        defer: params().slash_defer_eras,
        jail: params().jail_eras,
        era_blocks: ERA_BLOCKS,
    };
    let mut model = Model {
        rules,
        money: STAKERS.iter().map(|who| (*who, WEALTH)).collect(),
        ..Default::default()
    };
    for who in CANDIDATES {
        model.register(who, SELF_BOND, 0, Default::default());
    }
    model.candidates.get_mut(&2).unwrap().commission = COMMISSION.deconstruct().into();
    Candidates::<Test>::mutate(account(2), |it| it.as_mut().unwrap().commission = COMMISSION);
    model.now = 1;
    note_session();
    model
}

/// Each era has one session, by the same number, so that offences can be reported.
fn note_session() {
    let era = CurrentEra::<Test>::get();
    CurrentSession::<Test>::put(era);
    SessionEras::<Test>::insert(era, era);
}

/// Ends the era.
fn begin_era() {
    next_era();
    note_session();
}

/// One block, with everything that a block does for staking. Returns the slashes that were applied:
/// whose, for which era, and which fraction.
fn block() -> Vec<(Who, u32, Perbill)> {
    let number = System::block_number() + 1;
    System::set_block_number(number);
    System::reset_events();
    Dpos::on_poll(number, &mut WeightMeter::new());
    let slashed = |event| match event {
        RuntimeEvent::Dpos(Event::Slashed { candidate, offence_era, fraction, .. }) => {
            let who = CANDIDATES.into_iter().find(|it| account(*it) == candidate);
            Some((who.expect("only candidates are slashed"), offence_era, fraction))
        }
        _ => None,
    };
    System::events().into_iter().filter_map(|record| slashed(record.event)).collect()
}

/// A block on the chain and in the model. In which order slashes of one era are applied is the
/// chain's business; which are due and what they take is the model's, too.
fn block_of_both(model: &mut Model) {
    let slashed = block();
    model.now += 1;
    for (who, era, fraction) in &slashed {
        assert_eq!(u128::from(fraction.deconstruct()), model.apply(*who, *era));
    }
    let is_full = slashed.len() == 4;
    assert!(is_full || !model.is_slash_due(), "a slash that is due was not applied");
    model.pay();
}

/// An era without work.
pub fn pass_era() {
    begin_era();
    (0..ERA_BLOCKS).for_each(|_| {
        block();
    });
}

/// An election fixes stakes as they are.
fn announce() {
    let id = CurrentElection::<Test>::get().map_or(0, |it| it.id) + 1;
    let snapshot_block = System::block_number();
    CurrentElection::<Test>::put(Election { id, snapshot_block, phase: ElectionPhase::Announced });
}

/// The election is over, and elected nobody.
pub fn decide() {
    CurrentElection::<Test>::mutate(|slot| {
        if let Some(election) = slot {
            election.phase = ElectionPhase::Decided;
        }
    });
}

/// A report of what a candidate did in an era.
fn report(who: Who, era: u32, fraction: Perbill) {
    let details = OffenceDetails { offender: (account(who), ()), reporters: Vec::new() };
    <Dpos as OnOffenceHandler<_, _, _>>::on_offence(&[details], &[fraction], era);
}

/// Notes that the chain let stake come to a candidate, and returns whether it did.
fn took(done: bool, to: Who, model: &Model) -> bool {
    assert!(!done || model.takes_stake(to), "{to} must not take stake");
    done
}

/// Takes a step on the chain, and in the model if the chain took it. Returns whether it did.
pub fn take(step: Step, model: &mut Model) -> bool {
    match step {
        Step::Delegate { who, to, amount, mode } => {
            // Mostly in the mode that is there; the other one is refused, which is tested elsewhere.
            let mode = model.stakes.get(&(who, to)).map_or(mode, |stake| stake.mode);
            let done = Dpos::delegate(signed(account(who)), account(to), amount, mode).is_ok();
            took(done, to, model).then(|| model.delegate(who, to, amount, mode)).is_some()
        }
        Step::SetMode { who, at, mode } => {
            let done = Dpos::set_compound(signed(account(who)), account(at), mode).is_ok();
            done.then(|| model.set_compound(who, at, mode)).is_some()
        }
        Step::Unbond { who, from, amount } => {
            let done = unbond(account(who), account(from), amount).is_ok();
            done.then(|| model.unbond(who, from, amount)).is_some()
        }
        Step::Rebond { who, to, amount } => {
            let done = Dpos::rebond(signed(account(who)), account(to), amount).is_ok();
            took(done, to, model).then(|| model.rebond(who, to, amount)).is_some()
        }
        Step::Redelegate { who, from, to, amount } => {
            let done = redelegate(account(who), account(from), account(to), amount).is_ok();
            took(done, to, model).then(|| model.redelegate(who, from, to, amount)).is_some()
        }
        Step::Withdraw { who } => {
            let done = withdraw(account(who)).is_ok();
            done.then(|| model.withdraw(who)).is_some()
        }
        Step::Claim { who, at } => {
            let done = claim(account(who), account(at)).is_ok();
            done.then(|| model.claim(who, at)).is_some()
        }
        Step::Sync { who, at } => {
            let done = sync(account(who), account(at)).is_ok();
            done.then(|| model.sync(who, at)).is_some()
        }
        Step::Register { who, bond, mode } => register(who, bond, mode, model),
        Step::Leave { who } => {
            let done = Dpos::leave(signed(account(who))).is_ok();
            done.then(|| model.leave(who)).is_some()
        }
        Step::Report { who, ago, parts } => {
            let era = model.era.saturating_sub(ago);
            report(who, era, Perbill::from_parts(parts));
            model.report(who, era, parts.into());
            true
        }
        Step::Cancel { nth } => {
            let waiting = model.waiting();
            let Some((who, era)) = waiting.get(nth % waiting.len().max(1)).copied() else {
                return false;
            };
            Dpos::cancel_slash(RuntimeOrigin::root(), era, account(who)).unwrap();
            model.cancel(who, era);
            true
        }
        Step::Slash { who, ago, parts } => {
            let era = model.era.saturating_sub(ago);
            Dpos::apply_slash(&account(who), era, Perbill::from_parts(parts));
            model.slash(who, era, parts.into());
            true
        }
        Step::Rules { bonding, defer, jail, sessions, min_delegation } => {
            let changed = crate::Params {
                bonding_eras: bonding,
                slash_defer_eras: defer,
                jail_eras: jail,
                sessions_per_era: sessions,
                min_delegation,
                ..params()
            };
            Dpos::set_params(RuntimeOrigin::root(), changed).unwrap();
            model.rules = Rules { bonding, defer, jail, era_blocks: sessions * SESSION_BLOCKS };
            true
        }
        Step::Election => {
            if model.snapshot.is_some() {
                decide();
                model.decide();
            } else {
                announce();
                model.announce();
            }
            true
        }
        Step::Era { points, fees: amount } => {
            for (who, points) in CANDIDATES.into_iter().zip(points).filter(|(_, it)| *it > 0) {
                Dpos::award(&account(who), points);
                model.award(who, points.into());
            }
            if amount > 0 {
                fees(amount);
                model.fees += amount;
            }
            begin_era();
            model.end_era();
            block_of_both(model);
            true
        }
        Step::Blocks(blocks) => {
            (0..blocks).for_each(|_| block_of_both(model));
            true
        }
    }
}

/// Registers a candidate, with as high a commission as it had.
fn register(who: Who, bond: u128, mode: crate::Mode, model: &mut Model) -> bool {
    let known = model.candidates.get(&who).copied();
    let commission =
        known.map_or(COMMISSION, |it: Candidate| Perbill::from_parts(it.commission as u32));
    let may_register = model.may_register(who);
    let done = Dpos::register(signed(account(who)), bond, commission, mode).is_ok();
    assert!(!done || may_register, "{who} must not register: {known:?}");
    if done {
        model.register(who, bond, commission.deconstruct().into(), mode);
        assert_eq!(model.candidates[&who].standing, Standing::Active);
    }
    done
}
