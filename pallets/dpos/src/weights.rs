// SPDX-License-Identifier: Apache-2.0

//! What calls and hooks cost.
//!
//! Not yet measured: these are upper estimates, to be replaced by the output of the benchmarks in
//! `benchmarking`. None of them grows with the number of delegators. Those of calls grow with the
//! departures that a stake refers to, see `weighing`; those of hooks with what the chain itself
//! bounds.

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    frame_system,
};

/// Weights of the pallet's calls and hooks.
pub trait WeightInfo {
    /// Weight of `register`.
    fn register() -> Weight;
    /// Weight of `set_commission`.
    fn set_commission() -> Weight;
    /// Weight of `set_cap`, `set_blocked` and `chill`, which change a candidate and read
    /// nothing else.
    fn set_cap() -> Weight;
    /// Weight of `unjail` and `resume`.
    fn unjail() -> Weight;
    /// Weight of `leave`, whose stake refers to `r` departures.
    fn leave(r: u32) -> Weight;
    /// Weight of `delegate` and `bond_extra`, if the delegation refers to `r` departures.
    fn delegate(r: u32) -> Weight;
    /// Weight of `set_compound`, if the delegation refers to `r` departures.
    fn set_compound(r: u32) -> Weight;
    /// Weight of `unbond`, if the delegation refers to `r` departures.
    fn unbond(r: u32) -> Weight;
    /// Weight of `rebond`, if what is unbonding and the delegation refer to `r` departures.
    fn rebond(r: u32) -> Weight;
    /// Weight of `redelegate`, if both delegations together refer to `r` departures.
    fn redelegate(r: u32) -> Weight;
    /// Weight of `withdraw`, if what can be withdrawn refers to `r` departures.
    fn withdraw(r: u32) -> Weight;
    /// Weight of `claim`, if the delegation refers to `r` departures.
    fn claim(r: u32) -> Weight;
    /// Weight of `sync`, if the delegation refers to `r` departures.
    fn sync(r: u32) -> Weight;
    /// Weight of `set_params`.
    fn set_params() -> Weight;
    /// Weight of `set_invulnerables`.
    fn set_invulnerables() -> Weight;
    /// Weight of `cancel_slash`.
    fn cancel_slash() -> Weight;
    /// Weight of `force_new_era`.
    fn force_new_era() -> Weight;
    /// Weight of deciding on the slash of one offender.
    fn note_offence() -> Weight;
    /// Weight of applying a slash to a pool and to `e` eras of departures.
    fn apply_slash(e: u32) -> Weight;
    /// Weight of finding that no slash is due in the most eras that are passed over in a block.
    fn slash_nobody() -> Weight;
    /// Weight of finding that nothing is to be paid.
    fn pay_nothing() -> Weight;
    /// Weight of paying one validator.
    fn pay_validator() -> Weight;
    /// Weight of finding that no election is under way.
    fn elect_nobody() -> Weight;
    /// Weight of beginning to count candidates, beside the largest set.
    fn begin_count() -> Weight;
    /// Weight of counting `c` candidates, beside the largest set.
    fn count(c: u32) -> Weight;
    /// Weight of ending a count, for the largest set.
    fn decide() -> Weight;
    /// Weight of the slots of a block, of which `s` were skipped.
    fn count_slots(s: u32) -> Weight;
    /// Weight of beginning a session, with `o` offenders to be shut out again.
    fn begin_session(o: u32) -> Weight;
    /// Weight of forgetting `o` offences.
    fn forget_offences(o: u32) -> Weight;
    /// Weight of ending an era of `v` validators and beginning the next.
    fn rotate_era(v: u32) -> Weight;
    /// Weight of handing a session its `v` validators.
    fn plan_session(v: u32) -> Weight;
    /// Weight of seating the `v` validators that were elected.
    fn seat_next(v: u32) -> Weight;
}

/// Upper estimates for reference hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// Picoseconds of a microsecond.
const MICROS: u64 = 1_000_000;

