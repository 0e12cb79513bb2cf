// SPDX-License-Identifier: Apache-2.0

//! What calls and hooks cost.
//!
//! Not yet measured: these are upper estimates, to be replaced by the output of benchmarks. None of
//! them grows with the number of delegators. What grows with the parts of one delegation or of one
//! portfolio is estimated for the most parts that there can be.

use crate::types::{MAX_LIABILITIES, MAX_LOTS, MAX_UNBONDING};
use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    frame_system,
};

/// Weights of the pallet's calls and hooks.
pub trait WeightInfo {
    /// Weight of `register`.
    fn register() -> Weight;
    /// Weight of changing what is remembered of a candidate.
    fn set_candidate() -> Weight;
    /// Weight of `leave`.
    fn leave() -> Weight;
    /// Weight of `delegate` and `bond_extra`.
    fn delegate() -> Weight;
    /// Weight of `set_compound`.
    fn set_compound() -> Weight;
    /// Weight of `unbond`.
    fn unbond() -> Weight;
    /// Weight of `rebond`.
    fn rebond() -> Weight;
    /// Weight of `redelegate`.
    fn redelegate() -> Weight;
    /// Weight of `withdraw`.
    fn withdraw() -> Weight;
    /// Weight of `claim`.
    fn claim() -> Weight;
    /// Weight of `sync`.
    fn sync() -> Weight;
    /// Weight of `set_params`.
    fn set_params() -> Weight;
    /// Weight of `set_invulnerables`.
    fn set_invulnerables() -> Weight;
    /// Weight of finding that nothing is to be paid.
    fn pay_nothing() -> Weight;
    /// Weight of paying one validator.
    fn pay_validator() -> Weight;
    /// Weight of applying a slash to a pool and to `e` eras of departures.
    fn apply_slash(e: u32) -> Weight;
    /// Weight of finding that no slash is due.
    fn slash_nobody() -> Weight;
    /// Weight of deciding on the slash of one offender.
    fn note_offence() -> Weight;
    /// Weight of `cancel_slash`.
    fn cancel_slash() -> Weight;
    /// Weight of `force_new_era`.
    fn force_new_era() -> Weight;
    /// Weight of finding that no election is under way.
    fn elect_nobody() -> Weight;
    /// Weight of beginning to count candidates, beside the largest set.
    fn begin_count() -> Weight;
    /// Weight of counting `c` candidates, beside the largest set.
    fn count(c: u32) -> Weight;
    /// Weight of the slots of a block, of which `s` were skipped.
    fn count_slots(s: u32) -> Weight;
}

/// Upper estimates for reference hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// Picoseconds of a microsecond.
const MICROS: u64 = 1_000_000;

/// The most departures that one delegation answers for.
const LIABILITIES: u64 = (MAX_LOTS as u64).saturating_mul(MAX_LIABILITIES as u64);

/// The most departures that one portfolio of unbonding stake touches.
const DEPARTURES: u64 =
    (MAX_UNBONDING as u64).saturating_mul((MAX_LIABILITIES as u64).saturating_add(1));

impl<T: frame_system::Config> SubstrateWeight<T> {
    /// An estimate from storage operations, and 3 µs of arithmetic for each.
    fn estimate(reads: u64, writes: u64) -> Weight {
        let operations = reads.saturating_add(writes);
        Weight::from_parts(operations.saturating_mul(3).saturating_mul(MICROS), 0)
            .saturating_add(Weight::from_parts(40u64.saturating_mul(MICROS), 0))
            .saturating_add(Weight::from_parts(0, reads.saturating_mul(4_000)))
            .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
    }

