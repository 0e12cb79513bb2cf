// SPDX-License-Identifier: Apache-2.0

//! Accounts that spend all they can, die, or never existed, in every phase of a channel.

use crate::mock::*;
use millrace_primitives_channels::{AccountId, Balance, ChannelAsset, ChannelParams, channel_id};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    pallet_assets,
    sp_runtime::{BoundedVec, DispatchError},
};

/// Parties in ascending order whose accounts live by native tokens alone: whoever has an asset too
/// cannot die for that reason.
fn mortals(count: u8) -> Vec<Party> {
    let parties = parties(count);
    for party in &parties {
        assert_eq!(drain_coin(party), 0);
        assert_eq!(System::consumers(&party.account()), 0);
    }
    parties
}

/// `who` gives away all it can, even if its account dies of that, and says what is left.
fn drain(who: &AccountId) -> Balance {
    let origin = RuntimeOrigin::signed(who.clone());
    assert_ok!(Balances::transfer_all(origin, treasury(), false));
    Balances::free_balance(who)
}

/// Whether there is such an account.
fn exists(who: &AccountId) -> bool {
    System::account_exists(who)
}

/// Gives `who` an amount.
fn give(who: &AccountId, amount: Balance) {
    assert_ok!(Balances::transfer_allow_death(
        RuntimeOrigin::signed(treasury()),
        who.clone(),
        amount
    ));
}

#[test]
fn participants_cannot_die_and_are_paid_the_smallest_amounts_in_every_phase() {
    new_test_ext().execute_with(|| {
        let issuance = Balances::total_issuance();
        let parties = mortals(2);
        let [one, two] = [parties[0].account(), parties[1].account()];

        // given parties that have given away all they can, when the channel is open
        let id = open_channel(&parties, &[100, 100]);
        assert_eq!([drain(&one), drain(&two)], [ED, ED]);
        check_invariants();

        // when it is disputed, with balances, a transfer and a unit below the existential deposit
        give(&one, BOND);
        let pulses = Pulses::new(id, 0, 2, 1, 4);
        let all = [transfer(1, 3, now() + 30), transfer(2, 4, now() + 30)];
        let shown = with_streams(with_transfers(state(id, 1, &[184, 1]), &all), &[pulses.stream]);
        assert_ok!(dispute(&parties, shown));
        assert_eq!([drain(&one), drain(&two)], [ED, ED]);
        check_invariants();

        // then the bond comes back, and one unit reaches the poor
        run_to(dispute_of(id).deadline);
        assert_eq!(Balances::free_balance(&one), ED + BOND + 184);
        assert_eq!(Balances::free_balance(&two), ED + 1);

        // when what is conditional waits
        assert_eq!([drain(&one), drain(&two)], [ED, ED]);
        check_invariants();
        assert_ok!(reveal(1));
        assert_ok!(claim(id, &all, 0));
        assert_eq!(Balances::free_balance(&two), ED + 3);
        assert_eq!(drain(&two), ED);
        assert_ok!(pulses.claim(id, 0, 1));
        assert_eq!(Balances::free_balance(&two), ED + 2);
        check_invariants();

        // then the rest goes back to a payer that has nothing else
        run_to(now() + 60);
        assert!(is_over(id));
        assert_eq!(Balances::free_balance(&one), ED + ANCHOR + 4 + 6);

        // and once the channel is over, both may die
        assert_eq!([drain(&one), drain(&two)], [0, 0]);
        assert!(!exists(&one) && !exists(&two));
        run_to(now() + REVEAL_BLOCKS);
        assert!(is_forgotten());
        check_invariants();
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn nobody_not_even_root_removes_a_participant() {
    new_test_ext().execute_with(|| {
        let parties = mortals(2);
        let id = open_channel(&parties, &[100, 0]);
        for party in &parties {
            for amount in [0, ED - 1] {
                assert_noop!(
                    Balances::force_set_balance(RuntimeOrigin::root(), party.account(), amount),
                    DispatchError::ConsumerRemaining
                );
            }
            assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), party.account(), ED));
        }
        check_invariants();

        // so that whatever the channel pays arrives
        assert_ok!(settle(&parties, final_state(id, 1, &[99, 1])));
        assert_eq!([free(&parties[0]), free(&parties[1])], [ED + 99 + ANCHOR, ED + 1 + ANCHOR]);
        check_invariants();
    });
}