impl<T: frame_system::Config> SubstrateWeight<T> {
    /// An estimate from storage operations, and 3 µs of arithmetic for each.
    fn estimate(reads: u64, writes: u64) -> Weight {
        let operations = reads.saturating_add(writes);
        Weight::from_parts(operations.saturating_mul(3).saturating_mul(MICROS), 0)
            .saturating_add(Weight::from_parts(40u64.saturating_mul(MICROS), 0))
            .saturating_add(Weight::from_parts(0, reads.saturating_mul(4_000)))
            .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
    }

    /// For each of these departures: the row itself, and whether a slash waits.
    fn references(count: u32) -> Weight {
        let arithmetic = Weight::from_parts(20u64.saturating_mul(MICROS), 8_000);
        T::DbWeight::get()
            .reads_writes(2, 1)
            .saturating_add(arithmetic)
            .saturating_mul(count.into())
    }

    /// Decoding, sorting or encoding lists of a thousand members, so many times.
    fn largest_set(times: u64) -> Weight {
        Weight::from_parts(times.saturating_mul(200).saturating_mul(MICROS), 0)
    }
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Parameters, pending slashes, era, candidate and its counter, keys, pool, own delegation, election,
    // portfolio, total, two accounts.
    fn register() -> Weight {
        Self::estimate(14, 8)
    }
    fn set_commission() -> Weight {
        Self::estimate(4, 1)
    }
    fn set_cap() -> Weight {
        Self::estimate(1, 1)
    }
    fn unjail() -> Weight {
        Self::estimate(6, 1)
    }
    fn leave(r: u32) -> Weight {
        Self::unbond(r)
    }
    // Candidate, pending slashes, pool, delegation, own delegation, portfolio, parameters, election,
    // era, total, owed, remainder, three accounts.
    fn delegate(r: u32) -> Weight {
        Self::estimate(16, 10).saturating_add(Self::references(r))
    }
    fn set_compound(r: u32) -> Weight {
        Self::estimate(12, 8).saturating_add(Self::references(r))
    }
    fn unbond(r: u32) -> Weight {
        Self::estimate(14, 9).saturating_add(Self::references(r))
    }
    fn rebond(r: u32) -> Weight {
        Self::estimate(15, 9).saturating_add(Self::references(r))
    }
    fn redelegate(r: u32) -> Weight {
        Self::estimate(20, 13).saturating_add(Self::references(r))
    }
    fn withdraw(r: u32) -> Weight {
        Self::estimate(10, 7).saturating_add(Self::references(r))
    }
    fn claim(r: u32) -> Weight {
        Self::estimate(13, 10).saturating_add(Self::references(r))
    }
    fn sync(r: u32) -> Weight {
        Self::estimate(15, 12).saturating_add(Self::references(r))
    }
    fn set_params() -> Weight {
        Self::estimate(1, 1)
    }
    fn set_invulnerables() -> Weight {
        Self::estimate(1, 1)
    }
    fn cancel_slash() -> Weight {
        Self::estimate(6, 5).saturating_add(Self::largest_set(1))
    }
    fn force_new_era() -> Weight {
        Self::estimate(5, 2)
    }
    fn note_offence() -> Weight {
        Self::estimate(12, 9).saturating_add(Self::largest_set(2))
    }
    // Slash, pool, own delegation, election, ended generation, remainder, total, record, pending slashes,
    // two accounts.
    fn apply_slash(e: u32) -> Weight {
        Self::estimate(13, 11).saturating_add(Self::estimate(1, 1).saturating_mul(e.into()))
    }
    fn slash_nobody() -> Weight {
        Self::estimate(18, 1)
    }
    fn pay_nothing() -> Weight {
        Self::estimate(2, 0)
    }
    // Cursor, era, points, payday, candidate, owed, pool, own delegation, election, parameters, total,
    // remainder.
    fn pay_validator() -> Weight {
        Self::estimate(13, 7)
    }
    fn elect_nobody() -> Weight {
        Self::estimate(1, 0)
    }
    fn begin_count() -> Weight {
        Self::estimate(8, 4).saturating_add(Self::largest_set(2))
    }
    fn count(c: u32) -> Weight {
        let candidates = Self::estimate(4, 0).saturating_mul(c.into());
        Self::estimate(5, 2).saturating_add(Self::largest_set(6)).saturating_add(candidates)
    }
    fn decide() -> Weight {
        Self::estimate(1, 3).saturating_add(Self::largest_set(6))
    }
    fn count_slots(s: u32) -> Weight {
        let slots = Self::estimate(2, 2).saturating_mul(s.into());
        Self::estimate(14, 6).saturating_add(Self::largest_set(2)).saturating_add(slots)
    }
    // For each, those who are shut out already are decoded, searched and encoded.
    fn begin_session(o: u32) -> Weight {
        let offenders = Self::largest_set(1).saturating_mul(o.into());
        Self::estimate(12, 10).saturating_add(offenders)
    }
    fn forget_offences(o: u32) -> Weight {
        Self::estimate(1, 1).saturating_mul(o.into())
    }
    fn rotate_era(v: u32) -> Weight {
        let validators = Self::estimate(0, 1).saturating_mul(v.into());
        Self::estimate(18, 16).saturating_add(Self::largest_set(4)).saturating_add(validators)
    }
    fn plan_session(v: u32) -> Weight {
        let validators = Self::estimate(1, 0).saturating_mul(v.into());
        Self::estimate(3, 0).saturating_add(Self::largest_set(1)).saturating_add(validators)
    }
    fn seat_next(v: u32) -> Weight {
        let validators = Self::estimate(2, 0).saturating_mul(v.into());
        Self::estimate(4, 2).saturating_add(Self::largest_set(4)).saturating_add(validators)
    }
}

