// SPDX-License-Identifier: Apache-2.0

//! The channels and nodes that are known, within bounds.
//!
//! Only what was validated gets in (RO-1). There is room for a number of channels of each asset
//! that the owner follows. When it is used up, a newcomer takes the place of the channel with the
//! smallest deposit, and only if its own is larger (RO-2): to push honest channels out, an attacker
//! has to lock more than each of them, in as many channels, for as long as it wants them gone.
//! Assets have rooms of their own, because anybody can make an asset and give himself any amount of
//! it. A node is remembered as long as it has a channel.
//!
//! | chapter | what it holds |
//! |---|---|
//! | here | the graph, and how channels and nodes get in |
//! | `leaving` | how they get out: closed, resized, stale, evicted |

mod leaving;

use crate::{
    gossip::{
        announcing::ValidatedChannel,
        digests::{BUCKETS, Entry, Key, Kind},
        introducing::ValidatedNode,
        updating::ValidatedUpdate,
    },
    names::{Direction, NodeId},
};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelAsset, ChannelId};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use thiserror::Error;

/// How much is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphLimits {
    /// The assets that are followed, each with the largest number of its channels. Channels of
    /// other assets are not remembered.
    pub channels: BTreeMap<ChannelAsset, usize>,
    /// For how long a channel without any terms is kept, in milliseconds.
    pub grace: u64,
}

impl Default for GraphLimits {
    /// The native asset, with room for 50,000 channels (some 40 MB), and two weeks of grace.
    fn default() -> Self {
        Self {
            channels: BTreeMap::from([(ChannelAsset::Native, 50_000)]),
            grace: crate::gossip::updating::MAX_AGE,
        }
    }
}

/// Why the graph does not take something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GraphError {
    /// The asset is not followed.
    #[error("channels of {asset:?} are not remembered: add the asset to the limits to follow it")]
    NotFollowed {
        /// The asset.
        asset: ChannelAsset,
    },
    /// There is no room, and the deposit is not large enough to take somebody's place.
    #[error(
        "no room for a channel with a deposit of {deposit}: \
         the smallest that is kept has {smallest}"
    )]
    Full {
        /// The newcomer's deposit.
        deposit: Balance,
        /// The smallest deposit in the graph.
        smallest: Balance,
    },
    /// No such channel is known.
    #[error("channel {channel:?} is not in the graph")]
    UnknownChannel {
        /// The channel.
        channel: ChannelId,
    },
    /// The node has no channel.
    #[error("node {node} has no channel in the graph")]
    UnknownNode {
        /// The node.
        node: NodeId,
    },
    /// Something as new is known already.
    #[error("what is known is as new: sequence {known}, received {received}")]
    NotNewer {
        /// The sequence that is known.
        known: u64,
        /// The sequence that was offered.
        received: u64,
    },
}

/// A channel in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownChannel {
    channel: ValidatedChannel,
    updates: [Option<ValidatedUpdate>; 2],
    /// When it got in, in milliseconds.
    added_at: u64,
}

impl KnownChannel {
    /// The channel.
    pub fn channel(&self) -> &ValidatedChannel {
        &self.channel
    }

    /// The terms in a direction, if its node has told them.
    pub fn update(&self, direction: Direction) -> Option<&ValidatedUpdate> {
        direction.of(&self.updates).as_ref()
    }

    fn entry(&self) -> Entry {
        let sequence = |direction| self.update(direction).map_or(0, ValidatedUpdate::sequence);
        Entry { key: Key::of_channel(&self.channel.id), sequences: Direction::BOTH.map(sequence) }
    }

    fn rank(&self) -> Rank {
        Rank {
            deposit: self.channel.deposit,
            opened_at: Reverse(self.channel.opened_at),
            id: self.channel.id,
        }
    }
}

/// How dear a channel's place was: the cheapest comes first, and of those the youngest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    deposit: Balance,
    opened_at: Reverse<BlockNumber>,
    id: ChannelId,
}

/// A node in the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNode {
    channels: BTreeSet<ChannelId>,
    introduction: Option<ValidatedNode>,
}

impl KnownNode {
    /// Its channels.
    pub fn channels(&self) -> &BTreeSet<ChannelId> {
        &self.channels
    }

    /// How it introduced itself, if it did.
    pub fn introduction(&self) -> Option<&ValidatedNode> {
        self.introduction.as_ref()
    }
}

/// The channels and nodes that are known.
#[derive(Clone, Debug)]
pub struct Graph {
    own: NodeId,
    limits: GraphLimits,
    channels: BTreeMap<ChannelId, KnownChannel>,
    nodes: BTreeMap<NodeId, KnownNode>,
    /// The channels of each asset but the owner's own, the cheapest first.
    ranks: BTreeMap<ChannelAsset, BTreeSet<Rank>>,
    revision: u64,
    /// The revision at which each bucket of [`Key`]s changed last.
    changed_at: [u64; BUCKETS],
}

impl Graph {
    /// An empty graph. The channels of `own` stay whatever happens.
    pub fn new(own: NodeId, limits: GraphLimits) -> Self {
        Self {
            own,
            limits,
            channels: BTreeMap::new(),
            nodes: BTreeMap::new(),
            ranks: BTreeMap::new(),
            revision: 0,
            changed_at: [0; BUCKETS],
        }
    }

