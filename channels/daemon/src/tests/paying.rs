// SPDX-License-Identifier: Apache-2.0

//! Payments: outright, under a lock, by links.

use super::{World, wants_nothing};
use crate::{
    Command, CommandError, Notice, OperationKey, Reply,
    history::Invoice,
    input::Links,
    write::{HISTORY, INVOICES},
};
use millrace_channels_protocol::{Source, StreamName};
use millrace_primitives_channels::transfer::hashlock;

#[test]
fn thousands_of_payments_both_ways_are_answered_and_made() {
    let (mut world, channel) = World::with_channel([100_000, 100_000]);
    let mut ids = Vec::new();
    for round in 0..100_u32 {
        for _ in 0..20 {
            ids.push((0, world.pay(0, channel, 3)));
            ids.push((1, world.pay(1, channel, 1)));
        }
        // Now and then somebody gets ahead of the others.
        match round % 3 {
            0 => world.settle(),
            1 => {
                world.deliver();
                world.sync(1);
            }
            _ => {}
        }
    }
    world.settle();
    let position = usize::from(world.parties[0].node.channel(channel).unwrap().position);
    for party in &world.parties {
        let balances = party.balances(channel);
        assert_eq!(balances[position], 100_000 - 2_000 * 2);
        assert_eq!(balances[1 - position], 100_000 + 2_000 * 2);
        assert!(wants_nothing(party));
    }
    for (party, id) in ids {
        assert!(matches!(world.parties[party].replies[&id], Ok(Reply::Paid { .. })), "DA-5");
    }
    let stats = world.parties[0].node.stats();
    assert_eq!((stats.payments_sent, stats.payments_received), (2_000, 2_000));
    assert!(stats.versions < 1_000, "payments share versions: {}", stats.versions);
    // Nobody wrote more than once for each version, and the history has all of it.
    let rows = world.parties[1].store.rows(&HISTORY).unwrap();
    let lines: usize = rows.map(|row| row.unwrap().value.lines.len()).sum();
    assert_eq!(lines, 4_000);
}

#[test]
fn payment_is_refused_with_its_reason() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let id = world.pay(0, channel, 71);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::Channel(_))), "{reply:?}");
    assert!(reply.as_ref().unwrap_err().to_string().contains("70"), "with the values compared");
    let id = world.pay(0, Default::default(), 1);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::UnknownChannel { .. })), "{reply:?}");
    world.disconnect(1);
    let id = world.pay(0, channel, 1);
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Err(CommandError::NotConnected { .. })), "{reply:?}");
}

#[test]
fn named_payment_is_made_once_however_often_it_is_asked_for() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let key = |id: u8, fingerprint| OperationKey { id: [id; 32], fingerprint: [fingerprint; 32] };
    let pay = |key, amount| Command::Pay { channel, payee: None, amount, operation: Some(key) };
    let first = world.command(0, pay(key(1, 1), 5));
    let during = world.command(0, pay(key(1, 1), 5));
    assert_eq!(world.parties[0].replies[&during], Err(CommandError::UnderWay));
    world.settle();
    let paid = world.parties[0].replies[&first].clone();
    assert!(matches!(paid, Ok(Reply::Paid { .. })), "{paid:?}");
    for _ in 0..2 {
        let again = world.command(0, pay(key(1, 1), 5));
        assert_eq!(world.parties[0].replies[&again], paid, "DA-8");
        let other = world.command(0, pay(key(1, 2), 6));
        assert_eq!(world.parties[0].replies[&other], Err(CommandError::OtherOperation));
        world.settle();
        assert_eq!(world.parties[0].node.channel(channel).unwrap().spendable, 65);
        // And after a restart.
        world.crash(0);
        world.settle();
    }
    // What was refused may be tried again.
    let refused = world.command(0, pay(key(2, 1), 66));
    assert!(matches!(world.parties[0].replies[&refused], Err(CommandError::Channel(_))));
    world.pay(1, channel, 10);
    world.settle();
    let id = world.command(0, pay(key(2, 1), 66));
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
}

#[test]
fn payment_goes_on_after_frames_were_lost() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let id = world.pay(0, channel, 5);
    world.sync(0);
    assert!(!world.wire.is_empty());
    world.wire.clear();
    world.settle();
    assert!(!world.parties[0].replies.contains_key(&id));
    // The answer is overdue: the node asks by itself.
    world.wait(10_000);
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
    // And the same when the connection is new.
    let id = world.pay(1, channel, 5);
    world.sync(1);
    world.disconnect(0);
    world.connect(0, 1);
    world.settle();
    assert!(matches!(world.parties[1].replies[&id], Ok(Reply::Paid { .. })));
}

