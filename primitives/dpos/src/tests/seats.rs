// SPDX-License-Identifier: Apache-2.0

use crate::seats::{MAX_VALIDATORS, churn_limit, finality_threshold, jail_limit, next_seats};
use polkadot_sdk::sp_runtime::Perbill;
use proptest::prelude::*;

const FULL: Perbill = Perbill::from_percent(100);
const HALF: Perbill = Perbill::from_percent(50);
const EMPTY: Perbill = Perbill::zero();

#[test]
fn seats_follow_the_load_by_two() {
    assert_eq!(next_seats(10, FULL, 4, 100), 12);
    assert_eq!(next_seats(10, HALF, 4, 100), 10);
    assert_eq!(next_seats(10, EMPTY, 4, 100), 8);
}

#[test]
fn load_at_a_threshold_changes_nothing() {
    assert_eq!(next_seats(10, Perbill::from_percent(75), 4, 100), 10);
    assert_eq!(next_seats(10, Perbill::from_percent(25), 4, 100), 10);
}

#[test]
fn bounds_win_over_the_step() {
    assert_eq!(next_seats(10, HALF, 20, 100), 20);
    assert_eq!(next_seats(10, FULL, 4, 5), 5);
    assert_eq!(next_seats(5, EMPTY, 4, 100), 4);
    // Even where they contradict each other.
    assert_eq!(next_seats(10, HALF, 20, 3), 3);
    assert_eq!(next_seats(10, HALF, 0, 0), 1);
    assert_eq!(next_seats(10, HALF, u32::MAX, u32::MAX), MAX_VALIDATORS);
}

#[test]
fn a_third_may_change_and_at_least_one() {
    assert_eq!([1, 2, 3, 6, 8, 9].map(churn_limit), [1, 1, 1, 2, 2, 3]);
    assert_eq!(churn_limit(0), u32::MAX);
}

#[test]
fn less_than_a_third_may_be_jailed() {
    assert_eq!([0, 1, 3, 4, 6, 7, 100].map(jail_limit), [0, 0, 0, 1, 1, 2, 33]);
}

proptest! {
    #[test]
    fn those_who_are_not_jailed_can_finalise(validators in 1u32..5_000) {
        let free = validators - jail_limit(validators);
        prop_assert!(free >= finality_threshold(validators));
        prop_assert!(u64::from(finality_threshold(validators)) * 3 > u64::from(validators) * 2);
        // One vote less is no majority of two thirds.
        prop_assert!((u64::from(finality_threshold(validators)) - 1) * 3 <= u64::from(validators) * 2);
    }
}
