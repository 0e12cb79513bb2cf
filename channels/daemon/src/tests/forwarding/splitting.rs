// SPDX-License-Identifier: Apache-2.0

//! Several ways to the payee, and payments that need more than one of them.

use super::{DEPOSIT, invoice, pay, publish, verify_clean, wealth};
use crate::{
    Command, Notice, Reply,
    tests::{World, world::config},
};
use millrace_channels_routing::Terms;

/// Two ways from the first to the last of four parties, which only the payer's side can pay over.
fn two_ways() -> World {
    let mut world = World::new(4);
    let channels = [
        world.open(0, 1, [DEPOSIT, 0]),
        world.open(0, 2, [DEPOSIT, 0]),
        world.open(1, 3, [DEPOSIT, 0]),
        world.open(2, 3, [DEPOSIT, 0]),
    ];
    publish(&mut world, &channels);
    world
}

#[test]
fn payment_takes_another_way_when_a_channel_is_dry() {
    // given a cheap way over 1, whose channel to 3 is dry, and a dear one over 2
    let mut world = World::new(4);
    let channels = [
        world.open(0, 1, [DEPOSIT, 0]),
        world.open(0, 2, [DEPOSIT, 0]),
        world.open(3, 1, [DEPOSIT, 0]),
        world.open(2, 3, [DEPOSIT, 0]),
    ];
    let dear = Terms { fee_ppm: 5_000, ..config().routing.terms };
    world.command(2, Command::SetFees { channel: None, terms: dear });
    publish(&mut world, &channels);
    // when the payment is made
    let invoice = invoice(&mut world, 3, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    // then it has failed once, and has arrived
    let reply = &world.parties[0].replies[&id];
    let Ok(Reply::Delivered { fee, .. }) = *reply else { panic!("{reply:?}") };
    // Of each part half a hundredth, rounded down.
    assert!((40..=50).contains(&fee), "{fee}");
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Returned { .. })));
    assert_eq!(wealth(&world, 1), 0, "the dry hop has lost nothing");
    assert_eq!(wealth(&world, 2), DEPOSIT + fee);
    verify_clean(&world, "the end");
}

#[test]
fn payment_goes_in_parts_when_no_channel_has_enough() {
    let mut world = two_ways();
    let invoice = invoice(&mut world, 3, 150_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 3), 150_000);
    verify_clean(&world, "the end");
    // The payer knows in how many parts it went, after a restart, too, and so does the payee.
    let lock = invoice.terms().hashlock;
    let issued = world.parties[3].node.issued_under(&lock).and_then(|it| it.paid.as_ref());
    let parts = issued.map_or(0, |receipt| receipt.parts.len());
    assert!(parts > 1, "no channel has room for all of it");
    for _ in 0..2 {
        let node = &world.parties[0].node;
        let payment = node.payment(&lock).expect("it is remembered");
        assert_eq!(usize::try_from(node.parts_of(&lock, payment)), Ok(parts));
        world.crash(0);
        world.settle();
    }
}

#[test]
fn part_that_waits_in_vain_comes_back() {
    // given a payment in two parts, one of which gets lost on its way
    let mut world = two_ways();
    let invoice = invoice(&mut world, 3, 150_000);
    let id = pay(&mut world, 0, &invoice);
    world.disconnect(2);
    world.settle();
    assert_eq!(wealth(&world, 3), 0, "RO-8: the payee takes no part alone");
    // when its patience ends
    for _ in 0..8 {
        world.wait(10_000);
    }
    // then the part that arrived is back, whatever the payer tries next
    assert_eq!(wealth(&world, 3), 0);
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Returned { .. })));
    // and once the other hop is there again, all of it is decided
    for other in [0, 1, 3] {
        world.connect(2, other);
    }
    for _ in 0..15 {
        world.wait(10_000);
    }
    let is_paid = world.parties[0].replies[&id].is_ok();
    assert_eq!(wealth(&world, 3), if is_paid { 150_000 } else { 0 });
    verify_clean(&world, "the end");
}
