// SPDX-License-Identifier: Apache-2.0

//! Packets are opened before their transfers are there, and nobody gets more of that than is waited for.

use super::{invoice, line, pay};
use crate::{
    Reply,
    frame::{Frame, PacketFrame, TransferName},
    tests::{World, world::peer_of},
};
use millrace_primitives_channels::ChannelId;

/// A payment of the first of three whose packet is on the wire to the second one: its command, and the
/// packet.
fn packet_on_the_wire(world: &mut World) -> (u64, PacketFrame) {
    let invoice = invoice(world, 2, 10_000);
    let id = pay(world, 0, &invoice);
    world.sync(0);
    let packet = world.wire.iter().find_map(|(_, to, bytes)| match Frame::from_bytes(bytes) {
        Ok(Frame::Packet(packet)) if *to == 1 => Some(*packet),
        _ => None,
    });
    (id, packet.expect("it leaves before its transfer"))
}

fn frame(packet: &PacketFrame, channel: ChannelId, id: u64) -> Vec<u8> {
    let transfer = TransferName { channel, id };
    Frame::Packet(Box::new(PacketFrame { transfer, packet: packet.packet.clone() })).to_bytes()
}

/// How many packets the second one opens if `from` sends these, and whether it takes them.
fn opened(world: &mut World, from: usize, frames: &[Vec<u8>], is_taken: bool) -> usize {
    let frames: Vec<_> = frames.iter().map(|bytes| (peer_of(from), bytes.clone())).collect();
    let read = world.parties[1].node.read(&frames);
    let count = read.packets();
    assert_eq!(read.has_work(), count > 0);
    if is_taken {
        world.input(1, crate::Input::Verified(read.verify()));
    }
    count
}

#[test]
fn packets_are_opened_for_neighbours_and_once_for_each_transfer() {
    let (mut world, channels) = line(3);
    let (_, packet) = packet_on_the_wire(&mut world);
    let [here, there] = channels[..] else { panic!("two channels") };
    let id = packet.transfer.id;
    let (one, two) = (frame(&packet, here, id), frame(&packet, here, id + 1));
    let (foreign, unknown) = (frame(&packet, there, id), frame(&packet, Default::default(), id));
    assert_eq!(opened(&mut world, 0, &[foreign, unknown], false), 0, "its sender is in neither");
    assert_eq!(opened(&mut world, 0, &[one.clone(), two.clone(), one.clone()], true), 2);
    assert_eq!(opened(&mut world, 0, &[one.clone(), two.clone()], false), 0, "they wait already");
    // What was forwarded needs no packet any more.
    world.settle();
    world.wait(61_000);
    assert_eq!(opened(&mut world, 0, &[two], false), 1, "it waited in vain and was forgotten");
    assert_eq!(world.parties[1].node.stats().forwarded, 1);
}

#[test]
fn packet_whose_transfer_is_forwarded_is_not_opened_again() {
    let (mut world, channels) = line(3);
    let (_, packet) = packet_on_the_wire(&mut world);
    let again = frame(&packet, channels[0], packet.transfer.id);
    while world.parties[1].node.routing.by_incoming.is_empty() {
        let is_busy = world.deliver() | world.sync(0) | world.sync(1);
        assert!(is_busy, "it is never forwarded");
    }
    assert_eq!(opened(&mut world, 0, &[again], true), 0);
    assert!(world.parties[1].node.routing.packets.is_empty());
}

#[test]
fn packet_takes_the_place_of_one_that_waits() {
    for is_together in [false, true] {
        // given a packet that nobody can read, for the transfer that comes next
        let (mut world, channels) = line(3);
        let (id, packet) = packet_on_the_wire(&mut world);
        let mut spoilt = packet.clone();
        spoilt.packet[100] ^= 1;
        let [spoilt, packet] = [spoilt, packet].map(|it| frame(&it, channels[0], it.transfer.id));
        // when the right one comes, with it or after it
        if is_together {
            assert_eq!(opened(&mut world, 0, &[spoilt, packet], true), 1);
        } else {
            assert_eq!(opened(&mut world, 0, &[spoilt], true), 1);
            assert_eq!(opened(&mut world, 0, &[packet], true), 0);
        }
        // then the payment arrives
        world.settle();
        let reply = &world.parties[0].replies[&id];
        assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{reply:?}");
    }
}
