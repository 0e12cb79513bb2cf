// SPDX-License-Identifier: Apache-2.0

//! How much is minted for how much stake and time.
//!
//! The less is staked, the safer it has to be to stake more: so the yearly rate rises with the share
//! of all tokens that is staked, up to an ideal share, and falls off steeply beyond it. Source: Web3
//! Foundation, *Token economics of Polkadot*, inflation model; the curve itself is
//! `compute_inflation` of `pallet-staking-reward-fn`.

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    pallet_staking_reward_fn::compute_inflation,
    sp_core::U256,
    sp_runtime::{Perbill, Perquintill, Saturating},
};
use scale_info::TypeInfo;

/// A year of 365.25 days, in milliseconds.
pub const YEAR_MILLIS: u64 = 31_557_600_000;

/// The smallest falloff for which the curve is defined.
pub const MIN_FALLOFF: Perbill = Perbill::from_percent(1);

/// How the yearly rate of inflation depends on the share of tokens that is staked.
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
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InflationCurve {
    /// The yearly rate when nothing, or far too much, is staked.
    pub least: Perbill,
    /// The yearly rate at the ideal share.
    pub most: Perbill,
    /// The ideal share of tokens that is staked.
    pub ideal_stake: Perbill,
    /// Beyond the ideal share, what goes beyond `least` halves with each step of this size. At least
    /// [`MIN_FALLOFF`]; a smaller one counts as that.
    pub falloff: Perbill,
}

impl InflationCurve {
    /// Share of minted tokens that the curve gives out at this share of stake, scaled to a year:
    /// between `least` and `most`.
    pub fn yearly_rate(&self, staked: Balance, issuance: Balance) -> Perquintill {
        // With nothing issued, nothing can be staked.
        let share = if issuance == 0 {
            Perquintill::zero()
        } else {
            Perquintill::from_rational(staked, issuance)
        };
        let height =
            compute_inflation(share, fine(self.ideal_stake), fine(self.falloff.max(MIN_FALLOFF)));
        let (least, most) = (fine(self.least), fine(self.most));
        least.saturating_add(height * most.saturating_sub(least))
    }

    /// What is minted for `millis` of time. Rounded down, in favour of everybody who holds tokens.
    pub fn minted(&self, staked: Balance, issuance: Balance, millis: u64) -> Balance {
        minted(issuance, self.yearly_rate(staked, issuance), millis)
    }

    /// What stake earns in a year, before commission, if all of it is behind validators. Nothing if
    /// nothing is staked: then there is no such rate.
    pub fn yearly_return(&self, staked: Balance, issuance: Balance) -> Option<Perquintill> {
        if staked == 0 {
            return None;
        }
        let yearly = self.minted(staked, issuance, YEAR_MILLIS);
        Some(Perquintill::from_rational(yearly, staked))
    }
}

/// `issuance × rate × millis / year`, rounded down.
fn minted(issuance: Balance, rate: Perquintill, millis: u64) -> Balance {
    // At most 2^128 × 10^18 × 2^64, which is below 2^256.
    let parts = U256::from(issuance)
        .saturating_mul(rate.deconstruct().into())
        .saturating_mul(millis.into());
    let whole = U256::from(YEAR_MILLIS).saturating_mul(1_000_000_000_000_000_000u64.into());
    parts.checked_div(whole).and_then(|amount| amount.try_into().ok()).unwrap_or(0)
}

/// The same share in finer parts.
fn fine(share: Perbill) -> Perquintill {
    Perquintill::from_parts(u64::from(share.deconstruct()).saturating_mul(1_000_000_000))
}
