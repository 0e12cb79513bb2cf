// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, mock::*};
use millrace_primitives_channels::{BlockNumber, ChannelId, ChannelState, Resize};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::BoundedVec,
};

/// A channel of two with 100 each.
fn channel() -> (Vec<Party>, ChannelId) {
    let parties = parties(2);
    let id = open_channel(&parties, &[100, 100]);
    (parties, id)
}

fn wanted(state: ChannelState, deltas: &[i128], valid_until: BlockNumber) -> Resize {
    Resize { state, deltas: BoundedVec::truncate_from(deltas.to_vec()), valid_until }
}

#[test]
fn resize_adds_and_takes_out_at_once() {
    new_test_ext().execute_with(|| {
        // given
        let (parties, id) = channel();

        // when the first adds 50, and the second takes out 30
        let change = wanted(state(id, 4, &[120, 100]), &[50, -30], 100);
        assert_ok!(resize(&parties, change.clone()));

        // then
        assert_eq!(free(&parties[0]), ENDOWMENT - 150);
        assert_eq!(free(&parties[1]), ENDOWMENT - 70);
        assert_eq!(crate::mock::channel(id).deposit, 220);
        System::assert_last_event(
            Event::<Test>::ChannelResized {
                channel: id,
                version: 4,
                deltas: change.deltas,
                deposit: 220,
            }
            .into(),
        );
        check_invariants();
        assert_ok!(settle(&parties, final_state(id, 5, &[0, 220])));
        check_invariants();
    });
}

#[test]
fn participant_may_take_out_more_than_it_brought() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        assert_ok!(resize(&parties, wanted(state(id, 1, &[10, 0]), &[0, -190], 100)));
        assert_eq!(free(&parties[1]), ENDOWMENT + 90);
        check_invariants();
        assert_ok!(settle(&parties, final_state(id, 2, &[10, 0])));
        assert_eq!(free(&parties[0]), ENDOWMENT - 90);
        check_invariants();
    });
}

#[test]
fn state_of_a_resize_needs_no_signature_in_a_dispute() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let base = state(id, 4, &[120, 100]);
        assert_ok!(resize(&parties, wanted(base.clone(), &[50, -30], 100)));
        let other = state(id, 4, &[220, 0]);
        let signatures = co_sign(&parties, &other);
        assert_noop!(
            Channels::dispute(parties[0].origin(), other, signatures),
            Error::<Test>::NotTheBaseState
        );
        assert_ok!(Channels::dispute(parties[0].origin(), base, BoundedVec::new()));
        check_invariants();
    });
}

#[test]
fn resize_without_any_change_ends_the_reign_of_earlier_states() {
    new_test_ext().execute_with(|| {
        // given states that were signed under the old deposits
        let (parties, id) = channel();
        let earlier: Vec<_> = (0..5).map(|version| state(id, version, &[100, 100])).collect();

        // when the sum stays the same
        let base = state(id, 5, &[50, 150]);
        assert_ok!(resize(&parties, wanted(base, &[0, 0], 100)));

        // then none of them counts any more, not even in a dispute
        for state in earlier {
            let signatures = co_sign(&parties, &state);
            assert_noop!(
                Channels::dispute(parties[0].origin(), state.clone(), signatures.clone()),
                Error::<Test>::StaleVersion
            );
            let last = ChannelState { is_final: true, ..state };
            assert_noop!(settle(&parties, last), Error::<Test>::StaleVersion);
        }
        // nor does another state of the very version
        assert_noop!(
            settle(&parties, final_state(id, 5, &[100, 100])),
            Error::<Test>::NotTheBaseState
        );
        check_invariants();
    });
}

#[test]
fn resize_fails_after_its_last_block() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let change = wanted(state(id, 1, &[150, 100]), &[50, 0], 7);
        jump_to(8);
        assert_noop!(resize(&parties, change.clone()), Error::<Test>::ResizeExpired);
        jump_to(7);
        assert_ok!(resize(&parties, change.clone()));
        assert_noop!(resize(&parties, change), Error::<Test>::StaleVersion);
    });
}

