// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use millrace_primitives_channels::{ChannelAsset, channel_id, open_payload, payload::wrapped};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, traits::Currency},
    sp_runtime::{BoundedVec, MultiSigner},
};

#[test]
fn open_locks_every_deposit_with_one_call() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);

        // when
        let id = open_channel(&parties, &[700, 300]);

        // then
        assert_eq!(free(&parties[0]), ENDOWMENT - 700);
        assert_eq!(free(&parties[1]), ENDOWMENT - 300);
        assert_eq!(Balances::total_balance(&parties[0].account()), ENDOWMENT);
        System::assert_last_event(
            Event::<Test>::ChannelOpened {
                channel: id,
                participants: parties.iter().map(Party::account).collect(),
                deposit: 1_000,
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn open_takes_two_to_eight_participants() {
    for count in 2..=8 {
        new_test_ext().execute_with(|| {
            let parties = parties(count);
            open_channel(&parties, &vec![100; usize::from(count)]);
            check_invariants();
        });
    }
}

#[test]
fn open_accepts_what_a_browser_wallet_wrapped() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);
        let params = params(&parties);
        let payload = wrapped(&open_payload(&genesis(), &params, &[5, 5]));

        // when, then
        let signatures =
            BoundedVec::truncate_from(parties.iter().map(|it| it.consent(&payload)).collect());
        let origin = RuntimeOrigin::signed(stranger());
        assert_ok!(Channels::open(origin, params, amounts(&[5, 5]), signatures));
    });
}

#[test]
fn open_fails_when_a_hot_signer_consents_instead_of_the_account() {
    new_test_ext().execute_with(|| {
        // given consent by the keys that sign states
        let parties = parties(2);
        let params = params(&parties);
        let payload = open_payload(&genesis(), &params, &[5, 5]);
        let signatures = BoundedVec::truncate_from(
            parties.iter().map(|it| it.sign(payload.as_bytes())).collect(),
        );

        // when, then
        let origin = RuntimeOrigin::signed(stranger());
        assert_noop!(
            Channels::open(origin, params, amounts(&[5, 5]), signatures),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn open_fails_when_a_signature_is_missing_or_too_many() {
    new_test_ext().execute_with(|| {
        let parties = parties(3);
        let params = params(&parties[..2]);
        let all = consents(&parties, &params, &[5, 5]);
        for count in [0, 1, 3] {
            let some = BoundedVec::truncate_from(all[..count].to_vec());
            let origin = RuntimeOrigin::signed(stranger());
            assert_noop!(
                Channels::open(origin, params.clone(), amounts(&[5, 5]), some),
                Error::<Test>::WrongSignatureCount
            );
        }
    });
}

#[test]
fn open_fails_when_deposits_differ_from_what_was_signed() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        let signatures = consents(&parties, &params, &[5, 5]);
        let origin = RuntimeOrigin::signed(stranger());
        assert_noop!(
            Channels::open(origin, params, amounts(&[5, 6]), signatures),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn open_fails_for_a_single_participant() {
    new_test_ext().execute_with(|| {
        let parties = parties(1);
        assert_noop!(
            open_with(&parties, params(&parties), &[5]),
            Error::<Test>::TooFewParticipants
        );
    });
}

#[test]
fn open_fails_for_a_participant_named_twice_or_out_of_order() {
    new_test_ext().execute_with(|| {
        let twice = [Party::new(1), Party::new(1)];
        assert_noop!(
            open_with(&twice, params(&twice), &[5, 5]),
            Error::<Test>::ParticipantsNotAscending
        );
        let mut reversed = parties(2);
        reversed.reverse();
        assert_noop!(
            open_with(&reversed, params(&reversed), &[5, 5]),
            Error::<Test>::ParticipantsNotAscending
        );
    });
}

#[test]
fn open_fails_when_two_participants_share_a_signer() {
    new_test_ext().execute_with(|| {
        let parties = parties(3);
        let mut params = params(&parties);
        params.participants[2].signer = params.participants[0].signer.clone();
        assert_noop!(open_with(&parties, params, &[5, 5, 5]), Error::<Test>::DuplicateSigner);
    });
}

#[test]
fn open_fails_when_no_signature_could_fit_a_signer() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let mut params = params(&parties);
        params.participants[1].signer = MultiSigner::Eth([2; 33].into());
        assert_noop!(open_with(&parties, params, &[5, 5]), Error::<Test>::UnsupportedSigner);
    });
}

#[test]
fn open_fails_when_sums_overflow_or_nothing_is_deposited() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        assert_noop!(
            open_with(&parties, params.clone(), &[u128::MAX, 1]),
            Error::<Test>::AmountOverflow
        );
        assert_noop!(open_with(&parties, params.clone(), &[0, 0]), Error::<Test>::EmptyChannel);
        assert_noop!(open_with(&parties, params, &[1, 1, 1]), Error::<Test>::WrongDepositCount);
    });
}

#[test]
fn open_fails_when_funds_are_insufficient_and_locks_nothing() {
    new_test_ext().execute_with(|| {
        // given a second participant who lacks one unit
        let parties = parties(2);
        let params = params(&parties);

        // when, then the first one's deposit is free again too
        assert_noop!(
            open_with(&parties, params, &[5, ENDOWMENT + 1]),
            pallet_channel_balances::Error::<Test>::InsufficientFunds
        );
    });
}

