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

/// What is on hold for channels in an account, in one asset.
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
    /// Number of channels in the asset that the account takes part in.
    pub channels: u32,
    /// All it has locked for them.
    pub locked: Balance,
    /// What channels paid from this account to others, or back to it, but the asset did not let
    /// through.
    pub owed: Balance,
}

impl Holder {
    /// All that is on hold in the account for channels (CB-2). Nothing on overflow.
    pub fn on_hold(&self, asset: ChannelAsset) -> Option<Balance> {
        let anchor = if self.channels > 0 { anchor(asset) } else { 0 };
        self.locked.checked_add(self.owed)?.checked_add(anchor)
    }

    /// Whether nothing ties the account to the purse any more.
    pub fn is_free(&self) -> bool {
        self.channels == 0 && self.owed == 0
    }
}

/// What every participant has on hold beside its deposits, as long as it takes part in any channel
/// in the asset.
///
/// The assets pallet takes no references as the native token does. Only a hold keeps somebody's
/// account in an asset from being removed, and an account that is not there cannot be paid less than
/// the asset's minimum balance. One unit is enough.
pub const fn anchor(asset: ChannelAsset) -> Balance {
    match asset {
        ChannelAsset::Native => 0,
        ChannelAsset::Local(_) => 1,
    }
}
