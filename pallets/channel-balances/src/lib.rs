// SPDX-License-Identifier: Apache-2.0

//! The purse of state channels: the only writer of who holds what for which channel.
//!
//! A deposit never leaves its owner's account. It is a hold there ([`HoldReason::Channel`]), so that
//! total balances, existential deposits and wallets stay true. At the end the net differences move
//! between the participants' holds and the rest is released.
//!
//! This pallet has no calls. It implements [`ChannelFunds`] for the pallet that decides who gets
//! what, and answers what an account has in channels.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `locking` | deposits go on hold, accounts stay alive |
//! | `paying` | payouts are netted and released |
//! | `math` | who pays whom how much |
//! | `invariants` | the numbered rules and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod invariants;
mod locking;
pub mod math;
mod paying;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use millrace_primitives_channels::{AccountId, Balance, ChannelAsset, ChannelFunds, ChannelId};
use polkadot_sdk::{frame_support, frame_system, sp_runtime::DispatchResult};
use scale_info::TypeInfo;

/// What an account has in channels, in sum.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Holder {
    /// Number of channels the account takes part in.
    pub channels: u32,
    /// All it deposited in them, in the native token.
    pub held: Balance,
}

/// The pallet.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use polkadot_sdk::frame_support::{
        pallet_prelude::*,
        traits::fungible::{Inspect, InspectHold, MutateHold},
    };

    #[pallet::config]
    pub trait Config: polkadot_sdk::frame_system::Config<AccountId = AccountId> {
        /// The native token.
        type NativeCurrency: Inspect<AccountId, Balance = Balance>
            + InspectHold<AccountId>
            + MutateHold<AccountId, Reason = Self::RuntimeHoldReason>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A deposit in state channels.
        Channel,
    }

    /// What each participant deposited in each of its channels. A deposit may be zero.
    #[pallet::storage]
    pub type Deposits<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId, Identity, ChannelId, Balance>;

    /// What each account that takes part in a channel has in all of them.
    #[pallet::storage]
    pub type Holders<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Holder, OptionQuery>;

    #[pallet::error]
    pub enum Error<T> {
        /// Channels in this asset are not supported yet: use the native token.
        AssetNotSupported,
        /// A participant's account does not exist: send it the existential deposit first.
        AccountNotFound,
        /// A participant's free balance is smaller than its deposit: add funds or deposit less.
        InsufficientFunds,
        /// An account cannot take part because too many other things depend on it: end some of
        /// them first.
        TooManyReferences,
        /// The channel already has a deposit of this account. Reports a mistake of the chain.
        AlreadyLocked,
        /// Payouts and deposits do not belong together. Reports a mistake of the chain.
        PayoutMismatch,
        /// Besides its deposit, a participant needs the existential deposit in its free balance, so
        /// that every payout can reach it: add funds or deposit less.
        BelowExistentialDeposit,
        /// Locks, such as those of votes, hold back what a participant wants to deposit: wait until
        /// they end, add funds or deposit less.
        FundsFrozen,
        /// A participant's account lives by something else than its balance, so it could become too
        /// small to be paid: use another account.
        KeptAliveOtherwise,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<frame_system::pallet_prelude::BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(
            _: frame_system::pallet_prelude::BlockNumberFor<T>,
        ) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}

impl<T: Config> ChannelFunds for Pallet<T> {
    fn lock(
        channel: ChannelId,
        asset: ChannelAsset,
        deposits: &[(AccountId, Balance)],
    ) -> DispatchResult {
        Self::do_lock(channel, asset, deposits)
    }

    fn pay_out(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult {
        Self::do_pay_out(channel, asset, payouts)
    }

    fn locked(channel: ChannelId, account: &AccountId) -> Option<Balance> {
        Deposits::<T>::get(account, channel)
    }
}
