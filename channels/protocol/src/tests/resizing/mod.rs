// SPDX-License-Identifier: Apache-2.0

//! Funds are added and taken out.

mod forgotten;
mod refused;

use super::*;
use crate::{ProposalError, ResizeError, message::SignedResize};
use millrace_primitives_channels::{
    Resize, resize::Deltas, resize_payload, transfer::hashlock, verify_account, verify_signer,
};
use polkadot_sdk::sp_runtime::MultiSignature;

/// Accounts whose keys the tests have: the account of the participant at `position`.
fn account(position: usize) -> ed25519::Pair {
    // In ascending order of their public keys, as the participants are.
    let mut pairs: Vec<_> = (100..108).map(|seed| ed25519::Pair::from_seed(&[seed; 32])).collect();
    pairs.sort_by_key(|pair| pair.public().0);
    pairs.swap_remove(position)
}

/// A channel whose accounts can sign.
fn world(deposits: &[Balance]) -> World {
    let mut params = params(deposits.len() as u8);
    for (position, participant) in params.participants.iter_mut().enumerate() {
        participant.account = AccountId::new(account(position).public().0);
    }
    let terms = Agreement::verify(genesis(), params, amounts(deposits)).expect("valid terms");
    let mut world = World::of(terms, Policy::default());
    world.block(100);
    world
}

fn deltas(deltas: &[i128]) -> Deltas {
    Deltas::truncate_from(deltas.to_vec())
}

fn want(world: &mut World, party: usize, changes: &[i128]) -> Result<(), ChannelError> {
    world.act(party, |it| it.resize(deltas(changes), 200))
}

/// As [`World::reconnect`], where words about a resize may come before what has to be known first.
fn reconnect_early(world: &mut World) {
    for party in 0..world.parties.len() {
        world.act(party, |it| Ok(it.reconnected())).unwrap();
    }
    while !world.wire.is_empty() {
        let Err(error) = world.deliver(0) else { continue };
        let unknown = ResizeError::Unknown { version: 1 };
        let is_timing = matches!(error, ChannelError::TooEarly { .. } | ChannelError::Lagging);
        assert!(is_timing || error == unknown.into(), "{error}");
    }
}

/// What the owner of `party` was asked to consent to.
fn shown(world: &World, party: usize) -> Option<Resize> {
    world.done[party].iter().rev().find_map(|effect| match effect {
        Effect::NeedConsent(resize) => Some(resize.clone()),
        _ => None,
    })
}

fn by_account(position: usize, resize: &Resize) -> MultiSignature {
    account(position).sign(resize_payload(&genesis(), resize).as_bytes()).into()
}

/// The owner of `party` agrees to what it was shown last, with its account if it adds funds.
fn consent(world: &mut World, party: usize) {
    let resize = shown(world, party).expect("it was asked");
    let signature = (resize.deltas[party] > 0).then(|| by_account(party, &resize));
    world.act(party, |it| it.consent(resize.state.version, signature)).unwrap();
    world.deliver_all();
}

fn submitted(world: &World, party: usize) -> Option<SignedResize> {
    world.done[party].iter().find_map(|effect| match effect {
        Effect::SubmitResize(signed) => Some(signed.clone()),
        _ => None,
    })
}

/// The chain takes a resize, if it would.
fn land(world: &mut World, signed: &SignedResize) {
    let resize = &signed.resize;
    let payload = resize_payload(&genesis(), resize);
    let participants = world.parties[0].agreement().params().participants.clone();
    for ((participant, delta), signature) in
        participants.iter().zip(&resize.deltas).zip(&signed.signatures)
    {
        assert!(if *delta > 0 {
            verify_account(signature, &participant.account, &payload)
        } else {
            verify_signer(signature, &participant.signer, &payload)
        });
    }
    let before = world.parties[0].agreement().total();
    let deposit = resize.deposit_after(before).expect("in range");
    assert_eq!(resize.state.total(), Some(deposit));
    for party in 0..world.parties.len() {
        world.act(party, |it| it.resized(resize.state.version, deposit)).unwrap();
    }
}

#[test]
fn funds_are_added_with_the_account_and_taken_out_with_the_signer() {
    for initiator in 0..2 {
        let mut world = world(&[70, 30]);
        world.pay(0, 1, 5).unwrap();
        world.deliver_all();
        want(&mut world, initiator, &[50, -20]).unwrap();
        world.deliver_all();
        if initiator == 0 {
            // The other did not ask to take out; its owner has to agree, without its account.
            assert_eq!(shown(&world, 0), None, "the other signs first");
            consent(&mut world, 1);
        }
        consent(&mut world, 0);
        let signed = submitted(&world, 0).expect("all signed");
        assert_eq!(submitted(&world, 1), Some(signed.clone()));
        assert_eq!(signed.resize.state.balances.to_vec(), [115, 15]);
        let base = signed.resize.state.version;
        assert_eq!(world.parties[1].agreement().proposer(base), 1 - initiator);

        // Payments wait in the meantime, and go on with the new deposits.
        world.pay(1, 0, 1).unwrap();
        world.deliver_all();
        assert_eq!(world.parties[1].newest().version(), base - 1);
        land(&mut world, &signed);
        world.deliver_all();
        for party in 0..2 {
            assert!(world.was_told(party, |it| *it == Effect::Resized { version: base }));
            assert_eq!(world.balances(party), [116, 14]);
            assert_eq!(world.parties[party].agreement().total(), 130);
        }
        assert_eq!(world.parties[0].newest().version(), base + 1);
    }
}

