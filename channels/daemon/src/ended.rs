// SPDX-License-Identifier: Apache-2.0

//! Channels that are over and whose records are forgotten: a bounded number of ends is remembered, so
//! that who asks for such a channel hears that it is closed, and not that it never was.

use crate::{input::Millis, terms::Terms, write::Write};
use codec::{Decode, Encode};
use millrace_channels_store::Table;
use millrace_primitives_channels::{ChannelId, ChannelState};
use std::collections::BTreeMap;

/// Ends by channel.
pub const ENDED: Table<ChannelId, Ended> = Table::new("ended", 1_000_000);

/// The end of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ended {
    /// Rises with each end.
    pub number: u64,
    /// When its records were forgotten.
    pub at: Millis,
    /// Who was in it, and on which terms.
    pub terms: Terms,
    /// The newest state that was agreed here. After a dispute, the chain may have carried out another
    /// one.
    pub state: ChannelState,
}

/// The ends that are remembered: the oldest is forgotten first.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    by_channel: BTreeMap<ChannelId, Ended>,
    by_number: BTreeMap<u64, ChannelId>,
    next: u64,
}

impl Ends {
    /// What was written down.
    pub(crate) fn restored(rows: impl IntoIterator<Item = (ChannelId, Ended)>) -> Self {
        let mut ends = Self::default();
        for (channel, ended) in rows {
            ends.next = ends.next.max(ended.number.saturating_add(1));
            ends.by_number.insert(ended.number, channel);
            ends.by_channel.insert(channel, ended);
        }
        ends
    }

    pub(crate) fn get(&self, channel: &ChannelId) -> Option<&Ended> {
        self.by_channel.get(channel)
    }

    /// The channels whose ends are remembered, in ascending order of their ids.
    pub(crate) fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
        self.by_channel.keys().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_channel.len()
    }

    /// Remembers an end, of which there is one for each channel, and forgets the oldest ones above
    /// `limit`. Returns what writes that down, and the channels that are forgotten for good.
    pub(crate) fn remember(
        &mut self,
        channel: ChannelId,
        ended: Ended,
        limit: usize,
    ) -> (Vec<Write>, Vec<ChannelId>) {
        let ended = Ended { number: self.next, ..ended };
        self.next = self.next.saturating_add(1);
        self.by_number.insert(ended.number, channel);
        self.by_channel.insert(channel, ended.clone());
        let mut writes = vec![Write::PutEnded { channel, ended: Box::new(ended) }];
        let mut forgotten = Vec::new();
        while self.by_number.len() > limit {
            let Some((_, oldest)) = self.by_number.pop_first() else { break };
            self.by_channel.remove(&oldest);
            writes.push(Write::RemoveEnded { channel: oldest });
            forgotten.push(oldest);
        }
        (writes, forgotten)
    }
}
