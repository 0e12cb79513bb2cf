// SPDX-License-Identifier: Apache-2.0

//! Questions about state channels, for clients that do not decode SCALE.
//!
//! | method | answers |
//! |---|---|
//! | `channels_channel(id, at?)` | the channel, or `null` if it is not open or was closed |
//! | `channels_account(account, at?)` | what the account owns, inside channels and outside |
//! | `channels_apps(at?)` | ids of the applications by which the chain judges forced moves |
//!
//! Amounts are decimal strings in the smallest unit, because JSON numbers lose digits beyond 2^53.
//! `at` is a block hash; without it, the best block answers.

use super::state_unavailable;
use crate::{Block, Hash};
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use millrace_primitives_channels::{
    AccountId, AppState, Balance, BlockNumber, ChannelAsset, ChannelId, Participant,
    PendingTransfers, Stream,
    api::{
        AccountView, AssetView, ChannelHolding, ChannelView, ChannelsApi, ConclusionView, DebtView,
        DisputeView, PhaseView, ResolutionView, StreamView,
    },
};
use polkadot_sdk::{sc_client_api::HeaderBackend, sp_api::ProvideRuntimeApi, sp_core::Bytes};
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// The project's own methods.
#[rpc(server)]
pub trait ChannelsRpc {
    /// The channel with this id, or nothing if it is not open or was closed at that block.
    #[method(name = "channels_channel")]
    fn channel(&self, id: ChannelId, at: Option<Hash>) -> RpcResult<Option<ChannelJson>>;

    /// What the account owns at that block, inside channels and outside.
    #[method(name = "channels_account")]
    fn account(&self, account: AccountId, at: Option<Hash>) -> RpcResult<AccountJson>;

    /// Ids of the applications by which the chain judges forced moves at that block.
    #[method(name = "channels_apps")]
    fn apps(&self, at: Option<Hash>) -> RpcResult<Vec<Hash>>;
}

/// Answers from the runtime's state.
pub struct Channels<Client> {
    client: Arc<Client>,
}

impl<Client: HeaderBackend<Block>> Channels<Client> {
    /// Answers with what this client knows.
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// The block that answers.
    fn block(&self, at: Option<Hash>) -> Hash {
        at.unwrap_or_else(|| self.client.info().best_hash)
    }
}

impl<Client> ChannelsRpcServer for Channels<Client>
where
    Client: ProvideRuntimeApi<Block> + HeaderBackend<Block> + 'static,
    Client::Api: ChannelsApi<Block>,
{
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

    fn apps(&self, at: Option<Hash>) -> RpcResult<Vec<Hash>> {
        let block = self.block(at);
        self.client.runtime_api().apps(block).map_err(|error| state_unavailable(block, error))
    }
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
    at: BlockNumber,
    participants: Vec<Participant>,
    asset: ChannelAsset,
    deposit: Amount,
    locked: Vec<Amount>,
    challenge_blocks: BlockNumber,
    opened_at: BlockNumber,
    opener: AccountId,
    base_version: u64,
    phase: PhaseJson,
    conclusion: Option<ConclusionJson>,
}

/// Where a channel stands, in JSON; see [`PhaseView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
enum PhaseJson {
    Open,
    Disputed(DisputeJson),
    Resolving(ResolutionJson),
}

/// A dispute in JSON; see [`DisputeView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DisputeJson {
    by: AccountId,
    bond: Amount,
    reward: Amount,
    reward_to: Option<AccountId>,
    disputed_version: u64,
    version: u64,
    balances: Vec<Amount>,
    pending: Option<PendingJson>,
    streams: Vec<StreamJson>,
    app: Option<AppJson>,
    mover: Option<u8>,
    deadline: BlockNumber,
    free_answers: u8,
}

/// What is still being decided, in JSON; see [`ResolutionView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResolutionJson {
    version: u64,
    until: BlockNumber,
    pending: Option<PendingJson>,
    undecided: u32,
    streams: Vec<StreamJson>,
}

/// Conditional transfers in JSON; see [`PendingTransfers`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PendingJson {
    root: Hash,
    totals: Vec<Amount>,
    count: u32,
    last_expiry: BlockNumber,
}

/// A stream in JSON; see [`Stream`] and [`StreamView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamJson {
    payer: u8,
    payee: u8,
    epoch: u32,
    root: Hash,
    unit: Amount,
    chains: u32,
    links: u32,
    paid_units: u64,
}

/// An application's state in JSON, its data in hexadecimal; see [`AppState`].
#[derive(Clone, Debug, Serialize)]
struct AppJson {
    id: Hash,
    data: Bytes,
}

/// What `conclude` would do, in JSON; see [`ConclusionView`].
#[derive(Clone, Debug, Serialize)]
struct ConclusionJson {
    from: BlockNumber,
    payouts: Vec<Amount>,
}

/// What an account owns, in JSON; see [`AccountView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountJson {
    at: BlockNumber,
    native: AssetJson,
    bonds: Amount,
    storage_deposits: Amount,
    staked: Amount,
    assets: Vec<AssetJson>,
    channels: Vec<HoldingJson>,
    debts: Vec<DebtJson>,
}

