// SPDX-License-Identifier: Apache-2.0

//! What the follower reports.

use crate::{
    announced::{ChannelNews, Revealed},
    connection::Head,
    trust::Distrust,
};
use core::fmt;
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash, api::ChannelView};
use std::time::Duration;

/// How sure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// In the best block or below it: it may still be withdrawn.
    Best,
    /// In a final block: it stays.
    Final,
}

/// Why a channel's whole state is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is watched from now on.
    Watched,
    /// Blocks were missed, and what they told cannot be read any more.
    Missed,
}

/// Which of the chain's heads does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stall {
    /// No new block at all.
    Best,
    /// New blocks, but none becomes final.
    Final,
}

/// Something that the follower reports.
///
/// What blocks tell comes in their order: first everything that one block tells, then
/// [`News::Block`]. All of it comes as [`Seen::Best`] first and as [`Seen::Final`] later; what
/// vanishes before it is final is taken back by [`News::Withdrawn`], the newest first.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A block was added, and everything that it tells was reported.
    Block {
        /// The block.
        head: Head,
        /// How sure it is.
        seen: Seen,
    },
    /// A best block is no longer in the chain; what it told was taken back just before this.
    Vanished {
        /// The block.
        head: Head,
    },
    /// Something happened to a watched channel.
    Channel {
        /// The channel.
        id: ChannelId,
        /// What happened.
        what: ChannelNews,
        /// How sure it is.
        seen: Seen,
        /// The block that tells it.
        at: Head,
    },
    /// The preimage of a watched hash lock was made public.
    Revealed {
        /// The lock, what opens it, and the block that counts.
        what: Revealed,
        /// How sure it is.
        seen: Seen,
        /// The block that tells it.
        at: Head,
    },
    /// What was reported as [`Seen::Best`] of a block is not in the chain any more.
    Withdrawn(Withdrawn),
    /// A watched channel as it is at the newest final block.
    State {
        /// The channel.
        id: ChannelId,
        /// The channel; nothing if it is not open yet or is over.
        state: Option<Box<ChannelView>>,
        /// The final block.
        at: Head,
        /// Why it is reported.
        why: Why,
    },
    /// Blocks were missed for too long to be read one by one: the state of every watched channel
    /// follows, as of the last of them.
    Skipped {
        /// The first block that is not told.
        from: BlockNumber,
        /// The last block that is not told.
        to: BlockNumber,
    },
    /// A watched lock was opened in a block that was missed, and the preimage cannot be found.
    Unfound {
        /// The lock.
        hashlock: Hash,
        /// The block of its first reveal.
        first: BlockNumber,
    },
    /// An event of a known name does not decode: use a client of the same release as the node.
    Unreadable {
        /// The event.
        event: String,
        /// What does not fit.
        reason: String,
        /// Its block.
        at: Head,
    },
    /// A node is followed.
    Back {
        /// Its address.
        url: String,
        /// Its newest final block.
        head: Head,
    },
    /// Everything up to this final block has been told.
    CaughtUp {
        /// The block.
        head: Head,
    },
    /// A head has not moved for this long.
    Stalled {
        /// Which head.
        what: Stall,
        /// How long.
        since: Duration,
    },
    /// The node is not followed any more; the next one is tried.
    Lost {
        /// Its address.
        url: String,
        /// Why.
        reason: String,
    },
    /// A node is not believed; the next one is tried.
    Refused {
        /// Its address.
        url: String,
        /// Why.
        reason: Distrust,
    },
    /// Every node shows an old head and says it is not synchronising: perhaps this machine's clock
    /// is wrong. One of them is followed all the same, because who looks away sees no dispute.
    Doubtful {
        /// Its address.
        url: String,
        /// What is wrong with it.
        reason: Distrust,
    },
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// Something that had happened to a channel.
    Channel {
        /// The channel.
        id: ChannelId,
        /// What had happened.
        what: ChannelNews,
        /// The block that told it.
        at: Head,
    },
    /// A reveal.
    Revealed {
        /// The lock, what opens it, and the block that would have counted.
        what: Revealed,
        /// The block that told it.
        at: Head,
    },
}

impl fmt::Display for Stall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Best => "no new block",
            Self::Final => "no block becomes final",
        })
    }
}
