// SPDX-License-Identifier: Apache-2.0

//! Announcements that wait for the chain's word.
//!
//! Asking the chain costs more than anything else a stranger can make us do, so the room is
//! bounded, and each peer has its own share of it.

use crate::{
    gossip::{
        announcing::{ChannelFacts, SignedChannel},
        updating::ValidatedUpdate,
    },
    names::NodeId,
};
use millrace_primitives_channels::ChannelId;
use std::collections::BTreeMap;

/// What is known of a channel on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// There is such a channel.
    Found(ChannelFacts),
    /// At this final block there is none.
    Absent,
    /// The chain was not asked yet, or did not answer.
    Unknown,
}

/// The chain, as far as it was asked.
///
/// The owner fetches the ids of [`crate::Gossiper::lookups`] however it likes, and passes what it
/// knows to [`crate::Gossiper::look_up`]. An implementation must answer from a final block: a
/// channel of a block that is reverted must not get into the graph.
pub trait ChainLookup {
    /// What is known of `channel`.
    fn channel(&self, channel: &ChannelId) -> Lookup;
}

/// An announcement that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) channel: SignedChannel,
    /// Who brought it.
    pub(crate) from: NodeId,
    /// When it came, in milliseconds of the owner's clock.
    pub(crate) since: u64,
    /// The newest terms of each direction that came meanwhile.
    pub(crate) updates: [Option<ValidatedUpdate>; 2],
}

/// All that wait.
#[derive(Clone, Debug)]
pub(crate) struct WaitingRoom {
    waiting: BTreeMap<ChannelId, Waiting>,
    counts: BTreeMap<NodeId, usize>,
    most: usize,
    most_of_peer: usize,
}

impl WaitingRoom {
    /// A room for `most` announcements, of which one peer may bring `most_of_peer`.
    pub(crate) fn new(most: usize, most_of_peer: usize) -> Self {
        Self { waiting: BTreeMap::new(), counts: BTreeMap::new(), most, most_of_peer }
    }

    /// Whether an announcement of this channel waits already.
    pub(crate) fn has(&self, channel: &ChannelId) -> bool {
        self.waiting.contains_key(channel)
    }

    /// Takes an announcement in, if there is room for it.
    pub(crate) fn enter(&mut self, channel: SignedChannel, from: NodeId, since: u64) -> bool {
        let id = channel.id();
        let count = self.counts.get(&from).copied().unwrap_or(0);
        let is_full = self.waiting.len() >= self.most || count >= self.most_of_peer;
        if is_full || self.has(&id) {
            return false;
        }
        self.counts.insert(from, count.saturating_add(1));
        self.waiting.insert(id, Waiting { channel, from, since, updates: [None, None] });
        true
    }

    /// The announcement of a channel, if it waits.
    pub(crate) fn get_mut(&mut self, channel: &ChannelId) -> Option<&mut Waiting> {
        self.waiting.get_mut(channel)
    }

    /// Lets an announcement out.
    pub(crate) fn leave(&mut self, channel: &ChannelId) -> Option<Waiting> {
        let waiting = self.waiting.remove(channel)?;
        if let Some(count) = self.counts.get_mut(&waiting.from) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&waiting.from);
            }
        }
        Some(waiting)
    }

    /// The channels that wait, in ascending order of their ids.
    pub(crate) fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
        self.waiting.keys().copied()
    }

    /// Sends away what came before `limit`, in milliseconds.
    pub(crate) fn expire(&mut self, limit: u64) {
        let late: Vec<ChannelId> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.since < limit)
            .map(|(id, _)| *id)
            .collect();
        for id in &late {
            self.leave(id);
        }
    }
}
