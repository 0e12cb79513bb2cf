// SPDX-License-Identifier: Apache-2.0

//! How each pallet is configured, by chapter.

mod assets;
mod channels;
mod consensus;
mod dpos;
mod fees;
mod governance;
mod system;

pub use channels::{ChannelAssets, RewardShare};
pub use consensus::EpochDuration;
pub use fees::{DealWithFees, MinimumMultiplier, WeightToFee};
pub use governance::{Scaled, TreasuryAccount};
pub use system::ProxyType;
