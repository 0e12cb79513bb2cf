// SPDX-License-Identifier: Apache-2.0

use crate::{Error, Event, Resolutions, mock::*};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_core::H256,
};

/// A channel of two with 200 each, of which 120 are in a stream of 4 chains with 10 links, each of
/// which pays 3; concluded.
fn resolving() -> (Vec<Party>, ChannelId, Pulses) {
    let parties = parties(2);
    let id = open_channel(&parties, &[200, 200]);
    let pulses = Pulses::new(id, 7, 3, 4, 10);
    assert_ok!(dispute(&parties, with_streams(state(id, 1, &[80, 200]), &[pulses.stream])));
    run_to(dispute_of(id).deadline);
    check_invariants();
    (parties, id, pulses)
}

#[test]
fn link_pays_all_units_up_to_it() {
    new_test_ext().execute_with(|| {
        let (parties, id, pulses) = resolving();
        assert_ok!(pulses.claim(id, 1, 4));
        assert_eq!(free(&parties[1]), ENDOWMENT + 14 * 3);
        System::assert_has_event(
            Event::<Test>::StreamClaimed { channel: id, stream: 0, units: 14, amount: 42 }.into(),
        );
        check_invariants();
    });
}

#[test]
fn deeper_link_pays_the_difference_and_the_rest_goes_back() {
    new_test_ext().execute_with(|| {
        let (parties, id, pulses) = resolving();
        let until = Resolutions::<Test>::get(id).expect("it resolves").until;
        assert_ok!(pulses.claim(id, 0, 1));
        assert_ok!(pulses.claim(id, 2, 10));
        assert_eq!(free(&parties[1]), ENDOWMENT + 30 * 3);
        check_invariants();
        jump_to(until - 1);
        assert_ok!(pulses.claim(id, 3, 1));
        jump_to(until);
        assert_noop!(pulses.claim(id, 3, 2), Error::<Test>::ResolutionOver);
        run_to(until + 1);
        assert_eq!(free(&parties[0]), ENDOWMENT - 31 * 3);
        assert_eq!(free(&parties[1]), ENDOWMENT + 31 * 3);
        assert!(is_over(id));
        check_invariants();
    });
}

#[test]
fn last_link_ends_the_channel() {
    new_test_ext().execute_with(|| {
        let (parties, id, pulses) = resolving();
        assert_ok!(pulses.claim(id, 3, 10));
        assert!(is_over(id));
        assert_eq!(free(&parties[1]), ENDOWMENT + 120);
        check_invariants();
    });
}

#[test]
fn link_pays_only_once_and_a_shallower_one_nothing() {
    new_test_ext().execute_with(|| {
        let (_, id, pulses) = resolving();
        assert_ok!(pulses.claim(id, 1, 4));
        assert_noop!(pulses.claim(id, 1, 4), Error::<Test>::NothingNew);
        assert_noop!(pulses.claim(id, 1, 3), Error::<Test>::NothingNew);
        assert_noop!(pulses.claim(id, 0, 10), Error::<Test>::NothingNew);
    });
}

#[test]
fn link_of_another_stream_or_place_proves_nothing() {
    new_test_ext().execute_with(|| {
        let (parties, id, pulses) = resolving();
        let refuses = |link, depth, proof| {
            assert_noop!(
                Channels::claim_stream(anybody(), id, 0, link, depth, proof),
                Error::<Test>::InvalidProof
            );
        };

        // an older root of the same payer, and a stream of another channel
        let older = Pulses::new(id, 6, 3, 4, 10);
        refuses(older.link(1, 4), 4, older.proof(1));
        refuses(older.link(1, 4), 4, pulses.proof(1));
        let foreign = Pulses::new(H256::repeat_byte(9), 7, 3, 4, 10);
        refuses(foreign.link(1, 4), 4, foreign.proof(1));

        // a link at another depth, of another chain, beyond the end, and the tip itself
        refuses(pulses.link(1, 4), 5, pulses.proof(1));
        refuses(pulses.link(1, 4), 4, pulses.proof(2));
        refuses(pulses.link(3, 10), 11, pulses.proof(3));
        refuses(pulses.link(1, 0), 0, pulses.proof(1));
        refuses(pulses.link(1, 4), u32::MAX, pulses.proof(1));
        let mut beyond = pulses.proof(3);
        beyond.index = 4;
        refuses(pulses.link(3, 1), 1, beyond);

        // a stream that is not there
        let proof = pulses.proof(1);
        assert_noop!(
            Channels::claim_stream(anybody(), id, 1, pulses.link(1, 4), 4, proof),
            Error::<Test>::StreamNotFound
        );
        assert_eq!(free(&parties[1]), ENDOWMENT);
        check_invariants();
    });
}

#[test]
fn stream_cannot_be_claimed_while_later_states_count() {
    new_test_ext().execute_with(|| {
        let parties = parties(2);
        let id = open_channel(&parties, &[200, 200]);
        let pulses = Pulses::new(id, 0, 3, 4, 10);
        assert_noop!(pulses.claim(id, 0, 1), Error::<Test>::NotResolving);
        assert_ok!(dispute(&parties, with_streams(state(id, 1, &[80, 200]), &[pulses.stream])));
        assert_noop!(pulses.claim(id, 0, 1), Error::<Test>::NotResolving);
    });
}

#[test]
fn transfers_and_streams_of_one_state_are_decided_side_by_side() {
    new_test_ext().execute_with(|| {
        // given
        let parties = parties(2);
        let id = open_channel(&parties, &[200, 200]);
        let pulses = Pulses::new(id, 0, 3, 4, 10);
        let all = [transfer(1, 30, 40)];
        let both = with_streams(with_transfers(state(id, 1, &[50, 200]), &all), &[pulses.stream]);
        assert_ok!(dispute(&parties, both));
        run_to(dispute_of(id).deadline);

        // when the stream is claimed to its end, then the transfer keeps the channel
        assert_ok!(pulses.claim(id, 3, 10));
        assert!(!is_over(id));
        check_invariants();
        jump_to(40);
        assert_ok!(refund(id, &all, 0));
        assert!(is_over(id));
        assert_eq!(free(&parties[0]), ENDOWMENT - 120);
        check_invariants();
    });
}
