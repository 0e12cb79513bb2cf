// SPDX-License-Identifier: Apache-2.0

//! How many validators there are, and how many may change or be jailed at once.
//!
//! More validators make the chain harder to capture and slower to agree. So their number follows the
//! chain's load, slowly and within bounds.

use polkadot_sdk::sp_runtime::Perbill;

/// The largest validator set.
pub const MAX_VALIDATORS: u32 = 1_000;

/// By how many seats the set grows or shrinks in an era, at the most.
pub const SEATS_STEP: u32 = 2;

/// Seats are added when blocks are fuller than this on the era's average.
pub const BUSY: Perbill = Perbill::from_percent(75);

/// Seats are taken away when blocks are emptier than this on the era's average.
pub const IDLE: Perbill = Perbill::from_percent(25);

/// The number of seats after an era with `seats` of them and blocks as full as `load`.
///
/// `least` and `most` win over the step, so that a bound that governance moves holds at once. If
/// they contradict each other, `most` wins; there is always one seat.
pub fn next_seats(seats: u32, load: Perbill, least: u32, most: u32) -> u32 {
    let wanted = if load > BUSY {
        seats.saturating_add(SEATS_STEP)
    } else if load < IDLE {
        seats.saturating_sub(SEATS_STEP)
    } else {
        seats
    };
    wanted.max(least).min(most).clamp(1, MAX_VALIDATORS)
}

/// How many newcomers an election may seat beside a set of `previous` validators: a third, but at
/// least one. A chain without a set yet has no such limit.
pub fn churn_limit(previous: u32) -> u32 {
    if previous == 0 { u32::MAX } else { previous.div_euclid(3).max(1) }
}

/// How many of `validators` may be jailed for absence at once: what finality survives, which is less
/// than a third.
pub fn jail_limit(validators: u32) -> u32 {
    validators.saturating_sub(1).div_euclid(3)
}

/// How many of `validators` must vote for a block to make it final: more than two thirds.
pub fn finality_threshold(validators: u32) -> u32 {
    validators.saturating_sub(jail_limit(validators))
}
