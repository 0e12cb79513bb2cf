// SPDX-License-Identifier: Apache-2.0

//! Who decides what: origins that referenda and the technical committee can reach, and the tracks
//! on which referenda run.

pub mod origins;
pub mod tracks;

use crate::AccountId;
use polkadot_sdk::pallet_collective::{self, EnsureProportionAtLeast};

/// The technical committee's instance of the collective pallet.
pub type TechnicalCollective = pallet_collective::Instance1;

/// Two thirds of the technical committee.
pub type TechnicalMajority = EnsureProportionAtLeast<AccountId, TechnicalCollective, 2, 3>;
