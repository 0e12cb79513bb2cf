// SPDX-License-Identifier: Apache-2.0

//! Nodes of the chain that are behind, or that show as final what is not.
//!
//! The follower believes no node that contradicts what was final before (CF-3). What is left to the
//! core is a node that is behind when nothing is remembered of the chain, and news that turn out to be
//! wrong: neither may end in forgetting a channel that lives, or in giving back what is still owed.

use super::World;
use crate::{
    Call, Command, Input, News, Notice, Reply,
    input::{Seen, Sight},
    node::Standing,
};
use millrace_channels_protocol::CoSignedState;
use millrace_primitives_channels::{BlockNumber, ChannelId};

/// The height of a world before its first block.
const GENESIS_HEIGHT: BlockNumber = 100;

/// A final block, with what it shows.
fn tell_block(world: &mut World, party: usize, number: BlockNumber, shown: &[(ChannelId, Sight)]) {
    for seen in [Seen::Best, Seen::Final] {
        for (id, what) in shown {
            world.input(party, Input::News(News::Channel { id: *id, what: *what, seen }));
        }
        world.input(party, Input::News(News::Block { number, seen }));
    }
    world.settle();
}

/// A node that was behind at `from` finalises block after block up to the world's height. Each of the
/// channels was opened in a block of its own, from the world's first one on.
fn catch_up(world: &mut World, party: usize, from: BlockNumber, channels: &[ChannelId]) {
    for number in from + 1..=world.court.height {
        let opened = number.checked_sub(GENESIS_HEIGHT + 1);
        let opened = opened.and_then(|index| channels.get(usize::try_from(index).ok()?));
        let shown: Vec<_> = opened.map(|id| (*id, Sight::Opened)).into_iter().collect();
        tell_block(world, party, number, &shown);
    }
}

fn stale(world: &World, channel: ChannelId) -> CoSignedState {
    CoSignedState::opening(&world.court.cases[&channel].agreement)
}

fn is_answered(world: &World) -> bool {
    world.court.pool.iter().any(|(who, .., call)| *who == 1 && call.name() == "answer")
}

#[test]
fn node_that_is_behind_makes_no_channel_forgotten() {
    // given a channel with payments
    let (mut world, channel) = World::with_channel([70, 30]);
    for _ in 0..4 {
        world.pay(0, channel, 5);
        world.settle();
    }
    // when a party restarts beside a node that has not come as far as the opening
    world.crash_behind(1, GENESIS_HEIGHT - 50);
    world.settle();
    assert_eq!(world.parties[1].node.standing(channel), Some(Standing::Over));
    let id = world.pay(1, channel, 1);
    assert!(world.parties[1].replies[&id].is_err(), "nothing is signed in it");
    // and that node catches up
    catch_up(&mut world, 1, GENESIS_HEIGHT - 50, &[channel]);
    // then the channel lives, and payments go on
    assert!(world.parties[1].store.load(channel.0).unwrap().is_some(), "it is not forgotten");
    assert_eq!(world.parties[1].node.standing(channel), Some(Standing::Open));
    let id = world.pay(1, channel, 1);
    world.settle();
    assert!(matches!(world.parties[1].replies[&id], Ok(Reply::Paid { .. })));
    // and it is defended
    let stale = stale(&world, channel);
    world.court.pool.push((0, 999, channel, Call::Dispute(stale)));
    world.block();
    assert!(is_answered(&world));
}

#[test]
fn channel_that_is_over_is_forgotten_once_its_opening_cannot_come_any_more() {
    // given a channel that is closed while a party is away
    let (mut world, channel) = World::with_channel([70, 30]);
    world.command(0, Command::Close { channel });
    world.settle();
    world.block();
    // when it comes back before the last block in which the channel could have been opened
    world.crash(1);
    let open_by = 150;
    while world.court.height < open_by + 1 {
        assert!(world.parties[1].store.load(channel.0).unwrap().is_some());
        world.block();
    }
    // then it is forgotten soon after that block
    world.block();
    world.block();
    assert!(world.parties[1].store.load(channel.0).unwrap().is_none());
    assert!(world.parties[1].channels().is_empty());
}

