// SPDX-License-Identifier: Apache-2.0

//! Signatures that somebody else has verified.

use super::*;
use crate::{Claim, ProposalError};
use polkadot_sdk::sp_runtime::MultiSignature;

/// A channel in which a payment was just proposed or asked for, with the message on its way.
fn proposed() -> (World, usize, usize, Message) {
    let mut world = World::new(&[10, 10]);
    // Version 1 is proposed by the participant at position 1.
    world.pay(1, 0, 3).unwrap();
    let (from, to, message) = world.wire.remove(0);
    (world, from, to, message)
}

fn spoilt(message: &Message) -> Message {
    let mut message = message.clone();
    let signature = match &mut message {
        Message::Proposal(proposal) => &mut proposal.signature,
        Message::Acceptance(acceptance) => &mut acceptance.signature,
        other => panic!("{other:?} is not signed"),
    };
    let MultiSignature::Ed25519(signature) = signature else { panic!("an Ed25519 key") };
    signature.0[40] ^= 1;
    message
}

fn holds(claim: &Claim) -> bool {
    millrace_primitives_channels::verify_signer(&claim.signature, &claim.signer, &claim.payload)
}

#[test]
fn claims_are_what_the_machine_verifies() {
    let (mut world, from, to, proposal) = proposed();
    let claim = world.parties[to].claim(from, &proposal).expect("a proposal is signed");
    assert!(holds(&claim));
    let wrong = world.parties[to].claim(from, &spoilt(&proposal)).expect("signed, wrongly");
    assert!(!holds(&wrong));
    let effects = world.parties[to].receive_verified(from, proposal, Some(&claim)).unwrap();
    world.carry_out(to, effects);
    let (from, to, acceptance) = world.wire.remove(0);
    let claim = world.parties[to].claim(from, &acceptance).expect("an acceptance is signed");
    assert!(holds(&claim));
    world.parties[to].receive_verified(from, acceptance.clone(), Some(&claim)).unwrap();
    assert_eq!(world.parties[to].newest().version(), 1);
    assert_eq!(world.parties[to].claim(from, &acceptance), None, "nothing is left to verify");
}

#[test]
fn claim_about_anything_else_is_worth_nothing() {
    let (world, from, to, proposal) = proposed();
    let right = world.parties[to].claim(from, &proposal).unwrap();
    let message = spoilt(&proposal);
    let own = world.parties[to].claim(from, &message).unwrap();
    let others = [
        right.clone(),
        Claim { payload: Hash::repeat_byte(1), ..own.clone() },
        Claim { signer: key(77).public_key(), ..own.clone() },
    ];
    for other in others {
        let result =
            world.parties[to].clone().receive_verified(from, message.clone(), Some(&other));
        let expected = ProposalError::WrongSignature { version: 1, sender: from };
        assert_eq!(result.unwrap_err(), ChannelError::Proposal(expected));
    }
    // Whoever says that it was verified is believed: the machine does not do it again.
    assert!(world.parties[to].clone().receive_verified(from, message, Some(&own)).is_ok());
}

#[test]
fn messages_that_nobody_signed_and_versions_far_away_have_none() {
    let (world, from, to, proposal) = proposed();
    let status = world.parties[to].reconnected();
    for effect in status {
        if let Effect::Send { message, .. } = effect {
            assert_eq!(world.parties[to].claim(from, &message), None);
        }
    }
    let Message::Proposal(mut far) = proposal.clone() else { panic!("a proposal") };
    for (version, is_claimed) in [(0, false), (1, true), (2, true), (3, false), (u64::MAX, false)] {
        far.state.version = version;
        let claim = world.parties[to].claim(from, &Message::Proposal(far.clone()));
        assert_eq!(claim.is_some(), is_claimed, "{version}");
    }
    assert_eq!(world.parties[to].claim(9, &proposal), None, "no such participant");
}
