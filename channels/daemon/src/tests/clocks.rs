// SPDX-License-Identifier: Apache-2.0

//! Clocks that jump by hours, forwards and backwards. Deadlines that decide about money are blocks, so
//! a clock may cost patience and nothing else.

use super::{
    World,
    forwarding::{DEPOSIT, invoice, line, pay, verify_clean, wealth},
};
use crate::{CommandError, Input, News, Notice, Reply};

const HOUR: i64 = 3_600_000;

/// Jumps to far beyond what a battery that is empty or a wrong time zone does.
const JUMPS: [i64; 6] = [-400 * 24 * HOUR, -5 * HOUR, -61_000, 61_000, 5 * HOUR, 400 * 24 * HOUR];

/// A party's clock jumps, and is looked at.
fn jump(world: &mut World, party: usize, millis: i64) {
    world.parties[party].clock_error += millis;
    let now = world.clock(party);
    world.input(party, Input::Tick { now });
}

/// A payment over two channels, in whose middle a party's clock jumps and later goes right again.
fn run(concerned: usize, millis: i64, frames: usize) {
    let place = format!("party {concerned} by {millis} ms after {frames} frames");
    let (mut world, _) = line(3);
    let written = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &written);
    for _ in 0..frames {
        world.deliver();
        for party in 0..3 {
            world.sync(party);
        }
    }
    jump(&mut world, concerned, millis);
    world.settle();
    for _ in 0..12 {
        world.wait(10_000);
    }
    verify_clean(&world, &place);
    let paid = wealth(&world, 2) - DEPOSIT;
    assert_eq!(world.parties[0].replies[&id].is_ok(), paid > 0, "DA-5, {place}");
    assert!(paid == 0 || paid == 10_000, "{place}: {paid}");
    let fee = if paid > 0 { 10 } else { 0 };
    assert_eq!(wealth(&world, 0), DEPOSIT - paid - fee, "{place}");
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT + fee, "DA-9, {place}");
    // What clocks say does not stand in the way of payments from one neighbour to the other.
    for payer in 0..2 {
        let channel = world.parties[payer].channels()[0];
        let id = world.pay(payer, channel, 1);
        world.settle();
        assert!(matches!(world.parties[payer].replies[&id], Ok(Reply::Paid { .. })), "{place}");
    }
    // And as soon as the clock goes right, everything is as before.
    jump(&mut world, concerned, -millis);
    for _ in 0..3 {
        world.wait(10_000);
    }
    let written = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &written);
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{place}: {reply:?}");
    verify_clean(&world, &place);
}

#[test]
fn clock_that_jumps_during_a_payment_costs_nobody_anything() {
    for concerned in 0..3 {
        for millis in JUMPS {
            for frames in [0, 3, 9] {
                run(concerned, millis, frames);
            }
        }
    }
}

#[test]
fn invoice_expires_by_the_clock_and_lives_again_when_that_is_put_right() {
    let (mut world, _) = line(3);
    let written = invoice(&mut world, 2, 10_000);
    // A payee whose clock is ahead takes nothing for it, and the payer has everything back.
    jump(&mut world, 2, 2 * HOUR);
    let id = pay(&mut world, 0, &written);
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 0), DEPOSIT);
    // A payer whose clock is ahead does not try.
    jump(&mut world, 2, -2 * HOUR);
    jump(&mut world, 0, 2 * HOUR);
    let id = pay(&mut world, 0, &written);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::Unpayable { .. })), "{reply:?}");
    jump(&mut world, 0, -2 * HOUR);
    let id = pay(&mut world, 0, &written);
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{reply:?}");
    verify_clean(&world, "the end");
}

#[test]
fn clock_that_is_put_back_does_not_keep_a_blind_node_signing() {
    let (mut world, channel) = World::with_channel([70, 30]);
    // given a node that has lost the chain
    world.input(0, Input::News(News::Lost { reason: "gone".into() }));
    world.wait(1_000);
    // when its clock is put back by hours
    jump(&mut world, 0, -5 * HOUR);
    // then its patience with the chain ends at the same time all the same
    world.wait(600_001);
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Blind)), "DA-7");
    let id = world.pay(0, channel, 1);
    assert_eq!(world.parties[0].replies[&id], Err(CommandError::Blind), "DA-7");
}

#[test]
fn clock_that_is_put_back_gives_nobody_more_than_its_share() {
    let mut settings = super::world::config();
    settings.limits.frames_per_second = 50;
    let mut world = World::with(2, settings);
    let ping = crate::frame::Frame::Ping(7).to_bytes();
    let flood = |world: &mut World| {
        (0..60).for_each(|_| world.wire.push_back((0, 1, ping.clone())));
        world.settle();
        world.parties[1].node.stats().floods
    };
    // Each second has one share, however often the clock comes back to it.
    assert_eq!(flood(&mut world), 1);
    jump(&mut world, 1, -HOUR);
    world.disconnect(1);
    world.connect(0, 1);
    world.settle();
    assert_eq!(flood(&mut world), 2);
    // And whoever keeps to it is served, whatever the clock does.
    jump(&mut world, 1, 2 * HOUR);
    world.disconnect(1);
    world.connect(0, 1);
    world.settle();
    let channel = world.open(0, 1, [70, 30]);
    let id = world.pay(0, channel, 1);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
}
