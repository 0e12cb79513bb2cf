// SPDX-License-Identifier: Apache-2.0

use crate::{Departed, EndedGenerations, Error, Mode, Owed, Pools, mock::*};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

#[test]
fn slash_takes_from_everybody_in_proportion_and_hands_it_on() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(compound(erin(), alice(), 2_000));
        let issuance = Balances::total_issuance();
        slash(alice(), 0, 10);
        assert_eq!(worth(alice(), alice()), 9_000);
        assert_eq!(worth(dave(), alice()), 900);
        assert_eq!(worth(erin(), alice()), 1_800);
        assert_eq!(balance(treasury()), ED + 1_300);
        assert_eq!(Balances::total_issuance(), issuance);
        assert_eq!(staked(bob()), SELF_BOND);
    });
}

#[test]
fn slash_reaches_what_left_since_the_offence_and_nothing_that_left_before() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 3_000));
        assert_ok!(unbond(dave(), alice(), 1_000));
        next_era();
        assert_ok!(unbond(dave(), alice(), 1_000));
        next_era();
        slash(alice(), 1, 50);
        assert_eq!(worth(dave(), alice()), 500);
        pass_eras(BONDING);
        assert_ok!(withdraw(dave()));
        assert_eq!(balance(dave()), WEALTH - 3_000 + 1_000 + 500);
    });
}

#[test]
fn slashes_one_after_the_other_multiply() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(redelegate(dave(), alice(), bob(), 500));
        slash(alice(), 0, 50);
        assert_ok!(sync(dave(), bob()));
        slash(alice(), 0, 50);
        assert_ok!(sync(dave(), bob()));
        assert_eq!((worth(dave(), alice()), worth(dave(), bob())), (125, 125));
    });
}

#[test]
fn rewards_earned_before_a_slash_are_not_slashed() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), SELF_BOND));
        earn(alice(), 3_000);
        pass(ERA_BLOCKS);
        slash(alice(), 0, 100);
        // Not even if nothing is left of the stake.
        assert_eq!(EndedGenerations::<Test>::iter().count(), 1);
        assert_ok!(claim(dave(), alice()));
        assert_eq!(balance(dave()), WEALTH - SELF_BOND + 1_500);
        assert_eq!(delegation(dave(), alice()), None);
        assert_ok!(claim(alice(), alice()));
        assert_eq!(EndedGenerations::<Test>::iter().count(), 0);
        assert_noop!(claim(dave(), alice()), Error::<Test>::NothingToClaim);
    });
}

#[test]
fn after_everything_was_taken_newcomers_are_as_good_as_ever() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(compound(erin(), alice(), 1_000));
        earn(alice(), 3_000);
        pass(5);
        slash(alice(), 0, 100);
        assert_eq!(staked(alice()), 0);
        // Newcomers, and one of those who lost everything.
        assert_ok!(delegate(account(13), alice(), 1_000));
        assert_ok!(delegate(dave(), alice(), 500));
        assert_eq!(worth(account(13), alice()), 1_000);
        assert_eq!(worth(dave(), alice()), 500);
        assert_eq!(worth(erin(), alice()), 0);
        assert_noop!(unbond(erin(), alice(), 1), Error::<Test>::NotDelegated);
        earn(alice(), 1_500);
        pass(ERA_BLOCKS);
        assert_ok!(claim(account(13), alice()));
        // The drip that went to nobody is part of the next reward.
        assert!(balance(account(13)) >= WEALTH - 1_000 + 1_000);
        slash(alice(), 1, 50);
        assert_eq!(worth(dave(), alice()), 250);
        assert_ok!(sync(erin(), alice()));
        assert_eq!(delegation(erin(), alice()), None);
    });
}

#[test]
fn whoever_leaves_after_everything_was_taken_from_those_who_left_before_keeps_its_own() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 1_000));
        assert_ok!(unbond(dave(), alice(), 1_000));
        slash(alice(), 0, 100);
        assert_ok!(delegate(erin(), alice(), 1_000));
        assert_ok!(redelegate(erin(), alice(), bob(), 500));
        assert_ok!(unbond(erin(), alice(), 500));
        slash(alice(), 0, 10);
        assert_ok!(sync(erin(), bob()));
        assert_eq!(worth(erin(), bob()), 450);
        pass_eras(BONDING);
        assert_ok!(withdraw(dave()));
        assert_ok!(withdraw(erin()));
        assert_eq!(balance(dave()), WEALTH - 1_000);
        assert_eq!(balance(erin()), WEALTH - 1_000 + 450);
        assert_ok!(sync(erin(), bob()));
        assert_eq!(Departed::<Test>::iter().count(), 0);
    });
}

#[test]
fn slash_looks_at_a_bounded_number_of_eras() {
    on_chain(|| {
        pass_eras(3);
        let whole = polkadot_sdk::sp_runtime::Perbill::from_percent(1);
        // From the era of the offence to the one for which stakes may be fixed already.
        assert_eq!(Dpos::apply_slash(&alice(), 1, whole), 4);
        crate::CurrentEra::<Test>::put(10_000);
        crate::SettleCursor::<Test>::put(10_000);
        assert_eq!(Dpos::apply_slash(&alice(), 0, whole), 114);
        // Somebody who never was a candidate has nothing to lose.
        assert_eq!(Dpos::apply_slash(&dave(), 9_999, whole), 3);
    });
}

#[test]
fn part_that_answers_for_another_survives_a_change_of_mode() {
    on_chain(|| {
        assert_ok!(delegate(dave(), alice(), 500));
        assert_ok!(delegate(dave(), bob(), 500));
        assert_ok!(redelegate(dave(), alice(), bob(), 500));
        slash(bob(), 0, 10);
        assert_ok!(Dpos::set_compound(signed(dave()), bob(), Mode::Compound));
        slash(alice(), 0, 50);
        assert_ok!(sync(dave(), bob()));
        assert_eq!(worth(dave(), bob()), 450 + 225);
        assert_eq!(Owed::<Test>::get(dave()), 0);
        assert_eq!(Pools::<Test>::get(bob()).unwrap().compound.shares, 675);
    });
}
