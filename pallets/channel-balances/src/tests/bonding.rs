// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{ANCHOR, Error};
use millrace_primitives_channels::ChannelBonds;
use polkadot_sdk::frame_support::{
    assert_noop, assert_ok,
    traits::{LockableCurrency, WithdrawReasons},
};

#[test]
fn bonds_are_held_summed_and_returned() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_ok!(Purse::hold_bond(&account(1), 50));
        assert_eq!(Purse::bonds(&account(1)), 150);
        assert_eq!(Balances::free_balance(account(1)), START - 150);
        check();

        assert_ok!(Purse::return_bond(&account(1), 100));
        assert_eq!(Purse::bonds(&account(1)), 50);
        check();
        assert_ok!(Purse::return_bond(&account(1), 50));
        assert_eq!(Balances::free_balance(account(1)), START);
        assert!(is_forgotten());
    });
}

#[test]
fn bond_of_nothing_is_nothing() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(9), 0));
        assert_ok!(Purse::forfeit_bond(&account(9), 0, &account(1), 0), 0);
        assert_ok!(Purse::return_bond(&account(9), 0));
        assert!(is_forgotten());
    });
}

#[test]
fn hold_bond_refuses_what_is_not_there_or_locked() {
    new_test_ext().execute_with(|| {
        let most = START - ED;
        assert_noop!(Purse::hold_bond(&account(1), most + 1), Error::<Test>::InsufficientFunds);
        assert_noop!(Purse::hold_bond(&account(9), 1), Error::<Test>::InsufficientFunds);
        Balances::set_lock(*b"thevotes", &account(2), 900, WithdrawReasons::all());
        assert_noop!(Purse::hold_bond(&account(2), 101), Error::<Test>::InsufficientFunds);
        assert_ok!(Purse::hold_bond(&account(2), 100));
        assert_ok!(Purse::hold_bond(&account(1), most));
        check();
    });
}

/// What the treasury has.
fn in_treasury() -> Balance {
    Balances::free_balance(Treasury::get())
}

#[test]
fn forfeited_bond_is_divided_between_whoever_earned_it_and_the_treasury() {
    new_test_ext().execute_with(|| {
        let issuance = Balances::total_issuance();
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_ok!(Purse::forfeit_bond(&account(1), 61, &account(2), 30), 30);
        assert_eq!(Balances::free_balance(account(2)), START + 30);
        assert_eq!(in_treasury(), 31);
        assert_eq!(Purse::bonds(&account(1)), 39);
        check();

        // A new account can earn one, if it is large enough to live by it.
        assert_ok!(Purse::forfeit_bond(&account(1), 39, &account(9), ED), ED);
        assert_eq!(Balances::free_balance(account(9)), ED);
        assert_eq!(in_treasury(), 31 + 39 - ED);
        assert_eq!(Balances::total_issuance(), issuance);
        assert!(is_forgotten());
    });
}

#[test]
fn reward_that_cannot_be_paid_goes_to_the_treasury() {
    new_test_ext().execute_with(|| {
        let issuance = Balances::total_issuance();
        assert_ok!(Purse::hold_bond(&account(1), 2 * ED));
        assert_ok!(Purse::forfeit_bond(&account(1), 2 * ED, &account(9), ED - 1), 0);
        assert_eq!(Balances::free_balance(account(9)), 0);
        assert_eq!(in_treasury(), 2 * ED);
        assert_eq!(Balances::total_issuance(), issuance);
        assert!(is_forgotten());
    });
}

#[test]
fn all_or_nothing_of_a_bond_can_be_a_reward() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_ok!(Purse::forfeit_bond(&account(1), 40, &account(2), 40), 40);
        assert_eq!((Balances::free_balance(account(2)), in_treasury()), (START + 40, 0));
        assert_ok!(Purse::forfeit_bond(&account(1), 60, &account(2), 0), 0);
        assert_eq!((Balances::free_balance(account(2)), in_treasury()), (START + 40, 60));
        assert!(is_forgotten());
    });
}

#[test]
fn reward_to_oneself_leaves_the_rest_to_the_treasury() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_ok!(Purse::forfeit_bond(&account(1), 100, &account(1), 50), 50);
        assert_eq!((Balances::free_balance(account(1)), in_treasury()), (START - 50, 50));
        assert!(is_forgotten());
    });
}

#[test]
fn what_the_treasury_cannot_keep_is_burnt() {
    new_test_ext().execute_with(|| {
        // given a treasury that does not exist yet, and a bond too small to bring it into being
        let issuance = Balances::total_issuance();
        assert_ok!(Purse::hold_bond(&account(1), ED - 1));
        assert_ok!(Purse::forfeit_bond(&account(1), ED - 1, &account(9), 0), 0);
        assert_eq!(in_treasury(), 0);
        assert_eq!(Balances::total_issuance(), issuance - (ED - 1));
        assert!(is_forgotten());
    });
}

#[test]
fn bonds_that_are_not_held_cannot_be_returned_or_forfeited() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_noop!(Purse::return_bond(&account(1), 101), Error::<Test>::BondNotHeld);
        assert_noop!(Purse::return_bond(&account(2), 1), Error::<Test>::BondNotHeld);
        assert_noop!(
            Purse::forfeit_bond(&account(2), 1, &account(1), 1),
            Error::<Test>::BondNotHeld
        );
        assert_noop!(
            Purse::forfeit_bond(&account(1), 50, &account(2), 51),
            Error::<Test>::BondNotHeld
        );
    });
}

#[test]
fn bonds_and_deposits_do_not_mix() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, ChannelAsset::Native, &[400, 0]));
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_eq!(Balances::free_balance(account(1)), START - 500 - ANCHOR);
        assert_ok!(pay_out(1, ChannelAsset::Native, &[0, 400]));
        assert_eq!(Purse::bonds(&account(1)), 100);
        check();
    });
}
