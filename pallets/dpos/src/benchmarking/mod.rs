// SPDX-License-Identifier: Apache-2.0

//! Measures what calls and hooks cost, each in its worst case. The tests run every benchmark once or
//! twice, and check all rules of the pallet afterwards.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `stakes` | stakes as they are dearest to touch |
//! | `sets` | validator sets and elections, as large as they can be |
//!
//! What makes a call dear:
//!
//! - Pools have rewards to release, and an election has begun since they were last written, so that
//!   whoever opens one freezes its stake. Delegations are paid out, so that rewards become owed.
//! - Each departure that a stake refers to has been slashed since the stake was touched last, and its
//!   liability is over by time, so that the chain also looks whether another slash waits. Where the
//!   call keeps parts of the stake apart, one does wait, and the part takes its liabilities along;
//!   elsewhere all are forgotten. Where a delegation may vanish before the call goes on, it does.
//! - Portfolios are full of other stake that is unbonding.
//! - Sets, tallies and lists of offenders are as long as they can be.

mod sets;
mod stakes;

use crate::{
    pallet::{Call, Config, Pallet},
    *,
};
use alloc::vec::Vec;
use millrace_primitives_dpos::{AccountId, Balance, EraIndex, SlotNumber};
use polkadot_sdk::{
    frame_benchmarking::v2::*,
    frame_support::{
        traits::{Get, Hooks, fungible::Mutate},
        weights::WeightMeter,
    },
    frame_system::{self, RawOrigin},
    sp_runtime::{BoundedVec, Perbill},
    sp_staking::offence::{OffenceDetails, OnOffenceHandler},
};
use sets::*;
use stakes::*;

/// What benchmarks need of the runtime.
pub trait BenchmarkHelper {
    /// Gives a validator session keys.
    fn set_keys(validator: &AccountId);

    /// Lets these validators make the blocks of the current session.
    fn begin_session(validators: &[AccountId]);

    /// Puts the current block into this slot of an epoch that began with the slot `start` and has
    /// `length` slots. The session's first validator is its author.
    fn enter_slot(slot: SlotNumber, start: SlotNumber, length: u64);

    /// Makes randomness known that nobody knew before the current block.
    fn learn_randomness();
}

/// The current era: late enough for everything to have happened before.
const NOW: EraIndex = 400;

/// The current session, which is not the first of its era.
const SESSION: u32 = 1_000;

/// The current block.
const BLOCK: BlockNumber = 10_000;

/// Makes an account rich.
fn fund<T: Config>(account: &AccountId) {
    // More than all stakes of one benchmark, with any parameters.
    const PLENTY: Balance = 1_000_000_000_000_000_000_000_000;
    T::Currency::set_balance(account, PLENTY);
}

/// Goes to the era [`NOW`], as if all before had been settled and nobody had worked since.
fn arrive<T: Config>() {
    frame_system::Pallet::<T>::set_block_number(BLOCK.into());
    let set = ActiveSets::<T>::take(CurrentEra::<T>::get());
    ActiveSets::<T>::set(NOW, set);
    let _ = Points::<T>::clear(u32::MAX, None);
    EraPoints::<T>::kill();
    let _ = Liveness::<T>::clear(u32::MAX, None);
    let _ = SessionEras::<T>::clear(u32::MAX, None);
    SessionEras::<T>::insert(SESSION, NOW);
    CurrentEra::<T>::put(NOW);
    SettleCursor::<T>::put(NOW);
    SlashCursor::<T>::put(NOW);
    CurrentSession::<T>::put(SESSION);
    OldestSession::<T>::put(SESSION);
    NextEraSession::<T>::put(SESSION + 100);
    CurrentElection::<T>::kill();
    ElectionTally::<T>::kill();
    NextSet::<T>::kill();
    let params = Parameters::<T>::get();
    Parameters::<T>::put(Params { min_validators: 1, random_seats: 0, ..params });
}

/// A candidate with a pool that is dear to open, and a delegator with all parts that are paid out.
fn backed<T: Config>() -> (AccountId, AccountId) {
    let candidate = candidate::<T>(0, Mode::Compound);
    let delegator = delegator::<T>(&candidate, Mode::Payout);
    pour::<T>(&candidate);
    announce_election::<T>();
    (candidate, delegator)
}

