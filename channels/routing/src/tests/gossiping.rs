// SPDX-License-Identifier: Apache-2.0

//! News come in, are proven, and are passed on.

use crate::{
    allowance::Rate,
    gossip::{
        GossipError, GossipLimits, GossipMessage, Gossiper, Lookup, Output, UpdateError,
        limits::COST_OF_ANNOUNCEMENT, updating::MIN_SPACING,
    },
    graph::{GraphError, GraphLimits},
    names::{Direction, Moment},
    tests::network::{
        Chain, GENESIS, NOW, announce, announce_params, free, id_of, later, params, party, update,
    },
};
use millrace_primitives_channels::ChannelAsset;

fn gossiper(limits: GossipLimits) -> Gossiper {
    Gossiper::new(party(0).id(), GENESIS, GraphLimits::default(), limits)
}

#[test]
fn a_channel_gets_in_when_the_chain_confirms_it() {
    let (one, other, peer) = (party(1), party(2), party(9).id());
    let mut gossiper = gossiper(GossipLimits::default());
    let announcement = announce([&one, &other], 0);
    let id = id_of(&announcement);
    let message = GossipMessage::Channel(announcement).to_bytes();
    let terms_message = |sequence| {
        GossipMessage::Update(update(&one, id, Direction::Forth, sequence, free())).to_bytes()
    };

    // Given terms of a channel that nobody has announced, they are dropped.
    let early = gossiper.receive(peer, &terms_message(NOW.millis), &NOW);
    assert!(matches!(early, Err(GossipError::Update(UpdateError::UnknownChannel { .. }))));

    // When it is announced, it waits, and so do its terms.
    assert_eq!(gossiper.receive(peer, &message, &NOW).unwrap(), []);
    assert_eq!(gossiper.lookups().collect::<Vec<_>>(), [id]);
    assert_eq!(gossiper.receive(peer, &terms_message(NOW.millis), &NOW).unwrap(), []);
    assert_eq!(gossiper.look_up(&Chain::default(), &NOW), []);
    assert_eq!(gossiper.graph().channel_count(), 0);

    // Then the chain's word lets both in, and both are passed on.
    let outputs = gossiper.look_up(&Chain::default().with(id, 100), &NOW);
    let relayed = |bytes| Output::Relay { except: Some(peer), bytes };
    assert_eq!(outputs[..2], [relayed(message.clone()), relayed(terms_message(NOW.millis))]);
    assert!(matches!(&outputs[2..], [Output::Send { to, .. }] if *to == peer), "who are they?");
    let known = gossiper.graph().channel(&id).unwrap();
    assert_eq!(known.channel().deposit(), 100);
    assert_eq!(known.update(Direction::Forth).unwrap().terms(), &free());

    // News of the same are no news; later terms are.
    assert_eq!(gossiper.receive(peer, &message, &NOW).unwrap(), []);
    assert_eq!(gossiper.lookups().count(), 0);
    let next = terms_message(NOW.millis + MIN_SPACING);
    let outputs = gossiper.receive(peer, &next, &later(MIN_SPACING)).unwrap();
    assert_eq!(outputs, [relayed(next)]);
}

#[test]
fn what_is_absent_from_the_chain_is_dropped() {
    let mut gossiper = gossiper(GossipLimits::default());
    let announcement = announce([&party(1), &party(2)], 0);
    let mut chain = Chain::default();
    chain.0.insert(id_of(&announcement), Lookup::Absent);
    let message = GossipMessage::Channel(announcement).to_bytes();
    gossiper.receive(party(9).id(), &message, &NOW).unwrap();
    assert_eq!(gossiper.look_up(&chain, &NOW), []);
    assert_eq!((gossiper.lookups().count(), gossiper.graph().channel_count()), (0, 0));
}

#[test]
fn what_the_chain_says_nothing_about_does_not_wait_for_ever() {
    let limits = GossipLimits::default();
    let mut gossiper = gossiper(limits);
    let message = GossipMessage::Channel(announce([&party(1), &party(2)], 0)).to_bytes();
    gossiper.receive(party(9).id(), &message, &NOW).unwrap();
    gossiper.look_up(&Chain::default(), &later(limits.patience));
    assert_eq!(gossiper.lookups().count(), 1);
    gossiper.look_up(&Chain::default(), &later(limits.patience + 1));
    assert_eq!(gossiper.lookups().count(), 0);
}

#[test]
fn one_peer_does_not_fill_the_waiting_room() {
    let limits = GossipLimits { waiting: 5, waiting_of_peer: 3, ..GossipLimits::default() };
    let mut gossiper = gossiper(limits);
    let (one, other) = (party(1), party(2));
    let mut announce_from = |peer: u32, nonce| {
        let message = GossipMessage::Channel(announce([&one, &other], nonce)).to_bytes();
        gossiper.receive(party(peer).id(), &message, &NOW).map(|_| ())
    };
    for nonce in 0..3 {
        announce_from(8, nonce).unwrap();
    }
    assert!(matches!(announce_from(8, 3), Err(GossipError::NoRoom { .. })));
    announce_from(9, 4).unwrap();
    announce_from(9, 5).unwrap();
    assert!(matches!(announce_from(9, 6), Err(GossipError::NoRoom { .. })), "the room is full");
}

