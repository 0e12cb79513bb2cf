// SPDX-License-Identifier: Apache-2.0

//! Peers that vanish, power that fails, disks that are full.

use super::{DEPOSIT, invoice, line, pay, verify_clean, wealth};
use crate::{
    Command, CommandError, Notice, Reply,
    node::Standing,
    routed::PaymentProgress,
    tests::{World, mishaps::Mishap, world::config},
};
use millrace_primitives_channels::{Balance, ChannelId};

/// Whether the last of three has shown the preimage of an invoice.
fn payee_is_paid(world: &World) -> bool {
    world.parties[2].was_told(|it| matches!(it, Notice::InvoicePaid { .. }))
}

#[test]
fn hop_gives_back_only_what_nobody_can_claim_any_more() {
    // given a payee that has vanished with a part in its hands
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.step_until(|world| {
        !world.parties[1].node.channel(channels[1]).unwrap().transfers.is_empty()
    });
    world.disconnect(2);
    world.settle();
    let expiry = world.parties[1].node.channel(channels[1]).unwrap().transfers[0].expiry;
    // when blocks pass, then the payer's part stays until the payee's has expired
    while world.court.height + 1 < expiry {
        world.block();
        assert_eq!(world.parties[0].node.channel(channels[0]).unwrap().transfers.len(), 1);
        assert!(!world.parties[0].replies.contains_key(&id));
    }
    world.block();
    assert_eq!(world.parties[0].node.channel(channels[0]).unwrap().transfers.len(), 0);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 0), DEPOSIT);
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT - 10_000, "its part to the payee is still set aside");
    // and the channel with the one who vanished is closed alone once its patience ends, not before
    let last = expiry + config().patience.stuck;
    while world.court.height <= last {
        assert_eq!(world.parties[1].node.standing(channels[1]), Some(Standing::Open));
        world.block();
    }
    assert_eq!(world.parties[1].node.standing(channels[1]), Some(Standing::ClosingAlone));
    assert!(world.parties[1].was_told(|it| matches!(it, Notice::Trouble { .. })), "it says why");
    // so that the chain gives the hop back what the payee never took, and nobody has lost anything
    for _ in 0..20 {
        world.block();
    }
    let judged = &world.court.taken[channels.len()..];
    assert_eq!(judged, ["dispute", "refund"], "one dispute, which nobody answers");
    assert_eq!(world.court.paid[&channels[1]], [DEPOSIT, DEPOSIT]);
    assert_eq!([0, 1, 2].map(|party| wealth(&world, party)), [DEPOSIT, DEPOSIT, 0]);
    verify_end(&world, channels[1]);
    verify_clean(&world, "the end");
}

#[test]
fn preimage_that_shows_on_chain_pays_the_hop() {
    // given a payee that has taken a part, and a hop that did not hear of it
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.step_until(payee_is_paid);
    world.disconnect(2);
    world.settle();
    assert!(!world.parties[0].replies.contains_key(&id));
    // when the payee closes alone, which reveals the preimage
    world.command(2, Command::ForceClose { channel: channels[1] });
    // then the hop is paid long before the dispute ends
    world.block();
    world.block();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { fee: 10, .. })), "{reply:?}");
    assert_eq!(world.parties[0].balances(channels[0]).iter().sum::<Balance>(), 2 * DEPOSIT);
    // and the chain pays the payee
    for _ in 0..30 {
        world.block();
    }
    let paid = &world.court.paid[&channels[1]];
    assert!(paid.contains(&(DEPOSIT + 10_000)) && paid.contains(&(DEPOSIT - 10_000)), "{paid:?}");
    verify_end(&world, channels[1]);
    let hop = world.parties[1].balances(channels[0]);
    assert!(hop.contains(&(DEPOSIT + 10_010)), "DA-9: {hop:?}");
}

/// Everybody who was in a channel says what the chain has paid there, each part of it once.
fn verify_end(world: &World, channel: ChannelId) {
    let paid = &world.court.paid[&channel];
    let views = world.parties.iter().filter_map(|party| party.node.channel(channel));
    let said: Vec<_> = views.map(|view| view.settled.map(|it| it.paid)).collect();
    assert_eq!(said, [Some(paid.clone()), Some(paid.clone())]);
}

/// What a party gets from a channel: its balance while it is open, and what the chain has paid after
/// that.
fn share(world: &World, party: usize, channel: ChannelId, position: u8) -> Balance {
    let position = usize::from(position);
    match world.court.paid.get(&channel) {
        Some(paid) => paid[position],
        None => world.parties[party].balances(channel)[position],
    }
}

