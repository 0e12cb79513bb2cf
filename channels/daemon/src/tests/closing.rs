// SPDX-License-Identifier: Apache-2.0

//! Ends: together, alone, and with a stale state.

use super::World;
use crate::{
    Call, Command, CommandError, Input, News, Notice, OperationKey, Reply,
    input::{CommandId, Seen, Sight},
    node::Standing,
    operation::Progress,
};
use millrace_primitives_channels::ChannelId;

const NAME: OperationKey = OperationKey { id: [1; 32], fingerprint: [2; 32] };

fn paid(world: &World, channel: ChannelId, position: usize) -> u128 {
    world.court.paid[&channel][position]
}

fn position(world: &World, party: usize, channel: ChannelId) -> usize {
    world.parties[party].node.channel(channel).unwrap().position.into()
}

#[test]
fn closing_together_settles_once_and_forgets() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let place = position(&world, 0, channel);
    world.pay(0, channel, 20);
    world.settle();
    let id = world.command(1, Command::Close { channel });
    world.settle();
    assert_eq!(world.court.pool.len(), 1, "one party's submission is enough");
    world.block();
    assert_eq!(world.parties[1].replies[&id], Ok(Reply::Closed));
    assert_eq!(paid(&world, channel, place), 50);
    world.block();
    world.block();
    for party in &world.parties {
        assert!(party.channels().is_empty());
        assert!(party.store.load_all().unwrap().next().is_none());
    }
    assert_eq!(world.court.taken, ["open", "settle"]);
}

#[test]
fn other_party_settles_if_the_first_does_not() {
    let (mut world, channel) = World::with_channel([70, 30]);
    world.command(0, Command::Close { channel });
    world.settle();
    world.court.pool.clear();
    for _ in 0..6 {
        world.block();
    }
    assert!(world.court.paid.contains_key(&channel));
}

#[test]
fn final_state_is_settled_after_a_crash() {
    for crashed in 0..2 {
        let (mut world, channel) = World::with_channel([70, 30]);
        world.command(0, Command::Close { channel });
        world.settle();
        world.court.pool.clear();
        world.crash(crashed);
        world.settle();
        for _ in 0..8 {
            world.block();
        }
        assert!(world.court.paid.contains_key(&channel), "party {crashed} crashed");
    }
}

#[test]
fn party_that_closes_alone_gets_what_is_its_own() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let place = position(&world, 0, channel);
    world.pay(0, channel, 20);
    world.settle();
    let id = world.command(0, Command::ForceClose { channel });
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Disputing { .. })));
    let id = world.pay(0, channel, 1);
    assert!(matches!(world.parties[0].replies[&id], Err(CommandError::Channel(_))));
    world.block();
    for party in &world.parties {
        assert!(party.was_told(|it| matches!(it, Notice::Disputed { .. })));
        assert_eq!(party.node.channel(channel).unwrap().standing, Standing::Disputed);
    }
    assert_eq!(world.court.cases[&channel].answers, 0, "it is the newest state");
    for _ in 0..10 {
        world.block();
    }
    assert_eq!(paid(&world, channel, place), 50);
    assert!(world.parties[1].was_told(|it| matches!(it, Notice::Over { .. })));
}

/// A world in which the first party has disputed with a state that is long stale.
fn cheat() -> (World, ChannelId, usize) {
    let (mut world, channel) = World::with_channel([70, 30]);
    let place = position(&world, 0, channel);
    let stale = {
        let case = &world.court.cases[&channel];
        millrace_channels_protocol::CoSignedState::opening(&case.agreement)
    };
    for _ in 0..5 {
        world.pay(0, channel, 10);
        world.settle();
    }
    world.court.pool.push((0, 999, channel, Call::Dispute(stale)));
    (world, channel, place)
}

#[test]
fn stale_dispute_is_answered_in_the_block_that_shows_it() {
    let (mut world, channel, place) = cheat();
    world.block();
    let answers: Vec<_> =
        world.court.pool.iter().map(|(who, .., call)| (*who, call.name())).collect();
    assert!(answers.contains(&(1, "answer")), "{answers:?}");
    world.block();
    assert_eq!(world.court.cases[&channel].answers, 1, "once is enough");
    for _ in 0..12 {
        world.block();
    }
    assert_eq!(paid(&world, channel, place), 20);
}

#[test]
fn stale_dispute_is_answered_after_a_crash_and_after_failures() {
    let (mut world, channel, place) = cheat();
    world.block();
    // What was submitted is lost with the process.
    world.crash(1);
    world.settle();
    assert!(world.court.pool.iter().any(|(who, .., call)| *who == 1 && call.name() == "answer"));
    world.court.is_closed = true;
    world.block();
    world.court.is_closed = false;
    assert!(world.parties[1].was_told(|it| matches!(it, Notice::NotSubmitted { again: true, .. })));
    for _ in 0..12 {
        world.block();
    }
    assert_eq!(paid(&world, channel, place), 20);
}

