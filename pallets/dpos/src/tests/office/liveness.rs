// SPDX-License-Identifier: Apache-2.0

use super::world::*;
use crate::{
    AbsentJailed, Candidates, Liveness, Params, Points, Status,
    liveness::{MAX_SKIPPED, Slots},
    offices::Attendance,
};
use millrace_primitives_dpos::AccountId;
use polkadot_sdk::sp_runtime::Perbill;

/// What a validator did.
fn attendance(who: &AccountId) -> Attendance {
    Liveness::<World>::get(who)
}

/// The secondary author of a slot of the current epoch.
fn author(slot: u64) -> AccountId {
    <World as Slots>::epoch().secondary_author(slot).cloned().expect("there are validators")
}

#[test]
fn skipped_slots_are_missed_by_those_whose_they_were() {
    three().execute_with(|| {
        // when three slots are skipped
        let skipped: Vec<AccountId> = (1..=3).map(|it| author(FIRST_SLOT + it)).collect();
        block_in(FIRST_SLOT + 4);

        // then each of their authors missed as many as were its own, and nobody else any
        for who in accounts([1, 2, 3]) {
            let own = skipped.iter().filter(|it| **it == who).count();
            assert_eq!(attendance(&who).missed as usize, own);
        }
    });
}

#[test]
fn blocks_earn_points_and_count_as_made() {
    three().execute_with(|| {
        blocks(5);
        let made: u32 = accounts([1, 2, 3]).iter().map(|it| attendance(it).made).sum();
        assert_eq!(made, 6);
        let points: u32 = accounts([1, 2, 3]).iter().map(|it| Points::<World>::get(0, it)).sum();
        assert_eq!(points, 6 * crate::AUTHOR_POINTS);
    });
}

#[test]
fn slots_around_the_end_of_a_session_belong_to_the_session_in_which_they_lie() {
    world(Params { max_validators: 3, ..params() }, &[200, 200, 200, 100]).execute_with(|| {
        // given that one validator replaces another with the next era
        stake(9_000, 4, 5_000);
        next_era();
        blocks(ERA - 3);
        let (old, new) = (InOffice::get(), Queued::get());
        assert_ne!(old, new);
        assert_eq!(Slot::get(), EpochStart::get() + SESSION - 3);

        // when the last two slots of the session and the first two of the next are skipped
        let first = EpochStart::get() + SESSION;
        block_in(first + 2);
        let expected = [0, 1].map(|it| author(first + it));

        // then those of the new era are on its validators, with the new order of authorities
        assert_eq!(InOffice::get(), new);
        for who in &new {
            let own = expected.iter().filter(|it| *it == who).count();
            assert_eq!(attendance(who).missed as usize, own, "{who}");
        }
    });
}

#[test]
fn slots_of_two_sessions_are_counted_once_each() {
    three().execute_with(|| {
        blocks(7);
        let skipped = [8, 9, 10, 11].map(|it| author(FIRST_SLOT + it));
        block_in(FIRST_SLOT + 12);
        for who in accounts([1, 2, 3]) {
            let own = skipped.iter().filter(|it| **it == who).count();
            assert_eq!(attendance(&who).missed as usize, own, "{who}");
        }
    });
}

#[test]
fn an_outage_is_nobodys_fault() {
    three().execute_with(|| {
        block_in(FIRST_SLOT + u64::from(MAX_SKIPPED) + 2);
        assert!(accounts([1, 2, 3]).iter().all(|it| attendance(it).missed == 0));
    });
}

/// Blocks of an era in which nobody of these makes one.
fn era_without(absent: &[AccountId], slots: u64) {
    let mut slot = Slot::get();
    for _ in 0..slots {
        slot += 1;
        let author = if slot < EpochStart::get() + SESSION {
            author(slot)
        } else {
            // Nobody is absent in a session's first slot, so that it begins in time.
            account(0)
        };
        if !absent.contains(&author) {
            block_in(slot);
        }
    }
}

#[test]
fn who_is_absent_is_jailed_and_not_elected_again() {
    let long = Params { sessions_per_era: 20, min_validators: 4, ..params() };
    world(long, &[1_000; 4]).execute_with(|| {
        era_without(&accounts([2]), 190);
        let jailed = Candidates::<World>::get(account(2)).map(|it| it.status);
        assert_eq!(jailed, Some(Status::Jailed { until: 2 }));
        assert_eq!(seated(), accounts([1, 2, 3, 4]));
        next_era();
        assert_eq!(seated(), accounts([1, 3, 4]));
    });
}

#[test]
fn less_than_a_third_is_jailed_at_once() {
    let long = Params { sessions_per_era: 50, min_validators: 1, ..params() };
    world(long, &[1_000; 4]).execute_with(|| {
        era_without(&accounts([2, 3]), 400);
        let missed = accounts([2, 3]).iter().map(|it| attendance(it).missed).min();
        assert!(missed > Some(25), "both are absent long enough");
        let is_jailed = |who: &AccountId| {
            matches!(Candidates::<World>::get(who).map(|it| it.status), Some(Status::Jailed { .. }))
        };
        assert_eq!(accounts([1, 2, 3, 4]).iter().filter(|it| is_jailed(it)).count(), 1);
        assert_eq!(AbsentJailed::<World>::get(), 1);
    });
}

#[test]
fn more_than_a_third_offline_are_jailed_one_an_era_and_the_others_stay_in_office() {
    let long = Params { sessions_per_era: 40, jail_eras: 9, ..params() };
    world(long, &[1_000; 6]).execute_with(|| {
        let is_jailed = |who: &AccountId| {
            matches!(Candidates::<World>::get(who).map(|it| it.status), Some(Status::Jailed { .. }))
        };
        for era in 1..4 {
            // when half of the validators make no block for a whole era
            era_without(&accounts([4, 5, 6]), 400);
            // then less than a third is jailed, and only of those who are absent
            let jailed = accounts([1, 2, 3, 4, 5, 6]).into_iter().filter(is_jailed);
            let jailed: Vec<AccountId> = jailed.collect();
            assert!(jailed.len() <= era, "{} in era {era}", jailed.len());
            assert!(jailed.iter().all(|it| accounts([4, 5, 6]).contains(it)));
            // and those who are there are elected again
            assert!(seated().starts_with(&accounts([1, 2, 3])));
        }
        assert!(accounts([4, 5, 6]).iter().any(is_jailed));
    });
}

#[test]
fn three_validators_cannot_do_without_one() {
    let long = Params { sessions_per_era: 50, ..params() };
    world(long, &[1_000; 3]).execute_with(|| {
        era_without(&accounts([2]), 200);
        assert!(attendance(&account(2)).missed > 25);
        assert_eq!(AbsentJailed::<World>::get(), 0);
    });
}

#[test]
fn absence_needs_enough_slots_and_more_than_the_limit() {
    let half = Perbill::from_percent(50);
    let is_absent = |made, missed| Attendance { made, missed }.is_absent(half);
    assert!(!is_absent(0, 24));
    assert!(is_absent(0, 25));
    assert!(!is_absent(13, 13));
    assert!(is_absent(13, 14));
}
