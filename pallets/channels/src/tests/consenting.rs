// SPDX-License-Identifier: Apache-2.0

//! A participant who sends a call agrees by sending, and need not sign a second time.

use crate::{Error, mock::*};
use millrace_primitives_channels::{Resize, channel_id, state::Signatures};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo},
    sp_runtime::BoundedVec,
};

/// All signatures but the one at `position`.
fn without(mut signatures: Signatures, position: usize) -> Signatures {
    signatures.remove(position);
    signatures
}

#[test]
fn whoever_opens_need_not_sign() {
    for opener in 0..3 {
        new_test_ext().execute_with(|| {
            let parties = parties(3);
            let params = params(&parties);
            let id = channel_id(&genesis(), &params);
            let signatures = without(consents(&parties, &params, &[5, 6, 7]), opener);
            let origin = parties[opener].origin();
            assert_ok!(Channels::open(origin, params, amounts(&[5, 6, 7]), signatures));
            assert_eq!(channel(id).deposit, 18);
            check_invariants();
        });
    }
}

#[test]
fn whoever_settles_need_not_sign() {
    for sender in 0..3 {
        new_test_ext().execute_with(|| {
            let parties = parties(3);
            let id = open_channel(&parties, &[5, 6, 7]);
            let state = final_state(id, 1, &[0, 0, 18]);
            let signatures = without(co_sign(&parties, &state), sender);
            assert_ok!(Channels::settle(parties[sender].origin(), state, signatures));
            assert!(is_over(id));
            check_invariants();
        });
    }
}

#[test]
fn whoever_settles_many_channels_need_not_sign_any() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let ids = [open_nth(&parties, &[5, 5], 0), open_nth(&parties, &[5, 5], 1)];
        let settlements = ids.map(|id| {
            let state = final_state(id, 1, &[10, 0]);
            let signatures = without(co_sign(&parties, &state), 0);
            (state, signatures)
        });
        let settlements = BoundedVec::truncate_from(settlements.to_vec());
        assert_ok!(Channels::settle_many(parties[0].origin(), settlements));
        assert!(ids.into_iter().all(is_over));
    });
}

#[test]
fn whoever_resizes_need_not_sign() {
    new_test_ext().execute_with(|| {
        // given one who adds and one who takes out
        let parties = parties(2);
        let id = open_channel(&parties, &[50, 50]);
        for (sender, version) in [(0, 1), (1, 2)] {
            let resize = Resize {
                state: state(id, version, &[50 + 10 * version as u128, 50 - 5 * version as u128]),
                deltas: BoundedVec::truncate_from(vec![10, -5]),
                valid_until: now(),
            };
            let signatures = without(agree(&parties, &resize), sender);

            // when either sends it, then it counts
            assert_ok!(Channels::resize(parties[sender].origin(), resize, signatures));
            assert_eq!(channel(id).base.version, version);
        }
        check_invariants();
    });
}

#[test]
fn nobody_else_may_leave_a_signature_out() {
    new_test_ext().execute_with(|| {
        let parties = parties(3);
        let id = open_channel(&parties, &[5, 5, 5]);
        let state = final_state(id, 1, &[15, 0, 0]);
        let all = co_sign(&parties, &state);

        // A stranger.
        assert_noop!(
            Channels::settle(anybody(), state.clone(), without(all.clone(), 0)),
            Error::<Test>::WrongSignatureCount
        );
        // A participant, but another one's signature is missing.
        assert_noop!(
            Channels::settle(parties[0].origin(), state.clone(), without(all.clone(), 1)),
            Error::<Test>::InvalidSignature
        );
        // A participant, and another one's signature is missing besides its own.
        assert_noop!(
            Channels::settle(parties[0].origin(), state, without(without(all, 1), 0)),
            Error::<Test>::WrongSignatureCount
        );
    });
}

#[test]
fn a_dispute_or_an_answer_needs_every_signature() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        let shown = state(id, 1, &[10, 0]);
        let signatures = without(co_sign(&parties, &shown), 0);
        assert_noop!(
            Channels::dispute(parties[0].origin(), shown, signatures),
            Error::<Test>::WrongSignatureCount
        );
        assert_ok!(dispute(&parties, state(id, 1, &[5, 5])));
        let newer = state(id, 3, &[10, 0]);
        let signatures = without(co_sign(&parties, &newer), 0);
        assert_noop!(
            Channels::answer(parties[0].origin(), newer, signatures, tower()),
            Error::<Test>::WrongSignatureCount
        );
    });
}

#[test]
fn what_is_left_out_is_not_charged() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[5, 5]);
        let state = final_state(id, 1, &[10, 0]);
        let weight_of = |signatures: Signatures| {
            let call = crate::Call::<Test>::settle { state: state.clone(), signatures };
            call.get_dispatch_info().call_weight.ref_time()
        };
        let all = co_sign(&parties, &state);
        let look = <<Test as crate::Config>::WeightInfo as crate::WeightInfo>::verify_sr25519();
        let saved = weight_of(all.clone()) - weight_of(without(all, 0));
        assert_eq!(saved, 2 * look.ref_time());
        assert!(saved > 0, "the mock charges for signatures");
    });
}
