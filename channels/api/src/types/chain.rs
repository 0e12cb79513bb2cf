// SPDX-License-Identifier: Apache-2.0

//! The chain, as the daemon's node sees it.

use super::Timestamp;
use crate::values::{Account, Amount, BlockHash, Bytes, Cursor, HexError, Limit, TransactionHash};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, str::FromStr};

/// How far the chain has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ChainHead {
    /// The height of the best block.
    pub height: u32,
    /// The hash of the best block.
    pub hash: BlockHash,
    /// The height of the newest final block, which will not be reverted.
    pub final_height: u32,
    /// The hash of the newest final block.
    pub final_hash: BlockHash,
}

/// Names a block.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BlockQuery {
    /// The block.
    pub block: BlockName,
}

/// A block's height in decimal digits, or its hash, or `best`, or `final`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlockName {
    /// The newest block.
    Best,
    /// The newest final block.
    Final,
    /// The block of the best chain at this height.
    Height(u32),
    /// The block with this hash.
    Hash(BlockHash),
}

impl fmt::Display for BlockName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Best => formatter.write_str("best"),
            Self::Final => formatter.write_str("final"),
            Self::Height(height) => fmt::Display::fmt(height, formatter),
            Self::Hash(hash) => fmt::Display::fmt(hash, formatter),
        }
    }
}

impl FromStr for BlockName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "best" => Ok(Self::Best),
            "final" => Ok(Self::Final),
            _ if text.starts_with("0x") => {
                text.parse().map(Self::Hash).map_err(|error: HexError| error.to_string())
            }
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                let height = text.parse().map(Self::Height);
                height.map_err(|_| format!("there is no height {text:.20}: it is below 2^32"))
            }
            _ => Err(format!(
                "{text:.80?} names no block: write its height, its hash, best or final"
            )),
        }
    }
}

impl Serialize for BlockName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlockName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for BlockName {
    fn schema_name() -> Cow<'static, str> {
        "BlockName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A block's height in decimal digits, or its hash, or `best`, or `final`.",
            "pattern": "^([0-9]{1,10}|0x[0-9a-fA-F]{64}|best|final)$",
            "examples": ["final", "1024"],
        })
    }
}

/// A block.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct BlockSummary {
    /// Its height.
    pub height: u32,
    /// Its hash.
    pub hash: BlockHash,
    /// The hash of the block before.
    pub parent: BlockHash,
    /// The root of the chain's state after it.
    pub state_root: BlockHash,
    /// The root of its extrinsics.
    pub extrinsics_root: BlockHash,
    /// Whether it is final.
    pub is_final: bool,
    /// When its author made it, if the daemon can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The hashes of its extrinsics, in order.
    pub extrinsics: Vec<TransactionHash>,
}

/// Names an account.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountQuery {
    /// The account.
    pub account: Account,
}

/// What an account has, in the smallest unit.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// What it can spend.
    pub free: Amount,
    /// What is locked in channels.
    pub in_channels: Amount,
    /// What is staked.
    pub staked: Amount,
    /// Everything.
    pub total: Amount,
    /// The height of the block that says so.
    pub height: u32,
}

/// Asks for what happened to an account.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountHistory {
    /// The account.
    pub account: Account,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// The size of a page.
    #[serde(default)]
    pub limit: Limit,
}

/// Something that happened to an account on chain.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// The height of the block.
    pub height: u32,
    /// The block.
    pub block: BlockHash,
    /// When the block's author made it, if the daemon can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The pallet's event, as `Channels.Opened`.
    pub event: String,
    /// What the account won or lost by it, in the smallest unit, if it is about money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Whether the account lost that amount.
    #[serde(default)]
    pub out: bool,
    /// The other account, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<Account>,
    /// The extrinsic that caused it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionHash>,
}

/// Hands a signed extrinsic to the daemon's node.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitTransaction {
    /// The extrinsic's SCALE bytes, with its length in front.
    pub extrinsic: Bytes,
}

/// An extrinsic that the node took into its pool. Sending the same bytes again changes nothing.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SubmittedTransaction {
    /// Its hash.
    pub hash: TransactionHash,
}

/// The extrinsics that wait for a block.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PendingTransactions {
    /// Those that the daemon's node knows, at most 1,000.
    pub items: Vec<PendingTransaction>,
    /// How many there are in all.
    pub total: u64,
}

/// An extrinsic that waits for a block.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct PendingTransaction {
    /// Its hash.
    pub hash: TransactionHash,
    /// Who signed it, if the daemon can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<Account>,
    /// The signer's count of transactions, if the daemon can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u32>,
    /// What the daemon itself wants with it; missing if it is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_named_by_height_hash_or_place() {
        let hash = BlockHash([7; 32]);
        for name in [BlockName::Best, BlockName::Final, BlockName::Height(7), BlockName::Hash(hash)]
        {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for text in ["", "newest", "-1", "4294967296", "0x12"] {
            assert!(text.parse::<BlockName>().is_err(), "{text}");
        }
    }
}