#[test]
fn dispute_that_vanishes_with_its_block_leaves_the_channel_usable() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let what = Sight::Disputed { version: 0, deadline: 200 };
    let disputed = News::Channel { id: channel, what, seen: Seen::Best };
    world.input(1, Input::News(disputed));
    world.settle();
    let id = world.pay(1, channel, 1);
    assert!(matches!(world.parties[1].replies[&id], Err(CommandError::Channel(_))));
    world.input(1, Input::News(News::Withdrawn { id: channel, what }));
    world.settle();
    let id = world.pay(1, channel, 1);
    world.settle();
    assert!(matches!(world.parties[1].replies[&id], Ok(Reply::Paid { .. })));
}

#[test]
fn channel_that_the_chain_seems_to_have_lost_lives_when_it_is_shown_again() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let at = world.court.height;
    world.input(0, Input::News(News::State { id: channel, standing: None, at }));
    world.settle();
    let id = world.pay(0, channel, 1);
    assert!(world.parties[0].replies[&id].is_err());
    let standing = world.court.standing(channel);
    world.input(0, Input::News(News::State { id: channel, standing, at }));
    world.settle();
    let id = world.pay(0, channel, 1);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Paid { .. })));
    for _ in 0..5 {
        world.block();
    }
    assert_eq!(world.parties[0].channels(), [channel], "and is not forgotten");
}

#[test]
fn channel_that_is_over_shows_what_the_chain_has_paid() {
    // given a stale state that nobody could answer
    let (mut world, channel, _) = cheat();
    world.block();
    world.court.is_closed = true;
    for _ in 0..12 {
        world.block();
    }
    // then that is what both show, and not what they had agreed; also when the records are forgotten,
    // and after a restart
    let paid = world.court.paid[&channel].clone();
    for _ in 0..2 {
        for party in &world.parties {
            let view = party.node.channel(channel).expect("its end is remembered");
            assert_eq!(view.standing, Standing::Over);
            let settled = view.settled.expect("all of it was seen");
            assert_eq!((settled.version, &settled.paid), (0, &paid));
            assert_ne!(view.state.expect("it was open").balances.to_vec(), paid);
        }
        for _ in 0..5 {
            world.block();
        }
        world.crash(0);
        world.crash(1);
        assert!(world.parties[0].channels().is_empty(), "its records are forgotten");
    }
}

#[test]
fn end_that_nobody_saw_is_told_as_what_was_agreed() {
    let (mut world, channel) = World::with_channel([70, 30]);
    let at = world.court.height;
    world.input(0, Input::News(News::State { id: channel, standing: None, at }));
    world.settle();
    let view = world.parties[0].node.channel(channel).expect("it is kept for a while");
    assert_eq!((view.standing, view.settled), (Standing::Over, None));
}

/// A named payment of 5 that one party has signed or asked for; nobody has heard of it yet.
fn begin_payment(world: &mut World, payer: usize, channel: ChannelId) -> CommandId {
    let (payee, operation) = (None, Some(NAME));
    let id = world.command(payer, Command::Pay { channel, payee, amount: 5, operation });
    world.sync(payer);
    assert!(!world.wire.is_empty(), "it is on its way");
    id
}

fn progress(world: &World, payer: usize) -> Progress {
    world.parties[payer].node.operation(&NAME.id).expect("it is remembered").progress
}

#[test]
fn payment_that_its_payer_signed_is_what_the_chain_made_of_it() {
    let mut made = Vec::new();
    for payer in 0..2 {
        // given a payment whose answer is lost
        let (mut world, channel) = World::with_channel([70, 30]);
        let place = position(&world, payer, channel);
        let before = [70, 30][payer];
        let id = begin_payment(&mut world, payer, channel);
        world.deliver();
        world.sync(1 - payer);
        world.wire.clear();
        world.disconnect(payer);
        // when the payee closes alone
        world.command(1 - payer, Command::ForceClose { channel });
        for _ in 0..14 {
            world.block();
        }
        // then the payer says what the chain has paid
        let is_made = paid(&world, channel, place) == before - 5;
        let reply = &world.parties[payer].replies[&id];
        if is_made {
            assert_eq!(*reply, Ok(Reply::Paid { version: 1 }));
            assert_eq!(progress(&world, payer), Progress::Done { version: 1 });
        } else {
            assert_eq!(paid(&world, channel, place), before);
            assert_eq!(*reply, Err(CommandError::NotPossible));
            assert_eq!(progress(&world, payer), Progress::Failed);
        }
        made.push(is_made);
    }
    made.sort_unstable();
    assert_eq!(made, [false, true], "who proposes can be taken at its word");
}
