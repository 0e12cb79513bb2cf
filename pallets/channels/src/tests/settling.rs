// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use millrace_primitives_channels::{
    AppState, ChannelState, Hash, PendingTransfers, Stream, payload::wrapped, state_payload,
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_core::H256,
    sp_runtime::BoundedVec,
};

#[test]
fn settle_pays_all_participants_with_one_call() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(3);
        let id = open_channel(&parties, &[700, 300, 0]);
        let issuance = Balances::total_issuance();

        // when
        assert_ok!(settle(&parties, final_state(id, 9, &[100, 400, 500])));

        // then
        assert_eq!(free(&parties[0]), ENDOWMENT - 600);
        assert_eq!(free(&parties[1]), ENDOWMENT + 100);
        assert_eq!(free(&parties[2]), ENDOWMENT + 500);
        assert_eq!(Balances::total_issuance(), issuance);
        System::assert_last_event(
            Event::<Test>::ChannelSettled {
                channel: id,
                version: 9,
                payouts: amounts(&[100, 400, 500]),
            }
            .into(),
        );
        check_invariants();
    });
}

#[test]
fn settle_accepts_what_a_browser_wallet_wrapped() {
    new_test_ext().execute_with(|| {
        let parties = parties(3);
        let id = open_channel(&parties, &[10, 10, 10]);
        let state = final_state(id, 1, &[0, 0, 30]);
        let payload = wrapped(&state_payload(&genesis(), &state));
        let signatures =
            BoundedVec::truncate_from(parties.iter().map(|it| it.sign(&payload)).collect());
        assert_ok!(Channels::settle(RuntimeOrigin::signed(stranger()), state, signatures));
    });
}

#[test]
fn settle_pays_a_participant_who_spent_everything_else() {
    new_test_ext().execute_with(|| {
        // given a participant that deposited nothing and gave away all it could
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 0]);
        let all =
            Balances::transfer_all(RuntimeOrigin::signed(parties[1].account()), stranger(), false);
        assert_ok!(all);
        assert_eq!(free(&parties[1]), ED, "the channel keeps the account alive");

        // when it earns less than the existential deposit, then it is paid all the same
        assert_ok!(settle(&parties, final_state(id, 1, &[99, 1])));
        assert_eq!(free(&parties[1]), ED + 1);
        check_invariants();
    });
}

#[test]
fn settle_fails_unless_the_state_is_final() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        assert_noop!(settle(&parties, state(id, 1, &[5, 5])), Error::<Test>::NotFinal);
    });
}

#[test]
fn settle_fails_for_an_unknown_or_ended_channel() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let unknown = final_state(H256::repeat_byte(1), 1, &[5, 5]);
        assert_noop!(settle(&parties, unknown), Error::<Test>::ChannelNotFound);
        let id = open_channel(&parties, &[5, 5]);
        assert_ok!(settle(&parties, final_state(id, 1, &[5, 5])));
        assert_noop!(settle(&parties, final_state(id, 2, &[5, 5])), Error::<Test>::ChannelNotFound);
    });
}

#[test]
fn settle_fails_when_amounts_do_not_add_up() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        for (balances, error) in [
            (vec![5, 6], Error::<Test>::SumMismatch),
            (vec![5, 4], Error::<Test>::SumMismatch),
            (vec![u128::MAX, 11], Error::<Test>::AmountOverflow),
            (vec![10], Error::<Test>::WrongBalanceCount),
            (vec![5, 5, 0], Error::<Test>::WrongBalanceCount),
        ] {
            assert_noop!(settle(&parties, final_state(id, 1, &balances)), error);
        }
    });
}

#[test]
fn settle_fails_without_everybodys_signature() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        let state = final_state(id, 1, &[10, 0]);
        let all = co_sign(&parties, &state);
        let origin = || RuntimeOrigin::signed(stranger());

        let one = BoundedVec::truncate_from(vec![all[0].clone()]);
        assert_noop!(
            Channels::settle(origin(), state.clone(), one),
            Error::<Test>::WrongSignatureCount
        );
        let same_twice = BoundedVec::truncate_from(vec![all[0].clone(), all[0].clone()]);
        assert_noop!(
            Channels::settle(origin(), state.clone(), same_twice),
            Error::<Test>::InvalidSignature
        );
        let swapped = BoundedVec::truncate_from(vec![all[1].clone(), all[0].clone()]);
        assert_noop!(Channels::settle(origin(), state, swapped), Error::<Test>::InvalidSignature);
    });
}

#[test]
fn settle_fails_for_what_cannot_be_judged_yet() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        let plain = final_state(id, 1, &[5, 5]);
        let pending = ChannelState {
            balances: amounts(&[4, 4]),
            pending: Some(PendingTransfers { root: Hash::zero(), total: 2, count: 1 }),
            ..plain.clone()
        };
        let stream =
            Stream { payer: 0, payee: 1, root: Hash::zero(), unit: 1, chains: 1, links: 2 };
        let streaming = ChannelState {
            balances: amounts(&[4, 4]),
            streams: BoundedVec::truncate_from(vec![stream]),
            ..plain.clone()
        };
        let app = ChannelState {
            app: Some(AppState { id: Hash::zero(), data: BoundedVec::new() }),
            ..plain
        };
        for state in [pending, streaming, app] {
            assert_noop!(settle(&parties, state), Error::<Test>::ConditionsNotSupported);
        }
    });
}

#[test]
fn settle_of_version_zero_is_refused() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        assert_noop!(
            settle(&parties, final_state(id, 0, &[5, 5])),
            Error::<Test>::NotTheOpeningState
        );
    });
}

#[test]
fn settle_ends_a_dispute_unless_it_is_older() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        assert_ok!(dispute(&parties, state(id, 7, &[1, 9])));
        assert_noop!(settle(&parties, final_state(id, 6, &[9, 1])), Error::<Test>::StaleVersion);
        assert_ok!(settle(&parties, final_state(id, 8, &[9, 1])));
        assert_eq!(free(&parties[0]), ENDOWMENT + 4);
        check_invariants();
    });
}
