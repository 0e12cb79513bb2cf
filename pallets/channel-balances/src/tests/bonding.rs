// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{Error, Event};
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
        assert_ok!(Purse::forfeit_bond(&account(9), &account(1), 0));
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

#[test]
fn forfeited_bond_goes_to_whoever_earned_it() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_ok!(Purse::forfeit_bond(&account(1), &account(2), 60));
        assert_eq!(Balances::free_balance(account(2)), START + 60);
        assert_eq!(Purse::bonds(&account(1)), 40);
        check();

        // A new account can earn one, if it is large enough to live by it.
        assert_ok!(Purse::forfeit_bond(&account(1), &account(9), 40));
        assert_eq!(Balances::free_balance(account(9)), 40);
        assert!(is_forgotten());
    });
}

#[test]
fn bond_that_cannot_be_paid_is_burnt() {
    new_test_ext().execute_with(|| {
        let issuance = Balances::total_issuance();
        assert_ok!(Purse::hold_bond(&account(1), ED - 1));
        assert_ok!(Purse::forfeit_bond(&account(1), &account(9), ED - 1));
        assert_eq!(Balances::free_balance(account(9)), 0);
        assert_eq!(Balances::total_issuance(), issuance - (ED - 1));
        System::assert_has_event(Event::BondBurnt { who: account(1), amount: ED - 1 }.into());
        assert!(is_forgotten());
    });
}

#[test]
fn bonds_that_are_not_held_cannot_be_returned_or_forfeited() {
    new_test_ext().execute_with(|| {
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_noop!(Purse::return_bond(&account(1), 101), Error::<Test>::BondNotHeld);
        assert_noop!(Purse::return_bond(&account(2), 1), Error::<Test>::BondNotHeld);
        assert_noop!(Purse::forfeit_bond(&account(2), &account(1), 1), Error::<Test>::BondNotHeld);
    });
}

#[test]
fn bonds_and_deposits_do_not_mix() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, ChannelAsset::Native, &[400, 0]));
        assert_ok!(Purse::hold_bond(&account(1), 100));
        assert_eq!(Balances::free_balance(account(1)), START - 500);
        assert_ok!(pay_out(1, ChannelAsset::Native, &[0, 400]));
        assert_eq!(Purse::bonds(&account(1)), 100);
        check();
    });
}
