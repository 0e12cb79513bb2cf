// SPDX-License-Identifier: Apache-2.0

//! Nothing signed for one channel, chain or purpose means anything for another.

use crate::{Error, mock::*};
use millrace_primitives_channels::{
    ChannelId, Hash, Resize, channel_id, open_payload, resize_payload, state_payload,
};
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

/// A channel of two whose accounts sign their states too, with the same keys.
fn single_key_channel(parties: &[Party]) -> ChannelId {
    let mut params = params(parties);
    for (participant, party) in params.participants.iter_mut().zip(parties) {
        participant.signer = polkadot_sdk::sp_runtime::MultiSigner::Sr25519(
            polkadot_sdk::sp_core::sr25519::Public::from_raw(party.account().into()),
        );
    }
    let id = channel_id(&genesis(), &params);
    assert_ok!(open_with(parties, params, &[100, 100]));
    id
}

#[test]
fn consent_to_resize_is_no_signature_of_a_state_and_the_reverse() {
    new_test_ext().execute_with(|| {
        // given one key for everything, and a resize whose state would pay the first everything
        let parties = parties(2);
        let id = single_key_channel(&parties);
        let resize = Resize {
            state: final_state(id, 3, &[200, 0]),
            deltas: BoundedVec::truncate_from(vec![0, 0]),
            valid_until: 100,
        };
        let sign = |payload: Hash| {
            let signed = parties.iter().map(|it| it.consent(payload.as_bytes())).collect();
            BoundedVec::truncate_from(signed)
        };
        let of_resize = sign(resize_payload(&genesis(), &resize));
        let of_state = sign(state_payload(&genesis(), &resize.state));

        // when each is shown as the other, then it is refused
        assert_noop!(
            Channels::settle(anybody(), resize.state.clone(), of_resize.clone()),
            Error::<Test>::InvalidSignature
        );
        let by = parties[0].origin();
        assert_noop!(
            Channels::dispute(by, resize.state.clone(), of_resize.clone()),
            Error::<Test>::InvalidSignature
        );
        assert_noop!(
            Channels::resize(anybody(), resize.clone(), of_state),
            Error::<Test>::InvalidSignature
        );
        assert_ok!(Channels::resize(anybody(), resize, of_resize));
    });
}

#[test]
fn resize_of_another_channel_or_chain_is_refused() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let first = open_nth(&parties, &[100, 100], 0);
        let second = open_nth(&parties, &[100, 100], 1);
        let wanted = |id| Resize {
            state: state(id, 1, &[50, 100]),
            deltas: BoundedVec::truncate_from(vec![-50, 0]),
            valid_until: 100,
        };
        let elsewhere = agree(&parties, &wanted(first));
        assert_noop!(
            Channels::resize(anybody(), wanted(second), elsewhere),
            Error::<Test>::InvalidSignature
        );
        let payload = resize_payload(&Hash::repeat_byte(0x77), &wanted(first));
        let foreign = BoundedVec::truncate_from(
            parties.iter().map(|it| it.sign(payload.as_bytes())).collect(),
        );
        assert_noop!(
            Channels::resize(anybody(), wanted(first), foreign),
            Error::<Test>::InvalidSignature
        );
    });
}

#[test]
fn move_of_another_channel_is_refused() {
    new_test_ext().execute_with(|| {
        // given the same game in two channels
        let parties = parties(2);
        let first = open_nth(&parties, &[100, 100], 0);
        let second = open_nth(&parties, &[100, 100], 1);
        for id in [first, second] {
            let game = with_app(state(id, 1, &[100, 100]), Tally::data(0, 2));
            assert_ok!(dispute(&parties, game));
        }
        jump_to(dispute_of(first).deadline);

        // when the signature of a move in the first is shown for the second, then it is refused
        let moved = |id| with_app(state(id, 2, &[101, 99]), Tally::data(1, 1));
        let signature = parties[0].sign(state_payload(&genesis(), &moved(first)).as_bytes());
        assert_noop!(
            Channels::progress(anybody(), moved(second), signature.clone()),
            Error::<Test>::InvalidSignature
        );
        assert_ok!(Channels::progress(anybody(), moved(first), signature));
    });
}
