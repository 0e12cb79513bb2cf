// SPDX-License-Identifier: Apache-2.0

//! Frames that are taken together.

use super::{
    World,
    world::{config, peer_of},
};
use crate::{Input, Notice, Output, Reply, frame::Frame};
use millrace_channels_protocol::Message;
use millrace_primitives_channels::{Balance, ChannelId};
use polkadot_sdk::sp_runtime::MultiSignature;

/// Two parties with these many channels, where the first one pays in each.
fn paying(channels: usize) -> (World, Vec<ChannelId>) {
    let mut world = World::new(2);
    let channels: Vec<_> = (0..channels).map(|_| world.open(0, 1, [70, 30])).collect();
    for channel in &channels {
        world.pay(0, *channel, 5);
    }
    (world, channels)
}

/// What a party can pay in a channel.
fn left(world: &World, party: usize, channel: ChannelId) -> Balance {
    world.parties[party].node.channel(channel).expect("its channel").spendable
}

/// How many payments of the first party were made.
fn paid(world: &World) -> usize {
    world.parties[0].replies.values().filter(|it| matches!(it, Ok(Reply::Paid { .. }))).count()
}

/// Delivers all that is on the wire to each party at once, until nothing is left to do.
fn settle_together(world: &mut World) {
    loop {
        let mut is_busy = false;
        for party in 0..2 {
            let wire = core::mem::take(&mut world.wire);
            let (here, rest): (Vec<_>, Vec<_>) = wire.into_iter().partition(|it| it.1 == party);
            world.wire = rest.into();
            let frames: Vec<_> =
                here.into_iter().map(|(from, _, bytes)| (peer_of(from), bytes)).collect();
            is_busy |= !frames.is_empty();
            world.input(party, Input::Frames(frames));
            is_busy |= world.sync(party);
        }
        if !is_busy {
            return;
        }
    }
}

/// The channel of a message.
fn channel_of(bytes: &[u8]) -> ChannelId {
    let Ok(Frame::Channel(message)) = Frame::from_bytes(bytes) else { panic!("a message") };
    message.channel()
}

/// Spoils the signature of a proposal or an acceptance.
fn spoil(bytes: &[u8]) -> Vec<u8> {
    let Ok(Frame::Channel(mut message)) = Frame::from_bytes(bytes) else { panic!("a message") };
    let signature = match &mut *message {
        Message::Proposal(proposal) => &mut proposal.signature,
        Message::Acceptance(acceptance) => &mut acceptance.signature,
        other => panic!("{other:?} is not signed"),
    };
    let MultiSignature::Ed25519(signature) = signature else { panic!("an Ed25519 key") };
    signature.0[0] ^= 1;
    Frame::Channel(message).to_bytes()
}

#[test]
fn it_is_as_if_they_came_one_by_one() {
    let (mut one_by_one, channels) = paying(8);
    one_by_one.settle();
    let (mut together, same) = paying(8);
    assert_eq!(channels, same);
    settle_together(&mut together);
    for channel in channels {
        for party in 0..2 {
            let expected = [65, 35][party];
            assert_eq!(left(&one_by_one, party, channel), expected);
            assert_eq!(left(&together, party, channel), expected);
        }
    }
    assert_eq!((paid(&one_by_one), paid(&together)), (8, 8));
}

#[test]
fn wrong_signature_among_others_is_refused_alone() {
    let (mut world, channels) = paying(6);
    // Until signatures are on the wire, whoever has to propose.
    let is_signed = |bytes: &[u8]| {
        matches!(
            Frame::from_bytes(bytes),
            Ok(Frame::Channel(message))
                if matches!(&*message, Message::Proposal(_) | Message::Acceptance(_))
        )
    };
    for _ in 0..10 {
        if world.wire.iter().filter(|it| is_signed(&it.2)).count() == channels.len() {
            break;
        }
        world.sync(0);
        world.sync(1);
        if !world.wire.iter().any(|it| is_signed(&it.2)) {
            world.deliver();
        }
    }
    let signed: Vec<_> = world.wire.drain(..).collect();
    assert_eq!(signed.len(), channels.len());
    let to = signed[0].1;
    let mut frames: Vec<_> =
        signed.iter().map(|(from, _, bytes)| (peer_of(*from), bytes.clone())).collect();
    frames[2].1 = spoil(&frames[2].1);
    world.input(to, Input::Frames(frames));
    let struck = |it: &Notice| matches!(it, Notice::Misbehaved { .. });
    assert_eq!(world.parties[to].notices.iter().filter(|it| struck(it)).count(), 1);
    settle_together(&mut world);
    assert_eq!(paid(&world), channels.len() - 1);
    let waits = channel_of(&signed[2].2);
    let version = |channel| {
        let view = world.parties[0].node.channel(channel).expect("its channel");
        view.state.map_or(0, |state| state.version)
    };
    let others = channels.iter().filter(|it| **it != waits);
    assert!(others.map(|it| version(*it)).all(|other| other > version(waits)));
    // The peer is asked once the answer is overdue, and nothing is lost.
    world.wait(super::world::config().patience.overdue + 1_000);
    settle_together(&mut world);
    assert_eq!(paid(&world), channels.len());
}

#[test]
fn nothing_is_taken_from_a_peer_that_was_banned_by_an_earlier_frame() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let strikes = usize::try_from(config().limits.strikes).unwrap();
    let mut frames = vec![(peer_of(0), vec![0; 10]); strikes + 1];
    frames.push((peer_of(0), Frame::Ping(1).to_bytes()));
    let outputs = world.parties[1].node.handle(Input::Frames(frames));
    assert!(outputs.iter().any(|it| matches!(it, Output::Ban { .. })));
    assert!(!outputs.iter().any(|it| matches!(it, Output::Send { .. })), "{outputs:?}");
    assert_eq!(left(&world, 1, channel), 30);
}
