// SPDX-License-Identifier: Apache-2.0

//! The daemon itself.

use super::{ChainHead, PhaseCounts, Timestamp};
use crate::values::{Account, Address, Amount, BackupHash, BlockHash, FileName, Peer, Token};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request without parameters.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// How the daemon is, and what it can do.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Status {
    /// How it is.
    pub node: NodeStatus,
    /// Every method of this interface, and whether this daemon can do it.
    pub capabilities: Vec<Capability>,
}

/// How the daemon is.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct NodeStatus {
    /// The daemon's release.
    pub version: String,
    /// The chain that it works on.
    pub network: Network,
    /// When it started.
    pub started_at: Timestamp,
    /// Whether it works.
    pub health: Health,
    /// What it knows of the chain; missing until it has reached a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainHead>,
    /// Its channels, by phase.
    pub channels: PhaseCounts,
    /// How many peers are connected.
    pub peers_connected: u32,
}

/// A chain.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Network {
    /// What the chain calls itself.
    pub name: String,
    /// The hash of its first block.
    pub genesis: BlockHash,
    /// Its token.
    pub token: Token,
}

/// Whether one method can be used.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Capability {
    /// The method's name in JSON-RPC.
    pub method: String,
    /// Whether this daemon can do it.
    pub available: bool,
    /// Why it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether the daemon works.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Health {
    /// False if only a restart can help.
    pub live: bool,
    /// Whether it can be used now.
    pub ready: bool,
    /// What stands in the way; empty if it is ready.
    pub reasons: Vec<Reason>,
}

/// What stands in the way of being ready.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Reason {
    /// For programs, as `chain_unreachable`.
    pub code: String,
    /// What is the matter: a sentence without its full stop.
    pub message: String,
    /// What to do about it: a sentence.
    pub remedy: String,
}

/// Who the daemon is.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Identity {
    /// The name under which peers know it.
    pub peer: Peer,
    /// The account whose money it uses.
    pub account: Account,
    /// The public key that signs the states of its channels, as `0x` and hexadecimal digits.
    pub signer: String,
    /// Where peers can reach it; others connect to `<address>/p2p/<peer>`.
    pub addresses: Vec<Address>,
}

/// How many, and how much in all.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The sum of their amounts, in the smallest unit.
    pub amount: Amount,
    /// The sum of their fees, in the smallest unit.
    pub fees: Amount,
}

/// What the daemon has done, and what it holds.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Statistics {
    /// Since when payments, streams and disputes are counted.
    pub since: Timestamp,
    /// Channels by phase.
    pub channels: PhaseCounts,
    /// The deposits of all participants in channels that are not closed, in the smallest unit.
    pub deposits: Amount,
    /// What could be sent over all open channels together, in the smallest unit.
    pub sendable: Amount,
    /// What could be received over all open channels together, in the smallest unit.
    pub receivable: Amount,
    /// Payments made, with the fees paid.
    pub sent: Tally,
    /// Payments received; no fees.
    pub received: Tally,
    /// Payments of others that went through here, with the fees earned.
    pub forwarded: Tally,
    /// Payments that could not be made.
    pub failed: u64,
    /// Pulses sent over streams; the amount is what they paid.
    pub pulses_sent: Tally,
    /// Pulses received over streams and proven; the amount is what they paid. What a fold pays for
    /// pulses that were lost on their way is not among them.
    pub pulses_received: Tally,
    /// Co-signed versions of all channels.
    pub versions: u64,
    /// Disputes on chain over this daemon's channels, whoever began them.
    pub disputes: u64,
}

/// Asks for a backup of everything that is needed to go on elsewhere.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CreateBackup {
    /// The file's name in the daemon's folder of backups, without an ending; by default the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<FileName>,
}

/// A backup on the daemon's machine. It is encrypted with the passphrase of the daemon's store.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Backup {
    /// Where it is, on the daemon's machine.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The hash of its bytes.
    pub hash: BackupHash,
    /// How many channels it holds.
    pub channels: u64,
    /// When it was made.
    pub created_at: Timestamp,
}
