// SPDX-License-Identifier: Apache-2.0

//! Nothing signed for one channel, chain or purpose means anything for another.

use crate::{Error, mock::*};
use millrace_primitives_channels::{Hash, channel_id, open_payload, state_payload};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::BoundedVec,
};

#[test]
fn state_of_another_channel_is_refused() {
    new_test_ext().execute_with(|| {
        // given two channels of the same parties, and signatures for the first
        let parties = parties(2);
        let first = open_channel(&parties, &[100, 100]);
        let mut other = params(&parties);
        other.nonce = 1;
        let second = channel_id(&genesis(), &other);
        assert_ok!(open_with(&parties, other, &[100, 100]));
        let signatures = co_sign(&parties, &final_state(first, 1, &[0, 200]));

        // when they are shown for the second
        let replay = final_state(second, 1, &[0, 200]);

        // then
        assert_noop!(
            Channels::settle(RuntimeOrigin::signed(stranger()), replay, signatures),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn state_of_another_chain_is_refused() {
    new_test_ext().execute_with(|| {
        // given signatures made for a chain with another genesis
        let parties = parties(2);
        let id = open_channel(&parties, &[100, 100]);
        let state = final_state(id, 1, &[0, 200]);
        let elsewhere = state_payload(&Hash::repeat_byte(0x77), &state);
        let signatures = BoundedVec::truncate_from(
            parties.iter().map(|it| it.sign(elsewhere.as_bytes())).collect(),
        );

        // when, then
        assert_noop!(
            Channels::settle(RuntimeOrigin::signed(stranger()), state, signatures),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn consent_of_another_chain_is_refused() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let params = params(&parties);
        let elsewhere = open_payload(&Hash::repeat_byte(0x77), &params, &[5, 5]);
        let signatures = BoundedVec::truncate_from(
            parties.iter().map(|it| it.consent(elsewhere.as_bytes())).collect(),
        );
        assert_noop!(
            Channels::open(RuntimeOrigin::signed(stranger()), params, amounts(&[5, 5]), signatures),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn consent_to_open_is_no_signature_of_a_state() {
    new_test_ext().execute_with(|| {
        // given parties whose accounts sign their states too
        let parties = parties(2);
        let mut params = params(&parties);
        for (participant, party) in params.participants.iter_mut().zip(&parties) {
            participant.signer = polkadot_sdk::sp_runtime::MultiSigner::Sr25519(
                polkadot_sdk::sp_core::sr25519::Public::from_raw(party.account().into()),
            );
        }
        let id = channel_id(&genesis(), &params);
        let consent = consents(&parties, &params, &[5, 5]);
        assert_ok!(open_with(&parties, params, &[5, 5]));

        // when the consent is shown as signatures of a state, then
        assert_noop!(
            Channels::settle(
                RuntimeOrigin::signed(stranger()),
                final_state(id, 1, &[5, 5]),
                consent
            ),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn state_of_an_ended_channel_means_nothing_for_its_successor() {
    new_test_ext().execute_with(|| {
        // given a channel that ended, and one of its old states
        let parties = parties(2);
        let first = params(&parties);
        let id = channel_id(&genesis(), &first);
        assert_ok!(open_with(&parties, first.clone(), &[100, 100]));
        let old = state(id, 1, &[0, 200]);
        let signatures = co_sign(&parties, &old);
        assert_ok!(settle(&parties, final_state(id, 2, &[100, 100])));

        // when the same parties want the same channel again, then it is refused while it could be
        // opened at all
        assert_noop!(open_with(&parties, first.clone(), &[100, 100]), Error::<Test>::ChannelExists);
        run_to(first.open_by + 1);
        assert_noop!(open_with(&parties, first, &[100, 100]), Error::<Test>::OpeningExpired);
        let by = RuntimeOrigin::signed(parties[0].account());
        assert_noop!(Channels::dispute(by, old, signatures), Error::<Test>::ChannelNotFound);
    });
}
