// SPDX-License-Identifier: Apache-2.0

//! Every rule is broken on purpose and found out.

use super::*;
use crate::{Bonds, Debts, Deposits, HoldReason, Unpaid};
use millrace_primitives_channels::ChannelBonds;
use polkadot_sdk::{
    frame_support::{
        assert_ok,
        traits::{fungibles::MutateHold, tokens::Precision},
    },
    frame_system, pallet_assets,
};

/// Breaks a sound state with `change`, and expects the rule's number in the complaint.
fn notices(rule: &str, asset: ChannelAsset, change: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, asset, &[400, 300]));
        assert_ok!(Purse::hold_bond(&account(1), 50));
        check();
        change();
        let complaint = format!("{:?}", Purse::do_try_state().expect_err("it is broken"));
        assert!(complaint.contains(rule), "{complaint} does not name {rule}");
    });
}

#[test]
fn cb_1_deposit_in_an_asset_that_does_not_exist() {
    notices("CB-1", COIN, || pallet_assets::Asset::<Test>::remove(COIN_ID));
}

#[test]
fn cb_2_hold_differs_from_what_it_stands_for() {
    for asset in BOTH {
        notices("CB-2", asset, || {
            let reason = HoldReason::Channel.into();
            assert_ok!(Funds::release(asset, &reason, &account(1), 1, Precision::Exact));
        });
        notices("CB-2", asset, || {
            Deposits::<Test>::mutate(account(1), channel(1), |it| {
                it.as_mut().expect("it is there").amount += 1
            })
        });
        notices("CB-2", asset, || {
            let deposit = Deposits::<Test>::get(account(1), channel(1));
            Deposits::<Test>::insert(account(1), channel(2), deposit.expect("it is there"))
        });
    }
    notices("CB-2", COIN, || {
        Debts::<Test>::insert(account(1), COIN, 5);
        Unpaid::<Test>::insert(account(2), (COIN, account(1)), 5);
    });
}

#[test]
fn cb_3_debts_differ_from_what_is_owed() {
    notices("CB-3", COIN, || Debts::<Test>::insert(account(1), COIN, 1));
    for amount in [0, 5] {
        notices("CB-3", COIN, || {
            Unpaid::<Test>::insert(account(2), (COIN, account(1)), amount);
        });
    }
}

#[test]
fn cb_4_account_could_be_removed_or_not_be_paid() {
    let native = ChannelAsset::Native;
    notices("CB-4", native, || {
        while frame_system::Pallet::<Test>::consumers(&account(1)) > 0 {
            frame_system::Pallet::<Test>::dec_consumers(&account(1));
        }
    });
    notices("CB-4", native, || {
        frame_system::Pallet::<Test>::inc_providers(&account(1));
    });
    notices("CB-4", native, || {
        frame_system::Account::<Test>::mutate(account(1), |it| it.data.free = ED - 1);
    });
}

#[test]
fn cb_5_account_in_the_asset_cannot_be_paid() {
    notices("CB-5", COIN, || {
        pallet_assets::Asset::<Test>::mutate(COIN_ID, |it| {
            it.as_mut().expect("it is there").min_balance = START
        });
    });
}

#[test]
fn cb_6_native_tokens_are_owed() {
    let native = ChannelAsset::Native;
    notices("CB-6", native, || {
        Debts::<Test>::insert(account(1), native, 5);
        Unpaid::<Test>::insert(account(2), (native, account(1)), 5);
    });
}

#[test]
fn cb_7_bonds_differ_from_what_is_on_hold() {
    let native = ChannelAsset::Native;
    notices("CB-7", native, || Bonds::<Test>::insert(account(1), 51));
    notices("CB-7", native, || Bonds::<Test>::insert(account(2), 0));
    notices("CB-7", native, || {
        let reason = HoldReason::Bond.into();
        assert_ok!(Funds::release(native, &reason, &account(1), 1, Precision::Exact));
    });
}
