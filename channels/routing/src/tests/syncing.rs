// SPDX-License-Identifier: Apache-2.0

//! Two nodes find out what they do not both know.

use crate::{
    gossip::{
        ChannelAnnouncement, GossipError, GossipLimits, GossipMessage, Gossiper, Output,
        digests::{Entry, Key, digests_of},
        message::{Inventory, MAX_ENTRIES},
        updating::{MAX_AGE, MIN_SPACING},
    },
    graph::GraphLimits,
    names::{Direction, Moment, NodeId},
    tests::network::{Chain, GENESIS, NOW, Party, announce, free, id_of, later, party, update},
};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::VecDeque;

/// Parties of the public network, apart from the two that talk.
const PARTIES: u32 = 20;

struct World {
    parties: Vec<Party>,
    announcements: Vec<ChannelAnnouncement>,
    chain: Chain,
}

impl World {
    fn of(channels: u64) -> Self {
        let parties: Vec<Party> = (10..10 + PARTIES).map(party).collect();
        let mut chain = Chain::default();
        let announcements: Vec<_> = (0..channels)
            .map(|nonce| {
                let one = nonce as usize % (parties.len() - 1);
                let announcement = announce([&parties[one], &parties[one + 1]], nonce);
                let id = id_of(&announcement);
                chain = std::mem::take(&mut chain).with(id, 100);
                announcement
            })
            .collect();
        Self { parties, announcements, chain }
    }

    /// Tells a node about a channel, its terms in one direction, and its first end.
    fn tell(&self, gossiper: &mut Gossiper, index: usize, now: &Moment) {
        let announcement = &self.announcements[index];
        let one = &self.parties[index % (self.parties.len() - 1)];
        // Several sources, because one is not heard so often.
        let source = party(90 + index as u32 % 8).id();
        let mut hear = |message: GossipMessage| {
            // News that are known already are no failure here.
            let _ = gossiper.receive(source, &message.to_bytes(), now);
        };
        hear(GossipMessage::Channel(announcement.clone()));
        let id = id_of(announcement);
        hear(GossipMessage::Update(update(one, id, Direction::Forth, now.millis, free())));
        gossiper.look_up(&self.chain, now);
        let introduction = GossipMessage::Node(one.introduction(now.millis)).to_bytes();
        let _ = gossiper.receive(source, &introduction, now);
    }
}

fn gossiper(own: NodeId) -> Gossiper {
    Gossiper::new(own, GENESIS, GraphLimits::default(), GossipLimits::default())
}

/// Lets the first ask the second, until nothing is under way. Returns the number of messages.
fn compare(world: &World, nodes: &mut [Gossiper; 2], ids: [NodeId; 2], now: &Moment) -> usize {
    let mut under_way = VecDeque::from([(0, nodes[0].compare_with(ids[1], now).unwrap())]);
    let mut count = 0;
    loop {
        // The chain answers now and then, and when nothing else is under way.
        if count % 100 == 99 || under_way.is_empty() {
            let outputs = nodes[0].look_up(&world.chain, now);
            under_way.extend(outputs.into_iter().map(|output| (0, output)));
        }
        let Some((from, output)) = under_way.pop_front() else { return count };
        // Nobody else is connected, so that what is relayed goes nowhere.
        let other = 1 - from;
        match output {
            Output::Send { to, bytes } if to == ids[other] => {
                count += 1;
                assert!(count < 10_000, "the comparison ends");
                let outputs = nodes[other].receive(ids[from], &bytes, now).unwrap_or_default();
                under_way.extend(outputs.into_iter().map(|output| (other, output)));
            }
            _ => {}
        }
    }
}

#[test]
fn a_newcomer_learns_everything() {
    let world = World::of(600);
    let ids = [party(1).id(), party(2).id()];
    let mut nodes = ids.map(gossiper);
    for index in 0..600 {
        world.tell(&mut nodes[1], index, &NOW);
    }
    assert_eq!(nodes[1].graph().channel_count(), 600);
    compare(&world, &mut nodes, ids, &NOW);
    assert!(digests_of(nodes[0].graph()) == digests_of(nodes[1].graph()), "they know the same");
    assert_eq!(nodes[0].graph().channel_count(), 600);
    assert!(
        nodes[0].graph().nodes().filter(|(_, node)| node.introduction().is_some()).count() > 15
    );
    // With nothing to learn, a comparison is a question and an answer.
    assert_eq!(compare(&world, &mut nodes, ids, &NOW), 2);
}

