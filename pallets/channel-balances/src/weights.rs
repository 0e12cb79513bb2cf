// SPDX-License-Identifier: Apache-2.0

//! What calls cost.
//!
//! Not yet measured: these are upper estimates, to be replaced by the output of the benchmark in
//! `benchmarking.rs`.

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    frame_system,
};

/// Weights of the pallet's calls.
pub trait WeightInfo {
    /// Weight of `collect`.
    fn collect() -> Weight;
}

/// Upper estimates for reference hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// Picoseconds of a microsecond.
const MICROS: u64 = 1_000_000;

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Reads and writes: what is owed, holder, asset, two accounts of it, holds and their sum.
    fn collect() -> Weight {
        Weight::from_parts(MICROS.saturating_mul(90), 12_000)
            .saturating_add(T::DbWeight::get().reads_writes(9, 9))
    }
}

/// Free of charge, for mocks.
impl WeightInfo for () {
    fn collect() -> Weight {
        Weight::zero()
    }
}