#[test]
fn hop_whose_disk_is_full_is_paid_when_it_starts_again() {
    // A little later; or when every transfer has expired, and the payer has closed alone.
    for (blocks, is_closed) in [(3, false), (2_000, true)] {
        // given a payee that shows the preimage to a hop whose disk is full
        let (mut world, channels) = line(3);
        let invoice = invoice(&mut world, 2, 10_000);
        let id = pay(&mut world, 0, &invoice);
        world.step_until(payee_is_paid);
        let positions =
            channels.iter().map(|it| world.parties[1].node.channel(*it).expect("open").position);
        let positions: Vec<u8> = positions.collect();
        world.parties[1].is_disk_full = true;
        world.settle();
        assert!(world.parties[1].node.has_failed());
        let signed = world.parties[1].signed.len();
        // when the payee goes to the chain, and the hop cannot write down what that shows
        world.command(2, Command::ForceClose { channel: channels[1] });
        for _ in 0..blocks {
            world.block();
        }
        world.wait(20_000);
        assert_eq!(world.parties[1].signed.len(), signed, "DA-4");
        assert_eq!(world.court.paid.contains_key(&channels[0]), is_closed);
        // then the payer has its proof, and the hop has what it is owed as soon as it is back
        assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { fee: 10, .. })));
        world.crash(1);
        world.settle();
        for _ in 0..40 {
            world.block();
        }
        assert_eq!(share(&world, 1, channels[0], positions[0]), DEPOSIT + 10_010, "DA-9");
        assert_eq!(share(&world, 1, channels[1], positions[1]), DEPOSIT - 10_000);
    }
}

/// Runs a payment over two channels in which something goes wrong at a party right before its output
/// number `step`; says whether it has.
fn run(mishap: Mishap, concerned: usize, step: usize) -> bool {
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let place = format!("{mishap:?} at party {concerned}, step {step}");
    world.arrange(mishap, concerned, step);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    let has_come = world.end_plan();
    if has_come && mishap == Mishap::FullDisk {
        bear_a_full_disk(&mut world, concerned, &place);
        let is_answered = world.parties[0].replies.contains_key(&id);
        assert!(is_answered || concerned != 0, "DA-5, {place}");
    }
    // What was lost on the way is asked for; what waits in vain comes back.
    for _ in 0..12 {
        world.wait(10_000);
    }
    world.block();
    verify_clean(&world, &place);
    let paid = wealth(&world, 2) - DEPOSIT;
    assert!(paid == 0 || paid == 10_000, "{place}: {paid}");
    let fee = if paid > 0 { 10 } else { 0 };
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT + fee, "DA-9, {place}");
    assert_eq!(wealth(&world, 0), DEPOSIT - paid - fee, "{place}");
    for channel in &channels {
        assert_eq!(world.parties[1].balances(*channel).iter().sum::<Balance>(), 2 * DEPOSIT);
    }
    // The payer knows what became of it, whatever it had been told before.
    match world.parties[0].replies.get(&id) {
        // That its disk is full says nothing about the payment.
        Some(Err(CommandError::DiskFailed { .. })) => assert_eq!(concerned, 0, "{place}"),
        Some(reply) => assert_eq!(reply.is_ok(), paid > 0, "{place}: {reply:?}"),
        None => {}
    }
    let known = world.parties[0].node.payment(&invoice.terms().hashlock);
    let is_done = known.is_some_and(|it| matches!(it.progress, PaymentProgress::Done { .. }));
    assert_eq!(is_done, paid > 0, "{place}: {known:?}");
    has_come
}

/// Goes on for some time with a full disk, then makes room and starts the party again.
fn bear_a_full_disk(world: &mut World, party: usize, place: &str) {
    let has_failed = world.parties[party].node.has_failed();
    let signed = world.parties[party].signed.len();
    for _ in 0..3 {
        world.wait(10_000);
    }
    if has_failed {
        assert_eq!(world.parties[party].signed.len(), signed, "DA-4, {place}");
        let is_told = world.parties[party].was_told(|it| matches!(it, Notice::DiskFailed { .. }));
        assert!(is_told, "{place}");
    }
    world.crash(party);
    world.settle();
}

fn whenever(mishap: Mishap) {
    for concerned in 0..3 {
        let mut step = 0;
        while run(mishap, concerned, step) {
            step += 1;
        }
        assert!(step > 5, "the story has only {step} steps for party {concerned}");
    }
}

#[test]
fn nobody_loses_whenever_the_power_fails() {
    whenever(Mishap::PowerCut);
}

#[test]
fn nobody_loses_whenever_a_disk_is_full() {
    whenever(Mishap::FullDisk);
}