/// What an account has in one asset, in JSON; see [`AssetView`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AssetJson {
    asset: ChannelAsset,
    total: Amount,
    free: Amount,
    in_channels: Amount,
    elsewhere: Amount,
    channel_count: u32,
    outright: Amount,
    pending: Amount,
    claimable: Amount,
    owed: Amount,
}

/// An account's share in one channel, in JSON; see [`ChannelHolding`].
#[derive(Clone, Debug, Serialize)]
struct HoldingJson {
    channel: ChannelId,
    asset: ChannelAsset,
    locked: Amount,
    outright: Amount,
    pending: Amount,
    claimable: Amount,
}

/// What an account is owed, in JSON; see [`DebtView`].
#[derive(Clone, Debug, Serialize)]
struct DebtJson {
    asset: ChannelAsset,
    from: AccountId,
    amount: Amount,
}

impl From<ChannelView> for ChannelJson {
    fn from(view: ChannelView) -> Self {
        Self {
            id: view.id,
            at: view.at,
            participants: view.participants,
            asset: view.asset,
            deposit: Amount(view.deposit),
            locked: amounts(view.locked),
            challenge_blocks: view.challenge_blocks,
            opened_at: view.opened_at,
            opener: view.opener,
            base_version: view.base_version,
            phase: view.phase.into(),
            conclusion: view.conclusion.map(Into::into),
        }
    }
}

impl From<PhaseView> for PhaseJson {
    fn from(view: PhaseView) -> Self {
        match view {
            PhaseView::Open => Self::Open,
            PhaseView::Disputed(dispute) => Self::Disputed(dispute.into()),
            PhaseView::Resolving(resolution) => Self::Resolving(resolution.into()),
        }
    }
}

impl From<DisputeView> for DisputeJson {
    fn from(view: DisputeView) -> Self {
        Self {
            by: view.by,
            bond: Amount(view.bond),
            reward: Amount(view.reward),
            reward_to: view.reward_to,
            disputed_version: view.disputed_version,
            version: view.version,
            balances: amounts(view.balances),
            pending: view.pending.map(Into::into),
            // Nothing of a stream is paid before the dispute ends.
            streams: view.streams.into_iter().map(|stream| stream_json(stream, 0)).collect(),
            app: view.app.map(Into::into),
            mover: view.mover,
            deadline: view.deadline,
            free_answers: view.free_answers,
        }
    }
}

impl From<ResolutionView> for ResolutionJson {
    fn from(view: ResolutionView) -> Self {
        let paid = |view: StreamView| stream_json(view.stream, view.paid_units);
        Self {
            version: view.version,
            until: view.until,
            pending: view.pending.map(Into::into),
            undecided: view.undecided,
            streams: view.streams.into_iter().map(paid).collect(),
        }
    }
}

impl From<PendingTransfers> for PendingJson {
    fn from(pending: PendingTransfers) -> Self {
        Self {
            root: pending.root,
            totals: amounts(pending.totals.into_inner()),
            count: pending.count,
            last_expiry: pending.last_expiry,
        }
    }
}

fn stream_json(stream: Stream, paid_units: u64) -> StreamJson {
    StreamJson {
        payer: stream.payer,
        payee: stream.payee,
        epoch: stream.epoch,
        root: stream.root,
        unit: Amount(stream.unit),
        chains: stream.chains,
        links: stream.links,
        paid_units,
    }
}

impl From<AppState> for AppJson {
    fn from(app: AppState) -> Self {
        Self { id: app.id, data: app.data.into_inner().into() }
    }
}

impl From<ConclusionView> for ConclusionJson {
    fn from(view: ConclusionView) -> Self {
        Self { from: view.from, payouts: amounts(view.payouts) }
    }
}

