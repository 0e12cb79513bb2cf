// SPDX-License-Identifier: Apache-2.0

//! Packets are opened before their transfers are there, and nobody gets more of that than is waited for.

use super::{invoice, line, pay};
use crate::{
    Reply,
    frame::{Frame, PacketFrame, TransferName},
    node::routing::{Came, MAX_CHANNEL_PACKETS, MAX_PACKETS},
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
    let waiting = &world.parties[1].node.routing.packets;
    assert!(matches!(waiting[&(here, id + 1)], (_, Came::Opened(_))), "it is not opened twice");
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

/// Makes the second one keep so many packets of a channel whose transfers never come.
fn fill(world: &mut World, channel: ChannelId, count: usize) {
    let now = world.now;
    let waiting = &mut world.parties[1].node.routing.packets;
    let ids = (0..).map(|number| u64::MAX - number);
    waiting.extend(ids.take(count).map(|id| ((channel, id), (now, Came::Bytes(Vec::new())))));
}

#[test]
fn neighbour_has_a_share_of_what_waits() {
    let (mut world, channels) = line(3);
    let [here, there] = channels[..] else { panic!("two channels") };
    let (_, packet) = packet_on_the_wire(&mut world);
    fill(&mut world, here, MAX_CHANNEL_PACKETS - 1);
    let [one, two, kept] = [1, 2, u64::MAX].map(|id| frame(&packet, here, id));
    // There is room for one, however many come together.
    assert_eq!(opened(&mut world, 0, &[one.clone(), two.clone()], true), 1);
    assert_eq!(opened(&mut world, 0, &[two, one], true), 0, "there is no room, nor need");
    let waiting = &world.parties[1].node.routing.packets;
    assert_eq!(waiting.len(), MAX_CHANNEL_PACKETS);
    assert!(matches!(waiting[&(here, 1)], (_, Came::Bytes(_))), "it was replaced");
    // Whoever has filled its own share can replace what is in it, and not take another's.
    opened(&mut world, 0, &[kept], true);
    assert_eq!(world.parties[1].node.routing.packets.len(), MAX_CHANNEL_PACKETS);
    let [theirs, more] = [1, 2].map(|id| frame(&packet, there, id));
    assert_eq!(opened(&mut world, 2, &[theirs], true), 1);
    // There is an end to that, too.
    fill(&mut world, ChannelId::repeat_byte(9), MAX_PACKETS - MAX_CHANNEL_PACKETS - 1);
    assert_eq!(opened(&mut world, 2, &[more], true), 0);
    assert_eq!(world.parties[1].node.routing.packets.len(), MAX_PACKETS);
}

#[test]
fn payments_arrive_where_packets_have_no_room_to_wait() {
    for is_own in [true, false] {
        let (mut world, channels) = line(3);
        if is_own {
            fill(&mut world, channels[0], MAX_CHANNEL_PACKETS);
        } else {
            fill(&mut world, ChannelId::repeat_byte(9), MAX_PACKETS);
        }
        let invoice = invoice(&mut world, 2, 10_000);
        let id = pay(&mut world, 0, &invoice);
        world.settle();
        let reply = &world.parties[0].replies[&id];
        assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{reply:?}");
        assert_eq!(world.parties[1].node.stats().forwarded, 1);
    }
}
