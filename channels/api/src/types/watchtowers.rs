// SPDX-License-Identifier: Apache-2.0

//! Watchtowers: who answers disputes while the daemon is away.

use crate::values::{Address, ChannelId, Peer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The daemon's watchtowers.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Watchtowers {
    /// The id under which towers know this daemon. It is not the one that peers know.
    pub client: Peer,
    /// The towers, in the order of the configuration.
    pub items: Vec<Watchtower>,
}

/// A watchtower, and what it has.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Watchtower {
    /// The tower.
    pub peer: Peer,
    /// Where it is reached.
    pub address: Address,
    /// Whether it is connected and its terms are taken.
    pub connected: bool,
    /// What stands in the way, if something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How many channels it can answer for with their newest state.
    pub covered: u64,
    /// How many channels have a newer state than it has signed for.
    pub behind: u64,
    /// What it has of each channel, at most 1,000; those that are behind come first.
    pub channels: Vec<Cover>,
}

/// What a watchtower has of a channel.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Cover {
    /// The channel.
    pub channel: ChannelId,
    /// The version of the newest co-signed state.
    pub newest: u64,
    /// The version that the tower has signed for; missing if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The last block in which the tower answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u32>,
}
