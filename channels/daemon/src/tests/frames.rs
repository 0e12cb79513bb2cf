// SPDX-License-Identifier: Apache-2.0

//! Whatever bytes peers send.

use super::{World, world::peer_of};
use crate::{
    Input, Notice, Output, Peer, Reply,
    frame::{
        Binding, FRAME_VERSION, FailureFrame, Frame, FrameError, MAX_FRAME_BYTES, Neighbour,
        OpeningMessage, PacketFrame, TransferName,
    },
    peer::binding_payload,
};
use millrace_channels_protocol::{Message, Signer, message::Status};
use millrace_channels_routing::{
    OnionKey,
    gossip::MAX_GOSSIP_BYTES,
    onion::{ERROR_BYTES, PACKET_BYTES},
};
use polkadot_sdk::sp_runtime::BoundedVec;

#[test]
fn frames_come_back_from_their_bytes() {
    let channel = Default::default();
    let status = Status { channel, agreed: 1, holds: 2, question: Some(3), answer: None };
    let refused = OpeningMessage::Refused { channel, reason: crate::frame::reason("no") };
    let transfer = TransferName { channel, id: 7 };
    let packet = BoundedVec::truncate_from(vec![3; PACKET_BYTES]);
    let error = BoundedVec::truncate_from(vec![4; ERROR_BYTES]);
    let onion = OnionKey::from_seed(&[5; 32]).public();
    let neighbour = Neighbour { onion, updates: Default::default() };
    for frame in [
        Frame::Packet(Box::new(PacketFrame { transfer, packet })),
        Frame::WantPacket(transfer),
        Frame::Failure(Box::new(FailureFrame { transfer, error })),
        Frame::Neighbour(Box::new(neighbour)),
        Frame::Gossip(vec![1; 100]),
        Frame::Ping(1),
        Frame::Pong(2),
        Frame::Channel(Box::new(Message::Status(status))),
        Frame::Opening(Box::new(refused)),
    ] {
        assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
}

#[test]
fn malformed_frames_are_errors_and_nothing_else() {
    assert_eq!(Frame::from_bytes(&[]), Err(FrameError::TooShort { bytes: 0 }));
    assert_eq!(Frame::from_bytes(&[9, 0]), Err(FrameError::UnknownVersion { received: 9 }));
    let unknown = Frame::from_bytes(&[FRAME_VERSION, 77]);
    assert_eq!(unknown, Err(FrameError::UnknownKind { kind: 77 }));
    let long = vec![FRAME_VERSION; MAX_FRAME_BYTES + 1];
    assert_eq!(Frame::from_bytes(&long), Err(FrameError::TooLong { bytes: long.len() }));
    let long = Frame::Gossip(vec![0; MAX_GOSSIP_BYTES + 1]).to_bytes();
    assert_eq!(Frame::from_bytes(&long), Err(FrameError::TooLong { bytes: long.len() }));
    // Every prefix and every flipped byte of a real frame.
    let (mut world, channel) = World::with_channel([70, 30]);
    world.pay(0, channel, 5);
    world.sync(0);
    let bytes = world.wire[0].2.clone();
    for length in 0..bytes.len() {
        assert!(Frame::from_bytes(&bytes[..length]).is_err());
    }
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut wrong = bytes.clone();
            wrong[place] ^= 1 << bit;
            let input = Input::frame(peer_of(0), wrong);
            for output in world.parties[1].node.handle(input) {
                // A wrong frame may be an unlucky request; it never makes this party sign what its
                // peer has not signed, which the settling below shows.
                assert!(!matches!(output, Output::Submit { .. }));
            }
            let _ = world.parties[1].node.handle(Input::Connected { peer: peer_of(0) });
        }
    }
}

#[test]
fn peer_that_sends_too_much_nonsense_is_banned() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let limit = super::world::config().limits.strikes;
    let mut banned_after = None;
    for number in 0..=limit + 1 {
        let input = Input::frame(peer_of(0), vec![0; 10]);
        let outputs = world.parties[1].node.handle(input);
        if outputs.iter().any(|it| matches!(it, Output::Ban { peer, .. } if *peer == peer_of(0))) {
            banned_after = Some(number);
            break;
        }
        assert!(matches!(outputs[..], [Output::Notice(Notice::Misbehaved { .. })]), "{outputs:?}");
    }
    assert_eq!(banned_after, Some(limit));
    assert_eq!(world.parties[1].node.channel(channel).unwrap().spendable, 30);
}

