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
    /// Weight of `register`.
    fn register() -> Weight;
    /// Weight of `set_commission`.
    fn set_commission() -> Weight;
    /// Weight of `set_cap`.
    fn set_cap() -> Weight;
    /// Weight of `unjail`.
    fn unjail() -> Weight;
    /// Weight of `leave`.
    fn leave(r: u32) -> Weight;
    /// Weight of `delegate`.
    fn delegate(r: u32) -> Weight;
    /// Weight of `set_compound`.
    fn set_compound(r: u32) -> Weight;
    /// Weight of `unbond`.
    fn unbond(r: u32) -> Weight;
    /// Weight of `rebond`.
    fn rebond(r: u32) -> Weight;
    /// Weight of `redelegate`.
    fn redelegate(r: u32) -> Weight;
    /// Weight of `withdraw`.
    fn withdraw(r: u32) -> Weight;
    /// Weight of `claim`.
    fn claim(r: u32) -> Weight;
    /// Weight of `sync`.
    fn sync(r: u32) -> Weight;
    /// Weight of `set_params`.
    fn set_params() -> Weight;
    /// Weight of `set_invulnerables`.
    fn set_invulnerables() -> Weight;
    /// Weight of `cancel_slash`.
    fn cancel_slash() -> Weight;
    /// Weight of `force_new_era`.
    fn force_new_era() -> Weight;
    /// Weight of `note_offence`.
    fn note_offence() -> Weight;
    /// Weight of `apply_slash`.
    fn apply_slash(e: u32) -> Weight;
    /// Weight of `slash_nobody`.
    fn slash_nobody() -> Weight;
    /// Weight of `pay_nothing`.
    fn pay_nothing() -> Weight;
    /// Weight of `pay_validator`.
    fn pay_validator() -> Weight;
    /// Weight of `elect_nobody`.
    fn elect_nobody() -> Weight;
    /// Weight of `begin_count`.
    fn begin_count() -> Weight;
    /// Weight of `count`.
    fn count(c: u32) -> Weight;
    /// Weight of `decide`.
    fn decide() -> Weight;
    /// Weight of `count_slots`.
    fn count_slots(s: u32) -> Weight;
    /// Weight of `begin_session`.
    fn begin_session(o: u32) -> Weight;
    /// Weight of `forget_offences`.
    fn forget_offences(o: u32) -> Weight;
    /// Weight of `rotate_era`.
    fn rotate_era(v: u32) -> Weight;
    /// Weight of `plan_session`.
    fn plan_session(v: u32) -> Weight;
    /// Weight of `seat_next`.
    fn seat_next(v: u32) -> Weight;
}

