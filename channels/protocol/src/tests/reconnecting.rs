// SPDX-License-Identifier: Apache-2.0

//! Lost messages.

use super::*;
use crate::{CoSignedState, ProposalError, message::Newest};
use millrace_primitives_channels::{
    ChannelState,
    state::{AppState, Signatures},
};

#[test]
fn every_lost_message_is_made_up_for() {
    // A payment out of turn needs three messages: request, proposal, acceptance.
    for lost in 0..3 {
        let mut world = World::new(&[10, 10]);
        world.pay(0, 1, 4).unwrap();
        for _ in 0..lost {
            world.deliver(0).unwrap();
        }
        world.wire.clear();
        world.reconnect();
        for party in 0..2 {
            assert_eq!(world.balances(party), [6, 14], "message {lost} was lost");
            assert!(world.parties[party].is_idle());
        }
    }
}

#[test]
fn lost_word_is_said_again_when_only_its_speaker_misses_the_answer() {
    // given a proposal, then a request, that is lost on a connection that stays
    for payer in [1, 0] {
        let mut world = World::new(&[10, 10]);
        world.pay(payer, 1 - payer as u8, 4).unwrap();
        world.wire.clear();
        // when only the one who waits looks after it; the other knows of nothing
        world.act(payer, |party| Ok(party.reconnected())).unwrap();
        world.deliver_all();
        // then it is made up for
        assert_eq!(world.balances(payer)[payer], 6, "participant {payer} pays");
        assert!(world.parties[payer].is_idle());
    }
}

#[test]
fn third_party_gets_the_signature_that_it_missed() {
    let mut world = World::new(&[10, 10, 10]);
    world.pay(1, 2, 4).unwrap();
    world.deliver(0).unwrap();
    world.deliver(0).unwrap();
    // Participant 2's acceptance never reaches participant 0.
    world.wire.retain(|(from, to, _)| (*from, *to) != (2, 0));
    world.deliver_all();
    assert_eq!(world.parties[0].newest().version(), 0);
    world.reconnect();
    assert_eq!(world.balances(0), [10, 6, 14]);
}

#[test]
fn party_that_lost_its_memory_takes_back_the_newest_state() {
    let mut world = World::new(&[10, 10]);
    for _ in 0..5 {
        world.pay(0, 1, 1).unwrap();
        world.deliver_all();
    }
    world.parties[0] = Party::new(agreement(&[10, 10]), key(0)).unwrap();
    world.reconnect();
    assert_eq!(world.parties[0].newest(), world.parties[1].newest());
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(1), [4, 16]);
}

#[test]
fn newest_state_is_refused_when_it_carries_what_this_engine_cannot_judge() {
    // given a state that everybody signed and the chain would take, with an application
    let mut world = World::new(&[10, 10]);
    let terms = agreement(&[10, 10]);
    let state = ChannelState {
        version: 1,
        app: Some(AppState { id: Hash::repeat_byte(1), data: Default::default() }),
        ..ChannelState::opening(terms.id(), amounts(&[10, 10]))
    };
    let payload = terms.state_payload(&state);
    let all = [0, 1].map(|position| key(position).sign_state(&payload)).to_vec();
    let signatures = Signatures::truncate_from(all);
    assert!(CoSignedState::verify(&terms, state.clone(), signatures.clone()).is_ok());

    // then this engine does not build on it
    let newest = Message::Newest(Newest { state, signatures, leaves: None });
    assert_eq!(
        world.parties[0].receive(1, newest),
        Err(ProposalError::CarriesApplication { version: 1 }.into())
    );
    assert_eq!(world.parties[0].newest().version(), 0);
}
