// SPDX-License-Identifier: Apache-2.0

//! The newest states with all signatures, for whoever guards this party's channels.

use super::Node;
use crate::live::{Fate, Slot, asleep};
use core::ops::Bound;
use millrace_channels_protocol::CoSignedState;
use millrace_primitives_channels::ChannelId;

/// What a node can show of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newest {
    /// Nothing: it is not open, over, or damaged.
    Nothing,
    /// Its newest state is not durable yet: ask again soon.
    Soon,
    /// Its newest state.
    State(Box<CoSignedState>),
}

impl Node {
    /// The newest state of a channel that everybody has signed, once it is durable (DA-1).
    pub fn newest(&self, id: ChannelId) -> Newest {
        match self.channels.get(&id) {
            Some(Slot::Awake(live)) if live.fate == Fate::Over => Newest::Nothing,
            Some(Slot::Awake(live)) if !self.journal.is_durable(live.ticket) => Newest::Soon,
            Some(Slot::Awake(live)) => Newest::State(Box::new(live.channel.newest().clone())),
            Some(Slot::Asleep(bytes)) => asleep(bytes)
                .map_or(Newest::Nothing, |(_, snapshot)| Newest::State(Box::new(snapshot.newest))),
            Some(Slot::Damaged(_) | Slot::Taken) | None => Newest::Nothing,
        }
    }

    /// The versions of the newest states of the open channels among the `limit` channels that follow
    /// `after` by their ids; and the last channel that was looked at, if there was any.
    pub fn versions(
        &self,
        after: Option<ChannelId>,
        limit: usize,
    ) -> (Vec<(ChannelId, u64)>, Option<ChannelId>) {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let following = self.channels.range((from, Bound::Unbounded)).take(limit);
        let last = following.clone().last().map(|(id, _)| *id);
        let versions = following
            .filter_map(|(id, slot)| {
                let version = match slot {
                    Slot::Awake(live) if live.fate == Fate::Over => return None,
                    Slot::Awake(live) => live.channel.newest().version(),
                    Slot::Asleep(bytes) => asleep(bytes).ok()?.1.newest.version(),
                    Slot::Damaged(_) | Slot::Taken => return None,
                };
                Some((*id, version))
            })
            .collect();
        (versions, last)
    }
}
