// SPDX-License-Identifier: Apache-2.0

//! What is kept of the graph of public channels, so that a node that starts again need not hear all of
//! it before it can pay.
//!
//! Nothing depends on it, and what is lost peers tell again. So it is no part of the core's batches:
//! whoever runs the node has a [`Keeper`] compare the graph with what is written, now and then, and a
//! few rows at a time. After a restart [`load`] verifies signatures and dates anew, [`Node::recall`]
//! takes the rest in, and the chain is asked about each of these channels as soon as it has time for
//! that, because they may have been closed meanwhile. The owner's own channels are not kept here: its
//! node knows them.
//!
//! [`Node::recall`]: crate::Node::recall

use codec::{Decode, Encode};
use millrace_channels_routing::{
    Direction, Graph, NodeId,
    gossip::{
        ChannelAnnouncement, ChannelFacts, ChannelUpdate, NodeAnnouncement, ValidatedChannel,
        ValidatedNode, ValidatedUpdate,
    },
    graph::KnownChannel,
    names::Moment,
};
use millrace_channels_store::{Batch, Store, StoreError, Table};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, Hash};
use std::collections::BTreeMap;

/// Channels of others. There is room for more than a graph has.
pub const CHANNELS: Table<ChannelId, Charted> = Table::new("graph", 1_000_000);

/// Introductions of their nodes.
pub const NODES: Table<[u8; 32], NodeAnnouncement> = Table::new("graph-nodes", 2_000_000);

/// How many rows one batch changes at most: it has less than half of the bytes that a batch may have.
const MOST: usize = 500;

/// A channel of others, as it was announced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Charted {
    /// What both ends have signed.
    pub announcement: ChannelAnnouncement,
    /// What the chain had in it, in the smallest unit.
    pub deposit: Balance,
    /// The block that opened it.
    pub opened_at: BlockNumber,
    /// The newest terms in both directions.
    pub updates: [Option<ChannelUpdate>; 2],
}

impl Charted {
    fn of(known: &KnownChannel) -> Self {
        let channel = known.channel();
        Self {
            announcement: channel.announcement().clone(),
            deposit: channel.deposit(),
            opened_at: channel.opened_at(),
            updates: Direction::BOTH.map(|way| known.update(way).map(|update| *update.update())),
        }
    }

    /// What of it is signed and not too old; nothing if it was never announced like that.
    fn verify(self, genesis: &Hash, now: &Moment) -> Option<RecalledChannel> {
        let signed = self.announcement.verify(genesis).ok()?;
        let facts = ChannelFacts {
            channel: signed.id(),
            deposit: self.deposit,
            opened_at: self.opened_at,
            at: self.opened_at,
            is_open: true,
        };
        let channel = signed.proven(&facts).ok()?;
        let ways = Direction::BOTH.into_iter().zip(self.updates);
        let updates = ways.filter_map(|(way, update)| {
            let (node, _) = way.ends(channel.nodes());
            let update = update.filter(|it| it.offer.direction == way)?;
            update.verify(genesis, &node, None, now).ok()
        });
        let updates = updates.filter(|update| update.channel() == channel.id()).collect();
        Some(RecalledChannel { channel, updates })
    }
}

/// A channel that was known before the last restart.
#[derive(Clone, Debug)]
pub struct RecalledChannel {
    /// The channel, with what the chain said about it then.
    pub channel: ValidatedChannel,
    /// The terms that still count.
    pub updates: Vec<ValidatedUpdate>,
}

/// What was known before the last restart.
#[derive(Clone, Debug, Default)]
pub struct Recalled {
    /// Channels.
    pub channels: Vec<RecalledChannel>,
    /// Introductions that still count.
    pub nodes: Vec<ValidatedNode>,
}

/// Stands for a channel as it is written: what is in it, and how new its terms are.
type Mark = (Balance, [u64; 2]);

/// What is written of the graph.
#[derive(Debug, Default)]
pub struct Keeper {
    channels: BTreeMap<ChannelId, Mark>,
    nodes: BTreeMap<NodeId, u64>,
    /// The graph's revision that is written.
    revision: Option<u64>,
}