fn invoice(amount: u128) -> Invoice {
    let memo = b"coffee".to_vec().try_into().unwrap();
    Invoice { preimage: [9; 32], amount, expires: 1_000, memo, paid: None }
}

#[test]
fn invoice_is_paid_once_by_who_offers_enough() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let added = world.command(1, Command::AddInvoice(invoice(10)));
    world.settle();
    assert_eq!(world.parties[1].replies[&added], Ok(Reply::Done));
    let hashlock = hashlock(&[9; 32]);
    let offer = |amount| Command::Offer { channel, payee: None, amount, hashlock, expiry: 500 };
    // Too little, enough, and once more.
    for (amount, mine) in [(9, 70), (10, 60), (10, 60)] {
        let id = world.command(0, offer(amount));
        world.settle();
        assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Offered { .. })));
        world.settle();
        let view = world.parties[0].node.channel(channel).unwrap();
        assert_eq!(view.spendable, mine, "an offer of {amount}");
        assert!(view.transfers.is_empty());
    }
    assert!(world.parties[0].was_told(|it| matches!(it, Notice::Fulfilled { .. })));
    let returned = |it: &&Notice| matches!(it, Notice::Returned { .. });
    assert_eq!(world.parties[0].notices.iter().filter(returned).count(), 2);
    let kept = world.parties[1].store.get(&INVOICES, &hashlock.0).unwrap().unwrap();
    assert_eq!(kept.paid.map(|(paid_in, _)| paid_in), Some(channel));
}

#[test]
fn offer_without_an_invoice_is_the_owners_to_decide() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let hashlock = hashlock(&[9; 32]);
    let offer = Command::Offer { channel, payee: None, amount: 10, hashlock, expiry: 500 };
    world.command(0, offer.clone());
    world.settle();
    let offered = world.parties[1].notices.iter().find_map(|it| match it {
        Notice::Offered { transfer, .. } => Some(transfer.id),
        _ => None,
    });
    let id = offered.expect("it is told");
    world.command(1, Command::Fulfil { channel, id, preimage: [9; 32] });
    world.settle();
    assert_eq!(world.parties[0].node.channel(channel).unwrap().spendable, 60);
    world.command(0, offer);
    world.settle();
    let last = world.parties[1].node.channel(channel).unwrap().transfers[0].id;
    let id = world.command(1, Command::Fail { channel, id: last });
    world.settle();
    assert_eq!(world.parties[1].replies[&id], Ok(Reply::Done));
    assert_eq!(world.parties[0].node.channel(channel).unwrap().spendable, 60);
}

#[test]
fn stream_pays_by_links_and_goes_on_after_a_restart() {
    let (mut world, channel) = World::with_channel([70_000, 30]);
    let terms = |world: &mut World| {
        let node = &mut world.parties[0].node;
        node.stream_terms(channel, None, 2, 16, 64).unwrap()
    };
    let (terms_of, seed) = terms(&mut world);
    let make = || Source::generate(&super::world::genesis(), &channel, terms_of, seed);
    let links = || Links(Box::new(make()));
    let name = StreamName::of(make().stream());
    let opened = world.command(0, Command::OpenStream { channel, source: links() });
    world.settle();
    assert_eq!(world.parties[0].replies[&opened], Ok(Reply::Done));
    let pulse = |count| Command::Pulse { channel, stream: name, count };
    let id = world.command(0, pulse(64));
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Pulsed { units: 64, sent: 64 }));
    // After a restart the links are made again, and the payee says what it holds.
    world.crash(0);
    world.settle();
    let id = world.command(0, pulse(1));
    assert_eq!(world.parties[0].replies[&id], Err(CommandError::NoSource));
    world.command(0, Command::OpenStream { channel, source: links() });
    let id = world.command(0, pulse(6));
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Pulsed { units: 70, sent: 6 }));
    let [sent, received] = [0, 1].map(|party: usize| world.parties[party].node.stats());
    assert_eq!((sent.pulses_sent, sent.pulses_sent_amount), (6, 12), "since it was restarted");
    assert_eq!((received.pulses_received, received.pulses_received_amount), (70, 140));
    let id = world.command(0, Command::FoldStream { channel, stream: name });
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Done));
    let view = world.parties[1].node.channel(channel).unwrap();
    assert_eq!(view.spendable, 30 + 140);
    // The next stream is another one.
    let (next, other_seed) = terms(&mut world);
    assert_eq!(next.name.epoch, name.epoch + 1);
    assert_ne!(other_seed, seed);
}

