// SPDX-License-Identifier: Apache-2.0

//! What somebody would try who wants an office without answering for it, and what is left when nobody
//! wants one.

use super::{offending::report, world::*};
use crate::{
    Candidates, CurrentElection, CurrentEra, Error, OffenceRecords, Params, Pools, Portfolios,
    Remainder, UnappliedSlashes,
    offices::{ElectionPhase, PostponeReason},
};
use millrace_primitives_dpos::Balance;
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::fungible::Inspect},
    sp_runtime::DispatchError,
};

fn signed(who: u32) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(who))
}

/// Blocks until an election has fixed the stakes that count.
fn until_announced() {
    let phase = || CurrentElection::<World>::get().map(|it| it.phase);
    while phase() != Some(ElectionPhase::Announced) {
        blocks(1);
    }
}

/// What the account has outside the pot.
fn money(who: u32) -> Balance {
    Balances::balance(&account(who))
}

#[test]
fn snapshot_sniping_does_not_escape_the_slash_of_the_era_it_elected() {
    world(Params { sessions_per_era: 5, ..params() }, &[1_000; 6]).execute_with(|| {
        // given somebody who leaves before stakes are fixed, and two who come for that moment
        stake(4, 2, 500);
        assert_ok!(Dpos::unbond(signed(4), account(2), Balance::MAX));
        stake(9_000, 2, 6_000);
        stake(5, 2, 600);
        until_announced();

        // when they go right after it, back or to another candidate
        assert_ok!(Dpos::unbond(signed(9_000), account(2), Balance::MAX));
        assert_ok!(Dpos::redelegate(signed(5), account(2), account(3), Balance::MAX));
        assert_eq!(CurrentEra::<World>::get(), 0);
        let chunk = Portfolios::<World>::get(account(9_000)).unbonding[0].clone();
        assert_eq!((chunk.era, chunk.release_era), (1, 5));

        // and the candidate offends in the era for which their stake elected it
        next_era();
        let total = set().seats.iter().find(|seat| seat.account == account(2)).map(|it| it.total);
        assert_eq!(total, Some(7_600));
        report(&[2], 50, 5);
        assert_eq!(UnappliedSlashes::<World>::iter().count(), 1);
        (0..5).for_each(|_| next_era());

        // then both have lost their half, and who left before it nothing
        for who in [4, 9_000] {
            assert_ok!(Dpos::withdraw(signed(who)));
        }
        assert_eq!(money(4), WEALTH - 1_000);
        assert_eq!(money(9_000), WEALTH - 3_000);
        let moved = Dpos::view_delegator(&account(5)).delegations;
        let with_third = moved.iter().find(|it| it.candidate == account(3)).map(|it| it.stake);
        assert_eq!(with_third, Some(300));
    });
}

#[test]
fn stake_of_a_candidate_cannot_be_taken_back_between_the_count_and_the_office() {
    world(Params { sessions_per_era: 5, ..params() }, &[50_000; 4]).execute_with(|| {
        // given a candidate that takes most of its own stake back once it has been counted
        until_announced();
        assert_ok!(Dpos::unbond(signed(2), account(2), 49_900));
        next_era();
        assert!(seated().contains(&account(2)));

        // when it offends in office, then all that elected it is slashed
        report(&[2], 100, 5);
        (0..5).for_each(|_| next_era());
        assert_ok!(Dpos::withdraw(signed(2)));
        assert_eq!(money(2), WEALTH - 50_000);
    });
}

#[test]
fn all_candidates_leaving_keeps_those_in_office_and_pays_everybody_back() {
    three().execute_with(|| {
        stake(9_000, 2, 500);
        next_era();

        // when all give up
        for candidate in 1..=3 {
            assert_ok!(Dpos::leave(signed(candidate)));
        }
        next_era();
        next_era();

        // then they stay in office, era after era, and blocks go on
        assert_eq!(postponed().last(), Some(&PostponeReason::NoCandidates));
        (0..5).for_each(|_| next_era());
        assert_eq!(InOffice::get(), accounts([1, 2, 3]));
        assert_eq!(seated(), accounts([1, 2, 3]));

        // and all stake comes back; what is earned meanwhile waits for those who will come
        let before = Remainder::<World>::get();
        assert_ok!(Dpos::unbond(signed(9_000), account(2), Balance::MAX));
        (0..5).for_each(|_| next_era());
        for who in [1, 2, 3, 9_000] {
            assert_ok!(Dpos::withdraw(signed(who)));
            let _ = Dpos::claim(signed(who), account(2));
            assert!(money(who) >= WEALTH);
        }
        let _ = Dpos::sync(signed(9_000), account(9_000), account(2));
        assert_eq!(Pools::<World>::iter().count(), 0);
        assert_eq!(Candidates::<World>::iter().count(), 0);
        next_era();
        blocks(2);
        assert!(Remainder::<World>::get() > before);

        // when one comes back, then it is too few to take over; when two do, they hold office alone
        let register = |who| {
            assert_ok!(Dpos::register(signed(who), 1_000, Default::default(), Default::default()));
        };
        register(1);
        next_era();
        next_era();
        assert_eq!(postponed().last(), Some(&PostponeReason::TooFew { found: 1, least: 2 }));
        register(2);
        next_era();
        next_era();
        assert_eq!(seated(), accounts([1, 2]));
    });
}

#[test]
fn shortening_the_time_of_unbonding_lets_no_slash_that_waits_escape() {
    let long = Params { bonding_eras: 8, slash_defer_eras: 6, ..params() };
    world(long, &[1_000; 4]).execute_with(|| {
        // given slashes that wait for six eras
        report(&[2, 3], 10, 0);
        // when governance shortens everything
        let short = Params { bonding_eras: 2, slash_defer_eras: 1, ..params() };
        assert_ok!(Dpos::set_params(RuntimeOrigin::root(), short));
        assert_noop!(Dpos::set_params(signed(1), short), DispatchError::BadOrigin);

        // then they still wait, long after offences of their era have been forgotten
        (0..4).for_each(|_| next_era());
        assert_eq!(OffenceRecords::<World>::iter().count(), 2);
        // one can still be cancelled
        assert_ok!(Dpos::cancel_slash(RuntimeOrigin::root(), 0, account(3)));
        // and the other comes about
        (0..2).for_each(|_| next_era());
        blocks(1);
        let stake = |who| Pools::<World>::get(account(who)).map(|it| it.payout.tokens);
        assert_eq!((stake(2), stake(3)), (Some(900), Some(1_000)));
        assert_eq!(OffenceRecords::<World>::iter().count(), 0);
        assert_noop!(
            Dpos::cancel_slash(RuntimeOrigin::root(), 0, account(2)),
            Error::<World>::NoSuchSlash
        );
    });
}
