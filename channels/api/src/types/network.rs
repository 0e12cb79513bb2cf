// SPDX-License-Identifier: Apache-2.0

//! Peers, the graph of public channels, and fees.

use super::Timestamp;
use crate::values::{
    Address, Amount, ChannelId, Cursor, Limit, Peer,
    bounds::{at_most, within},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// To others or from others.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From others to this daemon.
    Incoming,
    /// From this daemon to others.
    Outgoing,
}

/// Connects to a peer, and stays connected as far as possible.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectPeer {
    /// The peer.
    pub peer: Peer,
    /// Where to reach it, at most 8; without any, where it was reached before.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::<8, _, _>"
    )]
    #[schemars(length(max = 8))]
    pub addresses: Vec<Address>,
}

/// Names a peer.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PeerQuery {
    /// The peer.
    pub peer: Peer,
}

/// A peer.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PeerInfo {
    /// The peer.
    pub peer: Peer,
    /// Whether it is connected.
    pub connected: bool,
    /// Who connected to whom.
    pub direction: Direction,
    /// Where it is or was reached.
    pub addresses: Vec<Address>,
    /// How many channels there are with it that are not closed.
    pub channels: u32,
    /// Since when it has been connected, or not.
    pub since: Timestamp,
}

/// The peers that are connected, and those with which there are channels.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Peers {
    /// The peers, at most 1,000.
    pub items: Vec<PeerInfo>,
    /// How many there are in all.
    pub total: u64,
}

/// Asks for public channels, in the order of their ids.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GraphQuery {
    /// Those of this peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Peer>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// The size of a page.
    #[serde(default)]
    pub limit: Limit,
}

/// A public channel.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct GraphChannel {
    /// Its id.
    pub channel: ChannelId,
    /// Its deposit on chain, in the smallest unit.
    pub capacity: Amount,
    /// What each participant offers.
    pub sides: Vec<GraphSide>,
}

/// What a participant of a public channel offers to those who send through it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct GraphSide {
    /// The participant.
    pub peer: Peer,
    /// What it asks for; missing until it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<FeePolicy>,
    /// When it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// What is asked for forwarding somebody else's payment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FeePolicy {
    /// For each payment, in the smallest unit.
    pub base: Amount,
    /// For each million that is forwarded.
    #[serde(deserialize_with = "within::<0, 1_000_000, _>")]
    #[schemars(range(max = 1_000_000))]
    pub millionths: u32,
    /// How much earlier the payment going out expires than the one coming in, in blocks.
    pub expiry_delta_blocks: u32,
    /// The least amount that is forwarded, in the smallest unit.
    #[serde(default)]
    pub least: Amount,
    /// Whether payments are forwarded at all.
    pub enabled: bool,
}

/// Sets what is asked for forwarding payments.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SetFees {
    /// For payments that go out over this channel; without it for all that have no policy of their
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// What is asked for.
    pub policy: FeePolicy,
}

/// What is asked for forwarding payments.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct FeePolicies {
    /// Over channels without a policy of their own.
    pub default: FeePolicy,
    /// Over channels with a policy of their own, at most 1,000.
    pub channels: Vec<ChannelFees>,
}

/// What is asked for forwarding payments over one channel.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ChannelFees {
    /// The channel.
    pub channel: ChannelId,
    /// What is asked for.
    pub policy: FeePolicy,
}
