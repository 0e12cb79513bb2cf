// SPDX-License-Identifier: Apache-2.0

//! What calls of `pallet_balances` cost, as measured by `scripts/weigh`. Written by a program: measure
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

impl<T: frame_system::Config> pallet_balances::WeightInfo for WeightInfo<T> {
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn transfer_allow_death() -> Weight {
        // The fastest run took 51_026 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(52_930_000, 6196)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn transfer_keep_alive() -> Weight {
        // The fastest run took 30_847 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(32_228_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_set_balance_creating() -> Weight {
        // The fastest run took 15_693 ns; the proof measured
        // 39 bytes.
        Weight::from_parts(16_805_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_set_balance_killing() -> Weight {
        // The fastest run took 15_823 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(17_066_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_transfer() -> Weight {
        // The fastest run took 51_848 ns; the proof measured
        // 277 bytes.
        Weight::from_parts(54_291_000, 8799)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn transfer_all() -> Weight {
        // The fastest run took 37_937 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(39_920_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_unreserve() -> Weight {
        // The fastest run took 12_568 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(13_470_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1000 w:1000)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // `u` was measured from 1 to 1000.
    fn upgrade_accounts(u: u32) -> Weight {
        // The fastest run took 12_349 ns; the proof measured
        // 0 bytes and 85 for each `u`.
        Weight::from_parts(12_739_000, 990)
            // Standard error: 13_194.
            .saturating_add(Weight::from_parts(11_947_553, 0).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(u.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(u.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(u.into()))
    }
    fn force_adjust_total_issuance() -> Weight {
        // The fastest run took 4_527 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(4_948_000, 0)
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn burn_allow_death() -> Weight {
        // The fastest run took 36_295 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(38_268_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn burn_keep_alive() -> Weight {
        // The fastest run took 16_284 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(17_396_000, 0)
    }
}
