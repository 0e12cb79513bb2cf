// SPDX-License-Identifier: Apache-2.0

use crate::{Deposits, Error, Holders, math::net, mock::*};
use millrace_primitives_channels::{AccountId, Balance, ChannelAsset, ChannelFunds};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok, assert_storage_noop,
        storage::with_storage_layer,
        traits::{Currency, LockableCurrency, WithdrawReasons},
    },
    frame_system,
    sp_runtime::DispatchResult,
};
use proptest::prelude::*;

/// Locks `amounts` for accounts 1, 2, … in channel `number`, or changes nothing.
fn lock(number: u64, amounts: &[Balance]) -> DispatchResult {
    with_storage_layer(|| Purse::lock(channel(number), ChannelAsset::Native, &named(amounts)))
}

/// Pays `amounts` to accounts 1, 2, … from channel `number`, or changes nothing.
fn pay_out(number: u64, amounts: &[Balance]) -> DispatchResult {
    with_storage_layer(|| Purse::pay_out(channel(number), ChannelAsset::Native, &named(amounts)))
}

/// Accounts 1, 2, … with these amounts.
fn named(amounts: &[Balance]) -> Vec<(AccountId, Balance)> {
    (1..).map(account).zip(amounts.iter().copied()).collect()
}

#[test]
fn lock_holds_deposits_in_their_owners_accounts() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, &[300, 0]));

        assert_eq!(Balances::free_balance(account(1)), 700);
        assert_eq!(Balances::total_balance(&account(1)), 1_000);
        assert_eq!(Purse::locked(channel(1), &account(1)), Some(300));
        assert_eq!(Purse::locked(channel(1), &account(2)), Some(0));
        assert_eq!(Purse::locked(channel(1), &account(3)), None);
        assert_ok!(Purse::do_try_state());
    });
}

#[test]
fn lock_refuses_more_than_there_is() {
    new_test_ext().execute_with(|| {
        assert_storage_noop!(assert_noop!(lock(1, &[1, 1_001]), Error::<Test>::InsufficientFunds));
        assert_storage_noop!(assert_noop!(
            lock(1, &[1, 1_000 - ED + 1]),
            Error::<Test>::BelowExistentialDeposit
        ));
        assert_ok!(lock(1, &[1, 1_000 - ED]));
        assert_noop!(lock(2, &[0, 1]), Error::<Test>::BelowExistentialDeposit);
        assert_noop!(lock(2, &[0, ED + 1]), Error::<Test>::InsufficientFunds);
    });
}

#[test]
fn lock_refuses_what_locks_hold_back() {
    new_test_ext().execute_with(|| {
        // given an account that votes with 900 of its 1,000
        Balances::set_lock(*b"thevotes", &account(1), 900, WithdrawReasons::all());

        // when, then
        assert_noop!(lock(1, &[101, 0]), Error::<Test>::FundsFrozen);
        assert_ok!(lock(1, &[100, 0]));
        assert_ok!(Purse::do_try_state());
    });
}

#[test]
fn lock_refuses_accounts_that_do_not_exist_or_live_by_something_else() {
    new_test_ext().execute_with(|| {
        // given account 2 with another reason to live: it could spend all and take no small payout
        frame_system::Pallet::<Test>::inc_providers(&account(2));
        assert_noop!(lock(1, &[5, 5]), Error::<Test>::KeptAliveOtherwise);

        // and account 5, which is not there
        assert_noop!(lock(1, &[5, 0, 0, 0, 0]), Error::<Test>::KeptAliveOtherwise);
        frame_system::Pallet::<Test>::dec_providers(&account(2)).expect("it was just taken");
        assert_noop!(lock(1, &[5, 0, 0, 0, 0]), Error::<Test>::AccountNotFound);
    });
}

#[test]
fn smallest_payout_reaches_a_participant_who_spent_all_it_could() {
    new_test_ext().execute_with(|| {
        // given a participant that gives away all it can, in every way it can
        assert_ok!(lock(1, &[500, 0]));
        assert!(frame_system::Pallet::<Test>::dec_providers(&account(2)).is_err());
        let origin = frame_system::RawOrigin::Signed(account(2));
        assert_ok!(Balances::transfer_all(origin.into(), account(1), false));
        assert_eq!(Balances::free_balance(account(2)), ED);
        assert_ok!(Purse::do_try_state());

        // when it is paid a single unit, then it gets it
        assert_ok!(pay_out(1, &[499, 1]));
        assert_eq!(Balances::free_balance(account(2)), ED + 1);
    });
}

#[test]
fn lock_refuses_a_second_deposit_in_one_channel() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, &[1, 1]));
        assert_noop!(lock(1, &[1, 1]), Error::<Test>::AlreadyLocked);
    });
}

#[test]
fn participant_cannot_be_removed_while_it_may_have_to_be_paid() {
    new_test_ext().execute_with(|| {
        // given a participant without deposit
        assert_ok!(lock(1, &[500, 0]));

        // when it tries to leave the chain, then it cannot
        assert!(!frame_system::Pallet::<Test>::can_dec_provider(&account(2)));

        // and after the payout it can
        assert_ok!(pay_out(1, &[500, 0]));
        assert!(frame_system::Pallet::<Test>::can_dec_provider(&account(2)));
    });
}