/// As measured.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Session::NextKeys` (r:1 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:1 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CounterForCandidates` (r:1 w:1)
    // Proof: `Dpos::CounterForCandidates` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Delegations` (r:1 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn register() -> Weight {
        // The fastest run took 79_990 ns; the proof measured
        // 11147 bytes.
        Weight::from_parts(85_048_000, 14612)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(8))
    }
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SettleCursor` (r:1 w:0)
    // Proof: `Dpos::SettleCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    fn set_commission() -> Weight {
        // The fastest run took 16_345 ns; the proof measured
        // 565 bytes.
        Weight::from_parts(17_687_000, 3558)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    fn set_cap() -> Weight {
        // The fastest run took 10_336 ns; the proof measured
        // 452 bytes.
        Weight::from_parts(11_247_000, 3558)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Session::NextKeys` (r:1 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::Pools` (r:1 w:0)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Delegations` (r:1 w:0)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    fn unjail() -> Weight {
        // The fastest run took 27_972 ns; the proof measured
        // 1373 bytes.
        Weight::from_parts(29_544_000, 5655)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Dpos::Delegations` (r:1 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:33 w:33)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:32 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // `r` was measured from 0 to 32.
    fn leave(r: u32) -> Weight {
        // The fastest run took 70_135 ns; the proof measured
        // 8808 bytes and 224 for each `r`.
        Weight::from_parts(96_863_091, 13150)
            // Standard error: 14_882.
            .saturating_add(Weight::from_parts(12_494_751, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(10))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Delegations` (r:2 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:0)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:33 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:32 w:32)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // `r` was measured from 1 to 32.
    fn delegate(r: u32) -> Weight {
        // The fastest run took 121_121 ns; the proof measured
        // 11608 bytes and 163 for each `r`.
        Weight::from_parts(120_908_228, 13150)
            // Standard error: 6_813.
            .saturating_add(Weight::from_parts(8_196_509, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Delegations` (r:2 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:32 w:32)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:32 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // `r` was measured from 0 to 32.
    fn set_compound(r: u32) -> Weight {
        // The fastest run took 32_960 ns; the proof measured
        // 1367 bytes and 162 for each `r`.
        Weight::from_parts(56_932_710, 10320)
            // Standard error: 8_260.
            .saturating_add(Weight::from_parts(8_792_820, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Delegations` (r:2 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:33 w:33)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:32 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // `r` was measured from 0 to 32.
    fn unbond(r: u32) -> Weight {
        // The fastest run took 64_967 ns; the proof measured
        // 8829 bytes and 224 for each `r`.
        Weight::from_parts(92_028_837, 13150)
            // Standard error: 14_275.
            .saturating_add(Weight::from_parts(12_264_259, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Delegations` (r:2 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:0)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:161 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:192 w:192)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // `r` was measured from 2 to 192.
    fn rebond(r: u32) -> Weight {
        // The fastest run took 123_475 ns; the proof measured
        // 11716 bytes and 110 for each `r`.
        Weight::from_parts(117_091_702, 13150)
            // Standard error: 6_804.
            .saturating_add(Weight::from_parts(11_402_509, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Delegations` (r:4 w:2)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:2 w:2)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:65 w:65)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:65 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:0)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // `r` was measured from 1 to 64.
    fn redelegate(r: u32) -> Weight {
        // The fastest run took 139_890 ns; the proof measured
        // 12156 bytes and 185 for each `r`.
        Weight::from_parts(146_864_015, 19650)
            // Standard error: 9_791.
            .saturating_add(Weight::from_parts(11_620_365, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(11))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:160 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:159 w:159)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SettleCursor` (r:1 w:0)
    // Proof: `Dpos::SettleCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:0)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CounterForCandidates` (r:1 w:1)
    // Proof: `Dpos::CounterForCandidates` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // `r` was measured from 1 to 160.
    fn withdraw(r: u32) -> Weight {
        // The fastest run took 81_372 ns; the proof measured
        // 10854 bytes and 97 for each `r`.
        Weight::from_parts(82_073_977, 13150)
            // Standard error: 6_515.
            .saturating_add(Weight::from_parts(11_470_287, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Delegations` (r:2 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:32 w:32)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:32 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // `r` was measured from 1 to 32.
    fn claim(r: u32) -> Weight {
        // The fastest run took 107_652 ns; the proof measured
        // 11435 bytes and 163 for each `r`.
        Weight::from_parts(105_930_368, 13150)
            // Standard error: 6_121.
            .saturating_add(Weight::from_parts(8_167_042, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Delegations` (r:2 w:1)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:32 w:32)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:33 w:0)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Portfolios` (r:1 w:1)
    // Proof: `Dpos::Portfolios` (`max_values`: None, `max_size`: Some(9685), added: 12160, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SettleCursor` (r:1 w:0)
    // Proof: `Dpos::SettleCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CounterForCandidates` (r:1 w:1)
    // Proof: `Dpos::CounterForCandidates` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // `r` was measured from 1 to 32.
    fn sync(r: u32) -> Weight {
        // The fastest run took 95_243 ns; the proof measured
        // 11354 bytes and 164 for each `r`.
        Weight::from_parts(93_753_353, 13150)
            // Standard error: 6_187.
            .saturating_add(Weight::from_parts(8_242_081, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(10))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(r.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(r.into()))
    }
    // Storage: `Dpos::Parameters` (r:0 w:1)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    fn set_params() -> Weight {
        // The fastest run took 3_916 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(4_436_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Dpos::Invulnerables` (r:0 w:1)
    // Proof: `Dpos::Invulnerables` (`max_values`: Some(1), `max_size`: Some(513), added: 1008, mode: `MaxEncodedLen`)
    fn set_invulnerables() -> Weight {
        // The fastest run took 4_107 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(4_617_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Dpos::OffenceRecords` (r:1 w:1)
    // Proof: `Dpos::OffenceRecords` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Dpos::UnappliedSlashes` (r:1 w:1)
    // Proof: `Dpos::UnappliedSlashes` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Dpos::OldestSession` (r:1 w:0)
    // Proof: `Dpos::OldestSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SessionEras` (r:1 w:0)
    // Proof: `Dpos::SessionEras` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:1 w:1)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Offenders` (r:1 w:1)
    // Proof: `Dpos::Offenders` (`max_values`: Some(1), `max_size`: Some(36002), added: 36497, mode: `MaxEncodedLen`)
    fn cancel_slash() -> Weight {
        // The fastest run took 44_026 ns; the proof measured
        // 36814 bytes.
        Weight::from_parts(46_971_000, 37487)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Dpos::CurrentSession` (r:1 w:0)
    // Proof: `Dpos::CurrentSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextEraSession` (r:1 w:1)
    // Proof: `Dpos::NextEraSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:1)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextSet` (r:1 w:0)
    // Proof: `Dpos::NextSet` (`max_values`: Some(1), `max_size`: Some(65002), added: 65497, mode: `MaxEncodedLen`)
    fn force_new_era() -> Weight {
        // The fastest run took 15_403 ns; the proof measured
        // 468 bytes.
        Weight::from_parts(16_635_000, 66487)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Dpos::SessionEras` (r:1 w:0)
    // Proof: `Dpos::SessionEras` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Dpos::OffenceRecords` (r:1 w:1)
    // Proof: `Dpos::OffenceRecords` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:1)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Session::DisabledValidators` (r:1 w:1)
    // Proof: `Session::DisabledValidators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Session::Validators` (r:1 w:0)
    // Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::Offenders` (r:1 w:1)
    // Proof: `Dpos::Offenders` (`max_values`: Some(1), `max_size`: Some(36002), added: 36497, mode: `MaxEncodedLen`)
    // Storage: `Dpos::UnappliedSlashes` (r:1 w:1)
    // Proof: `Dpos::UnappliedSlashes` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:1 w:1)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SlashCursor` (r:1 w:1)
    // Proof: `Dpos::SlashCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn note_offence() -> Weight {
        // The fastest run took 102_284 ns; the proof measured
        // 71511 bytes.
        Weight::from_parts(115_874_000, 72996)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SlashCursor` (r:1 w:0)
    // Proof: `Dpos::SlashCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::UnappliedSlashes` (r:2 w:1)
    // Proof: `Dpos::UnappliedSlashes` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Delegations` (r:1 w:0)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Departed` (r:114 w:114)
    // Proof: `Dpos::Departed` (`max_values`: None, `max_size`: Some(120), added: 2595, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::OldestSession` (r:1 w:0)
    // Proof: `Dpos::OldestSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SessionEras` (r:1 w:0)
    // Proof: `Dpos::SessionEras` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Dpos::OffenceRecords` (r:1 w:1)
    // Proof: `Dpos::OffenceRecords` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pending` (r:1 w:1)
    // Proof: `Dpos::Pending` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EndedGenerations` (r:0 w:1)
    // Proof: `Dpos::EndedGenerations` (`max_values`: None, `max_size`: Some(108), added: 2583, mode: `MaxEncodedLen`)
    // `e` was measured from 1 to 113.
    fn apply_slash(e: u32) -> Weight {
        // The fastest run took 75_793 ns; the proof measured
        // 1611 bytes and 47 for each `e`.
        Weight::from_parts(75_084_093, 6196)
            // Standard error: 2_154.
            .saturating_add(Weight::from_parts(3_142_504, 0).saturating_mul(e.into()))
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(e.into())))
            .saturating_add(T::DbWeight::get().writes(10))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(e.into())))
            .saturating_add(Weight::from_parts(0, 2595).saturating_mul(e.into()))
    }
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SlashCursor` (r:1 w:1)
    // Proof: `Dpos::SlashCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::UnappliedSlashes` (r:16 w:0)
    // Proof: `Dpos::UnappliedSlashes` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    fn slash_nobody() -> Weight {
        // The fastest run took 36_115 ns; the proof measured
        // 391 bytes.
        Weight::from_parts(38_107_000, 41742)
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Dpos::SettleCursor` (r:1 w:0)
    // Proof: `Dpos::SettleCursor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn pay_nothing() -> Weight {
        // The fastest run took 5_468 ns; the proof measured
        // 391 bytes.
        Weight::from_parts(5_989_000, 1489).saturating_add(T::DbWeight::get().reads(2))
    }
    // Storage: `Dpos::Points` (r:2 w:1)
    // Proof: `Dpos::Points` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Paydays` (r:1 w:1)
    // Proof: `Dpos::Paydays` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1 w:0)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Owed` (r:1 w:1)
    // Proof: `Dpos::Owed` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Pools` (r:1 w:1)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Delegations` (r:1 w:0)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Network::EpochSlots` (r:1 w:0)
    // Proof: `Network::EpochSlots` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:1)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn pay_validator() -> Weight {
        // The fastest run took 40_812 ns; the proof measured
        // 1385 bytes.
        Weight::from_parts(43_515_000, 6068)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Dpos::CurrentElection` (r:1 w:0)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    fn elect_nobody() -> Weight {
        // The fastest run took 4_577 ns; the proof measured
        // 414 bytes.
        Weight::from_parts(5_008_000, 1625).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Dpos::CurrentElection` (r:1 w:1)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Babe::NextRandomness` (r:1 w:0)
    // Proof: `Babe::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `Babe::EpochStart` (r:1 w:0)
    // Proof: `Babe::EpochStart` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::ActiveSets` (r:1 w:0)
    // Proof: `Dpos::ActiveSets` (`max_values`: None, `max_size`: Some(65050), added: 67525, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SeatCount` (r:1 w:1)
    // Proof: `Dpos::SeatCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EraLoad` (r:1 w:0)
    // Proof: `Dpos::EraLoad` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
    // Storage: `Dpos::ElectionTally` (r:0 w:1)
    // Proof: `Dpos::ElectionTally` (`max_values`: Some(1), `max_size`: Some(280060), added: 280555, mode: `MaxEncodedLen`)
    fn begin_count() -> Weight {
        // The fastest run took 33_921 ns; the proof measured
        // 65746 bytes.
        Weight::from_parts(36_154_000, 68515)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Dpos::ElectionTally` (r:1 w:1)
    // Proof: `Dpos::ElectionTally` (`max_values`: Some(1), `max_size`: Some(280060), added: 280555, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::ActiveSets` (r:1 w:0)
    // Proof: `Dpos::ActiveSets` (`max_values`: None, `max_size`: Some(65050), added: 67525, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Invulnerables` (r:1 w:0)
    // Proof: `Dpos::Invulnerables` (`max_values`: Some(1), `max_size`: Some(513), added: 1008, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:65 w:0)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Session::NextKeys` (r:64 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::Pools` (r:64 w:0)
    // Proof: `Dpos::Pools` (`max_values`: None, `max_size`: Some(217), added: 2692, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Delegations` (r:64 w:0)
    // Proof: `Dpos::Delegations` (`max_values`: None, `max_size`: Some(2190), added: 4665, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:0 w:1)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // `c` was measured from 1 to 64.
    fn count(c: u32) -> Weight {
        // The fastest run took 180_681 ns; the proof measured
        // 281802 bytes and 463 for each `c`.
        Weight::from_parts(163_382_380, 282761)
            // Standard error: 55_621.
            .saturating_add(Weight::from_parts(31_348_391, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(4_u64.saturating_mul(c.into())))
            .saturating_add(T::DbWeight::get().writes(2))
            .saturating_add(Weight::from_parts(0, 4665).saturating_mul(c.into()))
    }
    // Storage: `Dpos::ElectionTally` (r:0 w:1)
    // Proof: `Dpos::ElectionTally` (`max_values`: Some(1), `max_size`: Some(280060), added: 280555, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentElection` (r:0 w:1)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextSet` (r:0 w:1)
    // Proof: `Dpos::NextSet` (`max_values`: Some(1), `max_size`: Some(65002), added: 65497, mode: `MaxEncodedLen`)
    fn decide() -> Weight {
        // The fastest run took 103_656 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(110_286_000, 0).saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Babe::CurrentSlot` (r:1 w:0)
    // Proof: `Babe::CurrentSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Dpos::LastSlot` (r:1 w:1)
    // Proof: `Dpos::LastSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Babe::EpochIndex` (r:1 w:0)
    // Proof: `Babe::EpochIndex` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Babe::GenesisSlot` (r:1 w:0)
    // Proof: `Babe::GenesisSlot` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Network::EpochSlots` (r:1 w:0)
    // Proof: `Network::EpochSlots` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Babe::Randomness` (r:1 w:0)
    // Proof: `Babe::Randomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `Session::Validators` (r:1 w:0)
    // Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::Liveness` (r:33 w:33)
    // Proof: `Dpos::Liveness` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::AbsentJailed` (r:1 w:1)
    // Proof: `Dpos::AbsentJailed` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:32 w:32)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EraPoints` (r:1 w:1)
    // Proof: `Dpos::EraPoints` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Points` (r:1 w:1)
    // Proof: `Dpos::Points` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EraLoad` (r:1 w:1)
    // Proof: `Dpos::EraLoad` (`max_values`: Some(1), `max_size`: Some(12), added: 507, mode: `MaxEncodedLen`)
    // `s` was measured from 0 to 32.
    fn count_slots(s: u32) -> Weight {
        // The fastest run took 24_577 ns; the proof measured
        // 33009 bytes and 129 for each `s`.
        Weight::from_parts(45_564_005, 34447)
            // Standard error: 11_304.
            .saturating_add(Weight::from_parts(11_952_393, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(2_u64.saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 2568).saturating_mul(s.into()))
    }
    // Storage: `Dpos::Offenders` (r:1 w:0)
    // Proof: `Dpos::Offenders` (`max_values`: Some(1), `max_size`: Some(36002), added: 36497, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextEraSession` (r:1 w:0)
    // Proof: `Dpos::NextEraSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Dpos::OldestSession` (r:1 w:1)
    // Proof: `Dpos::OldestSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::SessionEras` (r:4 w:5)
    // Proof: `Dpos::SessionEras` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Dpos::OffenceRecords` (r:1 w:0)
    // Proof: `Dpos::OffenceRecords` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // Storage: `Session::DisabledValidators` (r:1 w:1)
    // Proof: `Session::DisabledValidators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Session::Validators` (r:1 w:0)
    // Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::CurrentElection` (r:1 w:1)
    // Proof: `Dpos::CurrentElection` (`max_values`: Some(1), `max_size`: Some(140), added: 635, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextSet` (r:1 w:0)
    // Proof: `Dpos::NextSet` (`max_values`: Some(1), `max_size`: Some(65002), added: 65497, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentSession` (r:0 w:1)
    // Proof: `Dpos::CurrentSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // `o` was measured from 0 to 1000.
    fn begin_session(o: u32) -> Weight {
        // The fastest run took 45_579 ns; the proof measured
        // 32890 bytes and 36 for each `o`.
        Weight::from_parts(46_469_000, 66487)
            // Standard error: 88_869.
            .saturating_add(Weight::from_parts(22_556_761, 0).saturating_mul(o.into()))
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(Weight::from_parts(0, 36).saturating_mul(o.into()))
    }
    // Storage: `Dpos::OffenceRecords` (r:1001 w:1000)
    // Proof: `Dpos::OffenceRecords` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
    // `o` was measured from 0 to 1000.
    fn forget_offences(o: u32) -> Weight {
        // The fastest run took 2_624 ns; the proof measured
        // 539 bytes and 65 for each `o`.
        Weight::from_parts(2_824_000, 3537)
            // Standard error: 1_560.
            .saturating_add(Weight::from_parts(4_060_548, 0).saturating_mul(o.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(o.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(o.into())))
            .saturating_add(Weight::from_parts(0, 2547).saturating_mul(o.into()))
    }
    // Storage: `Dpos::CurrentEra` (r:1 w:1)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::ActiveSets` (r:2 w:1)
    // Proof: `Dpos::ActiveSets` (`max_values`: None, `max_size`: Some(65050), added: 67525, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EraPoints` (r:1 w:1)
    // Proof: `Dpos::EraPoints` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::EraFees` (r:1 w:1)
    // Proof: `Dpos::EraFees` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // Storage: `Network::EpochSlots` (r:1 w:0)
    // Proof: `Network::EpochSlots` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEraStart` (r:1 w:1)
    // Proof: `Dpos::CurrentEraStart` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::TotalStaked` (r:1 w:0)
    // Proof: `Dpos::TotalStaked` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Remainder` (r:1 w:1)
    // Proof: `Dpos::Remainder` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Offenders` (r:1 w:1)
    // Proof: `Dpos::Offenders` (`max_values`: Some(1), `max_size`: Some(36002), added: 36497, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Liveness` (r:0 w:1000)
    // Proof: `Dpos::Liveness` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextEraSession` (r:0 w:1)
    // Proof: `Dpos::NextEraSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Paydays` (r:0 w:1)
    // Proof: `Dpos::Paydays` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    // Storage: `Dpos::AbsentJailed` (r:0 w:1)
    // Proof: `Dpos::AbsentJailed` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // `v` was measured from 1 to 1000.
    fn rotate_era(v: u32) -> Weight {
        // The fastest run took 90_696 ns; the proof measured
        // 37970 bytes and 65 for each `v`.
        Weight::from_parts(96_205_727, 136040)
            // Standard error: 3_153.
            .saturating_add(Weight::from_parts(911_957, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(11))
            .saturating_add(T::DbWeight::get().writes(1_u64.saturating_mul(v.into())))
    }
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::NextEraSession` (r:1 w:0)
    // Proof: `Dpos::NextEraSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::ActiveSets` (r:1 w:0)
    // Proof: `Dpos::ActiveSets` (`max_values`: None, `max_size`: Some(65050), added: 67525, mode: `MaxEncodedLen`)
    // Storage: `Session::NextKeys` (r:1000 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // `v` was measured from 1 to 1000.
    fn plan_session(v: u32) -> Weight {
        // The fastest run took 14_011 ns; the proof measured
        // 592 bytes and 242 for each `v`.
        Weight::from_parts(15_003_000, 68515)
            // Standard error: 2_733.
            .saturating_add(Weight::from_parts(2_710_231, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1_u64.saturating_mul(v.into())))
            .saturating_add(Weight::from_parts(0, 2718).saturating_mul(v.into()))
    }
    // Storage: `Dpos::NextSet` (r:1 w:1)
    // Proof: `Dpos::NextSet` (`max_values`: Some(1), `max_size`: Some(65002), added: 65497, mode: `MaxEncodedLen`)
    // Storage: `Dpos::CurrentEra` (r:1 w:0)
    // Proof: `Dpos::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Dpos::ActiveSets` (r:1 w:1)
    // Proof: `Dpos::ActiveSets` (`max_values`: None, `max_size`: Some(65050), added: 67525, mode: `MaxEncodedLen`)
    // Storage: `Dpos::Candidates` (r:1000 w:0)
    // Proof: `Dpos::Candidates` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    // Storage: `Session::NextKeys` (r:1000 w:0)
    // Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
    // Storage: `Dpos::Parameters` (r:1 w:0)
    // Proof: `Dpos::Parameters` (`max_values`: Some(1), `max_size`: Some(96), added: 591, mode: `MaxEncodedLen`)
    // `v` was measured from 1 to 1000.
    fn seat_next(v: u32) -> Weight {
        // The fastest run took 60_440 ns; the proof measured
        // 65844 bytes and 309 for each `v`.
        Weight::from_parts(61_943_000, 68515)
            // Standard error: 15_050.
            .saturating_add(Weight::from_parts(6_477_275, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(2_u64.saturating_mul(v.into())))
            .saturating_add(T::DbWeight::get().writes(2))
            .saturating_add(Weight::from_parts(0, 2784).saturating_mul(v.into()))
    }
}

/// Free of charge, for mocks.
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
    fn leave(r: u32) -> Weight {
        Weight::zero()
    }
    fn delegate(r: u32) -> Weight {
        Weight::zero()
    }
    fn set_compound(r: u32) -> Weight {
        Weight::zero()
    }
    fn unbond(r: u32) -> Weight {
        Weight::zero()
    }
    fn rebond(r: u32) -> Weight {
        Weight::zero()
    }
    fn redelegate(r: u32) -> Weight {
        Weight::zero()
    }
    fn withdraw(r: u32) -> Weight {
        Weight::zero()
    }
    fn claim(r: u32) -> Weight {
        Weight::zero()
    }
    fn sync(r: u32) -> Weight {
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
    fn apply_slash(e: u32) -> Weight {
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
    fn count(c: u32) -> Weight {
        Weight::zero()
    }
    fn decide() -> Weight {
        Weight::zero()
    }
    fn count_slots(s: u32) -> Weight {
        Weight::zero()
    }
    fn begin_session(o: u32) -> Weight {
        Weight::zero()
    }
    fn forget_offences(o: u32) -> Weight {
        Weight::zero()
    }
    fn rotate_era(v: u32) -> Weight {
        Weight::zero()
    }
    fn plan_session(v: u32) -> Weight {
        Weight::zero()
    }
    fn seat_next(v: u32) -> Weight {
        Weight::zero()
    }
}
