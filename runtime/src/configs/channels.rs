// SPDX-License-Identifier: Apache-2.0

//! State channels and the money in them.

use crate::{
    AccountId, AssetsHolder, Balance, Balances, BlockNumber, ChannelBalances, Runtime,
    RuntimeHoldReason,
    constants::{money::storage_deposit, time::DAYS},
    parameters::{DisputeBond, MaxChallengeBlocks, MinChallengeBlocks, RevealBlocks},
};
use millrace_primitives_channel_apps::NoughtsAndCrosses;
use pallet_channel_balances::{HoldReason, union::Union};
use polkadot_sdk::frame_support::{
    parameter_types,
    traits::{ConstU8, ConstU32, ConstU128, LinearStoragePrice, fungible::HoldConsideration},
};

/// How far ahead of its opening a channel can be agreed on, in blocks. The chain remembers the id
/// of a channel that was closed early for no longer than this.
const MAX_OPEN_DELAY: BlockNumber = DAYS;

/// The native token and every asset.
pub type ChannelAssets = Union<Balances, AssetsHolder>;

impl pallet_channel_balances::Config for Runtime {
    type Assets = ChannelAssets;
    type NativeCurrency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = pallet_channel_balances::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const ChannelStorageReason: RuntimeHoldReason =
        RuntimeHoldReason::ChannelBalances(HoldReason::ChannelStorage);
    pub const RevealStorageReason: RuntimeHoldReason =
        RuntimeHoldReason::ChannelBalances(HoldReason::RevealStorage);
}

/// What storage costs while it is used: the same as everywhere on the chain.
type StoragePrice = LinearStoragePrice<
    ConstU128<{ storage_deposit(1, 0) }>,
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
    type ChannelTicket = HoldConsideration<AccountId, Balances, ChannelStorageReason, StoragePrice>;
    type DisputeBond = DisputeBond;
    type Funds = ChannelBalances;
    type MaxChallengeBlocks = MaxChallengeBlocks;
    type MaxFreeAnswers = ConstU8<4>;
    type MaxOpenDelay = ConstU32<MAX_OPEN_DELAY>;
    type MinChallengeBlocks = MinChallengeBlocks;
    type RevealBlocks = RevealBlocks;
    type RevealTicket = HoldConsideration<AccountId, Balances, RevealStorageReason, StoragePrice>;
    type WeightInfo = pallet_channels::weights::SubstrateWeight<Runtime>;
}
