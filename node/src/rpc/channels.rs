// SPDX-License-Identifier: Apache-2.0

//! Questions about state channels, for clients that do not decode SCALE.
//!
//! | method | answers |
//! |---|---|
//! | `channels_channel(id, at?)` | the channel, or `null` if it is neither open nor disputed |
//! | `channels_account(account, at?)` | what the account owns, inside channels and outside |
//!
//! Amounts are decimal strings in the smallest unit, because JSON numbers lose digits beyond 2^53.
//! `at` is a block hash; without it, the best block answers.

use crate::service::FullClient;
use jsonrpsee::{
    core::RpcResult,
    proc_macros::rpc,
    types::{ErrorObject, ErrorObjectOwned},
};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelId, Participant,
    api::{AccountView, ChannelHolding, ChannelView, ChannelsApi as _, PhaseView},
};
use millrace_runtime::Hash;
use polkadot_sdk::{sc_client_api::HeaderBackend, sp_api::ProvideRuntimeApi};
use serde::{Serialize, Serializer};
use std::{fmt::Display, sync::Arc};

/// Code of the error that the state could not be read.
pub const STATE_UNAVAILABLE: i32 = 8_100;

/// The project's own methods.
#[rpc(server)]
pub trait ChannelsRpc {
    /// The channel with this id, or nothing if it is neither open nor disputed at that block.
    #[method(name = "channels_channel")]
    fn channel(&self, id: ChannelId, at: Option<Hash>) -> RpcResult<Option<ChannelJson>>;

    /// What the account owns at that block, inside channels and outside.
    #[method(name = "channels_account")]
    fn account(&self, account: AccountId, at: Option<Hash>) -> RpcResult<AccountJson>;
}

/// Answers from the runtime's state.
pub struct Channels {
    client: Arc<FullClient>,
}

impl Channels {
    /// Answers with what this client knows.
    pub fn new(client: Arc<FullClient>) -> Self {
        Self { client }
    }

    /// The block that answers.
    fn block(&self, at: Option<Hash>) -> Hash {
        at.unwrap_or_else(|| self.client.info().best_hash)
    }
}

impl ChannelsRpcServer for Channels {
    fn channel(&self, id: ChannelId, at: Option<Hash>) -> RpcResult<Option<ChannelJson>> {
        let block = self.block(at);
        let view = self
            .client
            .runtime_api()
            .channel(block, id)
            .map_err(|error| state_unavailable(block, error))?;
        Ok(view.map(Into::into))
    }

    fn account(&self, account: AccountId, at: Option<Hash>) -> RpcResult<AccountJson> {
        let block = self.block(at);
        let view = self
            .client
            .runtime_api()
            .account(block, account)
            .map_err(|error| state_unavailable(block, error))?;
        Ok(view.into())
    }
}

fn state_unavailable(block: Hash, error: impl Display) -> ErrorObjectOwned {
    ErrorObject::owned(
        STATE_UNAVAILABLE,
        format!(
            "the state of block {block:?} cannot be read. If the block is known, its state may be \
             pruned: ask at a newer block, or ask a node that runs with --state-pruning archive."
        ),
        Some(error.to_string()),
    )
}

/// An amount in the smallest unit, written as a decimal string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Balance);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn amounts(balances: Vec<Balance>) -> Vec<Amount> {
    balances.into_iter().map(Amount).collect()
}

/// A channel in JSON; see [`ChannelView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelJson {
    id: ChannelId,
    participants: Vec<Participant>,
    deposits: Vec<Amount>,
    asset: ChannelAsset,
    challenge_blocks: BlockNumber,
    opened_at: BlockNumber,
    phase: PhaseJson,
}

/// Where a channel stands, in JSON; see [`PhaseView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
enum PhaseJson {
    Open,
    Disputed { version: u64, balances: Vec<Amount>, deadline: BlockNumber, is_concludable: bool },
}

/// What an account owns, in JSON; see [`AccountView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountJson {
    total: Amount,
    free: Amount,
    in_channels: Amount,
    channel_count: u32,
    channels: Vec<HoldingJson>,
}

/// An account's share in one channel, in JSON; see [`ChannelHolding`].
#[derive(Clone, Debug, Serialize)]
struct HoldingJson {
    channel: ChannelId,
    deposit: Amount,
    disputed: Option<Amount>,
}

impl From<ChannelView> for ChannelJson {
    fn from(view: ChannelView) -> Self {
        Self {
            id: view.id,
            participants: view.participants,
            deposits: amounts(view.deposits),
            asset: view.asset,
            challenge_blocks: view.challenge_blocks,
            opened_at: view.opened_at,
            phase: view.phase.into(),
        }
    }
}

impl From<PhaseView> for PhaseJson {
    fn from(view: PhaseView) -> Self {
        match view {
            PhaseView::Open => Self::Open,
            PhaseView::Disputed { version, balances, deadline, is_concludable } => {
                Self::Disputed { version, balances: amounts(balances), deadline, is_concludable }
            }
        }
    }
}

impl From<AccountView> for AccountJson {
    fn from(view: AccountView) -> Self {
        Self {
            total: Amount(view.total),
            free: Amount(view.free),
            in_channels: Amount(view.in_channels),
            channel_count: view.channel_count,
            channels: view.channels.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ChannelHolding> for HoldingJson {
    fn from(holding: ChannelHolding) -> Self {
        Self {
            channel: holding.channel,
            deposit: Amount(holding.deposit),
            disputed: holding.disputed.map(Amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_beyond_a_double_keep_every_digit() {
        let account = AccountView {
            total: u128::MAX,
            free: 9_007_199_254_740_993,
            in_channels: 0,
            channel_count: 1,
            channels: vec![ChannelHolding {
                channel: ChannelId::repeat_byte(1),
                deposit: 5,
                disputed: None,
            }],
        };
        let json = serde_json::to_value(AccountJson::from(account)).expect("JSON can say this");
        assert_eq!(json["total"], "340282366920938463463374607431768211455");
        assert_eq!(json["free"], "9007199254740993");
        assert_eq!(json["inChannels"], "0");
        assert_eq!(json["channels"][0]["deposit"], "5");
        assert_eq!(json["channels"][0]["disputed"], json!(null));
    }

    #[test]
    fn a_dispute_names_its_deadline() {
        let phase = PhaseView::Disputed {
            version: 7,
            balances: vec![1, 2],
            deadline: 99,
            is_concludable: false,
        };
        let json = serde_json::to_value(PhaseJson::from(phase)).expect("JSON can say this");
        assert_eq!(
            json,
            json!({
                "kind": "disputed",
                "version": 7,
                "balances": ["1", "2"],
                "deadline": 99,
                "isConcludable": false,
            })
        );
    }
}
