// SPDX-License-Identifier: Apache-2.0

//! What payers and payees see.

use super::{DEPOSIT, invoice, line, pay, publish, verify_clean, wealth};
use crate::{
    Command, CommandError, Notice, Reply,
    tests::{World, world::peer_of},
};
use millrace_primitives_channels::transfer::hashlock;

#[test]
fn payment_over_three_channels_arrives_and_each_hop_keeps_its_fee() {
    let (mut world, _) = line(4);
    let invoice = invoice(&mut world, 3, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    let Ok(Reply::Delivered { hashlock: lock, preimage, fee }) = world.parties[0].replies[&id]
    else {
        panic!("{:?}", world.parties[0].replies[&id]);
    };
    assert_eq!(hashlock(&preimage), lock, "the preimage is the proof");
    assert_eq!(lock, invoice.terms().hashlock);
    // A thousandth of 10,000, and of 10,010.
    assert_eq!(fee, 20);
    assert_eq!(wealth(&world, 0), DEPOSIT - 10_020);
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT + 10);
    assert_eq!(wealth(&world, 2), 2 * DEPOSIT + 10);
    assert_eq!(wealth(&world, 3), DEPOSIT + 10_000);
    let stats = world.parties[1].node.stats();
    assert_eq!((stats.forwarded, stats.amount_forwarded, stats.fees_earned), (1, 10_010, 10));
    assert!(world.parties[3].was_told(|it| matches!(it, Notice::InvoicePaid { .. })));
    // Nobody was asked what to do with it.
    assert!(!world.parties.iter().any(|it| it.was_told(|it| matches!(it, Notice::Offered { .. }))));
    verify_clean(&world, "the end");
}

#[test]
fn payment_without_an_invoice_arrives() {
    let (mut world, _) = line(4);
    let payee = peer_of(3);
    let command = Command::PayNode { payee, amount: 500, max_fee: 10, operation: None };
    let id = world.command(0, command);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
    assert_eq!(wealth(&world, 3), DEPOSIT + 500);
    verify_clean(&world, "the end");
}

#[test]
fn invoice_leads_over_a_channel_that_is_not_public() {
    // given a payee whose only channel nobody knows of
    let mut world = World::new(3);
    let public = world.open(0, 1, [DEPOSIT, DEPOSIT]);
    let hidden = world.open(1, 2, [DEPOSIT, DEPOSIT]);
    publish(&mut world, &[public]);
    assert!(world.parties[0].node.graph().channel(&hidden).is_none());
    // when it writes an invoice, then that says how to get there
    let invoice = invoice(&mut world, 2, 10_000);
    assert_eq!(invoice.terms().hints.len(), 1);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
    assert_eq!(wealth(&world, 2), DEPOSIT + 10_000);
}

#[test]
fn invoice_is_paid_once() {
    let (mut world, _) = line(4);
    let invoice = invoice(&mut world, 3, 10_000);
    let first = pay(&mut world, 0, &invoice);
    let during = pay(&mut world, 0, &invoice);
    assert_eq!(world.parties[0].replies[&during], Err(CommandError::UnderWay));
    world.settle();
    let paid = world.parties[0].replies[&first].clone();
    let again = pay(&mut world, 0, &invoice);
    assert_eq!(world.parties[0].replies[&again], paid, "the same proof, and no money");
    // Somebody else is refused by the payee.
    let other = pay(&mut world, 1, &invoice);
    world.settle();
    let reply = &world.parties[1].replies[&other];
    assert!(matches!(reply, Err(CommandError::NotPaid { .. })), "{reply:?}");
    assert_eq!(wealth(&world, 3), DEPOSIT + 10_000);
    // And after a restart of payer and payee.
    for party in [0, 3] {
        world.crash(party);
        world.settle();
    }
    let again = pay(&mut world, 0, &invoice);
    assert_eq!(world.parties[0].replies[&again], paid);
    assert_eq!(wealth(&world, 3), DEPOSIT + 10_000);
    verify_clean(&world, "the end");
}

#[test]
fn expired_invoice_is_not_paid() {
    let (mut world, _) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    world.wait(3_600_000);
    let id = pay(&mut world, 0, &invoice);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::Unpayable { .. })), "{reply:?}");
}
