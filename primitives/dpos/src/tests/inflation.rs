// SPDX-License-Identifier: Apache-2.0

use crate::{Balance, InflationCurve, inflation::YEAR_MILLIS};
use polkadot_sdk::sp_runtime::{Perbill, Perquintill};
use proptest::prelude::*;

/// A thousand million tokens of twelve digits.
const ISSUANCE: Balance = 1_000_000_000_000_000_000_000;

/// From 2 to 10 percent around a share of 60 percent.
const CURVE: InflationCurve = InflationCurve {
    least: Perbill::from_percent(2),
    most: Perbill::from_percent(10),
    ideal_stake: Perbill::from_percent(60),
    falloff: Perbill::from_percent(5),
};

/// The rate at so many percent of stake, in millionths.
fn rate(percent: u128) -> u64 {
    CURVE.yearly_rate(ISSUANCE / 100 * percent, ISSUANCE).deconstruct() / 1_000_000_000_000
}

#[test]
fn rate_rises_to_the_ideal_share_and_falls_beyond() {
    // A straight line from 2 to 10 percent, then a half for each 5 percent more.
    assert_eq!(rate(0), 20_000);
    assert_eq!(rate(30), 60_000);
    assert_eq!(rate(60), 100_000);
    assert_eq!(rate(65), 60_000);
    assert_eq!(rate(70), 40_000);
    assert!((20_000..20_400).contains(&rate(100)));
}

#[test]
fn time_is_paid_in_proportion() {
    let staked = ISSUANCE / 100 * 60;
    assert_eq!(CURVE.minted(staked, ISSUANCE, YEAR_MILLIS), ISSUANCE / 10);
    assert_eq!(CURVE.minted(staked, ISSUANCE, YEAR_MILLIS / 4), ISSUANCE / 40);
    assert_eq!(CURVE.minted(staked, ISSUANCE, 0), 0);
}

#[test]
fn return_is_what_is_minted_by_what_is_staked() {
    // 10 percent of everything for 60 percent of everything.
    let yearly = CURVE.yearly_return(ISSUANCE / 100 * 60, ISSUANCE);
    assert_eq!(yearly, Some(Perquintill::from_rational(1u64, 6u64)));
    assert_eq!(CURVE.yearly_return(0, ISSUANCE), None);
}

proptest! {
    #[test]
    fn rate_stays_within_its_bounds_whatever_the_parameters(
        least: u32, most: u32, ideal: u32, falloff: u32, staked: u128, issuance: u128,
    ) {
        let part = Perbill::from_parts;
        let curve = InflationCurve {
            least: part(least % 1_000_000_001),
            most: part(most % 1_000_000_001),
            ideal_stake: part(ideal % 1_000_000_001),
            falloff: part(falloff % 1_000_000_001),
        };
        let rate = curve.yearly_rate(staked, issuance);
        let fine = |share: Perbill| u64::from(share.deconstruct()) * 1_000_000_000;
        prop_assert!(rate.deconstruct() >= fine(curve.least));
        prop_assert!(rate.deconstruct() <= fine(curve.most.max(curve.least)));
    }

    #[test]
    fn two_halves_never_mint_more_than_the_whole(
        percent in 0u128..=100, first in 0..YEAR_MILLIS, second in 0..YEAR_MILLIS,
    ) {
        let staked = ISSUANCE / 100 * percent;
        let minted = |millis| CURVE.minted(staked, ISSUANCE, millis);
        let whole = minted(first + second);
        let halves = minted(first) + minted(second);
        prop_assert!(halves <= whole && whole - halves <= 1);
    }
}
