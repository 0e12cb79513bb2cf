// SPDX-License-Identifier: Apache-2.0

//! Packets that lie, terms that cannot be kept, neighbours that fail too often.

use super::{DEPOSIT, invoice, line, line_with, pay, transfers, verify_clean, wealth};
use crate::{
    Command, CommandError, Reply,
    frame::{Frame, PacketFrame, TransferName},
    tests::{World, world::config},
};
use millrace_channels_routing::Terms;

#[test]
fn terms_that_leave_no_time_to_be_paid_are_refused() {
    let mut world = World::new(1);
    let short = Terms { expiry_delta: 199, ..config().routing.terms };
    let id = world.command(0, Command::SetFees { channel: None, terms: short });
    assert!(matches!(world.parties[0].replies[&id], Err(CommandError::BadFees { .. })), "DA-9");
    let enough = Terms { expiry_delta: 200, ..short };
    let id = world.command(0, Command::SetFees { channel: None, terms: enough });
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Done));
    world.crash(0);
    assert_eq!(world.parties[0].node.fees().0, enough, "it is remembered");
}

/// Changes the first packet on the wire.
fn corrupt_packet(world: &mut World) -> bool {
    for (_, _, bytes) in &mut world.wire {
        if let Ok(Frame::Packet(_)) = Frame::from_bytes(bytes) {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            return true;
        }
    }
    false
}

#[test]
fn packet_that_was_changed_is_given_back() {
    let (mut world, _) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.sync(0);
    world.sync(0);
    assert!(corrupt_packet(&mut world), "it is on the wire");
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    for (party, before) in [(0, DEPOSIT), (1, 2 * DEPOSIT), (2, DEPOSIT)] {
        assert_eq!(wealth(&world, party), before);
    }
    verify_clean(&world, "the end");
}

#[test]
fn packet_means_nothing_a_second_time() {
    // given a payment whose packet somebody has kept
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    let mut kept: Option<Vec<u8>> = None;
    loop {
        let is_it = |it: &(usize, usize, Vec<u8>)| {
            matches!(Frame::from_bytes(&it.2), Ok(Frame::Packet(_))) && (it.0, it.1) == (0, 1)
        };
        if let Some((_, _, bytes)) = world.wire.iter().find(|it| is_it(it)) {
            kept = Some(bytes.clone());
        }
        let mut is_busy = world.deliver();
        for party in 0..3 {
            is_busy |= world.sync(party);
        }
        if !is_busy {
            break;
        }
    }
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
    // when it is sent again, after a restart of the hop, with a transfer like the first
    world.crash(1);
    world.settle();
    let lock = invoice.terms().hashlock;
    let (channel, payee) = (channels[0], None);
    let offer = Command::Offer { channel, payee, amount: 10_010, hashlock: lock, expiry: 600 };
    let offered = world.command(0, offer);
    world.settle();
    let Ok(Reply::Offered { id, .. }) = world.parties[0].replies[&offered] else {
        panic!("it is offered");
    };
    let Ok(Frame::Packet(packet)) = Frame::from_bytes(&kept.expect("it was on the wire")) else {
        unreachable!("it is one")
    };
    let transfer = TransferName { channel, id };
    let frame = Frame::Packet(Box::new(PacketFrame { transfer, packet: packet.packet }));
    let forwarded = world.parties[1].node.stats().forwarded;
    world.wire.push_back((0, 1, frame.to_bytes()));
    world.settle();
    // then it comes back, and nothing was sent on
    assert_eq!(world.parties[1].node.stats().forwarded, forwarded);
    assert_eq!(wealth(&world, 2), DEPOSIT + 10_000);
    assert_eq!(transfers(&world), 0);
}

#[test]
fn neighbour_that_fails_too_often_has_to_wait() {
    let mut settings = config();
    settings.routing.probing.failures.burst = 3;
    let (mut world, _) = line_with(3, settings);
    // Invoices that their payee has forgotten.
    let invoices: Vec<_> = (0..6).map(|_| invoice(&mut world, 2, 10_000)).collect();
    world.parties[2].node.routing.issued.clear();
    let ids: Vec<_> = invoices
        .iter()
        .map(|invoice| {
            let id = pay(&mut world, 0, invoice);
            world.settle();
            id
        })
        .collect();
    let reasons: Vec<_> = ids
        .iter()
        .map(|id| match &world.parties[0].replies[id] {
            Err(CommandError::NotPaid { reason }) => reason.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(reasons[0].contains("UnknownPayment"), "{reasons:?}");
    assert!(!reasons[5].contains("UnknownPayment"), "it is not forwarded any more: {reasons:?}");
    verify_clean(&world, "the end");
}
