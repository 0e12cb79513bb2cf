// SPDX-License-Identifier: Apache-2.0

//! The graph of public channels over a restart.

use super::{
    World,
    forwarding::{invoice, line, pay},
    world::genesis,
};
use crate::{
    Command, Reply,
    graph::{CHANNELS, Keeper, NODES, load},
};
use millrace_channels_routing::{Direction, Graph, GraphLimits, Moment, NodeId};
use millrace_primitives_channels::{ChannelId, Hash};

/// Writes down what a party knows.
fn keep(world: &World, party: usize, keeper: &mut Keeper) {
    let party = &world.parties[party];
    while let Some(batch) = keeper.changes(party.node.graph()) {
        party.store.submit(batch).and_then(|it| it.wait()).expect("it is written");
    }
}

/// Has a party recall what is written; returns the keeper of that.
fn recall(world: &mut World, party: usize) -> Keeper {
    let moment = Moment { millis: world.now, block: world.court.height };
    let party = &mut world.parties[party];
    let (recalled, keeper) = load(&party.store, &genesis(), &moment).expect("readable");
    party.node.recall(recalled);
    keeper
}

/// The channels of which a party knows with terms in both directions.
fn known(world: &World, party: usize) -> Vec<ChannelId> {
    let graph = world.parties[party].node.graph();
    let with_terms = graph
        .channels()
        .filter(|it| Direction::BOTH.into_iter().all(|way| it.update(way).is_some()));
    with_terms.map(|it| it.channel().id()).collect()
}

#[test]
fn node_that_starts_again_pays_over_channels_of_others_that_nobody_has_told_it_anew() {
    // given a party that has written down two channels of others
    let (mut world, channels) = line(4);
    let mut keeper = Keeper::default();
    keep(&world, 0, &mut keeper);
    assert_eq!(world.parties[0].store.rows(&CHANNELS).unwrap().count(), 2, "not its own");
    assert_eq!(world.parties[0].store.rows(&NODES).unwrap().count(), 3, "not itself");
    let before = world.parties[0].node.graph().clone();
    // when it starts again, then what it recalls is what it knew
    world.crash(0);
    world.wire.clear();
    assert_eq!(known(&world, 0), []);
    recall(&mut world, 0);
    let mut others = [channels[1], channels[2]];
    others.sort_unstable();
    assert_eq!(known(&world, 0), others);
    let after = world.parties[0].node.graph();
    for (node, then) in before.nodes().filter(|(id, _)| **id != before.own()) {
        let now = after.node(node).and_then(|it| it.introduction());
        assert_eq!(now, then.introduction(), "{node}");
    }
    // and a payment finds its way as soon as the neighbour is there
    world.settle();
    let invoice = invoice(&mut world, 3, 10_000);
    let id = pay(&mut world, 0, &invoice);
    world.settle();
    assert!(matches!(world.parties[0].replies[&id], Ok(Reply::Delivered { .. })));
}

#[test]
fn channel_that_was_closed_while_its_witness_was_away_leaves_the_graph_and_the_disk() {
    // given a party that goes away, and a channel of others that is closed meanwhile
    let (mut world, channels) = line(4);
    let mut keeper = Keeper::default();
    keep(&world, 0, &mut keeper);
    world.disconnect(0);
    world.command(2, Command::Close { channel: channels[2] });
    world.settle();
    world.block();
    world.block();
    assert!(world.court.paid.contains_key(&channels[2]));
    // when it starts again alone, then the chain's word counts
    world.crash(0);
    world.disconnect(0);
    let mut keeper = recall(&mut world, 0);
    assert_eq!(known(&world, 0).len(), 2);
    world.wait(1_000);
    assert_eq!(known(&world, 0), [channels[1]]);
    keep(&world, 0, &mut keeper);
    let rows = world.parties[0].store.rows(&CHANNELS).unwrap();
    assert_eq!(rows.map(|row| row.unwrap().key).collect::<Vec<_>>(), [channels[1]]);
}

#[test]
fn rows_that_nobody_signed_are_left_out_and_removed() {
    // given rows of another chain
    let (world, _) = line(4);
    let mut keeper = Keeper::default();
    keep(&world, 0, &mut keeper);
    let store = &world.parties[0].store;
    let moment = Moment { millis: world.now, block: 0 };
    let (recalled, mut keeper) = load(store, &Hash::zero(), &moment).unwrap();
    assert_eq!((recalled.channels.len(), recalled.nodes.len()), (0, 0));
    // when a graph that knows nothing is compared with them, then they go
    let empty = Graph::new(NodeId([9; 32]), GraphLimits::default());
    while let Some(batch) = keeper.changes(&empty) {
        store.submit(batch).and_then(|it| it.wait()).unwrap();
    }
    assert_eq!(store.rows(&CHANNELS).unwrap().count(), 0);
    assert_eq!(store.rows(&NODES).unwrap().count(), 0);
}
