// SPDX-License-Identifier: Apache-2.0

//! What calls of `frame_system_extensions` cost, as measured by `scripts/weigh`. Written by a program: measure
//! again instead of editing.
//!
//! Measured on 2026-11-22 with 20 steps, 10 repetitions, on `AMD EPYC`; storage
//! operations are counted and priced by the runtime's `DbWeight`.
//!
//! Every transaction has these extensions, so their time is part of `overhead::EXTRINSIC`, which is measured with
//! them. What is counted here is the storage that belongs to the sender of a transaction alone; comments tell
//! what each took when measured by itself.

// Some benchmarks have parameters that turn out not to matter, some touch no storage.
#![allow(unused_imports, unused_variables)]

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    *,
};

/// As measured.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> frame_system::ExtensionsWeightInfo for WeightInfo<T> {
    fn check_genesis() -> Weight {
        // The fastest run took 651 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    fn check_mortality_mortal_transaction() -> Weight {
        // The fastest run took 1_703 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    fn check_mortality_immortal_transaction() -> Weight {
        // The fastest run took 1_712 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    fn check_non_zero_sender() -> Weight {
        // The fastest run took 140 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn check_nonce() -> Weight {
        // The fastest run took 4_267 ns; the proof measured
        // 101 bytes.
        Weight::from_parts(0, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn check_spec_version() -> Weight {
        // The fastest run took 140 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    fn check_tx_version() -> Weight {
        // The fastest run took 140 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    fn check_weight() -> Weight {
        // The fastest run took 2_504 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
    fn weight_reclaim() -> Weight {
        // The fastest run took 1_553 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(0, 0)
    }
}