#[test]
fn open_leaves_the_existential_deposit_alone() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        assert_noop!(
            open_with(&parties, params.clone(), &[5, ENDOWMENT]),
            pallet_channel_balances::Error::<Test>::BelowMinimumBalance
        );
        assert_ok!(open_with(&parties, params, &[5, ENDOWMENT - ED - ANCHOR]));
        assert_eq!(free(&parties[1]), ED + ANCHOR);
        check_invariants();
    });
}

#[test]
fn open_fails_when_an_account_does_not_exist() {
    new_test_ext().execute_with(|| {
        // given a party that has no money, and deposits none
        let mut parties = vec![Party::new(0), Party::new(100)];
        parties.sort_by_key(Party::account);
        let poor = parties.iter().position(|it| free(it) == 0).expect("one is poor");
        let mut deposits = [5, 5];
        deposits[poor] = 0;

        // when, then
        assert_noop!(
            open_with(&parties, params(&parties), &deposits),
            pallet_channel_balances::Error::<Test>::AccountNotFound
        );
    });
}

#[test]
fn open_fails_outside_the_bounds_of_the_challenge_window() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let mut short = params(&parties);
        short.challenge_blocks = MIN_CHALLENGE - 1;
        assert_noop!(open_with(&parties, short, &[5, 5]), Error::<Test>::ChallengeTooShort);
        let mut long = params(&parties);
        long.challenge_blocks = MAX_CHALLENGE + 1;
        assert_noop!(open_with(&parties, long, &[5, 5]), Error::<Test>::ChallengeTooLong);
    });
}

#[test]
fn open_fails_after_its_last_block_or_far_ahead_of_it() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let on_time = params(&parties);
        let mut late = on_time.clone();
        late.open_by = System::block_number() - 1;
        assert_noop!(open_with(&parties, late, &[5, 5]), Error::<Test>::OpeningExpired);
        let mut early = on_time.clone();
        early.open_by = System::block_number() + MAX_OPEN_DELAY + 1;
        assert_noop!(open_with(&parties, early, &[5, 5]), Error::<Test>::OpeningTooFarAhead);
        System::set_block_number(on_time.open_by);
        assert_ok!(open_with(&parties, on_time, &[5, 5]));
    });
}

#[test]
fn open_fails_when_the_channel_is_open_already() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        assert_ok!(open_with(&parties, params.clone(), &[5, 5]));
        assert_noop!(open_with(&parties, params.clone(), &[5, 5]), Error::<Test>::ChannelExists);
        assert_noop!(open_with(&parties, params, &[6, 6]), Error::<Test>::ChannelExists);
    });
}

#[test]
fn open_fails_in_an_asset_that_does_not_exist() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let mut params = params(&parties);
        params.asset = ChannelAsset::Local(1);
        assert_noop!(
            open_with(&parties, params, &[5, 5]),
            pallet_channel_balances::Error::<Test>::AssetNotFound
        );
    });
}

#[test]
fn ids_differ_by_nonce() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let first = params(&parties);
        let mut second = first.clone();
        second.nonce += 1;
        assert_ne!(channel_id(&genesis(), &first), channel_id(&genesis(), &second));
        assert_ok!(open_with(&parties, first, &[5, 5]));
        assert_ok!(open_with(&parties, second, &[5, 5]));
        check_invariants();
    });
}

#[test]
fn channel_in_an_asset_opens_and_settles_like_any_other() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);
        let mut params = params(&parties);
        params.asset = ChannelAsset::Local(COIN);
        let id = channel_id(&genesis(), &params);

        // when
        assert_ok!(open_with(&parties, params, &[700, 300]));
        check_invariants();
        assert_ok!(settle(&parties, final_state(id, 1, &[100, 900])));

        // then
        assert_eq!(Assets::balance(COIN, parties[0].account()), ENDOWMENT - 600);
        assert_eq!(Assets::balance(COIN, parties[1].account()), ENDOWMENT + 600);
        assert_eq!(free(&parties[0]), ENDOWMENT);
        check_invariants();
    });
}

#[test]
fn whoever_opens_pays_the_storage_deposit_until_the_channel_is_forgotten() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);
        let open_by = params(&parties).open_by;
        let id = open_channel(&parties, &[5, 5]);
        assert_eq!(free_of(&stranger()), ENDOWMENT - CHANNEL_TICKET);

        // when the channel is over, but its id has to be remembered
        assert_ok!(settle(&parties, final_state(id, 1, &[5, 5])));
        assert_eq!(free_of(&stranger()), ENDOWMENT - CHANNEL_TICKET);
        check_invariants();

        // then the deposit comes back with the last trace of it
        run_to(open_by + 1);
        assert_eq!(free_of(&stranger()), ENDOWMENT);
        assert!(is_forgotten());
    });
}

#[test]
fn open_fails_for_who_cannot_pay_the_storage_deposit() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        let signatures = consents(&parties, &params, &[5, 5]);
        let poor = RuntimeOrigin::signed(Party::new(99).account());
        assert!(Channels::open(poor, params, amounts(&[5, 5]), signatures).is_err());
        assert!(is_forgotten());
    });
}
