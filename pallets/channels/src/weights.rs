// SPDX-License-Identifier: Apache-2.0

//! What calls cost.
//!
//! Not yet measured: these are upper estimates, to be replaced by the output of the benchmarks in
//! `benchmarking.rs`. They assume the worst for each participant: an ECDSA signature over a wrapped
//! payload, which takes two recoveries of about 60 µs, and a transfer on hold.

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    frame_system,
};

/// Weights of the pallet's calls; `p` is the number of participants.
pub trait WeightInfo {
    /// Weight of `open`.
    fn open(p: u32) -> Weight;
    /// Weight of `settle`.
    fn settle(p: u32) -> Weight;
    /// Weight of `dispute`.
    fn dispute(p: u32) -> Weight;
    /// Weight of `answer`.
    fn answer(p: u32) -> Weight;
    /// Weight of `conclude`.
    fn conclude(p: u32) -> Weight;
    /// Weight of finding that no retired id can be forgotten.
    fn forget_nothing() -> Weight;
    /// Weight of looking at one last opening block.
    fn forget_bucket() -> Weight;
    /// Weight of forgetting one retired id.
    fn forget_id() -> Weight;
}

/// Upper estimates for reference hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// Picoseconds of a microsecond.
const MICROS: u64 = 1_000_000;

impl<T: frame_system::Config> SubstrateWeight<T> {
    /// `fixed` and `each` of `p` participants in microseconds, with storage operations of both.
    fn estimate(p: u32, fixed: u64, each: u64, reads: (u64, u64), writes: (u64, u64)) -> Weight {
        let p = u64::from(p);
        let micros = fixed.saturating_add(each.saturating_mul(p));
        Weight::from_parts(micros.saturating_mul(MICROS), p.saturating_mul(3_000))
            .saturating_add(Weight::from_parts(0, 5_000))
            .saturating_add(T::DbWeight::get().reads_writes(
                reads.0.saturating_add(reads.1.saturating_mul(p)),
                writes.0.saturating_add(writes.1.saturating_mul(p)),
            ))
    }
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Reads: channel, retired id, two bounds, genesis hash; each: account, holds, row, holder.
    fn open(p: u32) -> Weight {
        Self::estimate(p, 60, 180, (5, 4), (1, 4))
    }

    // Reads: channel, genesis hash; each: account, holds, row, holder. Writes: channel, retired id.
    fn settle(p: u32) -> Weight {
        Self::estimate(p, 60, 220, (2, 4), (2, 4))
    }

    // Reads: channel, genesis hash; each: row, for the opening state.
    fn dispute(p: u32) -> Weight {
        Self::estimate(p, 50, 130, (2, 1), (1, 0))
    }

    fn answer(p: u32) -> Weight {
        Self::estimate(p, 50, 130, (2, 0), (1, 0))
    }

    fn conclude(p: u32) -> Weight {
        Self::estimate(p, 60, 90, (1, 4), (2, 4))
    }

    fn forget_nothing() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (1, 0))
    }

    fn forget_bucket() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (0, 0))
    }

    fn forget_id() -> Weight {
        Self::estimate(0, 5, 0, (1, 0), (1, 0))
    }
}

/// Free of charge, for mocks.
impl WeightInfo for () {
    fn open(_: u32) -> Weight {
        Weight::zero()
    }
    fn settle(_: u32) -> Weight {
        Weight::zero()
    }
    fn dispute(_: u32) -> Weight {
        Weight::zero()
    }
    fn answer(_: u32) -> Weight {
        Weight::zero()
    }
    fn conclude(_: u32) -> Weight {
        Weight::zero()
    }
    fn forget_nothing() -> Weight {
        Weight::zero()
    }
    fn forget_bucket() -> Weight {
        Weight::zero()
    }
    fn forget_id() -> Weight {
        Weight::zero()
    }
}
