// SPDX-License-Identifier: Apache-2.0

//! What the purse remembers.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Balance, ChannelAsset};
use scale_info::TypeInfo;

/// What an account has locked for one channel.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Deposit {
    /// What the channel is denominated in.
    pub asset: ChannelAsset,
    /// How much of it; may be zero.
    pub amount: Balance,
}

/// What every participant has on hold beside its deposit for each of its channels, in the smallest
/// unit of the channel's asset.
///
/// An account with anything on hold cannot be removed, and one that is there can be paid any amount.
/// Without the anchor, a participant that has deposited nothing, or whose deposit is paid to others,
/// could leave the chain, and the next payment to it would fail if it were below the minimum balance.
/// It comes back as the channel ends.
pub const ANCHOR: Balance = 1;

impl Deposit {
    /// All that is on hold in the account for this channel (CB-2). Nothing on overflow.
    pub fn on_hold(&self) -> Option<Balance> {
        self.amount.checked_add(ANCHOR)
    }
}