    /// Decoding, sorting or encoding lists of a thousand members, so many times.
    fn largest_set(times: u64) -> Weight {
        Weight::from_parts(times.saturating_mul(200).saturating_mul(MICROS), 0)
    }
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Besides the delegation's: candidate and their counter, keys, two accounts.
    fn register() -> Weight {
        Self::estimate(16 + LIABILITIES, 12 + LIABILITIES)
    }
    fn set_candidate() -> Weight {
        Self::estimate(5, 1)
    }
    fn leave() -> Weight {
        Self::unbond()
    }
    // Candidate, pending slashes, pool, delegation, portfolio, parameters, era, election, total, owed,
    // remainder, two accounts, and what the delegation answers for.
    fn delegate() -> Weight {
        Self::estimate(14 + LIABILITIES, 9 + LIABILITIES)
    }
    fn set_compound() -> Weight {
        Self::estimate(12 + LIABILITIES, 6 + LIABILITIES)
    }
    fn unbond() -> Weight {
        Self::estimate(14 + LIABILITIES, 8 + LIABILITIES)
    }
    fn rebond() -> Weight {
        Self::estimate(14 + LIABILITIES + DEPARTURES, 9 + LIABILITIES + DEPARTURES)
    }
    fn redelegate() -> Weight {
        Self::estimate(20 + 2 * LIABILITIES, 14 + 2 * LIABILITIES)
    }
    fn withdraw() -> Weight {
        Self::estimate(10 + 2 * DEPARTURES, 8 + DEPARTURES)
    }
    fn claim() -> Weight {
        Self::estimate(13 + LIABILITIES, 9 + LIABILITIES)
    }
    fn sync() -> Weight {
        Self::claim()
    }
    fn set_params() -> Weight {
        Self::estimate(1, 1)
    }
    fn set_invulnerables() -> Weight {
        Self::estimate(1, 1)
    }
    fn pay_nothing() -> Weight {
        Self::estimate(3, 0)
    }
    // Points, payday, candidate, pool, election, total, owed, remainder.
    fn pay_validator() -> Weight {
        Self::estimate(9, 7)
    }
    fn apply_slash(e: u32) -> Weight {
        let eras = u64::from(e);
        Self::estimate(eras.saturating_add(8), eras.saturating_add(8))
    }
    fn slash_nobody() -> Weight {
        Self::estimate(3, 0)
    }
    fn note_offence() -> Weight {
        Self::estimate(10, 7)
    }
    fn cancel_slash() -> Weight {
        Self::estimate(6, 5)
    }
    fn force_new_era() -> Weight {
        Self::estimate(5, 2)
    }
    fn elect_nobody() -> Weight {
        Self::estimate(1, 0)
    }
    fn begin_count() -> Weight {
        Self::estimate(8, 5).saturating_add(Self::largest_set(2))
    }
    fn count(c: u32) -> Weight {
        let candidates = Self::estimate(5, 0).saturating_mul(c.into());
        Self::estimate(5, 3).saturating_add(Self::largest_set(6)).saturating_add(candidates)
    }
    fn count_slots(s: u32) -> Weight {
        let slots = Self::estimate(3, 2).saturating_mul(s.into());
        Self::estimate(10, 5).saturating_add(slots)
    }
}

/// Free of charge, for tests.
impl WeightInfo for () {
    fn register() -> Weight {
        Weight::zero()
    }
    fn set_candidate() -> Weight {
        Weight::zero()
    }
    fn leave() -> Weight {
        Weight::zero()
    }
    fn delegate() -> Weight {
        Weight::zero()
    }
    fn set_compound() -> Weight {
        Weight::zero()
    }
    fn unbond() -> Weight {
        Weight::zero()
    }
    fn rebond() -> Weight {
        Weight::zero()
    }
    fn redelegate() -> Weight {
        Weight::zero()
    }
    fn withdraw() -> Weight {
        Weight::zero()
    }
    fn claim() -> Weight {
        Weight::zero()
    }
    fn sync() -> Weight {
        Weight::zero()
    }
    fn set_params() -> Weight {
        Weight::zero()
    }
    fn set_invulnerables() -> Weight {
        Weight::zero()
    }
    fn pay_nothing() -> Weight {
        Weight::zero()
    }
    fn pay_validator() -> Weight {
        Weight::zero()
    }
    fn apply_slash(_: u32) -> Weight {
        Weight::zero()
    }
    fn slash_nobody() -> Weight {
        Weight::zero()
    }
    fn note_offence() -> Weight {
        Weight::zero()
    }
    fn cancel_slash() -> Weight {
        Weight::zero()
    }
    fn force_new_era() -> Weight {
        Weight::zero()
    }
    fn elect_nobody() -> Weight {
        Weight::zero()
    }
    fn begin_count() -> Weight {
        Weight::zero()
    }
    fn count(_: u32) -> Weight {
        Weight::zero()
    }
    fn count_slots(_: u32) -> Weight {
        Weight::zero()
    }
}
