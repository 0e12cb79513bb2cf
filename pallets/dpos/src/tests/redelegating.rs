// SPDX-License-Identifier: Apache-2.0

use crate::{Departed, Error, Portfolios, mock::*, types::MAX_LOTS};
use millrace_primitives_dpos::Balance;
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

#[test]
fn redelegate_moves_stake_at_once_and_keeps_its_mode() {
    on_chain(|| {
        assert_ok!(compound(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 400));
        assert_eq!(worth(dave(), alice()), 600);
        assert_eq!(worth(dave(), bob()), 400);
        assert_eq!(delegation(dave(), bob()).unwrap().mode, crate::Mode::Compound);
        assert_eq!(balance(dave()), WEALTH - 1_000);
    });
}

#[test]
fn redelegate_fails_where_unbond_or_delegate_would() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        let all = Balance::MAX;
        assert_noop!(redelegate(dave(), alice(), alice(), all), Error::<Test>::SameCandidate);
        assert_noop!(redelegate(dave(), bob(), alice(), all), Error::<Test>::NotDelegated);
        assert_noop!(redelegate(dave(), alice(), erin(), all), Error::<Test>::NotCandidate);
        assert_noop!(redelegate(dave(), alice(), bob(), 450), Error::<Test>::RemainderTooSmall);
        assert_noop!(redelegate(dave(), alice(), bob(), 50), Error::<Test>::DelegationTooSmall);
        assert_noop!(redelegate(alice(), alice(), bob(), all), Error::<Test>::SelfBondTooSmall);
        Dpos::note_pending(&bob(), 0);
        assert_noop!(redelegate(dave(), alice(), bob(), all), Error::<Test>::SlashPending);
        Dpos::drop_pending(&bob());
        assert_ok!(redelegate(dave(), alice(), bob(), all));
    });
}

#[test]
fn moved_stake_answers_for_where_it_was_and_no_longer_than_its_time() {
    on_chain(|| {
        // Given two who moved away from one candidate,
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(delegate(erin(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 1_000));
        pass_eras(BONDING - 1);
        // when it is slashed for what it did while they were there, in time,
        slash(alice(), 0, 30);
        assert_ok!(sync(dave(), bob()));
        assert_eq!(worth(dave(), bob()), 700);
        assert_eq!(balance(treasury()), ED + 300 + 3_000 + 300);
        // and once more too late,
        next_era();
        assert_ok!(sync(dave(), bob()));
        assert_eq!(Departed::<Test>::iter().count(), 0);
        slash(alice(), 0, 30);
        assert_ok!(sync(dave(), bob()));
        // then the second slash is nothing to who moved.
        assert_eq!(worth(dave(), bob()), 700);
    });
}

#[test]
fn stake_that_moved_before_the_offence_does_not_answer_for_it() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 1_000));
        next_era();
        slash(alice(), 1, 50);
        assert_ok!(sync(dave(), bob()));
        assert_eq!(worth(dave(), bob()), 1_000);
    });
}

#[test]
fn nobody_escapes_by_moving_twice() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 1_000));
        next_era();
        assert_ok!(redelegate(dave(), bob(), carol(), 1_000));
        // Both former candidates are slashed, in one era.
        slash(alice(), 0, 50);
        slash(bob(), 1, 20);
        assert_ok!(sync(dave(), carol()));
        assert_eq!(worth(dave(), carol()), 400);
    });
}

#[test]
fn nobody_escapes_by_moving_and_unbonding() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 1_000));
        next_era();
        assert_ok!(unbond(dave(), bob(), 1_000));
        slash(alice(), 0, 50);
        slash(bob(), 1, 20);
        pass_eras(BONDING);
        assert_ok!(withdraw(dave()));
        assert_eq!(balance(dave()), WEALTH - 600);
        assert_eq!(Departed::<Test>::iter().count(), 0);
    });
}

#[test]
fn nobody_pays_twice_by_coming_back() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 1_000));
        assert_ok!(redelegate(dave(), bob(), alice(), 1_000));
        slash(alice(), 0, 50);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(worth(dave(), alice()), 500);
        // What it answers for is the candidate between.
        slash(bob(), 0, 50);
        assert_ok!(sync(dave(), alice()));
        assert_eq!(worth(dave(), alice()), 250);
    });
}

#[test]
fn free_stake_leaves_first_and_the_rest_keeps_its_liability() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        assert_ok!(delegate(dave(), bob(), 500));
        assert_ok!(redelegate(dave(), alice(), bob(), 500));
        // Free stake, and some of what came from elsewhere.
        assert_ok!(unbond(dave(), bob(), 800));
        let chunks = Portfolios::<Test>::get(dave()).unbonding;
        let seen: Vec<_> = chunks.iter().map(|it| (it.shares, it.liabilities.len())).collect();
        assert_eq!(seen, [(500, 0), (300, 1)]);
        slash(alice(), 0, 10);
        // Coming back takes the liability along.
        assert_ok!(Dpos::rebond(signed(dave()), bob(), Balance::MAX));
        assert_ok!(sync(dave(), bob()));
        assert_eq!(worth(dave(), bob()), 1_000 - 50);
    });
}

#[test]
fn slash_of_the_target_reaches_what_came_from_elsewhere() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 1_000));
        slash(bob(), 0, 10);
        assert_eq!(worth(dave(), bob()), 900);
        slash(alice(), 0, 100);
        assert_ok!(sync(dave(), bob()));
        assert_eq!(delegation(dave(), bob()), None);
    });
}

#[test]
fn parts_from_elsewhere_are_bounded() {
    on_chain(|| {
        crate::Parameters::<Test>::mutate(|it| it.bonding_eras = 20);
        assert_ok!(delegate(dave(), alice(), 100_000));
        for _ in 0..MAX_LOTS {
            // Twice in one era is one part.
            assert_ok!(redelegate(dave(), alice(), bob(), 100));
            assert_ok!(redelegate(dave(), alice(), bob(), 100));
            crate::CurrentEra::<Test>::mutate(|era| *era += 1);
            crate::SettleCursor::<Test>::mutate(|era| *era += 1);
        }
        assert_noop!(redelegate(dave(), alice(), bob(), 100), Error::<Test>::TooManyRedelegations);
    });
}

#[test]
fn one_part_moves_only_so_often() {
    on_chain(|| {
        for number in 4..=9 {
            let own = crate::Mode::Payout;
            let none = Default::default();
            assert_ok!(Dpos::register(signed(account(number)), MIN_SELF, none, own));
        }
        assert_ok!(delegate(dave(), account(4), 1_000));
        for number in 4..=7 {
            let (from, to) = (account(number), account(number + 1));
            assert_ok!(redelegate(dave(), from, to, 1_000));
        }
        assert_noop!(
            redelegate(dave(), account(8), account(9), 1_000),
            Error::<Test>::TooManyLiabilities
        );
        // It can always be unbonded.
        assert_ok!(unbond(dave(), account(8), 1_000));
    });
}
