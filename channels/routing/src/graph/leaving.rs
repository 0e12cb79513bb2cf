// SPDX-License-Identifier: Apache-2.0

//! How channels get out of the graph: closed, outbid, or silent for too long.

use crate::{
    gossip::{digests::Key, updating::is_stale},
    graph::{Graph, GraphError, Rank},
    names::Moment,
};
use millrace_primitives_channels::{Balance, ChannelAsset, ChannelId};

impl Graph {
    /// The chain says that a channel is closed, or that it is being closed. Says whether it was
    /// known.
    pub fn remove_channel(&mut self, id: &ChannelId) -> bool {
        let Some(known) = self.channels.remove(id) else { return false };
        if let Some(ranks) = self.ranks.get_mut(&known.channel.asset()) {
            ranks.remove(&known.rank());
        }
        for node in known.channel.nodes() {
            if let Some(entry) = self.nodes.get_mut(&node) {
                entry.channels.remove(id);
                if entry.channels.is_empty() {
                    self.nodes.remove(&node);
                    self.touch(Key::of_node(&node));
                }
            }
        }
        self.touch(Key::of_channel(id));
        true
    }

    /// The chain says that a channel was resized. Says whether it is known.
    pub fn resize_channel(&mut self, id: &ChannelId, deposit: Balance) -> bool {
        let Some(known) = self.channels.get_mut(id) else { return false };
        let before = known.rank();
        known.channel.deposit = deposit;
        let after = known.rank();
        // The owner's own channels have no rank.
        if let Some(ranks) = self.ranks.get_mut(&known.channel.asset())
            && ranks.remove(&before)
        {
            ranks.insert(after);
        }
        self.touch(Key::of_channel(id));
        true
    }

    /// Forgets terms and introductions that are too old, and channels for which neither end has
    /// told terms for too long. Returns the channels that left. Costs time in proportion to the
    /// graph: call it every hour, not every second.
    pub fn prune(&mut self, now: &Moment) -> Vec<ChannelId> {
        let mut silent = Vec::new();
        let limit = now.millis.saturating_sub(self.limits.grace);
        let mut changed = Vec::new();
        for (id, known) in &mut self.channels {
            for slot in &mut known.updates {
                if slot.as_ref().is_some_and(|update| is_stale(update.sequence(), now)) {
                    *slot = None;
                    changed.push(Key::of_channel(id));
                }
            }
            let is_own = known.channel.nodes().contains(&self.own);
            let is_silent = known.updates.iter().all(Option::is_none);
            if is_silent && !is_own && known.added_at < limit {
                silent.push(*id);
            }
        }
        for (node, known) in &mut self.nodes {
            let introduction = known.introduction.as_ref();
            if introduction.is_some_and(|node| is_stale(node.sequence(), now)) {
                known.introduction = None;
                changed.push(Key::of_node(node));
            }
        }
        for id in &silent {
            self.remove_channel(id);
        }
        for key in changed {
            self.touch(key);
        }
        silent
    }

    /// Upholds RO-2: there is a place for a channel of this rank, if need be that of a cheaper one.
    pub(super) fn make_room(
        &mut self,
        asset: ChannelAsset,
        rank: &Rank,
    ) -> Result<Option<ChannelId>, GraphError> {
        let Some(room) = self.limits.channels.get(&asset).copied().filter(|room| *room > 0) else {
            return Err(GraphError::NotFollowed { asset });
        };
        let ranks = self.ranks.entry(asset).or_default();
        if ranks.len() < room {
            return Ok(None);
        }
        match ranks.first().copied() {
            Some(cheapest) if cheapest.deposit < rank.deposit => {
                self.remove_channel(&cheapest.id);
                Ok(Some(cheapest.id))
            }
            Some(cheapest) => {
                Err(GraphError::Full { deposit: rank.deposit, smallest: cheapest.deposit })
            }
            None => Err(GraphError::NotFollowed { asset }),
        }
    }
}
