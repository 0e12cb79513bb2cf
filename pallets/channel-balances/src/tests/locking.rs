// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{ANCHOR, Error, HoldReason};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        traits::{Currency, LockableCurrency, WithdrawReasons, fungibles::InspectHold},
    },
    frame_system, pallet_assets,
    sp_runtime::TokenError,
};

#[test]
fn lock_holds_deposits_in_their_owners_accounts() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            assert_ok!(lock(1, asset, &[300, 0]));

            assert_eq!(free(asset, 1), START - 300 - ANCHOR);
            assert_eq!(Funds::total_balance(asset, &account(1)), START);
            assert_eq!(Purse::locked(channel(1), &account(1)), Some(300));
            assert_eq!(Purse::locked(channel(1), &account(2)), Some(0));
            assert_eq!(Purse::locked(channel(1), &account(3)), None);
            check();
        });
    }
}

#[test]
fn lock_refuses_more_than_there_is() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            let most = START - ED - ANCHOR;
            assert_noop!(lock(1, asset, &[1, START + 1]), Error::<Test>::InsufficientFunds);
            assert_noop!(lock(1, asset, &[1, most + 1]), Error::<Test>::BelowMinimumBalance);
            assert_ok!(lock(1, asset, &[1, most]));
            assert_noop!(lock(2, asset, &[0, 1]), Error::<Test>::BelowMinimumBalance);
            assert_noop!(lock(2, asset, &[0, ED + 1]), Error::<Test>::InsufficientFunds);
            check();
        });
    }
}

#[test]
fn lock_refuses_sums_that_are_no_balance() {
    new_test_ext().execute_with(|| {
        assert!(lock(1, COIN, &[Balance::MAX, 1]).is_err());
        assert!(is_forgotten());
    });
}

#[test]
fn lock_refuses_what_locks_hold_back() {
    new_test_ext().execute_with(|| {
        // given an account that votes with 900 of its 1,000
        Balances::set_lock(*b"thevotes", &account(1), 900, WithdrawReasons::all());

        // when, then
        let native = ChannelAsset::Native;
        let most = 100 - ANCHOR;
        assert_noop!(lock(1, native, &[most + 1, 0]), Error::<Test>::FundsFrozen);
        assert_ok!(lock(1, native, &[most, 0]));
        check();
    });
}

#[test]
fn lock_refuses_accounts_that_do_not_exist_or_live_by_something_else() {
    new_test_ext().execute_with(|| {
        let native = ChannelAsset::Native;
        // given account 2 with another reason to live: it could spend all and take no small payout
        frame_system::Pallet::<Test>::inc_providers(&account(2));
        assert_noop!(lock(1, native, &[5, 5]), Error::<Test>::KeptAliveOtherwise);

        // and account 5, which is not there
        frame_system::Pallet::<Test>::dec_providers(&account(2)).expect("it was just taken");
        assert_noop!(lock(1, native, &[5, 0, 0, 0, 0]), Error::<Test>::AccountNotFound);
        assert_noop!(lock(1, COIN, &[5, 0, 0, 0, 0]), Error::<Test>::BelowMinimumBalance);
    });
}

#[test]
fn lock_refuses_an_asset_that_is_not_there_or_cannot_be_paid() {
    new_test_ext().execute_with(|| {
        // given no asset 8
        let other = ChannelAsset::Local(8);
        assert_noop!(lock(1, other, &[1, 1]), Error::<Test>::AssetNotFound);

        // when the team blocks one account, then it cannot take part, even without deposit
        assert_ok!(Assets::block(signed(team()), COIN_ID, account(2)));
        assert_noop!(lock(1, COIN, &[1, 0]), Error::<Test>::AssetNotPayable);
        assert_ok!(Assets::thaw(signed(team()), COIN_ID, account(2)));

        // when it freezes one account, then it has nothing to deposit
        assert_ok!(Assets::freeze(signed(team()), COIN_ID, account(2)));
        assert_noop!(lock(1, COIN, &[1, 1]), Error::<Test>::FundsFrozen);
        assert_ok!(Assets::thaw(signed(team()), COIN_ID, account(2)));

        // when it freezes the asset
        assert_ok!(Assets::freeze_asset(signed(team()), COIN_ID));
        assert_noop!(lock(1, COIN, &[1, 1]), Error::<Test>::AssetNotPayable);
        assert_ok!(Assets::thaw_asset(signed(team()), COIN_ID));

        // when its supply leaves no room for what the channel would give back
        let rest = Balance::MAX - Assets::total_supply(COIN_ID) - 1;
        assert_ok!(Assets::mint(signed(team()), COIN_ID, team(), rest));
        assert_noop!(lock(1, COIN, &[1, 1]), Error::<Test>::AssetNotPayable);
        assert!(is_forgotten());
    });
}

#[test]
fn lock_refuses_a_second_deposit_in_one_channel() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            assert_ok!(lock(1, asset, &[1, 1]));
            assert_noop!(lock(1, asset, &[1, 1]), Error::<Test>::AlreadyLocked);
        });
    }
}