#[test]
fn base_can_be_disputed_without_signatures_and_survives_a_restart() {
    let mut world = world(&[70, 30]);
    want(&mut world, 1, &[0, -20]).unwrap();
    world.deliver_all();
    let signed = submitted(&world, 0).expect("all signed");
    land(&mut world, &signed);
    for party in 0..2 {
        world.restart(party, Memory::Complete);
        let newest = world.parties[party].newest();
        assert_eq!(newest.version(), signed.resize.state.version);
        assert_eq!(newest.signatures().len(), 0);
        assert_eq!(world.parties[party].agreement().total(), signed.resize.state.total().unwrap());
    }
    world.block(110);
    world.pay(0, 1, 1).unwrap();
    world.deliver_all();
    assert_eq!(world.parties[1].newest().signatures().len(), 2);
}

#[test]
fn resize_that_never_lands_lapses_and_everything_goes_on() {
    for restarted in [None, Some(0), Some(1)] {
        let mut world = world(&[70, 30]);
        want(&mut world, 1, &[0, -20]).unwrap();
        world.deliver_all();
        assert!(submitted(&world, 1).is_some());
        if let Some(party) = restarted {
            world.restart(party, Memory::Complete);
            world.act(party, |it| Ok(it.block(100))).unwrap();
        }
        world.pay(1, 0, 3).unwrap();
        world.block(200);
        world.reconnect();
        assert_eq!(world.balances(0), [70, 30], "the chain may still take it in this block");
        assert_eq!(world.signed(0), [1], "what came before the resize");
        world.block(201);
        world.deliver_all();
        for party in 0..2 {
            assert_eq!(world.balances(party), [73, 27], "restarted: {restarted:?}");
            assert!(world.was_told(party, |it| *it == Effect::Lapsed { version: 2 }));
        }
    }
}

#[test]
fn transfers_are_carried_over() {
    let mut world = world(&[70, 30]);
    let (id, effects) = world.parties[0].offer(1, 4, hashlock(&[42; 32]), 1_000).unwrap();
    world.carry_out(0, effects);
    world.deliver_all();
    want(&mut world, 1, &[0, -20]).unwrap();
    world.deliver_all();
    let signed = submitted(&world, 1).expect("all signed");
    land(&mut world, &signed);
    world.deliver_all();
    world.act(1, |party| party.fulfil(id, [42; 32])).unwrap();
    world.deliver_all();
    assert_eq!(world.balances(0), [66, 14]);
}

#[test]
fn payment_in_flight_is_agreed_before_a_resize_begins() {
    let mut world = world(&[70, 30]);
    world.pay(1, 0, 1).unwrap();
    want(&mut world, 1, &[0, -20]).unwrap();
    assert!(submitted(&world, 1).is_none());
    world.deliver_all();
    assert_eq!(submitted(&world, 1).expect("all signed").resize.state.balances.to_vec(), [71, 9]);
}

#[test]
fn resize_fails_when_nothing_changes_not_covered_too_long_or_twice() {
    let mut world = world(&[70, 30]);
    let mut refuse =
        |changes: &[i128], until| world.parties[1].resize(deltas(changes), until).unwrap_err();
    let count = ResizeError::WrongDeltaCount { deltas: 1, participants: 2 };
    assert_eq!(refuse(&[1], 200), count.into());
    assert_eq!(refuse(&[0, 0], 200), ResizeError::Nothing.into());
    assert_eq!(refuse(&[0, -31], 200), ResizeError::NotCovered.into());
    assert_eq!(refuse(&[-70, -30], 200), ResizeError::NotCovered.into());
    let end = |valid_until| ResizeError::BadEnd { valid_until, from: 101, to: 700 };
    assert_eq!(refuse(&[0, -1], 100), end(100).into());
    assert_eq!(refuse(&[0, -1], 701), end(701).into());
    want(&mut world, 1, &[0, -1]).unwrap();
    assert!(matches!(
        want(&mut world, 1, &[0, -2]),
        Err(ChannelError::Resizing { .. }) | Err(ChannelError::Resize(ResizeError::UnderWay))
    ));
}

#[test]
fn forged_or_second_resizes_are_refused() {
    let mut world = world(&[70, 30]);
    want(&mut world, 0, &[-20, 0]).unwrap();
    world.deliver(0).unwrap();
    let (_, _, message) = world.wire.remove(0);
    let Message::ResizeProposal(good) = message else { panic!("no proposal: {message:?}") };
    let mut forged = good.clone();
    forged.resize.deltas = deltas(&[-10, 0]);
    let refused = world.parties[0].receive(1, Message::ResizeProposal(forged)).unwrap_err();
    assert_eq!(refused, ResizeError::StateDiffers { version: 1 }.into());
    let mut forged = good.clone();
    forged.signature = key(0).sign_state(&Hash::zero());
    let refused = world.parties[0].receive(1, Message::ResizeProposal(forged)).unwrap_err();
    assert_eq!(refused, ResizeError::WrongSignature { signer: 1 }.into());
    world.act(0, |it| it.receive(1, Message::ResizeProposal(good.clone()))).unwrap();
    // It may be the next one already, for who has heard that this one has lapsed, or one that has lapsed
    // before and comes late.
    let valid_until = good.resize.valid_until;
    for other in [valid_until - 1, valid_until + 1] {
        let mut next = good.clone();
        next.resize.valid_until = other;
        let refused = world.parties[0].receive(1, Message::ResizeProposal(next)).unwrap_err();
        assert_eq!(refused, ChannelError::Resizing { valid_until });
    }
    let mut second = good;
    second.resize.deltas = deltas(&[-10, 0]);
    let refused = world.parties[0].receive(1, Message::ResizeProposal(second)).unwrap_err();
    assert_eq!(refused, ProposalError::Equivocation { version: 1, sender: 1 }.into());
}
