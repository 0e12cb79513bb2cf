// SPDX-License-Identifier: Apache-2.0

//! The runtime API and the views it returns.
//!
//! Each view is read whole at one block, so its parts fit together:
//!
//! - Of an account's native tokens, `free + in channels + bonds + storage deposits + elsewhere` is
//!   `total`; of every other asset, `free + in channels + elsewhere` is `total`. Each unit counts
//!   once.
//! - What the account may get out of its channels (`outright`, `pending`, `claimable`, `owed`) is no
//!   part of these sums, because until it is paid it is in somebody's `in channels`.
//! - In a channel that is disputed or resolving, `outright` and `pending` of all participants sum up
//!   to the channel's deposit.

use crate::{
    AccountId, Balance, BlockNumber, ChannelId, Hash,
    params::{ChannelAsset, Participant},
    state::{AppState, PendingTransfers, Stream},
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use polkadot_sdk::sp_api;
use scale_info::TypeInfo;

/// The largest number of channels that one account view lists.
pub const MAX_LISTED_CHANNELS: u32 = 256;

/// The largest number of debts that one account view lists.
pub const MAX_LISTED_DEBTS: u32 = 256;

/// A channel as the chain sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelView {
    /// The channel's id.
    pub id: ChannelId,
    /// The block that answers.
    pub at: BlockNumber,
    /// Its parties. All lists of amounts below are in their order.
    pub participants: Vec<Participant>,
    /// What it is denominated in.
    pub asset: ChannelAsset,
    /// All that is in it. What was paid out already is not.
    pub deposit: Balance,
    /// What is on hold for it in each participant's account. After a part was paid, this says from
    /// whose account the rest will come, not to whom it belongs.
    pub locked: Vec<Balance>,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: BlockNumber,
    /// The block that opened it.
    pub opened_at: BlockNumber,
    /// Who opened it and gets its storage deposit back.
    pub opener: AccountId,
    /// States below this version count no more; the state of this very version needs no signatures.
    pub base_version: u64,
    /// Where it stands.
    pub phase: PhaseView,
    /// What `conclude` would do, unless something new is shown before; nothing while it is open.
    pub conclusion: Option<ConclusionView>,
}

/// Where a channel stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum PhaseView {
    /// Payments go on off chain.
    Open,
    /// A participant wants to close alone.
    Disputed(DisputeView),
    /// Balances are paid; pending transfers and streams are being decided.
    Resolving(ResolutionView),
}

/// The newest state that was shown in a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct DisputeView {
    /// Who disputes and has put up the bond.
    pub by: AccountId,
    /// The bond, in the native token.
    pub bond: Balance,
    /// What whoever proves the claim stale gets of the bond.
    pub reward: Balance,
    /// Who gets the reward, if the claim has been proven stale; else the bond goes back.
    pub reward_to: Option<AccountId>,
    /// The version that the dispute began with.
    pub disputed_version: u64,
    /// The version of the newest state shown since.
    pub version: u64,
    /// What that state pays to each participant outright.
    pub balances: Vec<Balance>,
    /// Its conditional transfers, if there are any.
    pub pending: Option<PendingTransfers>,
    /// Its streams.
    pub streams: Vec<Stream>,
    /// Its application's state, if there is one.
    pub app: Option<AppState>,
    /// Position of the participant whose move it is. From the deadline until the dispute can be
    /// concluded, it may force its move.
    pub mover: Option<u8>,
    /// Answers count before this block.
    pub deadline: BlockNumber,
    /// How many more answers get their fee back.
    pub free_answers: u8,
}

/// What is still being decided after a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ResolutionView {
    /// The version of the state that is carried out.
    pub version: u64,
    /// Claims count before this block; from it on, what is left goes back to its payers.
    pub until: BlockNumber,
    /// The state's conditional transfers, if there are any. Their totals are what is left of them.
    pub pending: Option<PendingTransfers>,
    /// How many of these transfers are not decided yet.
    pub undecided: u32,
    /// The state's streams.
    pub streams: Vec<StreamView>,
}

/// A stream and what was claimed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamView {
    /// The stream.
    pub stream: Stream,
    /// How many of its units were proven and paid.
    pub paid_units: u64,
}

impl StreamView {
    /// What is left of the stream's reserve.
    pub fn left(&self) -> Balance {
        let units = self.stream.capacity().saturating_sub(self.paid_units);
        self.stream.unit.saturating_mul(units.into())
    }
}

/// What `conclude` would do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ConclusionView {
    /// The first block in which it can be called.
    pub from: BlockNumber,
    /// What it pays to each participant.
    pub payouts: Vec<Balance>,
}

/// An account's share in one channel, in the channel's asset.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelHolding {
    /// The channel.
    pub channel: ChannelId,
    /// What the channel is denominated in.
    pub asset: ChannelAsset,
    /// What is on hold for the channel in the account.
    pub locked: Balance,
    /// In a dispute, what the newest state shown pays the account outright.
    pub outright: Balance,
    /// In a dispute and after it, what the state sets aside of the account's funds for transfers
    /// and streams that are not decided: it comes back unless others claim it.
    pub pending: Balance,
    /// What `conclude` in the next block would pay the account.
    pub claimable: Balance,
}

