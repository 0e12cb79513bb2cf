// SPDX-License-Identifier: Apache-2.0

//! The purse of state channels: the only writer of who holds what for which channel.
//!
//! A deposit never leaves its owner's account. It is a hold there ([`HoldReason::Channel`]), so that
//! total balances, existential deposits and wallets stay true. What a channel pays moves directly
//! from hold to free balance, at most one movement more than there are payers and payees.
//!
//! It implements [`ChannelFunds`] and [`ChannelBonds`] for the pallet that decides who gets what.
//! Channels may be in the native token or in any asset of the assets pallet.
//!
//! # What an asset's team can do to a channel
//!
//! Payments in the native token always arrive: see CB-4. Other assets have a team, and their
//! movements obey it. Nothing it does keeps a channel from being paid out and closed; at the worst,
//! what it stops stays on hold where it is, is noted as owed ([`Unpaid`]), and reaches its owner by
//! [`Pallet::collect`] as soon as the asset lets it through. In particular:
//!
//! - A frozen asset, a blocked account, and a supply near the largest number: nothing can be paid
//!   (to that account); it is owed until they are thawed, unblocked or burnt. At opening they are
//!   refused.
//! - A frozen account can spend nothing of its free balance, but what is in channels still moves to
//!   others.
//! - Forced transfers and burning by the team reach free balances only, never what is in channels,
//!   and cannot remove the account of a participant, because of its [anchor](types::ANCHOR).
//! - An asset cannot be destroyed while anything of it is in channels or owed.
//! - The team can issue more of it. What an asset is worth is no concern of the chain.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `locking` | deposits go on hold, accounts stay alive |
//! | `paying` | payouts are drawn from deposits |
//! | `owing` | what an asset does not let through waits |
//! | `bonding` | stakes on the truth of a state |
//! | `math` | who pays whom how much |
//! | [`union`] | the native token and all assets as one family |
//! | [`invariants`] | the numbered rules and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod bonding;
pub mod invariants;
mod locking;
pub mod math;
mod owing;
mod paying;
pub mod types;
pub mod union;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{ANCHOR, Deposit};
pub use weights::WeightInfo;

use millrace_primitives_channels::{
    AccountId, Balance, ChannelAsset, ChannelBonds, ChannelFunds, ChannelId,
};
use polkadot_sdk::{
    frame_support::{self, dispatch::DispatchResult},
    sp_runtime::DispatchError,
};

