// SPDX-License-Identifier: Apache-2.0

//! Channels: opening, looking at, resizing and closing them.

use super::Timestamp;
use crate::values::{Account, Address, Amount, ChannelId, Cursor, Limit, Peer, bounds::at_most};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! phases {
    ($($(#[doc = $documentation:literal])* $name:ident, $field:ident;)*) => {
        /// Where a channel is in its life.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Phase {
            $($(#[doc = $documentation])* $name,)*
        }

        impl Phase {
            /// Every phase, in the order of a channel's life.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The phase as programs write it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($field),)* }
            }
        }

        /// How many channels are in which phase.
        #[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
        pub struct PhaseCounts {
            $($(#[doc = $documentation])* #[serde(default)] pub $field: u64,)*
        }

        impl PhaseCounts {
            /// How many channels are in a phase.
            pub fn of(&self, phase: Phase) -> u64 {
                match phase { $(Phase::$name => self.$field,)* }
            }
        }
    };
}

phases! {
    /// The participants sign, or the opening waits for its block to be final.
    Opening, opening;
    /// Payments can be made.
    Open, open;
    /// The participants agree to settle, or the settlement waits for its block to be final.
    Closing, closing;
    /// Somebody closes alone, and can be answered until the deadline.
    Disputed, disputed;
    /// The balances are paid, and what is conditional is being decided.
    Resolving, resolving;
    /// Everything is paid.
    Closed, closed;
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Phase {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|phase| phase.as_str() == text);
        known.ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|phase| phase.as_str()).collect();
            format!("there is no phase {text:?}: choose one of {}", all.join(", "))
        })
    }
}

/// A channel, as its newest co-signed state has it; one that is closed, as the chain has paid it out if
/// this daemon saw that.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Channel {
    /// Its id.
    pub channel: ChannelId,
    /// Where it is in its life.
    pub phase: Phase,
    /// The other participant's daemon, if there is one other participant and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Peer>,
    /// Whether every other participant is connected.
    pub connected: bool,
    /// Who has what.
    pub shares: Vec<Share>,
    /// What all participants have locked on chain, in the smallest unit.
    pub deposit: Amount,
    /// This daemon's balance, in the smallest unit.
    pub ours: Amount,
    /// What waits for preimages, in the smallest unit, whoever gets it.
    pub pending: Amount,
    /// What is reserved for streams, in the smallest unit, in both directions.
    pub reserved: Amount,
    /// What can be sent now, in the smallest unit.
    pub sendable: Amount,
    /// What can be received now, in the smallest unit.
    pub receivable: Amount,
    /// The version of the newest co-signed state; once `settled`, of the one that the chain has carried
    /// out.
    pub version: u64,
    /// Whether `shares` are what the chain has paid. False while the channel is not closed, and if it
    /// was closed while the daemon did not look.
    #[serde(default)]
    pub settled: bool,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: u32,
    /// The first block in which a dispute takes no answer any more; only while disputed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<u32>,
    /// Whether others may hear of it and send payments through it.
    pub public: bool,
    /// When this daemon first knew of it.
    pub created_at: Timestamp,
}

/// What a participant of a channel has.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Share {
    /// The participant's account.
    pub account: Account,
    /// Its balance, in the smallest unit.
    pub balance: Amount,
    /// Whether this is the daemon's own share.
    pub own: bool,
}

/// Opens a channel with a peer, which has to agree.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OpenChannel {
    /// The peer.
    pub peer: Peer,
    /// Where to reach it, if it is not connected; at most 8. It has 20 seconds to come.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::<8, _, _>"
    )]
    #[schemars(length(max = 8))]
    pub addresses: Vec<Address>,
    /// What this daemon puts in, in the smallest unit.
    pub ours: Amount,
    /// What the peer is asked to put in, in the smallest unit.
    #[serde(default)]
    pub theirs: Amount,
    /// How long a dispute can be answered, in blocks; by default what the daemon is configured for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge_blocks: Option<u32>,
    /// Whether others may hear of it and send payments through it.
    #[serde(default)]
    pub public: bool,
}

/// Names a channel.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelQuery {
    /// The channel.
    pub channel: ChannelId,
}

/// Asks for channels, newest first. Every filter that is given has to fit.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelFilter {
    /// Those in this phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Those with this peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Peer>,
    /// Those in which this account takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// The size of a page.
    #[serde(default)]
    pub limit: Limit,
}

/// Adds money to a channel or takes some out while it lives. It is answered when the chain has decided;
/// until then no payment is made in the channel.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Resize {
    /// The channel.
    pub channel: ChannelId,
    /// In or out.
    pub direction: ResizeDirection,
    /// How much of this daemon's own money, in the smallest unit.
    pub amount: Amount,
}

/// Into a channel or out of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResizeDirection {
    /// From the account into the channel.
    Add,
    /// From the channel into the account.
    Take,
}
