// SPDX-License-Identifier: Apache-2.0

//! Channels that sleep, and what wakes them.

use super::World;
use crate::{Command, Reply, node::Standing};
use millrace_primitives_channels::transfer::hashlock;

#[test]
fn idle_channel_sleeps_and_wakes_for_a_payment_of_either_side() {
    let (mut world, channel) = World::with_channel([70, 30]);
    for party in 0..2 {
        world.pay(party, channel, 5);
        world.settle();
        world.wait(59_999);
        assert_eq!(world.parties[0].node.count(), (1, 1));
        world.wait(60_001);
        for party in &world.parties {
            assert_eq!(party.node.count(), (1, 0), "it sleeps");
            let view = party.node.channel(channel).unwrap();
            assert!(view.is_asleep);
            assert_eq!(view.standing, Standing::Open);
            assert!(party.node.bytes_asleep() < 1_024, "{}", party.node.bytes_asleep());
        }
    }
    let id = world.pay(1, channel, 1);
    world.settle();
    assert!(matches!(world.parties[1].replies[&id], Ok(Reply::Paid { .. })));
    assert_eq!(world.parties[0].balances(channel), world.parties[1].balances(channel));
    assert!(world.parties[0].node.stats().woken > 0);
}

#[test]
fn channel_with_something_under_way_does_not_sleep() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let lock = hashlock(&[9; 32]);
    let offer = Command::Offer { channel, payee: None, amount: 10, hashlock: lock, expiry: 500 };
    world.command(0, offer);
    world.settle();
    world.wait(1_000_000);
    for party in &world.parties {
        assert_eq!(party.node.count(), (1, 1));
    }
}

#[test]
fn sleeping_channel_is_defended() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let opening =
        millrace_channels_protocol::CoSignedState::opening(&world.court.cases[&channel].agreement);
    for _ in 0..4 {
        world.pay(0, channel, 5);
        world.settle();
    }
    world.wait(60_001);
    assert_eq!(world.parties[1].node.count(), (1, 0));
    world.court.pool.push((0, 999, channel, crate::Call::Dispute(opening)));
    world.block();
    assert!(world.court.pool.iter().any(|(who, .., call)| *who == 1 && call.name() == "answer"));
}

#[test]
fn restarted_node_has_its_idle_channels_asleep() {
    let (mut world, channel) = World::with_channel([70, 30]);
    world.pay(0, channel, 5);
    world.settle();
    // If the peer is awake, it asks.
    world.wait(60_001);
    world.crash(0);
    world.settle();
    assert_eq!(world.parties[0].node.count(), (1, 0));
    assert_eq!(world.parties[0].balances(channel), world.parties[1].balances(channel));
    let id = world.pay(0, channel, 5);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
}

#[test]
fn crowded_node_puts_channels_to_sleep_at_once() {
    let mut small = super::world::config();
    small.limits.awake = 2;
    let mut world = World::with(2, small);
    let channels: Vec<_> = (0..6).map(|_| world.open(0, 1, [10, 10])).collect();
    for round in 0..5 {
        for channel in &channels {
            world.pay(round % 2, *channel, 1);
        }
        world.settle();
        world.wait(1_000);
    }
    let position = usize::from(world.parties[0].node.channel(channels[0]).unwrap().position);
    for channel in &channels {
        for party in &world.parties {
            assert_eq!(party.balances(*channel)[position], 9);
        }
    }
    assert!(world.parties[0].node.count().1 <= 3, "{:?}", world.parties[0].node.count());
}
