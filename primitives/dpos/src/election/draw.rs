// SPDX-License-Identifier: Apache-2.0

//! Keys of the weighted draw.

use crate::{AccountId, Hash, election::Contender, logarithm::minus_log2_of_uniform};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use polkadot_sdk::{sp_core::U256, sp_io::hashing::blake2_256};
use scale_info::TypeInfo;

/// Sets the draw's hashes apart from all others.
const DRAW_TAG: &[u8] = b"millrace/draw/1";

/// A contender with what it drew.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub(crate) struct Ticket {
    pub(crate) contender: Contender,
    /// `−log2(u)`, in parts of [`crate::logarithm::FRACTION_BITS`] bits.
    luck: u128,
}

impl Ticket {
    /// The ticket of a contender that has effective stake.
    pub(crate) fn draw(seed: &Hash, contender: Contender) -> Self {
        let luck = minus_log2_of_uniform(bits(seed, &contender.account));
        Self { contender, luck }
    }

    /// The smaller `−log2(u) / w` first; of equal ones, the lower account.
    ///
    /// Fractions are compared by their cross products, so nothing is rounded.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        // At most 2^67 × 2^128, which is below 2^256.
        let cross = |luck: u128, weight: u128| U256::from(luck).saturating_mul(weight.into());
        cross(self.luck, other.contender.effective)
            .cmp(&cross(other.luck, self.contender.effective))
            .then_with(|| self.contender.account.cmp(&other.contender.account))
    }
}

/// The first 64 bits of `blake2_256("millrace/draw/1" ++ SCALE(seed, account))`.
fn bits(seed: &Hash, account: &AccountId) -> u64 {
    let hash = (DRAW_TAG, seed, account).using_encoded(blake2_256);
    hash.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}