#[test]
fn peer_that_floods_is_let_go() {
    let mut tight = super::world::config();
    tight.limits.frames_per_second = 50;
    let mut world = World::with(2, tight);
    let ping = || Input::frame(peer_of(0), Frame::Ping(1).to_bytes());
    let mut answered = 0;
    for _ in 0..200 {
        let outputs = world.parties[1].node.handle(ping());
        answered += outputs.iter().filter(|it| matches!(it, Output::Send { .. })).count();
        if outputs.iter().any(|it| matches!(it, Output::Disconnect { .. })) {
            break;
        }
    }
    assert!(answered <= 50, "DA-3: {answered}");
    assert_eq!(world.parties[1].node.stats().floods, 1);
    // And may come again.
    world.connect(0, 1);
    world.settle();
    world.wait(1_000);
    let channel = world.open(0, 1, [10, 10]);
    assert_eq!(world.parties[1].channels(), [channel]);
}

#[test]
fn strangers_wake_nothing_and_say_nothing_for_others() {
    // A third node sends what the first one wrote.
    let mut world = World::new(3);
    let channel = world.open(0, 1, [70, 30]);
    world.pay(0, channel, 5);
    world.sync(0);
    let (_, to, bytes) = world.wire.pop_front().unwrap();
    let before = world.parties[to].node.stats();
    let outputs = world.parties[to].node.handle(Input::frame(peer_of(2), bytes));
    assert_eq!(outputs, [], "DA-6");
    assert_eq!(world.parties[to].node.stats().unknown, before.unknown + 1);
    let unconnected = Peer([1; 32]);
    let bytes = Frame::Ping(1).to_bytes();
    assert_eq!(world.parties[to].node.handle(Input::frame(unconnected, bytes)), []);
}

#[test]
fn participant_is_believed_at_a_new_node_only_by_its_signer() {
    let mut world = World::new(3);
    let channel = world.open(0, 1, [70, 30]);
    let payload = binding_payload(&super::world::genesis(), &channel, &peer_of(2));
    let bind = |world: &mut World, signer: u8| {
        let signature = super::world::signer(signer).sign_state(&payload);
        let bytes = Frame::Binding(Binding { channel, signature }).to_bytes();
        world.input(1, Input::frame(peer_of(2), bytes));
        world.settle();
        world.parties[1].node.channel(channel).unwrap().peers.contains(&peer_of(2))
    };
    assert!(!bind(&mut world, 2), "DA-6: a stranger's key");
    assert!(!bind(&mut world, 1), "DA-6: this party's own key");
    assert!(bind(&mut world, 0));
    // It is remembered.
    world.crash(1);
    assert!(world.parties[1].node.channel(channel).unwrap().peers.contains(&peer_of(2)));
}

#[test]
fn node_on_another_chain_is_let_go() {
    let mut world = World::new(2);
    let hello = crate::frame::Hello {
        genesis: millrace_primitives_channels::Hash::zero(),
        participant: millrace_primitives_channels::Participant {
            account: millrace_primitives_channels::AccountId::new([1; 32]),
            signer: super::world::signer(0).public_key(),
        },
    };
    let bytes = Frame::Hello(hello).to_bytes();
    let outputs = world.parties[1].node.handle(Input::frame(peer_of(0), bytes));
    assert!(matches!(outputs[..], [Output::Disconnect { .. }]), "{outputs:?}");
}

#[test]
fn replayed_frames_change_nothing() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let mut all = Vec::new();
    for _ in 0..3 {
        let id = world.pay(0, channel, 5);
        loop {
            all.extend(world.wire.iter().cloned());
            let is_busy = world.deliver() | world.sync(0) | world.sync(1);
            if !is_busy {
                break;
            }
        }
        assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
    }
    let before = world.parties[1].balances(channel);
    for (from, to, bytes) in all {
        world.input(to, Input::frame(peer_of(from), bytes));
    }
    world.settle();
    assert_eq!(world.parties[1].balances(channel), before);
    assert_eq!(world.parties[0].balances(channel), before);
}
