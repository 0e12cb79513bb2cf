// SPDX-License-Identifier: Apache-2.0

//! A disk that refuses, and a chain that is out of sight.

use super::World;
use crate::{Call, Command, CommandError, Input, News, Notice, Output, Reply};
use millrace_channels_protocol::CoSignedState;

#[test]
fn node_signs_nothing_after_its_disk_refused_and_answers_disputes() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let stale = CoSignedState::opening(&world.court.cases[&channel].agreement);
    for _ in 0..4 {
        world.pay(0, channel, 5);
        world.settle();
    }
    // given a disk that fills up in the middle of a payment
    world.parties[1].is_disk_full = true;
    let signed = world.parties[1].signed.len();
    let waits = world.pay(1, channel, 1);
    let pays = world.pay(0, channel, 5);
    world.settle();
    assert!(world.parties[1].node.has_failed());
    assert!(world.parties[1].was_told(|it| matches!(it, Notice::DiskFailed { .. })), "it says so");
    let reply = &world.parties[1].replies[&waits];
    assert!(matches!(reply, Err(CommandError::DiskFailed { .. })), "DA-5: {reply:?}");
    // then nothing is signed any more, whatever comes
    let id = world.pay(1, channel, 1);
    assert!(matches!(world.parties[1].replies[&id], Err(CommandError::DiskFailed { .. })));
    world.wait(20_000);
    assert_eq!(world.parties[1].signed.len(), signed, "DA-4");
    assert!(!world.parties[0].replies.contains_key(&pays));
    // and a dispute is answered all the same
    world.court.pool.push((0, 999, channel, Call::Dispute(stale)));
    world.block();
    assert!(world.court.pool.iter().any(|(who, .., call)| *who == 1 && call.name() == "answer"));
    world.block();
    assert_eq!(world.court.cases[&channel].answers, 1);
}

#[test]
fn node_goes_on_after_its_disk_was_mended() {
    let (mut world, channel) = World::with_channel([70, 30]);
    world.parties[0].is_disk_full = true;
    let id = world.pay(0, channel, 5);
    world.settle();
    assert!(world.parties[0].replies[&id].is_err());
    world.crash(0);
    world.settle();
    let id = world.pay(0, channel, 7);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
    let balances = world.parties[1].balances(channel);
    assert!(balances.contains(&63), "what failed was not paid: {balances:?}");
}

#[test]
fn owner_can_close_alone_while_the_disk_refuses() {
    let (mut world, channel) = World::with_channel([70, 30]);
    world.parties[0].is_disk_full = true;
    world.pay(0, channel, 5);
    world.settle();
    let id = world.command(0, Command::ForceClose { channel });
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Disputing { version: 0 })));
    world.block();
    assert!(world.court.taken.contains(&"dispute"));
    // After a restart the chain says so before anything could be signed.
    world.crash(0);
    let id = world.pay(0, channel, 1);
    assert!(world.parties[0].replies[&id].is_err());
}

#[test]
fn nothing_is_signed_before_the_chain_is_known_and_while_it_is_out_of_sight() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let node = &mut world.parties[0].node;
    assert!(node.handle(Input::News(News::Lost { reason: "gone".into() })).is_empty());
    // Not at once: a node that restarts is back in a moment.
    let id = world.pay(0, channel, 1);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
    world.wait(600_001);
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Blind)));
    let id = world.pay(0, channel, 1);
    assert_eq!(world.parties[0].replies[&id], Err(CommandError::Blind), "DA-7");
    let (signed, theirs) = (world.parties[0].signed.len(), world.pay(1, channel, 1));
    world.settle();
    assert_eq!(world.parties[0].signed.len(), signed, "DA-7");
    // Blocks alone are not enough: there may be more that were missed.
    world.block();
    world.wait(10_000);
    assert_eq!(world.parties[0].signed.len(), signed, "DA-7");
    world.input(0, Input::News(News::CaughtUp));
    world.wait(10_000);
    assert!(matches!(world.parties[1].replies[&theirs], Ok(Reply::Paid { .. })));
}

#[test]
fn frames_are_dropped_and_commands_refused_while_too_much_waits_for_the_disk() {
    let mut small = super::world::config();
    small.limits.gathered_bytes = 20_000;
    let mut world = World::with(2, small);
    let channel = world.open(0, 1, [1_000_000, 1_000_000]);
    // Nothing gets to the disk of the second party.
    let (mut refused, mut last) = (0, 0);
    for _ in 0..400 {
        last = world.pay(0, channel, 1);
        while world.sync(0) || world.deliver() {}
        let invoice = crate::history::Invoice {
            preimage: millrace_primitives_channels::Hash::from_low_u64_be(last).0,
            amount: 1,
            expires: 1,
            memo: Default::default(),
            paid: None,
        };
        let id = world.command(1, Command::AddInvoice(invoice));
        refused += usize::from(world.parties[1].replies.contains_key(&id));
    }
    assert!(refused > 200, "DA-3: {refused}");
    assert!(world.parties[1].node.is_congested());
    world.settle();
    assert!(!world.parties[1].node.is_congested());
    world.wait(10_000);
    assert!(matches!(world.parties[0].replies[&last], Ok(Reply::Paid { .. })));
}

#[test]
fn what_leaves_never_depends_on_what_is_not_durable() {
    // Nothing is ever synced: then nothing that is signed may leave.
    let (mut world, channel) = World::with_channel([70, 30]);
    for party in 0..2 {
        world.pay(party, channel, 1);
    }
    for _ in 0..20 {
        world.deliver();
    }
    assert!(world.parties.iter().all(|it| it.signed.is_empty()), "DA-1");
    assert!(
        world
            .parties
            .iter()
            .all(|it| it.replies.values().all(|it| !matches!(it, Ok(Reply::Paid { .. }))))
    );
    let outputs = world.parties[0].node.handle(Input::Tick { now: world.now + 10_000 });
    let leaves = outputs.iter().any(|it| matches!(it, Output::Send { .. }));
    assert!(!leaves, "DA-1: {outputs:?}");
}
