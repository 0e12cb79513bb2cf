// SPDX-License-Identifier: Apache-2.0

//! The traits through which the channels pallet moves money.

use crate::{AccountId, Balance, ChannelId, params::ChannelAsset};
use polkadot_sdk::sp_runtime::{DispatchError, DispatchResult};

/// Keeps what participants deposited in channels and pays it out.
///
/// The implementation is the only writer of who holds what for which channel. Each method does all
/// of its work or returns an error; callers run inside a storage transaction, so that an error
/// leaves no trace.
pub trait ChannelFunds {
    /// Locks each participant's deposit for a new `channel`. A deposit may be zero.
    ///
    /// Errors when an account lacks free funds above the existential deposit, does not exist, or
    /// the asset does not exist.
    fn lock(
        channel: ChannelId,
        asset: ChannelAsset,
        deposits: &[(AccountId, Balance)],
    ) -> DispatchResult;

    /// Locks `amount` more of a participant's funds for `channel`.
    ///
    /// Errors as [`ChannelFunds::lock`], and when the account is no participant.
    fn add(
        channel: ChannelId,
        asset: ChannelAsset,
        account: &AccountId,
        amount: Balance,
    ) -> DispatchResult;

    /// Pays part of what is locked for `channel`, which goes on.
    ///
    /// `payouts` names the very accounts of [`ChannelFunds::lock`] in the same order; an amount may
    /// be zero. Each is paid from its own lock first, then from those of the others in their order.
    /// Errors when the payouts exceed what is locked.
    fn pay(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult;

    /// Ends the lock-up of `channel` and gives each participant its payout.
    ///
    /// `payouts` names the very accounts of [`ChannelFunds::lock`] in the same order, and sums up
    /// to all that is locked.
    fn pay_out(
        channel: ChannelId,
        asset: ChannelAsset,
        payouts: &[(AccountId, Balance)],
    ) -> DispatchResult;

    /// What `account` has locked for `channel`; nothing if it is no participant.
    ///
    /// After a part was paid, this says from whose account the rest will come, not to whom it
    /// belongs.
    fn locked(channel: ChannelId, account: &AccountId) -> Option<Balance>;
}

/// Keeps what a participant stakes on the truth of a state that it shows alone, in the native token.
pub trait ChannelBonds {
    /// Puts `amount` of `who` on hold. Errors when it lacks free funds above the existential
    /// deposit.
    fn hold_bond(who: &AccountId, amount: Balance) -> DispatchResult;

    /// Gives `amount` back to `who`.
    fn return_bond(who: &AccountId, amount: Balance) -> DispatchResult;

    /// Takes the bond `amount` from `who` for good: `reward` of it goes to `to`, the rest to the
    /// public purse, which gets all of it if `to` cannot be paid.
    ///
    /// Returns what `to` got: `reward` or nothing. Never fails for a bond that is held and a reward
    /// that is not above it.
    fn forfeit_bond(
        who: &AccountId,
        amount: Balance,
        to: &AccountId,
        reward: Balance,
    ) -> Result<Balance, DispatchError>;

    /// All bonds of `who` that are on hold.
    fn bonds(who: &AccountId) -> Balance;
}