#[test]
fn who_floods_or_sends_rubbish_is_not_heard() {
    let messages = Rate { burst: 100, refill: 1, period: 1_000 };
    let mut gossiper = gossiper(GossipLimits { messages, ..GossipLimits::default() });
    let (rude, polite) = (party(8).id(), party(9).id());
    let hears = |gossiper: &mut Gossiper, peer, now: &Moment| {
        !matches!(gossiper.receive(peer, &[], now), Err(GossipError::TooMuch { .. }))
    };
    // Rubbish costs far more than a message: a hundred tokens are gone after four.
    let heard = (0..20).filter(|_| hears(&mut gossiper, rude, &NOW)).count();
    assert_eq!(heard, 4);
    assert!(hears(&mut gossiper, polite, &NOW), "others are heard");
    assert!(hears(&mut gossiper, rude, &later(1_000)), "and it again, after a while");

    // News that are only old cost little.
    let update = update(&party(1), Default::default(), Direction::Forth, NOW.millis, free());
    let message = GossipMessage::Update(update).to_bytes();
    let honest = party(10).id();
    for _ in 0..100 {
        let result = gossiper.receive(honest, &message, &NOW);
        assert!(matches!(result, Err(GossipError::Update(UpdateError::UnknownChannel { .. }))));
    }
    assert!(matches!(gossiper.receive(honest, &message, &NOW), Err(GossipError::TooMuch { .. })));
}

#[test]
fn peers_that_owe_nothing_are_forgotten_first() {
    let messages = Rate { burst: 10, refill: 10, period: 1_000 };
    let mut gossiper = gossiper(GossipLimits { peers: 2, messages, ..GossipLimits::default() });
    let mut meet = |peer: u32, now: &Moment| gossiper.receive(party(peer).id(), &[], now);
    assert!(matches!(meet(1, &NOW), Err(GossipError::Message(_))));
    assert!(matches!(meet(2, &NOW), Err(GossipError::Message(_))));
    assert!(matches!(meet(3, &NOW), Err(GossipError::TooManyPeers { peers: 2 })));
    assert!(matches!(meet(3, &later(1_000)), Err(GossipError::Message(_))));
}

#[test]
fn assets_that_are_not_followed_cost_no_lookup() {
    let mut gossiper = gossiper(GossipLimits::default());
    let (one, other) = (party(1), party(2));
    let worthless = params([&one, &other], ChannelAsset::Local(666), 0);
    let message = GossipMessage::Channel(announce_params([&one, &other], worthless)).to_bytes();
    let result = gossiper.receive(party(9).id(), &message, &NOW);
    assert!(matches!(result, Err(GossipError::Graph(GraphError::NotFollowed { .. }))));
    assert_eq!(gossiper.lookups().count(), 0);
}

#[test]
fn announcements_cost_more_than_other_messages() {
    let burst = (COST_OF_ANNOUNCEMENT + 1) * 3;
    let messages = Rate { burst, refill: 1, period: 1_000_000 };
    let mut gossiper = gossiper(GossipLimits { messages, ..GossipLimits::default() });
    let (one, other, peer) = (party(1), party(2), party(9).id());
    let mut taken = 0;
    for nonce in 0..10 {
        let message = GossipMessage::Channel(announce([&one, &other], nonce)).to_bytes();
        taken += usize::from(gossiper.receive(peer, &message, &NOW).is_ok());
    }
    assert_eq!(taken, 3);
}

#[test]
fn own_news_go_to_everybody() {
    let (own, other) = (party(0), party(1));
    let mut gossiper = gossiper(GossipLimits::default());
    let announcement = announce([&own, &other], 0);
    let id = id_of(&announcement);
    let chain = Chain::default().with(id, 5);
    let outputs = gossiper.publish_channel(announcement, &chain, &NOW).unwrap();
    assert!(matches!(outputs[..], [Output::Relay { except: None, .. }]), "{outputs:?}");
    let own_terms = update(&own, id, Direction::Forth, NOW.millis, free());
    let outputs = gossiper.publish_update(own_terms, &NOW).unwrap();
    assert!(matches!(outputs[..], [Output::Relay { except: None, .. }]));
    let outputs = gossiper.publish_node(own.introduction(NOW.millis), &NOW).unwrap();
    assert!(matches!(outputs[..], [Output::Relay { except: None, .. }]));
    assert!(gossiper.graph().node(&own.id()).unwrap().introduction().is_some());
}