/// As [`backed`], and the delegation answers for so many departures, which have taken all of it.
fn doomed<T: Config>(references: u32) -> (AccountId, AccountId) {
    let (candidate, delegator) = backed::<T>();
    entangle::<T>(DOOMED, (&delegator, &candidate), references, true, |_| Fate::TakesAll);
    fill_portfolio::<T>(&delegator, 0);
    (candidate, delegator)
}

/// The departures that a doomed delegation answers for.
const DOOMED: Origin = Origin("doomed");

/// The departures that a delegation answers for which is not doomed.
const KEPT: Origin = Origin("kept");

/// Parts of a delegation that is unbonded: as many as came from elsewhere, and the rest.
const PARTS: u32 = types::MAX_LOTS + 1;

/// Checks every rule.
fn check<T: Config>() {
    #[cfg(test)]
    Pallet::<T>::do_try_state().expect("the rules hold");
}

/// The delegation, which must be there.
fn delegation<T: Config>(delegator: &AccountId, candidate: &AccountId) -> types::Delegation {
    Delegations::<T>::get(delegator, candidate).expect("it is there")
}

/// How many of an account's parts of stake that are unbonding left this candidate.
fn unbonding_from<T: Config>(who: &AccountId, candidate: &AccountId) -> usize {
    let portfolio = Portfolios::<T>::get(who);
    portfolio.unbonding.iter().filter(|chunk| chunk.candidate == *candidate).count()
}

/// What an account can spend.
fn balance<T: Config>(who: &AccountId) -> Balance {
    use polkadot_sdk::frame_support::traits::fungible::Inspect;
    T::Currency::balance(who)
}

#[benchmarks]
mod benches {
    use super::*;

    #[benchmark]
    fn register() {
        arrive::<T>();
        announce_election::<T>();
        let who: AccountId = account("candidate", 0, 0);
        fund::<T>(&who);
        T::BenchmarkHelper::set_keys(&who);
        fill_portfolio::<T>(&who, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), stake::<T>(), Perbill::zero(), Mode::Payout);

