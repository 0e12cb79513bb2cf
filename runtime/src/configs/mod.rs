// SPDX-License-Identifier: Apache-2.0

//! How each pallet is configured, by chapter.

mod channels;
mod consensus;
mod fees;
mod governance;
mod system;

pub use channels::account_view;
pub use consensus::EpochDuration;
pub use fees::{DealWithFees, MinimumMultiplier, WeightToFee};
pub use governance::TreasuryAccount;
pub use system::ProxyType;
