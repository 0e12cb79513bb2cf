// SPDX-License-Identifier: Apache-2.0

//! What stays in the graph, and what leaves it.

use crate::{
    gossip::updating::MAX_AGE,
    graph::{Graph, GraphError, GraphLimits},
    names::Direction,
    tests::network::{
        GENESIS, NOW, announce, announce_params, free, id_of, later, params, party, update,
        validated,
    },
};
use millrace_primitives_channels::{Balance, ChannelAsset, ChannelId};
use std::collections::BTreeMap;

const GOLD: ChannelAsset = ChannelAsset::Local(1);

fn graph(room: usize) -> Graph {
    let channels = BTreeMap::from([(ChannelAsset::Native, room), (GOLD, room)]);
    Graph::new(party(0).id(), GraphLimits { channels, grace: 1_000 })
}

fn add(graph: &mut Graph, nonce: u64, deposit: Balance) -> Result<Option<ChannelId>, GraphError> {
    let channel = validated(announce([&party(1), &party(2)], nonce), deposit);
    graph.add_channel(channel, NOW.millis)
}

fn id(nonce: u64) -> ChannelId {
    id_of(&announce([&party(1), &party(2)], nonce))
}

#[test]
fn a_place_is_lost_only_to_a_larger_deposit() {
    let mut graph = graph(3);
    for (nonce, deposit) in [(0, 50), (1, 10), (2, 30)] {
        assert_eq!(add(&mut graph, nonce, deposit), Ok(None));
    }
    // As much as the smallest is not enough, however many try.
    for nonce in 10..30 {
        let full = Err(GraphError::Full { deposit: 10, smallest: 10 });
        assert_eq!(add(&mut graph, nonce, 10), full);
    }
    assert_eq!(add(&mut graph, 3, 11), Ok(Some(id(1))));
    assert_eq!(add(&mut graph, 4, 12), Ok(Some(id(3))), "who came last was the cheapest now");
    assert_eq!(graph.channel_count(), 3);
    // Nobody comes back at the old price.
    assert!(add(&mut graph, 1, 10).is_err());
}

#[test]
fn a_worthless_asset_takes_no_place_of_the_native_one() {
    let mut graph = graph(1);
    add(&mut graph, 0, 1).unwrap();
    let (one, other) = (party(1), party(2));
    for nonce in 0..5 {
        let gold = announce_params([&one, &other], params([&one, &other], GOLD, nonce));
        let deposit = Balance::MAX - 10 + Balance::from(nonce);
        graph.add_channel(validated(gold, deposit), NOW.millis).unwrap();
    }
    assert!(graph.channel(&id(0)).is_some());
    assert_eq!(graph.channel_count(), 2);
    let foreign = params([&one, &other], ChannelAsset::Local(2), 0);
    let foreign = validated(announce_params([&one, &other], foreign), 5);
    assert_eq!(
        graph.add_channel(foreign, NOW.millis),
        Err(GraphError::NotFollowed { asset: ChannelAsset::Local(2) })
    );
}

#[test]
fn own_channels_stay_and_take_nobodys_place() {
    let mut graph = graph(1);
    let own = announce([&party(0), &party(1)], 7);
    let own_id = id_of(&own);
    graph.add_channel(validated(own, 1), NOW.millis).unwrap();
    assert_eq!(add(&mut graph, 0, 5), Ok(None));
    assert_eq!(add(&mut graph, 1, 6), Ok(Some(id(0))));
    assert!(graph.channel(&own_id).is_some());
    assert_eq!(graph.prune(&later(10_000)), [id(1)], "nor do they leave when they are silent");
    assert!(graph.channel(&own_id).is_some());
}

#[test]
fn a_resize_changes_the_rank() {
    let mut graph = graph(2);
    add(&mut graph, 0, 10).unwrap();
    add(&mut graph, 1, 20).unwrap();
    assert!(graph.resize_channel(&id(0), 100));
    assert!(graph.resize_channel(&id(1), 5));
    assert_eq!(add(&mut graph, 2, 6), Ok(Some(id(1))));
    assert_eq!(graph.channel(&id(0)).unwrap().channel().deposit(), 100);
    assert!(!graph.resize_channel(&id(1), 5), "it is gone");
}

#[test]
fn nodes_are_there_as_long_as_their_channels() {
    let mut graph = graph(5);
    let one = party(1);
    let introduction = one.introduction(NOW.millis).verify(&GENESIS, None, &NOW).unwrap();
    let unknown = Err(GraphError::UnknownNode { node: one.id() });
    assert_eq!(graph.add_node(introduction.clone()), unknown);
    add(&mut graph, 0, 10).unwrap();
    add(&mut graph, 1, 10).unwrap();
    graph.add_node(introduction.clone()).unwrap();
    assert!(matches!(graph.add_node(introduction), Err(GraphError::NotNewer { .. })));
    assert_eq!(graph.node(&one.id()).unwrap().channels().len(), 2);
    assert!(graph.remove_channel(&id(0)));
    assert_eq!(graph.node_count(), 2);
    assert!(graph.remove_channel(&id(1)));
    assert_eq!((graph.node_count(), graph.channel_count()), (0, 0));
    assert!(!graph.remove_channel(&id(1)));
    // Its place is free again.
    for nonce in 0..5 {
        assert_eq!(add(&mut graph, nonce, 1), Ok(None));
    }
}

#[test]
fn silence_is_forgotten_first_and_the_channel_then() {
    let mut graph = graph(5);
    add(&mut graph, 0, 10).unwrap();
    let one = party(1);
    let terms = update(&one, id(0), Direction::Forth, NOW.millis, free());
    let terms = terms.verify(&GENESIS, &one.id(), None, &NOW).unwrap();
    graph.add_update(terms).unwrap();
    assert!(matches!(graph.add_update(terms), Err(GraphError::NotNewer { .. })));
    let before = graph.revision();
    assert_eq!(graph.prune(&later(MAX_AGE)), []);
    assert_eq!(graph.revision(), before, "nothing has changed");
    assert_eq!(graph.prune(&later(MAX_AGE + 1)), [id(0)]);
    assert_eq!(graph.node_count(), 0);
}
