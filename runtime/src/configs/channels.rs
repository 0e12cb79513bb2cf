// SPDX-License-Identifier: Apache-2.0

//! State channels and the money in them.

use crate::{
    AccountId, Balances, BlockNumber, ChannelBalances, Channels, Runtime, RuntimeHoldReason,
    constants::time::DAYS, parameters::dynamic_params,
};
use millrace_primitives_channels::api::{AccountView, ChannelHolding, MAX_LISTED_CHANNELS};
use polkadot_sdk::frame_support::traits::{ConstU8, ConstU32, fungible::Inspect};

/// How far ahead of its opening a channel can be agreed on, in blocks. The chain remembers the id
/// of a channel that was closed early for no longer than this.
const MAX_OPEN_DELAY: BlockNumber = DAYS;

impl pallet_channel_balances::Config for Runtime {
    type NativeCurrency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
}

impl pallet_channels::Config for Runtime {
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::ChannelHelper;
    type Funds = ChannelBalances;
    type MaxChallengeBlocks = dynamic_params::channels::MaxChallengeBlocks;
    type MaxFreeAnswers = ConstU8<4>;
    type MaxOpenDelay = ConstU32<MAX_OPEN_DELAY>;
    type MinChallengeBlocks = dynamic_params::channels::MinChallengeBlocks;
    type WeightInfo = pallet_channels::weights::SubstrateWeight<Runtime>;
}

/// What an account owns, inside channels and outside, all read at one block.
pub fn account_view(account: AccountId) -> AccountView {
    let holder = pallet_channel_balances::Holders::<Runtime>::get(&account).unwrap_or_default();
    let channels = pallet_channel_balances::Deposits::<Runtime>::iter_prefix(&account)
        .take(MAX_LISTED_CHANNELS as usize)
        .map(|(channel, deposit)| ChannelHolding {
            channel,
            deposit,
            disputed: Channels::disputed_share(channel, &account),
        })
        .collect();
    AccountView {
        total: <Balances as Inspect<AccountId>>::total_balance(&account),
        free: <Balances as Inspect<AccountId>>::balance(&account),
        in_channels: holder.held,
        channel_count: holder.channels,
        channels,
    }
}