/// A row that is not as the graph has it.
enum Row {
    Channel(ChannelId),
    Node(NodeId),
}

impl Keeper {
    /// What brings the store nearer to what the graph has, a few hundred rows at a time; nothing once it
    /// has all of that. The batch counts as written: who cannot write it has to stop.
    pub fn changes(&mut self, graph: &Graph) -> Option<Batch> {
        if self.revision == Some(graph.revision()) {
            return None;
        }
        let rows: Vec<Row> = self.differing(graph).take(MOST).collect();
        if rows.len() < MOST {
            self.revision = Some(graph.revision());
        }
        let write = |batch, row| self.write(graph, batch, row);
        let batch = rows.into_iter().fold(Batch::new(), write);
        (!batch.is_empty()).then_some(batch)
    }

    fn differing<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = Row> + 'a {
        let own = graph.own();
        let closed = self.channels.keys().filter(move |id| graph.channel(id).is_none());
        let others = graph.channels().filter(move |it| !it.channel().nodes().contains(&own));
        let changed =
            others.filter(move |it| self.channels.get(&it.channel().id()) != Some(&mark(it)));
        let gone = self.nodes.keys().filter(move |id| introduction(graph, id).is_none());
        let others = graph.nodes().map(|(id, _)| id).filter(move |id| **id != own);
        let renewed = others.filter(move |id| {
            let sequence = introduction(graph, id).map(ValidatedNode::sequence);
            sequence.is_some() && self.nodes.get(*id) != sequence.as_ref()
        });
        let channels = closed.copied().chain(changed.map(|it| it.channel().id()));
        channels.map(Row::Channel).chain(gone.chain(renewed).copied().map(Row::Node))
    }

    fn write(&mut self, graph: &Graph, batch: Batch, row: Row) -> Batch {
        match row {
            Row::Channel(id) => match graph.channel(&id) {
                Some(known) => {
                    self.channels.insert(id, mark(known));
                    batch.put(&CHANNELS, &id, &Charted::of(known), None)
                }
                None => {
                    self.channels.remove(&id);
                    batch.remove(&CHANNELS, &id)
                }
            },
            Row::Node(id) => match introduction(graph, &id) {
                Some(node) => {
                    self.nodes.insert(id, node.sequence());
                    batch.put(&NODES, &id.0, node.announcement(), None)
                }
                None => {
                    self.nodes.remove(&id);
                    batch.remove(&NODES, &id.0)
                }
            },
        }
    }
}

fn mark(known: &KnownChannel) -> Mark {
    let sequence = |way| known.update(way).map_or(0, ValidatedUpdate::sequence);
    (known.channel().deposit(), Direction::BOTH.map(sequence))
}

fn introduction<'a>(graph: &'a Graph, node: &NodeId) -> Option<&'a ValidatedNode> {
    graph.node(node)?.introduction()
}

/// What was known before the last restart, and what is written. `now`: terms and introductions that are
/// too old are left out. It verifies four signatures for each channel and one for everything else, so it
/// is work for a thread of its own.
///
/// Errors: those of reading. A row that does not verify is left out, and removed by the keeper.
pub fn load(store: &Store, genesis: &Hash, now: &Moment) -> Result<(Recalled, Keeper), StoreError> {
    let (mut recalled, mut keeper) = (Recalled::default(), Keeper::default());
    for row in store.rows(&CHANNELS)? {
        let row = row?;
        let sequence = |update: Option<ChannelUpdate>| update.map_or(0, |it| it.offer.sequence);
        let written = (row.value.deposit, row.value.updates.map(sequence));
        keeper.channels.insert(row.key, written);
        recalled.channels.extend(row.value.verify(genesis, now));
    }
    for row in store.rows(&NODES)? {
        let row = row?;
        keeper.nodes.insert(NodeId(row.key), row.value.introduction.sequence);
        recalled.nodes.extend(row.value.verify(genesis, None, now).ok());
    }
    Ok((recalled, keeper))
}
