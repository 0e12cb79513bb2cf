// SPDX-License-Identifier: Apache-2.0

//! Streams: many tiny payments over one channel, each a pulse.

use super::{Direction, Timestamp};
use crate::values::{Amount, ChannelId, StreamId, bounds::within};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Starts to pay the other participant of a channel pulse by pulse.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StartStream {
    /// The channel.
    pub channel: ChannelId,
    /// What one pulse pays, in the smallest unit; above 0.
    pub unit: Amount,
    /// How many pulses to send in a second.
    #[serde(deserialize_with = "within::<1, 10_000_000, _>")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub pulses_per_second: u32,
    /// What the stream may pay in all, in the smallest unit. That much is set aside until it is over,
    /// rounded up to whole chains of at most 256 pulses; what is not paid comes back. At most 16,777,216
    /// pulses.
    pub total: Amount,
}

/// Names a stream.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StreamQuery {
    /// The stream.
    pub stream: StreamId,
}

/// How far a stream has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// What it may pay is being set aside.
    Starting,
    /// Pulses flow.
    Running,
    /// The peer is away; it goes on when the peer is back.
    Paused,
    /// It was stopped or has paid everything, and what was paid is being folded into the balances.
    Folding,
    /// It is over.
    Ended,
}

/// A stream.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Stream {
    /// Its id.
    pub stream: StreamId,
    /// Its channel.
    pub channel: ChannelId,
    /// Made or received.
    pub direction: Direction,
    /// How far it has come.
    pub state: StreamState,
    /// What one pulse pays, in the smallest unit.
    pub unit: Amount,
    /// How many pulses are sent in a second; 0 if it is received.
    pub pulses_per_second: u32,
    /// How many pulses have been sent or received.
    pub pulses: u64,
    /// What they have paid, in the smallest unit.
    pub paid: Amount,
    /// What it may pay in all, in the smallest unit.
    pub total: Amount,
    /// When it began.
    pub started_at: Timestamp,
}

/// The streams that are not over.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Streams {
    /// The streams, at most 1,000.
    pub items: Vec<Stream>,
    /// How many there are in all.
    pub total: u64,
}