/// What an account has in one asset, inside channels and outside.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AssetView {
    /// The asset.
    pub asset: ChannelAsset,
    /// Everything the account owns of it: free, held and reserved.
    pub total: Balance,
    /// What is neither held nor reserved; it includes what keeps the account alive, and what is
    /// frozen.
    pub free: Balance,
    /// What is on hold for channels in the account: its deposits, one unit for each channel that
    /// keeps the account alive, and what it owes to others.
    pub in_channels: Balance,
    /// What is held or reserved for anything else, such as deposits of governance. What is
    /// staked is not in the account; see [`AccountView::staked`].
    pub elsewhere: Balance,
    /// Number of channels in this asset the account takes part in.
    pub channel_count: u32,
    /// Sum of [`ChannelHolding::outright`] over the listed channels.
    pub outright: Balance,
    /// Sum of [`ChannelHolding::pending`] over the listed channels.
    pub pending: Balance,
    /// Sum of [`ChannelHolding::claimable`] over the listed channels.
    pub claimable: Balance,
    /// Sum of the listed [`DebtView::amount`].
    pub owed: Balance,
}

/// What channels paid to an account but the asset did not let through at the time. Anybody can hand
/// it over as soon as the asset allows it: by `collect` of the pallet that keeps channels' funds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct DebtView {
    /// The asset.
    pub asset: ChannelAsset,
    /// In whose account it is on hold.
    pub from: AccountId,
    /// How much it is.
    pub amount: Balance,
}

/// What an account owns, all read at one block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AccountView {
    /// The block that answers.
    pub at: BlockNumber,
    /// Native tokens.
    pub native: AssetView,
    /// Native tokens put up as bonds in disputes.
    pub bonds: Balance,
    /// Native tokens set aside for the storage of channels and preimages.
    pub storage_deposits: Balance,
    /// Native tokens with validators, on the way back from them, and earned there but not claimed.
    /// They lie in an account of the chain's own, and are no part of `native`.
    pub staked: Balance,
    /// Every other asset that the account has in channels or is owed.
    pub assets: Vec<AssetView>,
    /// The account's channels in all assets, at most [`MAX_LISTED_CHANNELS`] of them.
    pub channels: Vec<ChannelHolding>,
    /// What the account is owed, at most [`MAX_LISTED_DEBTS`] entries.
    pub debts: Vec<DebtView>,
}

impl ChannelView {
    /// The share of `account`; nothing if it is no participant.
    pub fn holding(&self, account: &AccountId) -> Option<ChannelHolding> {
        let at = self.participants.iter().position(|it| it.account == *account)?;
        Some(ChannelHolding {
            channel: self.id,
            asset: self.asset,
            locked: self.locked.get(at).copied().unwrap_or_default(),
            outright: self.outright(at),
            pending: self.pending(at),
            claimable: self.claimable(at),
        })
    }

    /// What the newest state shown in a dispute pays the participant at this position.
    fn outright(&self, at: usize) -> Balance {
        match &self.phase {
            PhaseView::Disputed(dispute) => dispute.balances.get(at).copied().unwrap_or_default(),
            PhaseView::Open | PhaseView::Resolving(_) => 0,
        }
    }

    /// What is set aside of the funds of the participant at this position.
    fn pending(&self, at: usize) -> Balance {
        let of_transfers = |pending: &Option<PendingTransfers>| {
            pending.as_ref().and_then(|it| it.totals.get(at).copied()).unwrap_or_default()
        };
        let is_payer = |stream: &Stream| usize::from(stream.payer) == at;
        match &self.phase {
            PhaseView::Open => 0,
            PhaseView::Disputed(dispute) => dispute
                .streams
                .iter()
                .filter(|stream| is_payer(stream))
                .filter_map(Stream::reserve)
                .fold(of_transfers(&dispute.pending), Balance::saturating_add),
            PhaseView::Resolving(resolution) => resolution
                .streams
                .iter()
                .filter(|view| is_payer(&view.stream))
                .map(StreamView::left)
                .fold(of_transfers(&resolution.pending), Balance::saturating_add),
        }
    }

    /// What `conclude` in the next block would pay the participant at this position.
    fn claimable(&self, at: usize) -> Balance {
        self.conclusion
            .as_ref()
            .filter(|conclusion| conclusion.from <= self.at.saturating_add(1))
            .and_then(|conclusion| conclusion.payouts.get(at).copied())
            .unwrap_or_default()
    }
}

sp_api::decl_runtime_apis! {
    /// What wallets and the off-chain engine ask about channels.
    pub trait ChannelsApi {
        /// The channel with this id, until it is closed.
        fn channel(id: ChannelId) -> Option<ChannelView>;

        /// What an account owns, inside channels and outside.
        fn account(account: AccountId) -> AccountView;

        /// Ids of the applications by which the chain judges forced moves.
        fn apps() -> Vec<Hash>;
    }
}
