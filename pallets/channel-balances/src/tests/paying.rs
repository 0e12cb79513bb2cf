// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{ANCHOR, Error};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    frame_system,
};

#[test]
fn pay_out_moves_differences_and_releases_the_rest() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            assert_ok!(lock(1, asset, &[400, 300, 200, 0]));
            assert_ok!(pay_out(1, asset, &[100, 350, 250, 200]));
            assert_eq!(all_free(asset), [700, 1_050, 1_050, 1_200]);
            assert!(is_forgotten());
        });
    }
}

#[test]
fn pay_draws_on_everybodys_own_lock_first() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            // given
            assert_ok!(lock(1, asset, &[400, 300, 0]));

            // when the third is paid 350, and the second 100
            assert_ok!(pay(1, asset, &[0, 100, 350]));

            // then the second is paid from its own lock, the third from the first's
            let locked = [1, 2, 3].map(|who| Purse::locked(channel(1), &account(who)));
            assert_eq!(locked, [Some(50), Some(200), Some(0)]);
            assert_eq!(free(asset, 2), START - 300 + 100 - ANCHOR);
            assert_eq!(free(asset, 3), START + 350 - ANCHOR);
            check();

            // and the rest can be paid out in any way
            assert_ok!(pay_out(1, asset, &[0, 0, 250]));
            assert_eq!(all_free(asset), [600, 800, 1_600, START]);
            assert!(is_forgotten());
        });
    }
}

#[test]
fn pay_refuses_more_than_is_locked_or_other_accounts() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            assert_ok!(lock(1, asset, &[400, 300]));
            assert_noop!(pay(1, asset, &[400, 301]), Error::<Test>::PayoutMismatch);
            assert_noop!(pay(1, asset, &[0, 0, 1]), Error::<Test>::PayoutMismatch);
            assert_noop!(pay(2, asset, &[0, 1]), Error::<Test>::PayoutMismatch);
            assert_ok!(pay(1, asset, &[400, 300]));
            assert_noop!(pay(1, asset, &[0, 1]), Error::<Test>::PayoutMismatch);
            assert_ok!(pay_out(1, asset, &[0, 0]));
            assert!(is_forgotten());
        });
    }
}

#[test]
fn pay_out_refuses_another_sum_another_asset_or_other_accounts() {
    for asset in BOTH {
        new_test_ext().execute_with(|| {
            let other = if asset == COIN { ChannelAsset::Native } else { COIN };
            assert_ok!(lock(1, asset, &[400, 300]));
            assert_noop!(pay_out(1, asset, &[400, 301]), Error::<Test>::PayoutMismatch);
            assert_noop!(pay_out(1, asset, &[400, 299]), Error::<Test>::PayoutMismatch);
            assert_noop!(pay_out(1, asset, &[400, 200, 100]), Error::<Test>::PayoutMismatch);
            assert_noop!(pay_out(2, asset, &[400, 300]), Error::<Test>::PayoutMismatch);
            assert_noop!(pay_out(1, other, &[400, 300]), Error::<Test>::PayoutMismatch);
        });
    }
}

#[test]
fn smallest_payout_reaches_a_participant_who_spent_all_it_could() {
    new_test_ext().execute_with(|| {
        // given a participant that gives away all it can, in every way it can
        assert_ok!(lock(1, ChannelAsset::Native, &[500, 0]));
        assert!(frame_system::Pallet::<Test>::dec_providers(&account(2)).is_err());
        assert_ok!(Balances::transfer_all(signed(account(2)), account(1), false));
        assert_eq!(Balances::free_balance(account(2)), ED);
        check();

        // when it is paid a single unit, then it gets it
        assert_ok!(pay_out(1, ChannelAsset::Native, &[499, 1]));
        assert_eq!(Balances::free_balance(account(2)), ED + 1 + ANCHOR);
    });
}
