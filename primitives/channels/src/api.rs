// SPDX-License-Identifier: Apache-2.0

//! The runtime API and the views it returns.

use crate::{
    AccountId, Balance, BlockNumber, ChannelId,
    params::{ChannelAsset, Participant},
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use polkadot_sdk::sp_api;
use scale_info::TypeInfo;

/// The largest number of channels that one account view lists.
pub const MAX_LISTED_CHANNELS: u32 = 256;

/// Where a channel stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum PhaseView {
    /// Payments go on off chain.
    Open,
    /// A participant wants to close alone.
    Disputed {
        /// Version of the newest state that was shown.
        version: u64,
        /// What that state pays to each participant.
        balances: Vec<Balance>,
        /// The first block in which the dispute can be concluded; answers count before it.
        deadline: BlockNumber,
        /// Whether the deadline has come.
        is_concludable: bool,
    },
}

/// A channel as the chain sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelView {
    /// The channel's id.
    pub id: ChannelId,
    /// Its parties.
    pub participants: Vec<Participant>,
    /// What each of them deposited, in the same order.
    pub deposits: Vec<Balance>,
    /// What it is denominated in.
    pub asset: ChannelAsset,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: BlockNumber,
    /// The block that opened it.
    pub opened_at: BlockNumber,
    /// Where it stands.
    pub phase: PhaseView,
}

/// An account's share in one channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelHolding {
    /// The channel.
    pub channel: ChannelId,
    /// What the account deposited.
    pub deposit: Balance,
    /// What the newest state shown in a dispute would pay it, if there is a dispute.
    pub disputed: Option<Balance>,
}

/// What an account owns, all read at one block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AccountView {
    /// Everything the account owns: free, held and reserved.
    pub total: Balance,
    /// What is neither held nor reserved, the existential deposit included.
    pub free: Balance,
    /// What it deposited in native-token channels.
    pub in_channels: Balance,
    /// Number of channels it takes part in.
    pub channel_count: u32,
    /// These channels, at most [`MAX_LISTED_CHANNELS`] of them.
    pub channels: Vec<ChannelHolding>,
}

sp_api::decl_runtime_apis! {
    /// What wallets and the off-chain engine ask about channels.
    pub trait ChannelsApi {
        /// The channel with this id, while it is open or disputed.
        fn channel(id: ChannelId) -> Option<ChannelView>;

        /// What an account owns, inside channels and outside.
        fn account(account: AccountId) -> AccountView;
    }
}
