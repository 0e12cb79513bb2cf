// SPDX-License-Identifier: Apache-2.0

//! Channels that are opened, and those that are not.

use super::{
    World,
    world::{config, open, peer_of},
};
use crate::{
    CommandError, Input, Notice, Reply,
    frame::{Frame, OpeningMessage},
    node::Standing,
};

#[test]
fn channel_is_open_when_its_opening_is_final() {
    let (world, channel) = World::with_channel([70, 30]);
    for party in &world.parties {
        assert_eq!(party.channels(), [channel]);
        let view = party.node.channel(channel).unwrap();
        assert_eq!(view.standing, Standing::Open);
        let mine = view.state.unwrap().balances[usize::from(view.position)];
        assert_eq!(view.spendable, mine);
        assert!(party.was_told(|it| matches!(it, Notice::Opened { .. })));
    }
    assert_eq!(world.court.cases[&channel].agreement.total(), 100);
    assert_eq!(world.court.taken, ["open"], "one extrinsic holds both deposits");
}

#[test]
fn proposal_is_refused_when_the_policy_does_not_want_it() {
    let mut picky = config();
    picky.acceptance.own_deposit_max = 5;
    picky.acceptance.their_deposit = 10..=20;
    let mut world = World::with(2, picky);
    for deposits in [[9, 0], [21, 0], [10, 6]] {
        let id = world.command(0, open(1, deposits));
        world.settle();
        let reply = &world.parties[0].replies[&id];
        assert!(matches!(reply, Err(CommandError::PeerRefused { .. })), "{deposits:?}: {reply:?}");
        assert!(world.parties[1].channels().is_empty(), "nobody is bound");
    }
    let id = world.command(0, open(1, [0, 0]));
    assert!(matches!(world.parties[0].replies[&id], Err(CommandError::NothingDeposited { .. })));
    let opened = world.open(0, 1, [20, 5]);
    assert_eq!(world.parties[1].channels(), [opened]);
}

#[test]
fn opening_ends_for_both_when_the_chain_does_not_take_it() {
    let mut world = World::new(2);
    world.court.is_closed = true;
    let id = world.command(0, open(1, [70, 30]));
    world.settle();
    world.block();
    assert!(matches!(world.parties[0].replies[&id], Err(CommandError::NotOpened { .. })));
    // The acceptor is bound until the last block of the terms is over, and not longer.
    assert_eq!(world.parties[1].channels().len(), 1);
    for _ in 0..52 {
        world.block();
    }
    for party in &world.parties {
        assert!(party.channels().is_empty());
        assert!(party.store.load_all().unwrap().next().is_none(), "and forgotten");
    }
}

#[test]
fn proposal_without_an_answer_is_given_up() {
    let mut world = World::new(2);
    let id = world.command(0, open(1, [70, 30]));
    world.wire.clear();
    world.wait(60_000);
    assert!(!world.parties[0].replies.contains_key(&id));
    world.wire.clear();
    world.wait(1_000);
    assert!(matches!(world.parties[0].replies[&id], Err(CommandError::NoAnswer { .. })));
    assert!(world.parties[0].channels().is_empty());
}

#[test]
fn acceptance_survives_a_crash_and_is_given_again() {
    // Each party crashes before each output of an opening; it succeeds in the end, or binds nobody.
    for crashed in 0..2 {
        for step in 0..40 {
            let mut world = World::new(2);
            world.cut_power(crashed, step);
            let id = world.command(0, open(1, [70, 30]));
            world.settle();
            world.end_plan();
            for _ in 0..4 {
                world.block();
            }
            world.wait(61_000);
            let (one, other) = (world.parties[0].channels(), world.parties[1].channels());
            let on_chain: Vec<_> = world.court.cases.keys().copied().collect();
            if on_chain.is_empty() {
                // A proposer that forgot its proposal has told nobody to wait for ever.
                for _ in 0..52 {
                    world.block();
                }
                assert!(world.parties.iter().all(|it| it.channels().is_empty()), "step {step}");
                continue;
            }
            assert_eq!((&one, &other), (&on_chain, &on_chain), "party {crashed}, step {step}");
            if crashed == 1 {
                let reply = &world.parties[0].replies[&id];
                assert!(matches!(reply, Ok(Reply::Opened { .. })), "step {step}: {reply:?}");
            }
            world.pay(0, on_chain[0], 1);
            world.settle();
            let balances = world.parties[1].balances(on_chain[0]);
            assert_eq!(balances, world.parties[0].balances(on_chain[0]));
            assert!(balances.contains(&69) && balances.contains(&31), "{balances:?}");
        }
    }
}

#[test]
fn second_opening_of_one_channel_is_refused() {
    let mut world = World::new(2);
    world.command(0, open(1, [70, 30]));
    let (_, _, bytes) = world.wire[0].clone();
    world.settle();
    // The same parameters with other deposits: what was signed is signed (DA-2).
    let Ok(Frame::Opening(message)) = Frame::from_bytes(&bytes) else { panic!("a proposal") };
    let OpeningMessage::Proposal { params, mut deposits, binding } = *message else {
        panic!("a proposal")
    };
    deposits.iter_mut().for_each(|it| *it += 1);
    let other = OpeningMessage::Proposal { params, deposits, binding };
    let bytes = Frame::Opening(Box::new(other)).to_bytes();
    let outputs = world.parties[1].node.handle(Input::frame(peer_of(0), bytes));
    let answer = outputs.iter().find_map(|it| match it {
        crate::Output::Send { bytes, .. } => Frame::from_bytes(bytes).ok(),
        _ => None,
    });
    let Some(Frame::Opening(answer)) = answer else { panic!("an answer: {outputs:?}") };
    assert!(matches!(*answer, OpeningMessage::Refused { .. }), "{answer:?}");
}

#[test]
fn openings_of_one_peer_have_a_limit() {
    let mut world = World::new(2);
    world.court.is_closed = true;
    let mut refused = 0;
    for _ in 0..20 {
        let id = world.command(0, open(1, [70, 30]));
        world.settle();
        refused += usize::from(world.parties[0].replies.contains_key(&id));
    }
    assert_eq!(refused, 4);
    assert_eq!(world.parties[1].channels().len(), 16, "DA-3");
}
