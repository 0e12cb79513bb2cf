// SPDX-License-Identifier: Apache-2.0

use super::world::*;
use crate::{
    Candidates, CurrentEra, Error, OffenceRecords, Pending, Pools, Status, UnappliedSlashes,
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::Perbill,
    sp_staking::offence::{OffenceDetails, OnOffenceHandler},
};

/// A report that these validators offended in this session, by so many percent.
pub fn report(offenders: &[u32], percent: u32, session: u32) {
    let details: Vec<_> = offenders
        .iter()
        .map(|it| OffenceDetails { offender: (account(*it), ()), reporters: Vec::new() })
        .collect();
    let fractions = vec![Perbill::from_percent(percent); details.len()];
    <Dpos as OnOffenceHandler<_, _, _>>::on_offence(&details, &fractions, session);
}

/// All stake with a candidate.
fn staked(candidate: u32) -> u128 {
    Pools::<World>::get(account(candidate)).map_or(0, |pool| pool.total())
}

/// Blocks until this era has begun, and one more.
fn reach(era: u32) {
    while CurrentEra::<World>::get() < era {
        next_era();
    }
    blocks(1);
}

#[test]
fn an_offender_is_jailed_at_once_and_slashed_later() {
    world(params(), &[1_000; 4]).execute_with(|| {
        stake(9_000, 2, 1_000);
        report(&[2], 10, 0);

        // then it is jailed, shut out, and its stake is held
        let status = Candidates::<World>::get(account(2)).map(|it| it.status);
        assert_eq!(status, Some(Status::Jailed { until: 2 }));
        assert_eq!(ShutOuts::take(), [(account(2), Perbill::from_percent(10))]);
        assert!(Pending::<World>::contains_key(account(2)));

        // and shut out again in the next session, which would let it in
        blocks(SESSION);
        assert_eq!(ShutOuts::take(), [(account(2), Perbill::from_percent(10))]);

        // but slashed only in the era in which it is due, and then whoever had stake with it is too
        reach(1);
        assert_eq!(staked(2), 2_000);
        reach(2);
        assert_eq!(staked(2), 1_800);
        assert!(!Pending::<World>::contains_key(account(2)));
        assert!(!seated().contains(&account(2)));
        ShutOuts::take();
        blocks(SESSION);
        assert!(ShutOuts::take().is_empty(), "who is not in office needs not be shut out");
    });
}

#[test]
fn reports_that_add_nothing_change_nothing() {
    world(params(), &[1_000; 4]).execute_with(|| {
        report(&[2], 10, 0);
        report(&[2], 10, 1);
        report(&[2], 5, 0);
        assert_eq!(Pending::<World>::get(account(2)).map(|it| it.count), Some(1));
        reach(2);
        assert_eq!(staked(2), 900);
        // Not even after the slash.
        report(&[2], 10, 0);
        assert!(!Pending::<World>::contains_key(account(2)));
    });
}

#[test]
fn only_the_increase_counts() {
    world(params(), &[1_000; 6]).execute_with(|| {
        // given a report that grows before its slash is applied, as others join in
        report(&[2], 10, 0);
        report(&[2, 3], 20, 0);
        assert_eq!(UnappliedSlashes::<World>::iter().count(), 2);
        reach(2);
        assert_eq!((staked(2), staked(3)), (800, 800));

        // when it grows after that, then what was taken in all is the largest fraction
        report(&[2, 3, 4], 60, 0);
        reach(3);
        assert_eq!((staked(2), staked(3), staked(4)), (400, 400, 400));
        assert_eq!(UnappliedSlashes::<World>::iter().count(), 0);
    });
}

#[test]
fn governance_cancels_a_slash_and_its_repetitions() {
    world(params(), &[1_000; 4]).execute_with(|| {
        report(&[2], 10, 0);
        assert_noop!(
            Dpos::cancel_slash(RuntimeOrigin::root(), 1, account(2)),
            Error::<World>::NoSuchSlash
        );
        assert_ok!(Dpos::cancel_slash(RuntimeOrigin::root(), 0, account(2)));
        report(&[2], 10, 0);
        assert!(!Pending::<World>::contains_key(account(2)));

        // then it can leave the jail at once, and nothing is taken
        assert_ok!(Dpos::unjail(RuntimeOrigin::signed(account(2))));
        reach(3);
        assert_eq!(staked(2), 1_000);
        assert_noop!(
            Dpos::cancel_slash(RuntimeOrigin::root(), 0, account(2)),
            Error::<World>::NoSuchSlash
        );

        // and a worse report counts with what it adds
        report(&[2], 55, 0);
        reach(4);
        assert_eq!(staked(2), 500);
    });
}

#[test]
fn a_late_report_is_applied_before_stake_is_free() {
    world(params(), &[1_000; 4]).execute_with(|| {
        // Stake of era 0 is free in era 4.
        reach(3);
        report(&[2], 10, 0);
        blocks(1);
        assert_eq!(staked(2), 900);
    });
}

#[test]
fn nobody_answers_for_what_is_forgotten() {
    world(params(), &[1_000; 4]).execute_with(|| {
        reach(6);
        report(&[2], 10, 0);
        report(&[2], 10, 1_000);
        assert_eq!(OffenceRecords::<World>::iter().count(), 0);
        assert!(!Pending::<World>::contains_key(account(2)));
    });
}

#[test]
fn many_slashes_are_applied_a_few_with_each_block() {
    world(params(), &[1_000; 6]).execute_with(|| {
        report(&[1, 2, 3, 4, 5], 10, 0);
        while CurrentEra::<World>::get() < 2 {
            blocks(1);
        }
        // Two in the block that begins the era, two with each that follows.
        let left = || UnappliedSlashes::<World>::iter().count();
        assert_eq!(left(), 3);
        blocks(1);
        assert_eq!(left(), 1);
        blocks(1);
        assert_eq!(left(), 0);
        assert!((1..=5).all(|it| staked(it) == 900));
    });
}
