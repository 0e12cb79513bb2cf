// SPDX-License-Identifier: Apache-2.0

//! What a hostile asset can do: delay its own payments, and nothing else.

use super::*;
use crate::{Debts, Error, Event, Unpaid};
use polkadot_sdk::frame_support::{assert_noop, assert_ok};

/// What is owed by the account with number `from` to the one with number `to`.
fn owed(from: u8, to: u8) -> Option<Balance> {
    Unpaid::<Test>::get(account(to), (COIN, account(from)))
}

/// A stranger collects.
fn collect(from: u8, to: u8) -> DispatchResult {
    with_storage_layer(|| Purse::collect(signed(team()), COIN, account(from), account(to)))
}

#[test]
fn blocked_participant_holds_up_nobody_but_itself() {
    new_test_ext().execute_with(|| {
        // given a channel of three, and a team that blocks the second
        assert_ok!(lock(1, COIN, &[400, 100, 0]));
        assert_ok!(Assets::block(signed(team()), COIN_ID, account(2)));

        // when it is paid out
        assert_ok!(pay_out(1, COIN, &[150, 250, 100]));

        // then the others have theirs, and what the second gets waits where it was
        assert_eq!([free(COIN, 1), free(COIN, 3)], [START - 250, START + 100]);
        assert_eq!((owed(1, 2), owed(2, 2)), (Some(150), Some(101)));
        System::assert_has_event(
            Event::PaymentDeferred { asset: COIN, from: account(1), to: account(2), amount: 150 }
                .into(),
        );
        check();
        assert!(collect(1, 2).is_err());
        assert_eq!(owed(1, 2), Some(150));

        // when the team gives in, then anybody can hand it over
        assert_ok!(Assets::thaw(signed(team()), COIN_ID, account(2)));
        assert_ok!(collect(1, 2));
        assert_ok!(collect(2, 2));
        assert_eq!(free(COIN, 2), START + 150);
        System::assert_has_event(
            Event::PaymentCollected { asset: COIN, from: account(1), to: account(2), amount: 150 }
                .into(),
        );
        assert!(is_forgotten());
        assert_noop!(collect(1, 2), Error::<Test>::NothingOwed);
    });
}

#[test]
fn frozen_asset_lets_channels_end_and_waits() {
    new_test_ext().execute_with(|| {
        // given
        assert_ok!(lock(1, COIN, &[400, 0]));
        assert_ok!(lock(2, COIN, &[50, 50]));
        assert_ok!(Assets::freeze_asset(signed(team()), COIN_ID));

        // when one channel is paid in part, and both end
        assert_ok!(pay(1, COIN, &[0, 100]));
        assert_ok!(pay_out(1, COIN, &[100, 200]));
        assert_ok!(pay_out(2, COIN, &[0, 100]));

        // then all of it is owed, in as few entries as there are pairs
        assert_eq!((owed(1, 2), owed(1, 1)), (Some(350), Some(102)));
        assert_eq!(owed(2, 2), Some(52));
        assert!(crate::Deposits::<Test>::iter().next().is_none());
        check();
        assert!(collect(1, 1).is_err());

        // and it cannot be destroyed before it is paid
        assert!(Assets::start_destroy(signed(team()), COIN_ID).is_err());
        assert_ok!(Assets::thaw_asset(signed(team()), COIN_ID));
        for (from, to) in [(1, 2), (1, 1), (2, 2)] {
            assert_ok!(collect(from, to));
            check();
        }
        assert_eq!([free(COIN, 1), free(COIN, 2)], [START - 350, START + 350]);
        assert!(is_forgotten());
    });
}

#[test]
fn supply_without_room_delays_payouts_until_some_is_burnt() {
    new_test_ext().execute_with(|| {
        // given a channel whose asset is then issued to the limit
        assert_ok!(lock(1, COIN, &[400, 100]));
        let rest = Balance::MAX - Assets::total_supply(COIN_ID);
        assert_ok!(Assets::mint(signed(team()), COIN_ID, team(), rest));

        // when it ends, then everything is owed
        assert_ok!(pay_out(1, COIN, &[100, 400]));
        assert_eq!((owed(1, 1), owed(1, 2), owed(2, 2)), (Some(101), Some(300), Some(101)));
        check();

        // and paid once there is room
        assert_ok!(Assets::burn(signed(team()), COIN_ID, team(), rest));
        for (from, to) in [(1, 1), (1, 2), (2, 2)] {
            assert_ok!(collect(from, to));
        }
        assert_eq!([free(COIN, 1), free(COIN, 2)], [START - 300, START + 300]);
        assert!(is_forgotten());
    });
}

#[test]
fn frozen_account_still_pays_what_it_has_in_channels() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, COIN, &[400, 0]));
        assert_ok!(Assets::freeze(signed(team()), COIN_ID, account(1)));
        assert_ok!(pay_out(1, COIN, &[0, 400]));
        assert_eq!(free(COIN, 2), START + 400);
        assert!(is_forgotten());
    });
}

#[test]
fn debtor_takes_part_in_new_channels_and_pays_old_debts() {
    new_test_ext().execute_with(|| {
        // given a debt
        assert_ok!(lock(1, COIN, &[400, 0]));
        assert_ok!(Assets::block(signed(team()), COIN_ID, account(2)));
        assert_ok!(pay_out(1, COIN, &[300, 100]));
        assert_eq!(owed(1, 2), Some(100));

        // when the debtor opens another channel and that ends first
        assert_ok!(Assets::thaw(signed(team()), COIN_ID, account(2)));
        assert_ok!(lock(2, COIN, &[10, 10]));
        check();
        assert_ok!(pay_out(2, COIN, &[20, 0]));
        check();

        // then it still owes, and pays
        assert_eq!(Debts::<Test>::get(account(1), COIN), 100);
        assert_ok!(collect(1, 2));
        check();
        assert_eq!(free(COIN, 1), START - 90);
        assert_ok!(collect(2, 2));
        assert!(is_forgotten());
    });
}

#[test]
fn native_debts_never_arise() {
    new_test_ext().execute_with(|| {
        assert_ok!(lock(1, ChannelAsset::Native, &[400, 0, 7]));
        assert_ok!(pay_out(1, ChannelAsset::Native, &[0, 1, 406]));
        assert!(is_forgotten());
        assert_noop!(
            Purse::collect(signed(team()), ChannelAsset::Native, account(1), account(2)),
            Error::<Test>::NothingOwed
        );
    });
}