#[test]
fn add_locks_more_and_only_for_participants_in_their_asset() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            // given
            assert_ok!(lock(1, asset, &[300, 0]));

            // when
            assert_ok!(add(1, asset, 2, 50));
            assert_ok!(add(1, asset, 1, 1));

            // then
            assert_eq!(Purse::locked(channel(1), &account(1)), Some(301));
            assert_eq!(Purse::locked(channel(1), &account(2)), Some(50));
            assert_eq!(free(asset, 2), START - 50 - ANCHOR);
            check();
            assert_noop!(add(1, asset, 3, 1), Error::<Test>::PayoutMismatch);
            assert_noop!(add(2, asset, 1, 1), Error::<Test>::PayoutMismatch);
            let other = if asset == COIN { ChannelAsset::Native } else { COIN };
            assert_noop!(add(1, other, 1, 1), Error::<Test>::PayoutMismatch);
            assert_noop!(add(1, asset, 2, START), Error::<Test>::InsufficientFunds);
            let most = free(asset, 2) - ED;
            assert_noop!(add(1, asset, 2, most + 1), Error::<Test>::BelowMinimumBalance);
            assert_ok!(add(1, asset, 2, most));
            check();
        });
    }
}

#[test]
fn participant_cannot_be_removed_while_it_may_have_to_be_paid() {
    new_test_ext().execute_with(|| {
        // given a participant without deposit, whom nothing else ties to the chain
        assert_ok!(Assets::transfer_all(signed(account(2)), COIN_ID, account(1), false));
        assert_ok!(lock(1, ChannelAsset::Native, &[500, 0]));

        // when it tries to leave the chain, then it cannot
        assert!(!frame_system::Pallet::<Test>::can_dec_provider(&account(2)));

        // and after the payout it can
        assert_ok!(pay_out(1, ChannelAsset::Native, &[500, 0]));
        assert!(frame_system::Pallet::<Test>::can_dec_provider(&account(2)));
    });
}

#[test]
fn participant_keeps_its_account_in_an_asset_whatever_it_or_the_team_does() {
    new_test_ext().execute_with(|| {
        // given a participant without deposit, which gives away all it can
        assert_ok!(lock(1, COIN, &[500, 0]));
        assert_ok!(Assets::transfer_all(signed(account(2)), COIN_ID, account(3), false));
        assert!(free(COIN, 2) >= ED);

        // and whose account the team tries to empty
        let _ = Assets::force_transfer(signed(team()), COIN_ID, account(2), account(3), ED);
        let _ = Assets::burn(signed(team()), COIN_ID, account(2), START);
        assert!(Assets::refund(signed(account(2)), COIN_ID, true).is_err());
        assert!(free(COIN, 2) >= ED);
        check();

        // when it is paid a single unit, then it gets it
        let before = free(COIN, 2);
        assert_ok!(pay_out(1, COIN, &[499, 1]));
        assert_eq!(free(COIN, 2), before + 1 + ANCHOR);
        assert!(is_forgotten());
    });
}

#[test]
fn asset_with_channels_cannot_be_destroyed() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, COIN, &[500, 0]));
        assert_noop!(
            Assets::start_destroy(signed(team()), COIN_ID),
            pallet_assets::Error::<Test>::ContainsHolds
        );
        assert_ok!(pay_out(1, COIN, &[500, 0]));
        assert_ok!(Assets::start_destroy(signed(team()), COIN_ID));
        assert_noop!(lock(2, COIN, &[1, 0]), Error::<Test>::AssetNotPayable);
    });
}

#[test]
fn many_channels_take_one_reference_and_an_anchor_each() {
    new_test_ext().execute_with(|| {
        let before = frame_system::Pallet::<Test>::consumers(&account(2));
        for number in 0..100 {
            assert_ok!(lock(number, ChannelAsset::Native, &[1, 0]));
            assert_ok!(lock(1_000 + number, COIN, &[1, 0]));
        }
        assert_eq!(frame_system::Pallet::<Test>::consumers(&account(2)), before + 1);
        assert_eq!(free(COIN, 2), START - 100 * ANCHOR);
        check();
        for number in 0..100 {
            assert_ok!(pay_out(number, ChannelAsset::Native, &[0, 1]));
            assert_ok!(pay_out(1_000 + number, COIN, &[0, 1]));
        }
        assert_eq!(frame_system::Pallet::<Test>::consumers(&account(2)), before);
        assert_eq!(Balances::free_balance(account(2)), START + 100);
        assert_eq!(free(COIN, 2), START + 100);
        assert!(is_forgotten());
    });
}

#[test]
fn assets_are_kept_apart() {
    new_test_ext().execute_with(|| {
        // given channels in both
        assert_ok!(lock(1, ChannelAsset::Native, &[100, 0]));
        assert_ok!(lock(2, COIN, &[7, 0]));

        // then
        let held = |asset| Funds::balance_on_hold(asset, &HoldReason::Channel.into(), &account(1));
        assert_eq!(held(ChannelAsset::Native), 100 + ANCHOR);
        assert_eq!(held(COIN), 7 + ANCHOR);

        // when one ends, then the other stays
        assert_ok!(pay_out(1, ChannelAsset::Native, &[100, 0]));
        assert_eq!(held(ChannelAsset::Native), 0);
        assert_eq!(held(COIN), 7 + ANCHOR);
        check();
    });
}

#[test]
fn spending_what_is_locked_fails() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, ChannelAsset::Native, &[900, 0]));
        assert_noop!(
            Balances::transfer_allow_death(signed(account(1)), account(3), 200),
            TokenError::FundsUnavailable
        );
        let total = Balances::total_balance(&account(1));
        assert_eq!(total, START);
    });
}
