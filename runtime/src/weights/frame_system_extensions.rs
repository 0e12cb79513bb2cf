// SPDX-License-Identifier: Apache-2.0

//! What calls of `frame_system_extensions` cost, as measured by `scripts/weigh`. Written by a program: measure
//! again instead of editing.
//!
//! Measured on 2026-11-21 with 20 steps, 10 repetitions, on `Intel(R) Xeon(R) Processor @ 2.50GHz`; storage
//! operations are counted and priced by the runtime's `DbWeight`.

// Some benchmarks have parameters that turn out not to matter.
#![allow(unused_variables)]

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    *,
};

/// As measured.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> frame_system::ExtensionsWeightInfo for WeightInfo<T> {
    fn check_genesis() -> Weight {
        // The fastest run took 4_192 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(4_621_000, 0)
    }
    fn check_mortality_mortal_transaction() -> Weight {
        // The fastest run took 8_000 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(8_722_000, 0)
    }
    fn check_mortality_immortal_transaction() -> Weight {
        // The fastest run took 8_061 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(8_831_000, 0)
    }
    fn check_non_zero_sender() -> Weight {
        // The fastest run took 1_050 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(1_229_000, 0)
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn check_nonce() -> Weight {
        // The fastest run took 16_048 ns; the proof measured
        // 101 bytes.
        Weight::from_parts(17_504_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn check_spec_version() -> Weight {
        // The fastest run took 840 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(1_007_000, 0)
    }
    fn check_tx_version() -> Weight {
        // The fastest run took 846 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(1_011_000, 0)
    }
    fn check_weight() -> Weight {
        // The fastest run took 9_960 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(11_050_000, 0)
    }
    fn weight_reclaim() -> Weight {
        // The fastest run took 5_956 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(6_702_000, 0)
    }
}