impl From<AccountView> for AccountJson {
    fn from(view: AccountView) -> Self {
        Self {
            at: view.at,
            native: view.native.into(),
            bonds: Amount(view.bonds),
            storage_deposits: Amount(view.storage_deposits),
            staked: Amount(view.staked),
            assets: view.assets.into_iter().map(Into::into).collect(),
            channels: view.channels.into_iter().map(Into::into).collect(),
            debts: view.debts.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<AssetView> for AssetJson {
    fn from(view: AssetView) -> Self {
        Self {
            asset: view.asset,
            total: Amount(view.total),
            free: Amount(view.free),
            in_channels: Amount(view.in_channels),
            elsewhere: Amount(view.elsewhere),
            channel_count: view.channel_count,
            outright: Amount(view.outright),
            pending: Amount(view.pending),
            claimable: Amount(view.claimable),
            owed: Amount(view.owed),
        }
    }
}

impl From<ChannelHolding> for HoldingJson {
    fn from(holding: ChannelHolding) -> Self {
        Self {
            channel: holding.channel,
            asset: holding.asset,
            locked: Amount(holding.locked),
            outright: Amount(holding.outright),
            pending: Amount(holding.pending),
            claimable: Amount(holding.claimable),
        }
    }
}

impl From<DebtView> for DebtJson {
    fn from(debt: DebtView) -> Self {
        Self { asset: debt.asset, from: debt.from, amount: Amount(debt.amount) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_runtime::BoundedVec;
    use serde_json::json;

    fn asset(asset: ChannelAsset, total: Balance) -> AssetView {
        AssetView {
            asset,
            total,
            free: 9_007_199_254_740_993,
            in_channels: 0,
            elsewhere: 0,
            channel_count: 1,
            outright: 0,
            pending: 0,
            claimable: 7,
            owed: 0,
        }
    }

    #[test]
    fn amounts_beyond_a_double_keep_every_digit() {
        let account = AccountView {
            at: 3,
            native: asset(ChannelAsset::Native, u128::MAX),
            bonds: 1,
            storage_deposits: 2,
            staked: 3,
            assets: vec![asset(ChannelAsset::Local(4), 5)],
            channels: vec![ChannelHolding {
                channel: ChannelId::repeat_byte(1),
                asset: ChannelAsset::Local(4),
                locked: 5,
                outright: 0,
                pending: 0,
                claimable: 7,
            }],
            debts: vec![DebtView {
                asset: ChannelAsset::Local(4),
                from: AccountId::new([1; 32]),
                amount: u128::MAX - 1,
            }],
        };
        let json = serde_json::to_value(AccountJson::from(account)).expect("JSON can say this");
        assert_eq!(json["native"]["total"], "340282366920938463463374607431768211455");
        assert_eq!(json["native"]["free"], "9007199254740993");
        assert_eq!(json["native"]["inChannels"], "0");
        assert_eq!(json["native"]["asset"], "Native");
        assert_eq!(json["storageDeposits"], "2");
        assert_eq!(json["staked"], "3");
        assert_eq!(json["assets"][0]["asset"], json!({ "Local": 4 }));
        assert_eq!(json["channels"][0]["claimable"], "7");
        assert_eq!(json["debts"][0]["amount"], "340282366920938463463374607431768211454");
    }

    #[test]
    fn a_dispute_names_its_deadline_and_whose_move_it_is() {
        let phase = PhaseView::Disputed(DisputeView {
            by: AccountId::new([2; 32]),
            bond: 10,
            reward: 5,
            reward_to: None,
            disputed_version: 5,
            version: 7,
            balances: vec![1, 2],
            pending: Some(PendingTransfers {
                root: Hash::zero(),
                totals: BoundedVec::truncate_from(vec![3, 0]),
                count: 1,
                last_expiry: 120,
            }),
            streams: Vec::new(),
            app: Some(AppState { id: Hash::zero(), data: BoundedVec::truncate_from(vec![0xab]) }),
            mover: Some(1),
            deadline: 99,
            free_answers: 4,
        });
        let json = serde_json::to_value(PhaseJson::from(phase)).expect("JSON can say this");
        assert_eq!(json["kind"], "disputed");
        assert_eq!(json["version"], 7);
        assert_eq!(json["disputedVersion"], 5);
        assert_eq!(json["balances"], json!(["1", "2"]));
        assert_eq!(json["pending"]["totals"], json!(["3", "0"]));
        assert_eq!(json["pending"]["lastExpiry"], 120);
        assert_eq!(json["app"]["data"], "0xab");
        assert_eq!(json["mover"], 1);
        assert_eq!(json["deadline"], 99);
        assert_eq!(json["bond"], "10");
        assert_eq!(json["reward"], "5");
        assert_eq!(json["rewardTo"], json!(null));
    }

    #[test]
    fn a_resolution_says_what_of_its_streams_is_paid() {
        let stream = Stream {
            payer: 0,
            payee: 1,
            epoch: 2,
            root: Hash::zero(),
            unit: 9_007_199_254_740_993,
            chains: 4,
            links: 8,
        };
        let phase = PhaseView::Resolving(ResolutionView {
            version: 7,
            until: 500,
            pending: None,
            undecided: 0,
            streams: vec![StreamView { stream, paid_units: 5 }],
        });
        let json = serde_json::to_value(PhaseJson::from(phase)).expect("JSON can say this");
        assert_eq!(json["kind"], "resolving");
        assert_eq!(json["until"], 500);
        assert_eq!(json["streams"][0]["unit"], "9007199254740993");
        assert_eq!(json["streams"][0]["paidUnits"], 5);
    }

    #[test]
    fn an_open_channel_has_no_conclusion() {
        let view = ChannelView {
            id: ChannelId::repeat_byte(1),
            at: 12,
            participants: Vec::new(),
            asset: ChannelAsset::Native,
            deposit: 30,
            locked: vec![10, 20],
            challenge_blocks: 5,
            opened_at: 11,
            opener: AccountId::new([3; 32]),
            base_version: 0,
            phase: PhaseView::Open,
            conclusion: None,
        };
        let json = serde_json::to_value(ChannelJson::from(view)).expect("JSON can say this");
        assert_eq!(json["phase"], json!({ "kind": "open" }));
        assert_eq!(json["conclusion"], json!(null));
        assert_eq!(json["locked"], json!(["10", "20"]));
        assert_eq!(json["baseVersion"], 0);
    }
}
