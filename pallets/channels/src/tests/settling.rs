// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use millrace_primitives_channels::{payload::wrapped, state_payload};
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
        assert_eq!(free(&parties[1]), ED + ANCHOR, "the channel keeps the account alive");

        // when it earns less than the existential deposit, then it is paid all the same
        assert_ok!(settle(&parties, final_state(id, 1, &[99, 1])));
        assert_eq!(free(&parties[1]), ED + ANCHOR + 1);
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
fn settle_fails_for_what_is_not_plain() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        let plain = final_state(id, 1, &[5, 5]);
        let pending = with_transfers(final_state(id, 1, &[4, 5]), &[transfer(1, 1, 9)]);
        let pulses = Pulses::new(id, 0, 1, 1, 2);
        let streaming = with_streams(final_state(id, 1, &[3, 5]), &[pulses.stream]);
        let app = with_app(plain, Tally::data(0, 1));
        for state in [pending, streaming, app] {
            assert_noop!(settle(&parties, state), Error::<Test>::NotPlain);
        }
    });
}

#[test]
fn settle_of_version_zero_is_refused() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        assert_noop!(settle(&parties, final_state(id, 0, &[5, 5])), Error::<Test>::NotTheBaseState);
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

#[test]
fn settle_many_goes_as_far_as_it_can() {
    new_test_ext().execute_with(|| {
        // given three channels
        let parties = parties(2);
        let ids: Vec<_> = (0..3).map(|nonce| open_nth(&parties, &[10, 10], nonce)).collect();
        let signed = |state| {
            let signatures = co_sign(&parties, &state);
            (state, signatures)
        };

        // when the second of them is wrong, and the third is there twice
        let batch = vec![
            signed(final_state(ids[0], 1, &[0, 20])),
            signed(final_state(ids[1], 1, &[0, 21])),
            signed(final_state(ids[2], 1, &[5, 15])),
            signed(final_state(ids[2], 2, &[20, 0])),
        ];
        assert_ok!(Channels::settle_many(anybody(), BoundedVec::truncate_from(batch)));

        // then the others are settled once, and each failure is told
        assert_eq!([is_over(ids[0]), is_over(ids[1]), is_over(ids[2])], [true, false, true]);
        assert_eq!(free(&parties[0]), ENDOWMENT - 10 - 10 - 5);
        for (channel, error) in
            [(ids[1], Error::<Test>::SumMismatch), (ids[2], Error::<Test>::ChannelNotFound)]
        {
            let error = error.into();
            System::assert_has_event(Event::<Test>::SettlementFailed { channel, error }.into());
        }
        check_invariants();
    });
}

#[test]
fn settle_many_fails_when_nothing_can_be_settled() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[10, 10]);
        let state = final_state(id, 1, &[0, 21]);
        let signatures = co_sign(&parties, &state);
        let batch = BoundedVec::truncate_from(vec![(state, signatures)]);
        assert_noop!(Channels::settle_many(anybody(), batch), Error::<Test>::NothingSettled);
        let nothing = BoundedVec::new();
        assert_noop!(Channels::settle_many(anybody(), nothing), Error::<Test>::NothingSettled);
    });
}

#[test]
fn settle_of_a_dispute_takes_it_off_the_agenda_and_returns_the_bond() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        assert_ok!(dispute(&parties, state(id, 7, &[100, 100])));
        assert_ok!(settle(&parties, final_state(id, 7, &[100, 100])));
        assert_eq!(free(&parties[0]), ENDOWMENT);
        assert!(crate::Agenda::<Test>::iter().next().is_none());
        check_invariants();
    });
}
