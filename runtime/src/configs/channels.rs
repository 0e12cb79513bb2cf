// SPDX-License-Identifier: Apache-2.0

//! State channels and the money in them.

use crate::{
    AccountId, AssetsHolder, Balance, Balances, BlockNumber, ChannelBalances, Runtime,
    RuntimeHoldReason,
    configs::fees::ToTreasury,
    constants::{money::storage_deposit, time::DAYS},
    parameters::{DisputeBond, MaxChallengeBlocks, MinChallengeBlocks, RevealBlocks},
};
use millrace_primitives_channel_apps::NoughtsAndCrosses;
use pallet_channel_balances::{HoldReason, union::Union};
use polkadot_sdk::{
    frame_support::{
        parameter_types,
        traits::{ConstU8, ConstU32, ConstU128, LinearStoragePrice, fungible::HoldConsideration},
    },
    sp_runtime::Perbill,
};

/// How far ahead of its opening a channel can be agreed on, in blocks. The chain remembers the id
/// of a channel that was closed early for no longer than this.
const MAX_OPEN_DELAY: BlockNumber = DAYS;

/// The native token and every asset.
pub type ChannelAssets = Union<Balances, AssetsHolder>;

impl pallet_channel_balances::Config for Runtime {
    type Assets = ChannelAssets;
    type Forfeited = ToTreasury;
    type NativeCurrency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = pallet_channel_balances::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    /// What whoever proves a claim stale gets of its bond. The treasury gets the other half.
    pub const RewardShare: Perbill = Perbill::from_percent(50);
    pub const ChannelStorageReason: RuntimeHoldReason =
        RuntimeHoldReason::ChannelBalances(HoldReason::ChannelStorage);
    pub const RevealStorageReason: RuntimeHoldReason =
        RuntimeHoldReason::ChannelBalances(HoldReason::RevealStorage);
}

/// What a channel's storage costs while it is used, at the chain's usual price: three items for the
/// channel, its dispute and its place on the agenda, and for each participant, whose parameters are
/// the variable part, a few times as much for its rows in the purse.
type ChannelStoragePrice = LinearStoragePrice<
    ConstU128<{ storage_deposit(3, 500) }>,
    ConstU128<{ storage_deposit(0, 5) }>,
    Balance,
>;

/// What a revealed preimage's storage costs while it is used: two items, because it is on the agenda
/// as well.
type RevealStoragePrice = LinearStoragePrice<
    ConstU128<{ storage_deposit(2, 64) }>,
    ConstU128<{ storage_deposit(0, 1) }>,
    Balance,
>;

/// The applications by which this chain judges forced moves, as a list.
pub type Apps = (NoughtsAndCrosses, ());

impl pallet_channels::Config for Runtime {
    type Apps = Apps;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::ChannelHelper;
    type Bonds = ChannelBalances;
    type ChannelTicket =
        HoldConsideration<AccountId, Balances, ChannelStorageReason, ChannelStoragePrice>;
    type DisputeBond = DisputeBond;
    type Funds = ChannelBalances;
    type MaxChallengeBlocks = MaxChallengeBlocks;
    type MaxFreeAnswers = ConstU8<4>;
    type MaxOpenDelay = ConstU32<MAX_OPEN_DELAY>;
    type MinChallengeBlocks = MinChallengeBlocks;
    type RevealBlocks = RevealBlocks;
    type RevealTicket =
        HoldConsideration<AccountId, Balances, RevealStorageReason, RevealStoragePrice>;
    type RewardShare = RewardShare;
    type WeightInfo = pallet_channels::weights::SubstrateWeight<Runtime>;
}