#[test]
fn who_missed_something_learns_that_and_keeps_its_own() {
    let world = World::of(120);
    let ids = [party(1).id(), party(2).id()];
    let mut nodes = ids.map(gossiper);
    for index in 0..100 {
        world.tell(&mut nodes[0], index, &NOW);
    }
    for index in 40..120 {
        world.tell(&mut nodes[1], index, &NOW);
    }
    // The second has newer terms of one channel.
    let now = later(MIN_SPACING);
    world.tell(&mut nodes[1], 50, &now);
    compare(&world, &mut nodes, ids, &now);
    assert_eq!(nodes[0].graph().channel_count(), 120);
    assert_eq!(nodes[1].graph().channel_count(), 80, "the other did not ask");
    let id = id_of(&world.announcements[50]);
    let known = nodes[0].graph().channel(&id).unwrap().update(Direction::Forth).unwrap();
    assert_eq!(known.sequence(), now.millis);
}

#[test]
fn digests_follow_every_change() {
    let world = World::of(40);
    let peer = party(2).id();
    let mut node = gossiper(party(1).id());
    let mut told = Vec::new();
    let mut check = |node: &mut Gossiper, what: &str| {
        let Ok(Output::Send { bytes, .. }) = node.compare_with(peer, &NOW) else {
            panic!("there is room for a peer");
        };
        let Ok(GossipMessage::Compare(compare)) = GossipMessage::from_bytes(&bytes) else {
            panic!("it is a comparison");
        };
        assert!(compare.digests.to_vec() == digests_of(node.graph()), "{what}");
        assert!(!told.contains(&compare.digests), "{what} changes something");
        told.push(compare.digests);
    };
    check(&mut node, "nothing yet");
    for index in 0..40 {
        world.tell(&mut node, index, &NOW);
        check(&mut node, "news");
    }
    let id = id_of(&world.announcements[0]);
    assert!(node.graph_mut().remove_channel(&id));
    check(&mut node, "a channel that is closed");
    world.tell(&mut node, 1, &later(MIN_SPACING));
    check(&mut node, "newer terms");
    node.graph_mut().prune(&later(MAX_AGE + 1));
    check(&mut node, "silence");
    node.graph_mut().prune(&later(MAX_AGE + MIN_SPACING + 1));
    assert_eq!(node.graph().channel_count(), 0);
}

#[test]
fn an_inventory_that_was_not_asked_for_or_goes_backwards_is_refused() {
    let ids = [party(1).id(), party(2).id()];
    let entry = |first: u8| Entry { key: Key::first_of(first), sequences: [0, 0] };
    let inventory = |entries: Vec<Entry>, next| {
        let entries = BoundedVec::truncate_from(entries);
        GossipMessage::Inventory(Inventory { entries, next }).to_bytes()
    };
    let full: Vec<Entry> = (0..MAX_ENTRIES).map(|index| entry(index as u8)).collect();
    let bad = [
        ("not ascending", inventory(vec![entry(2), entry(1)], None)),
        ("twice the same", inventory(vec![entry(1), entry(1)], None)),
        ("goes on though not full", inventory(vec![entry(1)], Some(Key::first_of(9)))),
        ("goes on backwards", inventory(full.clone(), Some(Key::first_of(3)))),
        ("goes on at the same place", inventory(full, Some(Key::first_of(255)))),
    ];
    for (what, bytes) in bad {
        let mut node = gossiper(ids[0]);
        node.compare_with(ids[1], &NOW).unwrap();
        let result = node.receive(ids[1], &bytes, &NOW);
        assert!(matches!(result, Err(GossipError::Unasked { .. })), "{what}");
    }
    let sound = inventory(vec![entry(1), entry(2)], None);
    let mut node = gossiper(ids[0]);
    assert!(matches!(node.receive(ids[1], &sound, &NOW), Err(GossipError::Unasked { .. })));
    node.compare_with(ids[1], &NOW).unwrap();
    assert_eq!(node.receive(ids[1], &sound, &NOW).unwrap().len(), 1, "it wants both");
    let again = node.receive(ids[1], &sound, &NOW);
    assert!(matches!(again, Err(GossipError::Unasked { .. })), "one answer to one question");
}

#[test]
fn a_peer_makes_us_send_only_so_much() {
    let world = World::of(60);
    let ids = [party(1).id(), party(2).id()];
    let mut node = gossiper(ids[0]);
    for index in 0..60 {
        world.tell(&mut node, index, &NOW);
    }
    let keys: Vec<Key> =
        world.announcements.iter().map(|one| Key::of_channel(&id_of(one))).collect();
    let want = GossipMessage::Want(BoundedVec::truncate_from(keys)).to_bytes();
    let mut sent = 0;
    for _ in 0..200 {
        for output in node.receive(ids[1], &want, &NOW).unwrap_or_default() {
            if let Output::Send { bytes, .. } = output {
                sent += bytes.len();
            }
        }
    }
    let most = GossipLimits::default().answers.burst as usize * 64;
    assert!(sent > most / 2 && sent <= most, "{sent} bytes of {most}");
}