#[test]
fn links_that_were_lost_are_paid_when_the_stream_is_folded() {
    let (mut world, channel) = World::with_channel([70_000, 30]);
    let node = &mut world.parties[0].node;
    let (terms, seed) = node.stream_terms(channel, None, 2, 16, 64).unwrap();
    let source = Source::generate(&super::world::genesis(), &channel, terms, seed);
    let stream = StreamName::of(source.stream());
    world.command(0, Command::OpenStream { channel, source: Links(Box::new(source)) });
    world.settle();
    // given a stream whose first frame of links never arrives, and whose second one does
    world.command(0, Command::Pulse { channel, stream, count: 64 });
    assert!(!world.wire.is_empty(), "they are on their way");
    world.wire.clear();
    let id = world.command(0, Command::Pulse { channel, stream, count: 6 });
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Pulsed { units: 70, sent: 6 }));
    // when it is folded, then all of them are paid: the payer counts what it has released
    let id = world.command(0, Command::FoldStream { channel, stream });
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Done));
    assert_eq!(world.parties[1].node.channel(channel).unwrap().spendable, 30 + 140);
}

#[test]
fn stream_goes_on_although_what_the_payee_said_was_lost() {
    let (mut world, channel) = World::with_channel([70_000, 30]);
    let node = &mut world.parties[0].node;
    let (terms, seed) = node.stream_terms(channel, None, 2, 16, 64).unwrap();
    let make = || Source::generate(&super::world::genesis(), &channel, terms, seed);
    let open = || Command::OpenStream { channel, source: Links(Box::new(make())) };
    let stream = StreamName::of(make().stream());
    world.command(0, open());
    world.settle();
    world.command(0, Command::Pulse { channel, stream, count: 64 });
    world.settle();
    // Both meet again before the payer has caught up, so that it takes nothing in.
    world.crash(0);
    world.wire.clear();
    world.settle();
    world.command(0, open());
    let early = world.command(0, Command::Pulse { channel, stream, count: 6 });
    assert!(world.parties[0].replies[&early].is_err(), "what was paid is not known");
    world.wait(11_000);
    let id = world.command(0, Command::Pulse { channel, stream, count: 6 });
    world.settle();
    assert_eq!(world.parties[0].replies[&id], Ok(Reply::Pulsed { units: 70, sent: 6 }));
}

#[test]
fn three_nodes_have_channels_of_their_own() {
    let mut world = World::new(3);
    let channels =
        [world.open(0, 1, [50, 50]), world.open(1, 2, [50, 50]), world.open(2, 0, [50, 50])];
    for round in 0..50 {
        for (party, channel) in channels.iter().enumerate() {
            world.pay(party, *channel, 1 + round % 2);
        }
    }
    world.settle();
    for (party, channel) in channels.iter().enumerate() {
        // Fifty payments of one and a half on average are more than there is: the rest is refused.
        let sum: u128 = world.parties[party].balances(*channel).iter().sum();
        assert_eq!(sum, 100);
        assert_eq!(
            world.parties[party].balances(*channel),
            world.parties[(party + 1) % 3].balances(*channel)
        );
        let view = world.parties[party].node.channel(*channel).unwrap();
        assert!(view.spendable < 2, "all of it was paid: {}", view.spendable);
    }
    assert!(world.parties.iter().all(wants_nothing));
}

#[test]
fn clock_that_jumps_costs_nothing_but_patience() {
    let (mut world, channel) = World::with_channel([70, 30]);
    world.wait(5_000);
    world.now = 10;
    world.wait(0);
    let id = world.pay(0, channel, 5);
    world.sync(0);
    world.wire.clear();
    world.settle();
    world.wait(10_000);
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })), "it asks in time");
    world.wait(1_000_000_000_000);
    let id = world.pay(1, channel, 5);
    world.settle();
    assert!(matches!(world.parties[1].replies[&id], Ok(Reply::Paid { .. })));
}

#[test]
fn same_inputs_make_the_same_outputs() {
    let run = || {
        let (mut world, channel) = World::with_channel([1_000, 1_000]);
        for round in 0..20 {
            world.pay(round % 2, channel, 3);
            world.deliver();
            world.sync(1 - round % 2);
        }
        world.crash(1);
        world.settle();
        world.wait(10_000);
        let said = world.parties.iter().map(|it| (it.signed.clone(), it.notices.clone()));
        (channel, said.collect::<Vec<_>>())
    };
    assert_eq!(run(), run());
}