#[test]
fn hop_beside_a_node_that_is_behind_gives_nothing_back() {
    use super::forwarding::{DEPOSIT, invoice, line, pay, verify_clean, wealth};
    // given a payment under way over a hop
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    let id = pay(&mut world, 0, &invoice);
    while world.parties[1].node.channel(channels[1]).unwrap().transfers.is_empty() {
        world.deliver();
        for party in 0..3 {
            world.sync(party);
        }
    }
    // when the hop restarts beside a node that knows neither of its channels
    let behind = GENESIS_HEIGHT - 50;
    world.crash_behind(1, behind);
    for _ in 0..3 {
        world.wait(10_000);
    }
    assert_eq!(world.parties[1].node.standing(channels[1]), Some(Standing::Over));
    assert_eq!(world.parties[0].node.channel(channels[0]).unwrap().transfers.len(), 1);
    assert!(!world.parties[0].replies.contains_key(&id), "the payer's part stays where it is");
    // and that node catches up
    catch_up(&mut world, 1, behind, &channels);
    for _ in 0..8 {
        world.wait(10_000);
    }
    // then the payment arrives
    let reply = &world.parties[0].replies[&id];
    assert!(matches!(reply, Ok(Reply::Delivered { fee: 10, .. })), "{reply:?}");
    assert_eq!(wealth(&world, 1), 2 * DEPOSIT + 10, "DA-9");
    assert_eq!(wealth(&world, 2), DEPOSIT + 10_000);
    verify_clean(&world, "the end");
}

#[test]
fn channel_that_was_said_to_be_over_is_defended_when_a_block_shows_a_dispute() {
    let (mut world, channel) = World::with_channel([70, 30]);
    for _ in 0..4 {
        world.pay(0, channel, 5);
        world.settle();
    }
    // given a node that shows a closing as final
    let number = world.court.height + 1;
    tell_block(&mut world, 1, number, &[(channel, Sight::Over)]);
    assert!(world.parties[1].was_told(|it| matches!(it, Notice::Over { .. })));
    // when blocks contradict it
    let stale = stale(&world, channel);
    world.court.pool.push((0, 999, channel, Call::Dispute(stale)));
    world.block();
    // then what they show counts
    assert!(is_answered(&world));
    for _ in 0..12 {
        world.block();
    }
    let mut paid = world.court.paid[&channel].clone();
    paid.sort_unstable();
    assert_eq!(paid, [50, 50], "the newest state is paid");
}

#[test]
fn opening_that_only_one_side_is_shown_moves_nothing() {
    // given an opening that no block takes
    let mut world = World::new(2);
    world.court.is_closed = true;
    world.command(0, super::world::open(1, [70, 30]));
    world.settle();
    let [channel] = world.parties[1].channels()[..] else { panic!("it is agreed to") };
    // when a node shows it to one side as final
    let number = world.court.height + 1;
    tell_block(&mut world, 1, number, &[(channel, Sight::Opened)]);
    assert_eq!(world.parties[1].node.standing(channel), Some(Standing::Open));
    // then its payments are agreed to by nobody
    let id = world.pay(1, channel, 1);
    world.settle();
    world.wait(20_000);
    assert!(!matches!(world.parties[1].replies.get(&id), Some(Ok(_))));
    // and it is over as soon as that is contradicted
    let at = world.court.height + 1;
    world.input(1, Input::News(News::State { id: channel, standing: None, at }));
    world.settle();
    assert_eq!(world.parties[1].node.standing(channel), Some(Standing::Over));
    assert!(world.parties[1].replies[&id].is_err(), "whoever waits is answered");
}

#[test]
fn preimage_is_revealed_before_its_expiry_although_nothing_becomes_final() {
    use super::forwarding::{DEPOSIT, invoice, line, pay};
    // given a hop that has shown its payer a preimage, and a payer that says nothing more
    let (mut world, channels) = line(3);
    let invoice = invoice(&mut world, 2, 10_000);
    pay(&mut world, 0, &invoice);
    while world.parties[1].node.channel(channels[1]).unwrap().transfers.is_empty() {
        world.deliver();
        for party in 0..3 {
            world.sync(party);
        }
    }
    world.disconnect(0);
    world.settle();
    let transfer = world.parties[1].node.channel(channels[0]).unwrap().transfers[0];
    // when blocks come, and finality stands still
    let margin = super::world::config().policy.reveal_margin;
    let best = |world: &mut World, number| {
        let block = News::Block { number, seen: Seen::Best };
        world.input(1, Input::News(block));
        world.settle();
        let mut pool = world.court.pool.iter();
        pool.any(|(who, .., call)| *who == 1 && call.name() == "reveal")
    };
    let (height, due) = (world.court.height, transfer.expiry - margin);
    for number in height + 1..due {
        assert!(!best(&mut world, number), "not before it has to, at {number}");
    }
    // then the hop reveals it while that counts, and gets what it is owed
    assert!(best(&mut world, due));
    world.court.height = due;
    world.block();
    for _ in 0..super::world::config().patience.stuck + 2 * margin + 200 {
        world.block();
    }
    let mut paid = world.court.paid[&channels[0]].clone();
    paid.sort_unstable();
    assert_eq!(paid, [DEPOSIT - 10_010, DEPOSIT + 10_010], "DA-9");
}
