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
        // The fastest run took 39_830 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(41_933_000, 6196)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn transfer_keep_alive() -> Weight {
        // The fastest run took 24_086 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(25_248_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_set_balance_creating() -> Weight {
        // The fastest run took 13_821 ns; the proof measured
        // 39 bytes.
        Weight::from_parts(14_882_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_set_balance_killing() -> Weight {
        // The fastest run took 13_680 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(14_832_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_transfer() -> Weight {
        // The fastest run took 41_052 ns; the proof measured
        // 277 bytes.
        Weight::from_parts(43_135_000, 8799)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn transfer_all() -> Weight {
        // The fastest run took 29_274 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(30_756_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn force_unreserve() -> Weight {
        // The fastest run took 10_446 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(11_147_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `System::Account` (r:1000 w:1000)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // `u` was measured from 1 to 1000.
    fn upgrade_accounts(u: u32) -> Weight {
        // The fastest run took 10_315 ns; the proof measured
        // 0 bytes and 85 for each `u`.
        Weight::from_parts(10_605_000, 990)
            // Standard error: 6_328.
            .saturating_add(Weight::from_parts(9_325_565, 0).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(u.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(u.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(u.into()))
    }
    fn force_adjust_total_issuance() -> Weight {
        // The fastest run took 4_467 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(4_898_000, 0)
    }
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn burn_allow_death() -> Weight {
        // The fastest run took 28_703 ns; the proof measured
        // 174 bytes.
        Weight::from_parts(30_476_000, 3593)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn burn_keep_alive() -> Weight {
        // The fastest run took 13_090 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(14_231_000, 0)
    }
}