/// The pallet.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use polkadot_sdk::{
        frame_support::{
            pallet_prelude::*,
            traits::{OnUnbalanced, fungible, fungibles},
        },
        frame_system::pallet_prelude::*,
    };

    #[pallet::config]
    pub trait Config: polkadot_sdk::frame_system::Config<AccountId = AccountId> {
        /// Everything that a channel can be denominated in; see [`union::Union`].
        type Assets: fungibles::Inspect<AccountId, AssetId = ChannelAsset, Balance = Balance>
            + fungibles::InspectHold<AccountId, Reason = Self::RuntimeHoldReason>
            + fungibles::MutateHold<AccountId>;

        /// The native token, which is [`ChannelAsset::Native`] of [`Config::Assets`].
        type NativeCurrency: fungible::Inspect<AccountId, Balance = Balance>
            + fungible::InspectHold<AccountId, Reason = Self::RuntimeHoldReason>
            + fungible::MutateHold<AccountId>
            + fungible::BalancedHold<AccountId>;

        /// The public purse: gets what is left of a forfeited bond. What it does not keep is burnt.
        type Forfeited: OnUnbalanced<fungible::Credit<AccountId, Self::NativeCurrency>>;

        /// The runtime's hold reasons.
        type RuntimeHoldReason: From<HoldReason>;

        /// What calls cost.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why funds are on hold for channels.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Deposits in channels, and what channels owe.
        Channel,
        /// A stake on the truth of a state that one participant shows alone.
        Bond,
        /// What it costs to keep a channel. The runtime makes such tickets with this reason.
        ChannelStorage,
        /// What it costs to keep a revealed preimage. The runtime makes such tickets with this
        /// reason.
        RevealStorage,
    }

    /// What each participant has locked for each of its channels.
    #[pallet::storage]
    pub type Deposits<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, AccountId, Identity, ChannelId, Deposit>;

    /// What each account owes, by asset: the sum of its entries in [`Unpaid`].
    #[pallet::storage]
    pub type Debts<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        AccountId,
        Blake2_128Concat,
        ChannelAsset,
        Balance,
        ValueQuery,
    >;

    /// What channels paid to an account (first key) but its asset did not let through, by asset and
    /// by the account in which it is on hold.
    #[pallet::storage]
    pub type Unpaid<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        AccountId,
        Blake2_128Concat,
        (ChannelAsset, AccountId),
        Balance,
        OptionQuery,
    >;

    /// The sum of each account's bonds.
    #[pallet::storage]
    pub type Bonds<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Balance, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An asset did not let a payment through; it stays on hold in the payer's account until it
        /// is collected.
        PaymentDeferred { asset: ChannelAsset, from: AccountId, to: AccountId, amount: Balance },
        /// What was owed has reached its owner.
        PaymentCollected { asset: ChannelAsset, from: AccountId, to: AccountId, amount: Balance },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such asset: check its id.
        AssetNotFound,
        /// The asset or a participant's account in it is frozen or blocked, or its supply is too
        /// large, so nothing could be paid: ask its team, or use another asset or account.
        AssetNotPayable,
        /// A participant's account does not exist: send it the existential deposit first.
        AccountNotFound,
        /// A participant's free balance is smaller than its deposit: add funds or deposit less.
        InsufficientFunds,
        /// The channel already has a deposit of this account. Reports a mistake of the chain.
        AlreadyLocked,
        /// Payouts and deposits do not belong together. Reports a mistake of the chain.
        PayoutMismatch,
        /// Besides its deposit, a participant needs the asset's minimum balance (of the native
        /// token: the existential deposit) in its free balance, and one unit more, so that every
        /// payout can reach it: add funds or deposit less.
        BelowMinimumBalance,
        /// Locks, such as those of votes, or a freeze hold back what a participant wants to
        /// deposit: wait until they end, add funds or deposit less.
        FundsFrozen,
        /// A participant's account lives by something else than its balance, so it could become too
        /// small to be paid: use another account.
        KeptAliveOtherwise,
        /// A bond is not on hold. Reports a mistake of the chain.
        BondNotHeld,
        /// Nothing is owed between these accounts in this asset.
        NothingOwed,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(
            _: BlockNumberFor<T>,
        ) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Hands over what channels paid but an asset did not let through at the time.
        ///
        /// Origin: any signed account.
        /// `asset`, `from`, `to`: as in [`Event::PaymentDeferred`]; all that is owed between them is
        /// handed over at once.
        /// Errors: `NothingOwed`, or the asset's own while it still does not let it through:
        /// nothing changes then, try again later.
        /// Emits [`Event::PaymentCollected`]. Upholds CB-2, CB-6.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::collect())]
        pub fn collect(
            origin: OriginFor<T>,
            asset: ChannelAsset,
            from: AccountId,
            to: AccountId,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_collect(asset, from, to)
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

    fn add(
        channel: ChannelId,
        asset: ChannelAsset,
        account: &AccountId,
        amount: Balance,
    ) -> DispatchResult {
        Self::do_add(channel, asset, account, amount)
    }

    fn pay(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult {
        Self::do_pay(channel, asset, payouts)
    }

    fn pay_out(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult {
        Self::do_pay_out(channel, asset, payouts)
    }

    fn locked(channel: ChannelId, account: &AccountId) -> Option<Balance> {
        Deposits::<T>::get(account, channel).map(|deposit| deposit.amount)
    }
}

impl<T: Config> ChannelBonds for Pallet<T> {
    fn hold_bond(who: &AccountId, amount: Balance) -> DispatchResult {
        Self::do_hold_bond(who, amount)
    }

    fn return_bond(who: &AccountId, amount: Balance) -> DispatchResult {
        Self::do_return_bond(who, amount)
    }

    fn forfeit_bond(
        who: &AccountId,
        amount: Balance,
        to: &AccountId,
        reward: Balance,
    ) -> Result<Balance, DispatchError> {
        Self::do_forfeit_bond(who, amount, to, reward)
    }

    fn bonds(who: &AccountId) -> Balance {
        Bonds::<T>::get(who)
    }
}
