// SPDX-License-Identifier: Apache-2.0

use super::world::*;
use crate::{CurrentElection, Liveness, Params, liveness::Slots, offices::ElectionPhase};
use millrace_primitives_dpos::AccountId;

/// Accounts of a page of candidates, with their ranks.
fn page(skip: u32, count: u32) -> Vec<(AccountId, Option<u32>)> {
    Dpos::view_candidates(skip, count).into_iter().map(|it| (it.account, it.rank)).collect()
}

#[test]
fn candidates_are_ranked_by_effective_stake_and_those_who_cannot_be_elected_come_last() {
    let doubled = Params { leverage: 2, ..params() };
    world(doubled, &[500, 300, 200, 250, 600, 300]).execute_with(|| {
        // given one whose stake counts only up to twice its own, one who does not stand, and one
        // without keys
        stake(9_000, 3, 1_000);
        chill(4);
        Keyless::set(accounts([5]));

        // then equals are listed in the order of accounts
        let ranked = [(1, Some(1)), (3, Some(2)), (2, Some(3)), (6, Some(4)), (5, None), (4, None)];
        let ranked = ranked.map(|(it, rank)| (account(it), rank));
        assert_eq!(page(0, 256), ranked);
        assert_eq!(page(1, 2), ranked[1..3]);
        assert_eq!(page(6, 1), []);

        // and each is shown alone as it is in the list
        for view in Dpos::view_candidates(0, 256) {
            assert_eq!(Dpos::view_candidate(&view.account), Some(view));
        }
        assert_eq!(Dpos::view_candidate(&account(9_000)), None);
        let third = Dpos::view_candidate(&account(3)).expect("it is a candidate");
        assert_eq!((third.total, third.own, third.effective), (1_200, 200, 400));
        assert_eq!(third.delegations, 2);
        Keyless::set(Vec::new());
    });
}

#[test]
fn next_set_is_shown_once_it_is_decided_and_takes_office_as_it_was_shown() {
    world(params(), &[1_000; 6]).execute_with(|| {
        // given an election under way
        let first = Dpos::view_set().expect("there is a set");
        assert_eq!(Dpos::view_next_set(), None);

        // when it is decided
        let phase = || CurrentElection::<World>::get().map(|it| it.phase);
        while phase() != Some(ElectionPhase::Decided) {
            assert_eq!(Dpos::view_next_set(), None);
            blocks(1);
        }
        let shown = Dpos::view_next_set().expect("it is decided");
        assert_eq!((shown.era, shown.version), (1, 1));

        // then that set takes office, and the one before it is remembered
        next_era();
        assert_eq!(Dpos::view_set(), Some(shown.clone()));
        assert_eq!(Dpos::view_set_of(1), Some(shown));
        assert_eq!(Dpos::view_set_of(0), Some(first));
        assert_eq!(Dpos::view_set_of(2), None);
    });
}

#[test]
fn quorum_counts_those_who_made_a_block_or_missed_none() {
    world(Params { min_validators: 4, ..params() }, &[1_000, 2_000, 3_000, 4_000]).execute_with(
        || {
            // given a new era, in which nobody was late
            next_era();
            let view = Dpos::view_quorum();
            assert_eq!((view.validators, view.threshold, view.online), (4, 3, 4));
            assert_eq!((view.stake, view.online_stake), (10_000, 10_000));

            // when somebody makes none of its blocks
            let made = |who: &AccountId| Liveness::<World>::get(who).made;
            let absent = seated().into_iter().find(|it| made(it) == 0).expect("there are four");
            let mut slot = Slot::get();
            while Liveness::<World>::get(&absent).missed == 0 {
                slot += 1;
                assert!(slot < FIRST_SLOT + 2 * ERA, "it has a slot in each era");
                let epoch = <World as Slots>::epoch();
                if epoch.secondary_author(slot) != Some(&absent) {
                    block_in(slot);
                }
            }

            // then it does not count, and neither does its stake
            let seats = set().seats;
            let seat = seats.iter().find(|it| it.account == absent).expect("it is in office");
            let view = Dpos::view_quorum();
            assert_eq!((view.validators, view.threshold, view.online), (4, 3, 3));
            assert_eq!((view.stake, view.online_stake), (10_000, 10_000 - seat.total));
        },
    );
}