#[test]
fn participant_that_died_before_the_opening_is_refused_and_one_that_came_back_is_not() {
    new_test_ext().execute_with(|| {
        // given consents that were signed while the account had money
        let parties = mortals(2);
        let wanted = ChannelParams { nonce: 3, ..params(&parties) };
        let id = channel_id(&genesis(), &wanted);
        let two = parties[1].account();
        drain(&two);
        assert!(!exists(&two));

        // when it is gone, then nobody's deposit is locked; when it is back, it can take part
        assert_noop!(
            open_with(&parties, wanted.clone(), &[100, 0]),
            pallet_channel_balances::Error::<Test>::AccountNotFound
        );
        give(&two, ED + ANCHOR);
        assert_ok!(open_with(&parties, wanted, &[100, 0]));
        assert_ok!(settle(&parties, final_state(id, 1, &[0, 100])));
        assert_eq!(Balances::free_balance(&two), ED + ANCHOR + 100);
        check_invariants();
    });
}

#[test]
fn opener_and_revealer_cannot_die_before_their_storage_deposits_are_back() {
    new_test_ext().execute_with(|| {
        let parties = mortals(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(Channels::reveal(RuntimeOrigin::signed(tower()), secret(1)));
        assert_eq!([drain(&stranger()), drain(&tower())], [ED, ED]);

        // when the channel and the preimage are forgotten, then each has what it set aside
        assert_ok!(Channels::settle(
            parties[0].origin(),
            final_state(id, 1, &[100, 100]),
            co_sign(&parties, &final_state(id, 1, &[100, 100]))
        ));
        run_to(now() + REVEAL_BLOCKS);
        assert!(is_forgotten());
        assert_eq!(Balances::free_balance(stranger()), ED + CHANNEL_TICKET);
        assert_eq!(Balances::free_balance(tower()), ED + REVEAL_TICKET);
        assert_eq!([drain(&stranger()), drain(&tower())], [0, 0]);
        assert!(!exists(&stranger()) && !exists(&tower()));
    });
}

#[test]
fn tower_that_died_after_its_answer_is_rewarded_all_the_same() {
    new_test_ext().execute_with(|| {
        let issuance = Balances::total_issuance();
        let parties = mortals(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[100, 100])));
        assert_ok!(answer(&parties, state(id, 9, &[0, 200])));
        assert_eq!(drain(&tower()), 0);
        assert!(!exists(&tower()));

        run_to(dispute_of(id).deadline);
        assert_eq!(Balances::free_balance(tower()), REWARD);
        assert_eq!(Balances::total_issuance(), issuance);
        check_invariants();
    });
}

#[test]
fn cheat_without_anything_else_cannot_escape_its_penalty() {
    new_test_ext().execute_with(|| {
        // given a cheat that has spent all but its bond, and has nothing in the newest state
        let parties = mortals(2);
        let one = parties[0].account();
        let id = open_channel(&parties, &[0, 100]);
        assert_ok!(dispute(&parties, state(id, 1, &[100, 0])));
        assert_ok!(answer(&parties, state(id, 9, &[0, 100])));
        assert_eq!(drain(&one), ED);
        let treasury_before = Balances::free_balance(treasury());

        run_to(dispute_of(id).deadline);
        assert_eq!(Balances::free_balance(&one), ED + ANCHOR);
        assert_eq!(Balances::free_balance(treasury()), treasury_before + BOND - REWARD);
        assert_eq!(drain(&one), 0);
        assert!(!exists(&one));
        check_invariants();
    });
}

