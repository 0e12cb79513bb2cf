// SPDX-License-Identifier: Apache-2.0

//! What calls cost, as measured by `scripts/weigh`. Written by a program: measure again instead of
//! editing.
//!
//! Measured on 2026-11-22 with 20 steps, 10 repetitions, on `AMD EPYC`; storage
//! operations are counted and priced by the runtime's `DbWeight`.

// Some benchmarks have parameters that turn out not to matter.
#![allow(unused_variables)]

use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{traits::Get, weights::Weight},
    frame_system,
};

/// Weights of the pallet's calls and hooks.
pub trait WeightInfo {
    /// Weight of `collect`.
    fn collect() -> Weight;
}

/// As measured.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `ChannelBalances::Unpaid` (r:1 w:1)
    // Proof: `ChannelBalances::Unpaid` (`max_values`: None, `max_size`: Some(117), added: 2592, mode: `MaxEncodedLen`)
    // Storage: `AssetsHolder::Holds` (r:1 w:1)
    // Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(231), added: 2706, mode: `MaxEncodedLen`)
    // Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
    // Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
    // Storage: `Assets::Asset` (r:1 w:1)
    // Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
    // Storage: `Assets::Account` (r:1 w:1)
    // Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Debts` (r:1 w:1)
    // Proof: `ChannelBalances::Debts` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    fn collect() -> Weight {
        // The fastest run took 38_377 ns; the proof measured
        // 1002 bytes.
        Weight::from_parts(40_601_000, 3696)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }
}

/// Free of charge, for mocks.
impl WeightInfo for () {
    fn collect() -> Weight {
        Weight::zero()
    }
}
