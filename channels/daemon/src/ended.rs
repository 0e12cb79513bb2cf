// SPDX-License-Identifier: Apache-2.0

//! Channels that are over and whose records are forgotten: a bounded number of ends is remembered, so
//! that who asks for such a channel hears that it is closed, and not that it never was.

use crate::{
    input::Millis,
    ring::{Numbered, Ring},
    terms::Terms,
    write::Write,
};
use codec::{Decode, Encode};
use millrace_channels_store::Table;
use millrace_primitives_channels::{ChannelId, ChannelState};

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

impl Numbered for Ended {
    fn number(&self) -> u64 {
        self.number
    }

    fn set_number(&mut self, number: u64) {
        self.number = number;
    }
}

/// The ends that are remembered: the oldest is forgotten first.
pub(crate) type Ends = Ring<ChannelId, Ended>;

impl Ends {
    /// Remembers an end, of which there is one for each channel, and forgets the oldest ones above
    /// `limit`. Returns what writes that down, and the channels that are forgotten for good.
    pub(crate) fn remember(
        &mut self,
        channel: ChannelId,
        ended: Ended,
        limit: usize,
    ) -> (Vec<Write>, Vec<ChannelId>) {
        let ended = Box::new(self.push(channel, ended));
        let mut writes = vec![Write::PutEnded { channel, ended }];
        let mut forgotten = Vec::new();
        while self.len() > limit {
            let Some(oldest) = self.forget_oldest(|_| true) else { break };
            writes.push(Write::RemoveEnded { channel: oldest });
            forgotten.push(oldest);
        }
        (writes, forgotten)
    }
}