#[test]
fn resize_fails_when_the_channel_is_being_closed() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let change = wanted(state(id, 9, &[150, 100]), &[50, 0], 100);
        let pending = with_transfers(state(id, 1, &[70, 100]), &[transfer(1, 30, 100)]);
        assert_ok!(dispute(&parties, pending));
        assert_noop!(resize(&parties, change.clone()), Error::<Test>::AlreadyDisputed);
        run_to(dispute_of(id).deadline);
        assert_noop!(resize(&parties, change), Error::<Test>::AlreadyConcluded);
    });
}

#[test]
fn signer_cannot_lock_more_of_its_accounts_money() {
    new_test_ext().execute_with(|| {
        // given a resize that adds funds of the first, signed by both hot keys
        let (parties, id) = channel();
        let change = wanted(state(id, 1, &[150, 100]), &[50, 0], 100);
        let payload = millrace_primitives_channels::resize_payload(&genesis(), &change);
        let hot = parties.iter().map(|it| it.sign(payload.as_bytes())).collect();
        assert_noop!(
            Channels::resize(anybody(), change.clone(), BoundedVec::truncate_from(hot)),
            Error::<Test>::InvalidSignature
        );
        // and the account alone cannot speak for the channel's signer either
        let cold = parties.iter().map(|it| it.consent(payload.as_bytes())).collect();
        assert_noop!(
            Channels::resize(anybody(), change.clone(), BoundedVec::truncate_from(cold)),
            Error::<Test>::InvalidSignature
        );
        let one = vec![parties[0].consent(payload.as_bytes())];
        assert_noop!(
            Channels::resize(anybody(), change, BoundedVec::truncate_from(one)),
            Error::<Test>::WrongSignatureCount
        );
    });
}

#[test]
fn resize_fails_when_amounts_do_not_add_up() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        for (balances, deltas, error) in [
            (vec![150, 101], vec![50, 0], Error::<Test>::SumMismatch),
            (vec![100, 100], vec![50, 0], Error::<Test>::SumMismatch),
            (vec![100, 100], vec![0], Error::<Test>::WrongDeltaCount),
            (vec![100, 100], vec![0, 0, 0], Error::<Test>::WrongDeltaCount),
            (vec![100], vec![0, -100], Error::<Test>::WrongBalanceCount),
            (vec![0, 0], vec![-100, -100], Error::<Test>::EmptyChannel),
            (vec![0, 0], vec![-200, -1], Error::<Test>::AmountOverflow),
            (vec![0, 0], vec![i128::MIN, 0], Error::<Test>::AmountOverflow),
        ] {
            let change = wanted(state(id, 1, &balances), &deltas, 100);
            assert_noop!(resize(&parties, change), error);
        }
    });
}

#[test]
fn resize_fails_when_funds_are_insufficient_and_moves_nothing() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let much = ENDOWMENT as i128;
        let change = wanted(state(id, 1, &[ENDOWMENT, 200]), &[much, 0], 100);
        assert_noop!(
            resize(&parties, change),
            pallet_channel_balances::Error::<Test>::InsufficientFunds
        );
        check_invariants();
    });
}

#[test]
fn highest_version_is_the_last_base() {
    new_test_ext().execute_with(|| {
        let (parties, id) = channel();
        let base = state(id, u64::MAX, &[100, 100]);
        assert_ok!(resize(&parties, wanted(base.clone(), &[0, 0], 100)));
        assert_noop!(
            resize(&parties, wanted(base.clone(), &[0, 0], 100)),
            Error::<Test>::StaleVersion
        );
        assert_ok!(dispute(&parties, base));
        run_to(dispute_of(id).deadline);
        assert_eq!(free(&parties[0]), ENDOWMENT);
        check_invariants();
    });
}