    /// Takes a channel in. Says which one had to leave for it; nothing changes if it is known.
    /// `now`: in milliseconds.
    pub fn add_channel(
        &mut self,
        channel: ValidatedChannel,
        now: u64,
    ) -> Result<Option<ChannelId>, GraphError> {
        let (id, asset, nodes) = (channel.id, channel.asset(), channel.nodes());
        if self.channels.contains_key(&id) {
            return Ok(None);
        }
        let known = KnownChannel { channel, updates: [None, None], added_at: now };
        let evicted = if nodes.contains(&self.own) {
            None
        } else {
            let evicted = self.make_room(asset, &known.rank())?;
            self.ranks.entry(asset).or_default().insert(known.rank());
            evicted
        };
        for node in nodes {
            self.nodes.entry(node).or_default().channels.insert(id);
        }
        self.channels.insert(id, known);
        self.touch(Key::of_channel(&id));
        Ok(evicted)
    }

    /// Takes terms in.
    pub fn add_update(&mut self, update: ValidatedUpdate) -> Result<(), GraphError> {
        let channel = update.channel();
        let known =
            self.channels.get_mut(&channel).ok_or(GraphError::UnknownChannel { channel })?;
        let slot = update.direction().of_mut(&mut known.updates);
        if let Some(known) = slot.as_ref().filter(|known| known.sequence() >= update.sequence()) {
            let (known, received) = (known.sequence(), update.sequence());
            return Err(GraphError::NotNewer { known, received });
        }
        *slot = Some(update);
        self.touch(Key::of_channel(&channel));
        Ok(())
    }

    /// Takes an introduction in.
    pub fn add_node(&mut self, node: ValidatedNode) -> Result<(), GraphError> {
        let unknown = GraphError::UnknownNode { node: node.node() };
        let known = self.nodes.get_mut(&node.node()).ok_or(unknown)?;
        let newer = known.introduction.as_ref().filter(|old| old.sequence() >= node.sequence());
        if let Some(newer) = newer {
            let (known, received) = (newer.sequence(), node.sequence());
            return Err(GraphError::NotNewer { known, received });
        }
        let key = Key::of_node(&node.node());
        known.introduction = Some(node);
        self.touch(key);
        Ok(())
    }

    /// The channel with this id.
    pub fn channel(&self, id: &ChannelId) -> Option<&KnownChannel> {
        self.channels.get(id)
    }

    /// The node with this key.
    pub fn node(&self, id: &NodeId) -> Option<&KnownNode> {
        self.nodes.get(id)
    }

    /// All channels, in ascending order of their ids.
    pub fn channels(&self) -> impl Iterator<Item = &KnownChannel> {
        self.channels.values()
    }

    /// All nodes, in ascending order of their keys.
    pub fn nodes(&self) -> impl Iterator<Item = (&NodeId, &KnownNode)> {
        self.nodes.iter()
    }

    /// Number of channels.
    pub fn channel_count(&self) -> usize {
        self.channels.len()
    }

    /// Number of nodes: at most twice that of the channels.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Whose graph it is.
    pub fn own(&self) -> NodeId {
        self.own
    }

    /// Whether channels of this asset are remembered.
    pub fn follows(&self, asset: ChannelAsset) -> bool {
        self.limits.channels.get(&asset).is_some_and(|room| *room > 0)
    }

    /// Rises with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What there is in a bucket, in ascending order of keys.
    pub(crate) fn entries(&self, bucket: u8) -> Vec<Entry> {
        let first = Key::first_of(bucket).bytes;
        let after = bucket.checked_add(1).map(|next| Key::first_of(next).bytes);
        let is_inside = |bytes: &[u8; 32]| after.is_none_or(|after| *bytes < after);
        let channels = self
            .channels
            .range(ChannelId::from(first)..)
            .take_while(|(id, _)| is_inside(&id.0))
            .map(|(_, known)| known.entry());
        let nodes =
            self.nodes.range(NodeId(first)..).take_while(|(id, _)| is_inside(&id.0)).filter_map(
                |(id, known)| {
                    let sequence = known.introduction.as_ref()?.sequence();
                    Some(Entry { key: Key::of_node(id), sequences: [sequence, 0] })
                },
            );
        let mut entries: Vec<Entry> = channels.chain(nodes).collect();
        entries.sort_by_key(|entry| entry.key);
        entries
    }

    /// What there is under a key.
    pub(crate) fn entry(&self, key: &Key) -> Option<Entry> {
        match key.kind {
            Kind::Channel => {
                self.channels.get(&ChannelId::from(key.bytes)).map(KnownChannel::entry)
            }
            Kind::Node => {
                let sequence =
                    self.nodes.get(&NodeId(key.bytes))?.introduction.as_ref()?.sequence();
                Some(Entry { key: *key, sequences: [sequence, 0] })
            }
        }
    }

    /// The revision at which a bucket changed last.
    pub(crate) fn changed_at(&self, bucket: u8) -> u64 {
        self.changed_at.get(usize::from(bucket)).copied().unwrap_or(self.revision)
    }

    /// What is under this key has changed.
    fn touch(&mut self, key: Key) {
        self.revision = self.revision.saturating_add(1);
        if let Some(changed_at) = self.changed_at.get_mut(usize::from(key.bucket())) {
            *changed_at = self.revision;
        }
    }
}