#[test]
fn many_channels_take_one_reference() {
    new_test_ext().execute_with(|| {
        let before = frame_system::Pallet::<Test>::consumers(&account(2));
        for number in 0..200 {
            assert_ok!(lock(number, &[1, 0]));
        }
        assert_eq!(frame_system::Pallet::<Test>::consumers(&account(2)), before + 1);
        assert_ok!(Purse::do_try_state());
        for number in 0..200 {
            assert_ok!(pay_out(number, &[0, 1]));
        }
        assert_eq!(frame_system::Pallet::<Test>::consumers(&account(2)), before);
        assert_eq!(Balances::free_balance(account(2)), 1_200);
        assert!(Holders::<Test>::iter().next().is_none());
    });
}

#[test]
fn pay_out_moves_differences_and_releases_the_rest() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, &[400, 300, 200, 0]));
        assert_ok!(pay_out(1, &[100, 350, 250, 200]));
        let free = |number| Balances::free_balance(account(number));
        assert_eq!([free(1), free(2), free(3), free(4)], [700, 1_050, 1_050, 1_200]);
        assert!(Deposits::<Test>::iter().next().is_none());
        assert_ok!(Purse::do_try_state());
    });
}

#[test]
fn pay_out_refuses_another_sum_or_other_accounts() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, &[400, 300]));
        assert_noop!(pay_out(1, &[400, 301]), Error::<Test>::PayoutMismatch);
        assert_noop!(pay_out(1, &[400, 299]), Error::<Test>::PayoutMismatch);
        assert_noop!(pay_out(1, &[400, 200, 100]), Error::<Test>::PayoutMismatch);
        assert_noop!(pay_out(2, &[400, 300]), Error::<Test>::PayoutMismatch);
    });
}

#[test]
fn other_assets_are_refused() {
    new_test_ext().execute_with(|| {
        assert_noop!(
            Purse::lock(channel(1), ChannelAsset::Local(1), &named(&[1, 1])),
            Error::<Test>::AssetNotSupported
        );
    });
}

/// Breaks a sound state with `change`, and expects the rule's number in the complaint.
fn notices(rule: &str, change: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, &[400, 300]));
        assert_ok!(Purse::do_try_state());
        change();
        let complaint = format!("{:?}", Purse::do_try_state().expect_err("it is broken"));
        assert!(complaint.contains(rule), "{complaint} does not name {rule}");
    });
}

#[test]
fn cb_1_holder_differs_from_its_deposits() {
    notices("CB-1", || {
        Holders::<Test>::mutate(account(1), |it| it.as_mut().expect("it is there").held += 1)
    });
}

#[test]
fn cb_2_hold_differs_from_the_deposits() {
    use polkadot_sdk::frame_support::traits::{fungible::MutateHold, tokens::Precision};
    notices("CB-2", || {
        let reason = crate::HoldReason::Channel.into();
        assert_ok!(Balances::release(&reason, &account(1), 1, Precision::Exact));
    });
}

#[test]
fn cb_3_deposit_without_holder_and_holder_without_deposit() {
    notices("CB-3", || Holders::<Test>::remove(account(1)));
    notices("CB-3", || Deposits::<Test>::remove(account(1), channel(1)));
}

#[test]
fn cb_4_account_could_be_removed() {
    notices("CB-4", || {
        while frame_system::Pallet::<Test>::consumers(&account(1)) > 0 {
            frame_system::Pallet::<Test>::dec_consumers(&account(1));
        }
    });
    notices("CB-4", || {
        frame_system::Pallet::<Test>::inc_providers(&account(1));
    });
    notices("CB-4", || {
        frame_system::Account::<Test>::mutate(account(1), |it| it.data.free = ED - 1);
    });
}

proptest! {
    #[test]
    fn netting_turns_deposits_into_payouts(
        deposits in prop::collection::vec(0..1_000u128, 1..9),
        cuts in prop::collection::vec(0..1_000u128, 8),
    ) {
        // given payouts that divide the same sum at random places
        let total: u128 = deposits.iter().sum();
        let mut left = total;
        let mut payouts: Vec<u128> = cuts.iter().take(deposits.len() - 1).map(|cut| {
            let part = left * cut / 1_000;
            left -= part;
            part
        }).collect();
        payouts.push(left);

        // when
        let payments = net(&deposits, &payouts).expect("the sums are equal");

        // then they lead from one to the other, and there are few of them
        prop_assert!(payments.len() < deposits.len().max(2));
        let mut balances = deposits.clone();
        for payment in payments {
            prop_assert!(payment.amount > 0);
            balances[payment.from] -= payment.amount;
            balances[payment.to] += payment.amount;
        }
        prop_assert_eq!(balances, payouts);
    }

    #[test]
    fn netting_refuses_unequal_sums(
        deposits in prop::collection::vec(0..1_000u128, 2..9),
        extra in 1..1_000u128,
    ) {
        let mut more = deposits.clone();
        more[0] += extra;
        prop_assert_eq!(net(&deposits, &more), None);
        prop_assert_eq!(net(&more, &deposits), None);
    }
}
