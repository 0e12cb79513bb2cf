// SPDX-License-Identifier: Apache-2.0

use super::world::*;
use crate::{ActiveSets, CurrentEra, NextEraSession, Params, SeatCount, SessionEras};
use codec::Encode;
use polkadot_sdk::{
    frame_support::{assert_noop, dispatch::DispatchClass, traits::Get},
    frame_system::{self, limits::BlockWeights},
    sp_io::hashing::blake2_256,
    sp_runtime::DispatchError,
};

#[test]
fn an_era_lasts_as_many_sessions_as_governance_says() {
    world(Params { sessions_per_era: 5, ..params() }, &[1_000; 3]).execute_with(|| {
        blocks(5 * SESSION - 1);
        assert_eq!((CurrentEra::<World>::get(), SessionNow::get()), (0, 4));
        blocks(1);
        assert_eq!((CurrentEra::<World>::get(), SessionNow::get()), (1, 5));
        assert_eq!(SessionEras::<World>::get(4), Some(0));
        assert_eq!(SessionEras::<World>::get(5), Some(1));
    });
}

#[test]
fn versions_rise_by_one_and_the_hash_covers_the_set() {
    three().execute_with(|| {
        for version in 0..5 {
            let set = set();
            assert_eq!(set.version, version);
            let bytes = (set.version, &set.seats).encode();
            assert_eq!(set.hash.as_bytes(), blake2_256(&bytes));
            next_era();
        }
    });
}

#[test]
fn a_set_that_stays_keeps_its_version() {
    three().execute_with(|| {
        (1..=3).for_each(chill);
        let before = set();
        next_era();
        assert_eq!(set(), before);
    });
}

#[test]
fn old_sets_and_sessions_are_forgotten() {
    three().execute_with(|| {
        for _ in 0..12 {
            next_era();
        }
        let era = CurrentEra::<World>::get();
        // Four eras of history, and the next set if it is known.
        assert!(ActiveSets::<World>::iter_keys().all(|it| it + 4 > era));
        assert!(ActiveSets::<World>::contains_key(era - 3));
        // Sessions of as many eras as stake answers for its candidate.
        assert!(SessionEras::<World>::iter_values().all(|it| it + 4 >= era));
        assert_eq!(SessionEras::<World>::iter_values().filter(|it| *it + 4 == era).count(), 3);
    });
}

#[test]
fn governance_ends_an_era_early_after_an_election() {
    world(Params { sessions_per_era: 50, ..params() }, &[1_000; 3]).execute_with(|| {
        // given the first session of a long era
        assert_noop!(
            Dpos::force_new_era(RuntimeOrigin::signed(account(1))),
            DispatchError::BadOrigin
        );
        stake(9_000, 2, 500);

        // when governance ends it, then the next begins three sessions later, with a new set
        Dpos::force_new_era(RuntimeOrigin::root()).unwrap();
        assert_eq!(NextEraSession::<World>::get(), 3);
        blocks(3 * SESSION);
        assert_eq!(CurrentEra::<World>::get(), 1);
        assert_eq!(set().version, 1);
        assert!(set().seats.iter().any(|seat| seat.total == 1_500));
        // and the era after that is a long one again
        assert_eq!(NextEraSession::<World>::get(), 53);
    });
}

#[test]
fn number_of_sessions_that_governance_changes_holds_from_the_next_era() {
    three().execute_with(|| {
        let longer = Params { sessions_per_era: 4, ..params() };
        Dpos::set_params(RuntimeOrigin::root(), longer).unwrap();
        next_era();
        assert_eq!(SessionNow::get(), 3);
        next_era();
        assert_eq!(SessionNow::get(), 7);
        assert!(postponed().is_empty());
    });
}

#[test]
fn a_chain_without_candidates_goes_on() {
    world(params(), &[]).execute_with(|| {
        next_era();
        next_era();
        assert_eq!(Dpos::view_set(), None);
        assert!(!postponed().is_empty());
    });
}

#[test]
fn an_idle_chain_shrinks_its_set_by_two_an_era_to_the_minimum() {
    world(params(), &[1_000; 6]).execute_with(|| {
        let mut sizes = vec![seated().len()];
        for _ in 0..3 {
            next_era();
            sizes.push(seated().len());
        }
        assert_eq!(sizes, [6, 4, 3, 3]);
    });
}

#[test]
fn a_busy_chain_adds_two_seats_an_era_up_to_the_maximum_and_fills_them_one_by_one() {
    world(params(), &[1_000; 6]).execute_with(|| {
        // given a chain whose set is as small as it may be, because nobody used it
        (0..3).for_each(|_| next_era());
        assert_eq!(seated().len(), 3);

        // when users take four fifths of what each block has for them
        let limits: BlockWeights = <World as frame_system::Config>::BlockWeights::get();
        let room = limits.get(DispatchClass::Normal).max_total.expect("it is bounded");
        System::set_block_consumed_resources(room / 5 * 4, 0);
        let mut sizes = Vec::new();
        for _ in 0..5 {
            next_era();
            sizes.push((SeatCount::<World>::get().expect("there was an election"), seated().len()));
        }

        // then seats are added once an era was busy on the average, and a third of the validators at
        // the most are new in an era
        assert_eq!(sizes, [(3, 3), (5, 4), (6, 5), (6, 6), (6, 6)]);
    });
}
