// SPDX-License-Identifier: Apache-2.0

//! The trait through which the channels pallet moves money.

use crate::{AccountId, Balance, ChannelId, params::ChannelAsset};
use polkadot_sdk::sp_runtime::DispatchResult;

/// Keeps what participants deposited in channels and pays it out.
///
/// The implementation is the only writer of who holds what for which channel. Each method does all
/// of its work or returns an error; callers run inside a storage transaction, so that an error
/// leaves no trace.
pub trait ChannelFunds {
    /// Locks each participant's deposit for `channel`. A deposit may be zero.
    ///
    /// Errors when an account lacks free funds above the existential deposit, does not exist, or
    /// the asset is not supported.
    fn lock(
        channel: ChannelId,
        asset: ChannelAsset,
        deposits: &[(AccountId, Balance)],
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
    fn locked(channel: ChannelId, account: &AccountId) -> Option<Balance>;
}
