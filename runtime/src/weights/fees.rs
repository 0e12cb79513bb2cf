// SPDX-License-Identifier: Apache-2.0

//! What calls of `fees` cost, as measured by `scripts/weigh`. Written by a program: measure
//! again instead of editing.
//!
//! Measured on 2026-11-22 with 20 steps, 10 repetitions, on `AMD EPYC`; storage
//! operations are counted and priced by the runtime's `DbWeight`.

// Some benchmarks have parameters that turn out not to matter, some touch no storage.
#![allow(unused_imports, unused_variables)]

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    *,
};

/// As measured.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> crate::fees::WeightInfo for WeightInfo<T> {
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EraFees` (r:1 w:1)
    // Proof: `Dpos::EraFees` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Session::Validators` (r:1 w:0)
    // Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    fn share_out() -> Weight {
        // The fastest run took 43_205 ns; the proof measured
        // 947 bytes.
        Weight::from_parts(45_558_000, 8799)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(4))
    }
}