/// Free of charge, for tests.
impl WeightInfo for () {
    fn register() -> Weight {
        Weight::zero()
    }
    fn set_commission() -> Weight {
        Weight::zero()
    }
    fn set_cap() -> Weight {
        Weight::zero()
    }
    fn unjail() -> Weight {
        Weight::zero()
    }
    fn leave(_: u32) -> Weight {
        Weight::zero()
    }
    fn delegate(_: u32) -> Weight {
        Weight::zero()
    }
    fn set_compound(_: u32) -> Weight {
        Weight::zero()
    }
    fn unbond(_: u32) -> Weight {
        Weight::zero()
    }
    fn rebond(_: u32) -> Weight {
        Weight::zero()
    }
    fn redelegate(_: u32) -> Weight {
        Weight::zero()
    }
    fn withdraw(_: u32) -> Weight {
        Weight::zero()
    }
    fn claim(_: u32) -> Weight {
        Weight::zero()
    }
    fn sync(_: u32) -> Weight {
        Weight::zero()
    }
    fn set_params() -> Weight {
        Weight::zero()
    }
    fn set_invulnerables() -> Weight {
        Weight::zero()
    }
    fn cancel_slash() -> Weight {
        Weight::zero()
    }
    fn force_new_era() -> Weight {
        Weight::zero()
    }
    fn note_offence() -> Weight {
        Weight::zero()
    }
    fn apply_slash(_: u32) -> Weight {
        Weight::zero()
    }
    fn slash_nobody() -> Weight {
        Weight::zero()
    }
    fn pay_nothing() -> Weight {
        Weight::zero()
    }
    fn pay_validator() -> Weight {
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
    fn decide() -> Weight {
        Weight::zero()
    }
    fn count_slots(_: u32) -> Weight {
        Weight::zero()
    }
    fn begin_session(_: u32) -> Weight {
        Weight::zero()
    }
    fn forget_offences(_: u32) -> Weight {
        Weight::zero()
    }
    fn rotate_era(_: u32) -> Weight {
        Weight::zero()
    }
    fn plan_session(_: u32) -> Weight {
        Weight::zero()
    }
    fn seat_next(_: u32) -> Weight {
        Weight::zero()
    }
}
