// SPDX-License-Identifier: Apache-2.0

//! What is watched.

use crate::announced::Told;
use millrace_primitives_channels::{ChannelId, Hash};
use std::collections::BTreeSet;

/// How many channels, and how many hash locks, one follower watches at most. A channel costs 32
/// bytes, and one request after blocks were missed.
pub const MAX_WATCHED: usize = 1_000_000;

/// Channels and hash locks whose news are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// These channels.
    pub channels: BTreeSet<ChannelId>,
    /// These hash locks.
    pub hashlocks: BTreeSet<Hash>,
    /// All channels. After missed blocks, the state of every disputed one is reported.
    pub every_channel: bool,
}

/// One thing to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A channel.
    Channel(ChannelId),
    /// A hash lock.
    Hashlock(Hash),
}

impl Watch {
    /// Every channel, and no hash lock: what a watchtower needs.
    pub fn every_channel() -> Self {
        Self { every_channel: true, ..Self::default() }
    }

    /// Whether this is wanted.
    pub fn wants(&self, told: &Told) -> bool {
        match told {
            Told::Channel { id, .. } => self.every_channel || self.channels.contains(id),
            Told::Revealed(revealed) => self.hashlocks.contains(&revealed.hashlock),
        }
    }

    /// Watches an item too. Says whether it is new; nothing is added beyond [`MAX_WATCHED`].
    pub fn insert(&mut self, item: Item) -> bool {
        let (set, hash) = self.set_of(item);
        set.len() < MAX_WATCHED && set.insert(hash)
    }

    /// Watches an item no more. Says whether it was watched.
    pub fn remove(&mut self, item: Item) -> bool {
        let (set, hash) = self.set_of(item);
        set.remove(&hash)
    }

    fn set_of(&mut self, item: Item) -> (&mut BTreeSet<Hash>, Hash) {
        match item {
            Item::Channel(id) => (&mut self.channels, id),
            Item::Hashlock(hashlock) => (&mut self.hashlocks, hashlock),
        }
    }
}

impl Item {
    /// Whether `told` is about this.
    pub fn is_subject_of(&self, told: &Told) -> bool {
        match (self, told) {
            (Self::Channel(item), Told::Channel { id, .. }) => item == id,
            (Self::Hashlock(item), Told::Revealed(revealed)) => *item == revealed.hashlock,
            _ => false,
        }
    }
}