/// Two parties with a channel in an asset, of which the first has deposited all.
fn channel_in_coin(deposit: Balance) -> (Vec<Party>, millrace_primitives_channels::ChannelId) {
    let parties = parties(2);
    let wanted = ChannelParams { asset: ChannelAsset::Local(COIN), ..params(&parties) };
    let id = channel_id(&genesis(), &wanted);
    assert_ok!(open_with(&parties, wanted, &[deposit, 0]));
    (parties, id)
}

/// `party` gives away all of the asset that it can, and says what is left.
fn drain_coin(party: &Party) -> Balance {
    assert_ok!(Assets::transfer_all(party.origin(), COIN, Party::new(7).account(), false));
    Assets::balance(COIN, party.account())
}

#[test]
fn participants_of_a_channel_in_an_asset_cannot_lose_their_accounts_in_it() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel_in_coin(100);
        assert!(drain_coin(&parties[0]) >= ED && drain_coin(&parties[1]) >= ED);
        let before = Assets::balance(COIN, parties[1].account());
        check_invariants();

        // then a payout below the asset's minimum arrives
        assert_ok!(dispute(&parties, state(id, 1, &[99, 1])));
        run_to(dispute_of(id).deadline);
        assert!(is_over(id));
        // One more unit was its anchor.
        assert_eq!(Assets::balance(COIN, parties[1].account()), before + 1 + 1);
        check_invariants();

        // and once the channel is over, its account in the asset may go
        assert_eq!(drain_coin(&parties[1]), 0);
        assert!(!pallet_assets::Account::<Test>::contains_key(COIN, parties[1].account()));
        check_invariants();
    });
}

#[test]
fn payee_whose_account_vanished_collects_when_it_is_back() {
    new_test_ext().execute_with(|| {
        // given a payee that the asset's team had blocked when it was to be paid a little
        let (parties, id) = channel_in_coin(100);
        let [one, two] = [parties[0].account(), parties[1].account()];
        let coin = ChannelAsset::Local(COIN);
        assert_ok!(Assets::block(anybody(), COIN, two.clone()));
        assert_ok!(settle(&parties, final_state(id, 1, &[95, 5])));
        assert!(is_over(id));
        check_invariants();

        // and whose account in the asset is gone since
        assert_ok!(Assets::thaw(anybody(), COIN, two.clone()));
        assert_ok!(Purse::collect(anybody(), coin, two.clone(), two.clone()));
        assert_eq!(drain_coin(&parties[1]), 0);
        assert!(!pallet_assets::Account::<Test>::contains_key(COIN, &two));

        // when somebody tries to hand it over, then it stays owed, because it is below the minimum
        assert!(Purse::collect(anybody(), coin, one.clone(), two.clone()).is_err());
        assert_eq!(
            pallet_channel_balances::Unpaid::<Test>::get(&two, (coin, one.clone())),
            Some(5)
        );
        check_invariants();

        // when the account is back, then it arrives whole
        let helper = Party::new(7);
        assert_ok!(Assets::transfer(helper.origin(), COIN, two.clone(), ED));
        assert_ok!(Purse::collect(anybody(), coin, one, two.clone()));
        assert_eq!(Assets::balance(COIN, &two), ED + 5);
        assert_eq!(pallet_channel_balances::Unpaid::<Test>::iter().count(), 0);
        check_invariants();
    });
}

#[test]
fn dispute_with_a_party_that_has_nothing_ends_like_any_other() {
    new_test_ext().execute_with(|| {
        // given a party with nothing but the existential deposit, which wants to close alone
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let two = parties[1].account();
        drain(&two);
        assert_noop!(
            Channels::dispute(parties[1].origin(), state(id, 0, &[100, 100]), BoundedVec::new()),
            pallet_channel_balances::Error::<Test>::InsufficientFunds
        );

        // when somebody lends it the bond, then it gets its money out and can give it back
        give(&two, BOND);
        assert_ok!(dispute_by(&parties[1], &parties, state(id, 0, &[100, 100])));
        run_to(dispute_of(id).deadline);
        assert_eq!(Balances::free_balance(&two), ED + ANCHOR + BOND + 100);
        check_invariants();
    });
}