        assert!(Candidates::<T>::contains_key(&who));
        check::<T>();
    }

    #[benchmark]
    fn set_commission() {
        arrive::<T>();
        let who = candidate::<T>(0, Mode::Payout);
        let params = Parameters::<T>::get();
        let raised = params.commission_step.min(params.max_commission);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), raised);

        let found = Candidates::<T>::get(&who).expect("it is there");
        assert_eq!(found.next_commission, Some((raised, NOW + params.commission_cooldown)));
        check::<T>();
    }

    // Blocking and chilling change the same row, and look at nothing else either.
    #[benchmark]
    fn set_cap() {
        arrive::<T>();
        let who = candidate::<T>(0, Mode::Payout);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), Some(1));

        assert_eq!(Candidates::<T>::get(&who).expect("it is there").cap, Some(1));
        check::<T>();
    }

    // Resuming asks the same questions, but for the era.
    #[benchmark]
    fn unjail() {
        arrive::<T>();
        let who = candidate::<T>(0, Mode::Payout);
        pour::<T>(&who);
        Pallet::<T>::jail(&who, NOW);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert_eq!(Candidates::<T>::get(&who).expect("it is there").status, Status::Active);
        check::<T>();
    }

    #[benchmark]
    fn leave(r: Linear<0, { types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let who = candidate::<T>(0, Mode::Payout);
        delegator::<T>(&who, Mode::Compound);
        entangle::<T>(KEPT, (&who, &who), r, false, |_| Fate::IsHeld);
        pour::<T>(&who);
        announce_election::<T>();
        fill_portfolio::<T>(&who, PARTS);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(Candidates::<T>::get(&who).expect("it is there").is_leaving());
        let parts = 1 + r.div_ceil(types::MAX_LIABILITIES);
        assert_eq!(unbonding_from::<T>(&who, &who), parts as usize);
        check::<T>();
    }

    // A candidate's own stake grows in the same way.
    #[benchmark]
    fn delegate(r: Linear<1, { types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let (candidate, delegator) = doomed::<T>(r);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), candidate.clone(), stake::<T>(), Mode::Payout);

        let delegation = delegation::<T>(&delegator, &candidate);
        assert!(delegation.lots.is_empty() && delegation.shares == stake::<T>());
        check::<T>();
    }

    #[benchmark]
    fn set_compound(r: Linear<0, { types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let (candidate, delegator) = backed::<T>();
        entangle::<T>(KEPT, (&delegator, &candidate), r, false, |_| Fate::Ends);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), candidate.clone(), Mode::Compound);

        let delegation = delegation::<T>(&delegator, &candidate);
        assert!(delegation.lots.is_empty() && delegation.mode == Mode::Compound);
        check::<T>();
    }

    #[benchmark]
    fn unbond(r: Linear<0, { types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let (candidate, delegator) = backed::<T>();
        entangle::<T>(KEPT, (&delegator, &candidate), r, false, |_| Fate::IsHeld);
        fill_portfolio::<T>(&delegator, PARTS);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), candidate.clone(), Balance::MAX);

        assert!(!Delegations::<T>::contains_key(&delegator, &candidate));
        let parts = 1 + r.div_ceil(types::MAX_LIABILITIES);
        assert_eq!(unbonding_from::<T>(&delegator, &candidate), parts as usize);
        check::<T>();
    }

    // Of six references, one is the delegation's; the others are those of a part that is unbonding.
    // As many parts as a delegation can hold keep their liabilities.
    #[benchmark]
    fn rebond(
        r: Linear<2, { types::MAX_UNBONDING_REFERENCES + types::MAX_DELEGATION_REFERENCES }>,
    ) {
        arrive::<T>();
        let settled = r.div_ceil(types::MAX_LIABILITIES + 2);
        let (candidate, delegator) = backed::<T>();
        entangle::<T>(DOOMED, (&delegator, &candidate), settled, true, |_| Fate::TakesAll);
        let each_lot = types::MAX_UNBONDING / types::MAX_LOTS;
        unbonding::<T>(&delegator, Some(&candidate), r - settled, |part| {
            if part % each_lot == 0 { Fate::IsHeld } else { Fate::Ends }
        });
        fill_portfolio::<T>(&delegator, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), candidate.clone(), Balance::MAX);

        assert!(delegation::<T>(&delegator, &candidate).shares > 0);
        assert_eq!(unbonding_from::<T>(&delegator, &candidate), 0);
        check::<T>();
    }

    // All stake in the delegation that it leaves came from elsewhere, and of each part's liabilities
    // one ends, so that there is room for the new one; the other delegation makes room for all parts.
    #[benchmark]
    fn redelegate(r: Linear<1, { 2 * types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let (from, delegator) = backed::<T>();
        let to = candidate::<T>(1, Mode::Compound);
        add_delegation::<T>(&delegator, &to, Mode::Payout);
        pour::<T>(&to);
        entangle::<T>(KEPT, (&delegator, &from), r / 2, true, |number| {
            if number % types::MAX_LIABILITIES == 0 { Fate::Ends } else { Fate::IsHeld }
        });
        entangle::<T>(DOOMED, (&delegator, &to), r.div_ceil(2), true, |_| Fate::TakesAll);
        announce_election::<T>();
        fill_portfolio::<T>(&delegator, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), from.clone(), to.clone(), Balance::MAX);

        assert!(!Delegations::<T>::contains_key(&delegator, &from));
        let moved = delegation::<T>(&delegator, &to);
        assert!(moved.lots.iter().all(|lot| lot.liabilities.iter().any(|it| it.source == from)));
        check::<T>();
    }

    // Whoever withdraws is also a candidate that had given up, of whom nothing is left then.
    #[benchmark]
    fn withdraw(r: Linear<1, { types::MAX_UNBONDING_REFERENCES }>) {
        arrive::<T>();
        let who: AccountId = account("delegator", 0, 0);
        fund::<T>(&who);
        Candidates::<T>::insert(&who, bare_candidate(Status::Leaving { since: LONG_AGO }));
        unbonding::<T>(&who, None, r, |_| Fate::Ends);
        fill_portfolio::<T>(&who, 0);
        let before = balance::<T>(&who);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(balance::<T>(&who) > before);
        assert!(!Candidates::<T>::contains_key(&who));
        check::<T>();
    }

    #[benchmark]
    fn claim(r: Linear<1, { types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let (candidate, delegator) = doomed::<T>(r);
        let before = balance::<T>(&delegator);

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), candidate.clone());

        assert!(balance::<T>(&delegator) > before);
        assert!(!Delegations::<T>::contains_key(&delegator, &candidate));
        check::<T>();
    }

    // The delegation was the last with a candidate that had given up.
    #[benchmark]
    fn sync(r: Linear<1, { types::MAX_DELEGATION_REFERENCES }>) {
        arrive::<T>();
        let (candidate, delegator) = doomed::<T>(r);
        Pallet::<T>::do_leave(candidate.clone()).expect("it is a candidate");
        Candidates::<T>::insert(&candidate, bare_candidate(Status::Leaving { since: LONG_AGO }));
        pour::<T>(&candidate);
        announce_election::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(delegator.clone()), delegator.clone(), candidate.clone());

        assert!(!Delegations::<T>::contains_key(&delegator, &candidate));
        assert!(!Candidates::<T>::contains_key(&candidate));
        check::<T>();
    }

    #[benchmark]
    fn set_params() {
        arrive::<T>();
        let params = Params { leverage: 7, ..Parameters::<T>::get() };

        #[extrinsic_call]
        _(RawOrigin::Root, params);

        assert_eq!(Parameters::<T>::get(), params);
        check::<T>();
    }

    #[benchmark]
    fn set_invulnerables() {
        arrive::<T>();
        let all = BoundedVec::truncate_from(accounts("invulnerable", T::MaxInvulnerables::get()));

        #[extrinsic_call]
        _(RawOrigin::Root, all.clone());

        assert_eq!(Invulnerables::<T>::get(), all);
        check::<T>();
    }

    #[benchmark]
    fn cancel_slash() {
        arrive::<T>();
        let who = candidate::<T>(0, Mode::Payout);
        await_slash::<T>(&who, NOW, NOW + 1, Perbill::from_percent(10));
        Pallet::<T>::jail(&who, NOW + 100);
        fill_offenders::<T>(T::MaxValidators::get());

        #[extrinsic_call]
        _(RawOrigin::Root, NOW, who.clone());

        assert!(!Pending::<T>::contains_key(&who));
        let status = Candidates::<T>::get(&who).expect("it is there").status;
        assert_eq!(status, Status::Jailed { until: NOW });
        check::<T>();
    }

    #[benchmark]
    fn force_new_era() {
        arrive::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root);

        assert_eq!(NextEraSession::<T>::get(), SESSION + seating::ELECTION_SESSIONS);
        assert!(CurrentElection::<T>::exists());
        check::<T>();
    }

    // The offender is in office beside as many who are shut out as can be, for lesser offences.
    #[benchmark]
    fn note_offence() {
        arrive::<T>();
        let members = seat::<T>(T::MaxValidators::get());
        let offender = members.last().cloned().expect("there are validators");
        enrol::<T>(&offender, Mode::Payout);
        for other in members.iter().filter(|it| **it != offender) {
            T::ShutOut::shut_out(other, Perbill::from_percent(1));
        }
        fill_offenders::<T>(T::MaxValidators::get() - 1);
        SlashCursor::<T>::put(NOW + 100);
        let details = OffenceDetails { offender: (offender.clone(), ()), reporters: Vec::new() };

        #[block]
        {
            Pallet::<T>::on_offence(&[details], &[Perbill::from_percent(10)], SESSION);
        }

        assert!(OffenceRecords::<T>::contains_key(NOW, &offender));
        assert!(Pending::<T>::contains_key(&offender));
        assert_eq!(Offenders::<T>::get().len() as u32, T::MaxValidators::get());
        check::<T>();
    }

    // It takes everything, which ends a generation of shares and leaves rewards to nobody.
    #[benchmark]
    fn apply_slash(e: Linear<1, { params::MAX_BONDING_ERAS + 1 }>) {
        arrive::<T>();
        let (candidate, _) = backed::<T>();
        for era in 0..e {
            let who: AccountId = account("leaver", era / types::MAX_UNBONDING, 0);
            depart::<T>(&who, &candidate, NOW - era, NOW + 1, Default::default());
        }
        await_slash::<T>(&candidate, NOW + 1 - e, NOW, Perbill::one());

        #[block]
        {
            Pallet::<T>::apply_due_slashes(&mut WeightMeter::new());
        }

        assert!(!Pending::<T>::contains_key(&candidate));
        assert_eq!(EndedGenerations::<T>::iter_prefix(&candidate).count(), 1);
        for era in 0..e {
            let row = Departed::<T>::get(&candidate, NOW - era).expect("somebody refers to it");
            assert_eq!((row.unbonding.tokens, row.factor.generation), (0, 1));
        }
        check::<T>();
    }

    #[benchmark]
    fn slash_nobody() {
        arrive::<T>();
        SlashCursor::<T>::put(LONG_AGO);

        #[block]
        {
            Pallet::<T>::apply_due_slashes(&mut WeightMeter::new());
        }

        assert_eq!(SlashCursor::<T>::get(), LONG_AGO + offending::MAX_EMPTY_ERAS);
        check::<T>();
    }

    #[benchmark]
    fn pay_nothing() {
        arrive::<T>();

        #[block]
        {
            Pallet::<T>::pay_some(&mut WeightMeter::new());
        }

        assert_eq!(SettleCursor::<T>::get(), NOW);
        check::<T>();
    }

    #[benchmark]
    fn pay_validator() {
        arrive::<T>();
        let era = NOW - 1;
        let (validator, _) = backed::<T>();
        Candidates::<T>::mutate(&validator, |slot| {
            slot.as_mut().expect("it is there").commission = Perbill::from_percent(10);
        });
        let budget = Pallet::<T>::mint(1_000_000_000_000);
        Points::<T>::insert(era, &validator, 20);
        Paydays::<T>::insert(era, types::Payday { budget, points: 40, left: budget });
        SettleCursor::<T>::put(era);

        #[block]
        {
            Pallet::<T>::pay_one(era);
        }

        assert_eq!(Owed::<T>::get(&validator), budget / 20);
        assert_eq!(Paydays::<T>::get(era).expect("half of it is left").left, budget / 2);
        check::<T>();
    }

    #[benchmark]
    fn elect_nobody() {
        arrive::<T>();

        #[block]
        {
            Pallet::<T>::advance_election(&mut WeightMeter::new());
        }

        assert!(!CurrentElection::<T>::exists());
        check::<T>();
    }

    #[benchmark]
    fn begin_count() {
        arrive::<T>();
        seat::<T>(T::MaxValidators::get());
        announce_election::<T>();
        frame_system::Pallet::<T>::set_block_number((BLOCK + 1).into());
        T::BenchmarkHelper::learn_randomness();

        #[block]
        {
            Pallet::<T>::advance_election(&mut WeightMeter::new());
        }

        assert!(ElectionTally::<T>::exists());
        check::<T>();
    }

    // Those counted are in office, and better than all others: each goes to the head of its lists.
    #[benchmark]
    fn count(c: Linear<1, { T::ScanPerBlock::get() }>) {
        arrive::<T>();
        for member in accounts(VALIDATOR, T::MaxValidators::get()).iter().take(c as usize) {
            enrol::<T>(member, Mode::Payout);
            pour::<T>(member);
        }
        let election = counting::<T>();
        let before = ElectionTally::<T>::get().expect("it is counting").contenders();

        #[block]
        {
            let (scan, tally) = Pallet::<T>::scan(&election, c).expect("it is counting");
            let last = scan.last.expect("there is a candidate");
            Pallet::<T>::pause(election, last, tally);
        }

        let after = ElectionTally::<T>::get().expect("it is counting").contenders();
        assert_eq!(after, before + c);
        check::<T>();
    }

    #[benchmark]
    fn decide() {
        arrive::<T>();
        let election = counting::<T>();
        let tally = ElectionTally::<T>::get().expect("it is counting");

        #[block]
        {
            Pallet::<T>::decide(election, tally);
        }

        let elected = NextSet::<T>::get().expect("a set was elected");
        assert_eq!(elected.len() as u32, T::MaxValidators::get());
        check::<T>();
    }

    // What the block's end does is weighed at its beginning.
    #[benchmark]
    fn count_slots(s: Linear<0, { liveness::MAX_SKIPPED }>) {
        arrive::<T>();
        let members = seat::<T>(T::MaxValidators::get());
        let (blamed, slot) = skip_slots::<T>(s);

        #[block]
        {
            Pallet::<T>::on_initialize(BLOCK.into());
            Pallet::<T>::on_finalize(BLOCK.into());
        }

        assert_eq!(AbsentJailed::<T>::get(), blamed);
        assert_eq!(LastSlot::<T>::get(), Some(slot));
        assert_eq!(Points::<T>::get(NOW, &members[0]), AUTHOR_POINTS);
        check::<T>();
    }

    // Each offender is worse than those before, who make room where too many are shut out. Sessions
    // are forgotten, and an election is announced.
    #[benchmark]
    fn begin_session(o: Linear<0, { T::MaxValidators::get() }>) {
        arrive::<T>();
        let members = seat::<T>(T::MaxValidators::get());
        let offenders = members.into_iter().take(o as usize).zip(1u32..);
        Offenders::<T>::put(BoundedVec::truncate_from(
            offenders.map(|(account, rank)| (account, Perbill::from_parts(rank))).collect(),
        ));
        let forgotten = NOW - 1 - params::MAX_BONDING_ERAS;
        for session in SESSION - seating::FORGOTTEN_SESSIONS..SESSION {
            SessionEras::<T>::insert(session, forgotten);
        }
        OldestSession::<T>::put(SESSION - seating::FORGOTTEN_SESSIONS);
        NextEraSession::<T>::put(SESSION + 1 + seating::ELECTION_SESSIONS);

        #[block]
        {
            Pallet::<T>::begin_session(SESSION + 1);
        }

        assert_eq!(OldestSession::<T>::get(), SESSION);
        assert!(CurrentElection::<T>::exists());
        check::<T>();
    }

    #[benchmark]
    fn forget_offences(o: Linear<0, { T::MaxValidators::get() }>) {
        arrive::<T>();
        for offender in accounts("offender", o) {
            OffenceRecords::<T>::insert(LONG_AGO, offender, offices::OffenceRecord::default());
        }

        #[block]
        {
            Pallet::<T>::forget_offences(LONG_AGO);
        }

        assert!(OffenceRecords::<T>::iter_prefix(LONG_AGO).next().is_none());
        check::<T>();
    }

    #[benchmark]
    fn rotate_era(v: Linear<1, { T::MaxValidators::get() }>) {
        arrive::<T>();
        let members = seat::<T>(v);
        for member in &members {
            Liveness::<T>::insert(member, offices::Attendance { made: 1, missed: 1 });
        }
        // The next set is known, and the oldest is forgotten.
        for era in NOW + 1 - T::HistoryEras::get()..=NOW + 1 {
            seat_for::<T>(era, &members);
        }
        let fees = Pallet::<T>::mint(1_000_000_000_000);
        EraFees::<T>::put(fees);
        Pallet::<T>::leave_over(Pallet::<T>::mint(1_000_000));
        Pallet::<T>::award(&members[0], 20);
        AbsentJailed::<T>::put(1);
        fill_offenders::<T>(T::MaxValidators::get());
        let session = SESSION + 1;
        SessionEras::<T>::insert(session, NOW + 1);
        CurrentSession::<T>::put(session);

        #[block]
        {
            Pallet::<T>::rotate_era(session);
        }

        assert_eq!(CurrentEra::<T>::get(), NOW + 1);
        assert!(Paydays::<T>::get(NOW).expect("somebody worked").budget > fees);
        assert!(Liveness::<T>::iter().next().is_none());
        assert!(Offenders::<T>::get().is_empty());
        check::<T>();
    }

    #[benchmark]
    fn plan_session(v: Linear<1, { T::MaxValidators::get() }>) {
        arrive::<T>();
        let members = seat::<T>(v);
        members.iter().for_each(T::BenchmarkHelper::set_keys);
        let planned;

        #[block]
        {
            planned = Pallet::<T>::plan_session(SESSION + 2);
        }

        assert_eq!(planned, members);
        check::<T>();
    }

    #[benchmark]
    fn seat_next(v: Linear<1, { T::MaxValidators::get() }>) {
        arrive::<T>();
        seat::<T>(T::MaxValidators::get());
        let elected = accounts("elected", v);
        for member in &elected {
            Candidates::<T>::insert(member, bare_candidate(Status::Active));
            T::BenchmarkHelper::set_keys(member);
        }
        CurrentElection::<T>::put(offices::Election {
            id: 9,
            snapshot_block: BLOCK,
            phase: offices::ElectionPhase::Decided,
        });
        NextSet::<T>::put(seats(&elected));

        #[block]
        {
            Pallet::<T>::seat_next(NOW + 1);
        }

        assert_eq!(Pallet::<T>::seats_of(NOW + 1), seats(&elected));
        check::<T>();
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::tests::office::world::benchmark_chain(),
        crate::tests::office::world::World
    );
}
