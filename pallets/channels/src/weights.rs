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
    /// Weight of `verify_sr25519`.
    fn verify_sr25519() -> Weight;
    /// Weight of `verify_ed25519`.
    fn verify_ed25519() -> Weight;
    /// Weight of `verify_ecdsa`.
    fn verify_ecdsa() -> Weight;
    /// Weight of `open`.
    fn open(p: u32) -> Weight;
    /// Weight of `settle`.
    fn settle(p: u32) -> Weight;
    /// Weight of `end_dispute`.
    fn end_dispute() -> Weight;
    /// Weight of `settle_many`.
    fn settle_many(b: u32) -> Weight;
    /// Weight of `resize`.
    fn resize(p: u32) -> Weight;
    /// Weight of `dispute`.
    fn dispute(p: u32) -> Weight;
    /// Weight of `answer`.
    fn answer(p: u32) -> Weight;
    /// Weight of `progress`.
    fn progress(p: u32) -> Weight;
    /// Weight of `conclude`.
    fn conclude(p: u32) -> Weight;
    /// Weight of `sweep`.
    fn sweep(p: u32) -> Weight;
    /// Weight of `reveal`.
    fn reveal() -> Weight;
    /// Weight of `claim`.
    fn claim(p: u32, l: u32) -> Weight;
    /// Weight of `refund`.
    fn refund(p: u32, l: u32) -> Weight;
    /// Weight of `claim_stream`.
    fn claim_stream(p: u32, h: u32, l: u32) -> Weight;
    /// Weight of `serve_nothing`.
    fn serve_nothing() -> Weight;
    /// Weight of `serve_block`.
    fn serve_block() -> Weight;
    /// Weight of `postpone`.
    fn postpone() -> Weight;
    /// Weight of `forget_reveal`.
    fn forget_reveal() -> Weight;
    /// Weight of `forget_nothing`.
    fn forget_nothing() -> Weight;
    /// Weight of `forget_bucket`.
    fn forget_bucket() -> Weight;
    /// Weight of `forget_id`.
    fn forget_id() -> Weight;
}

/// As measured.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn verify_sr25519() -> Weight {
        // The fastest run took 31_267 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(32_419_000, 0)
    }
    fn verify_ed25519() -> Weight {
        // The fastest run took 30_245 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(31_677_000, 0)
    }
    fn verify_ecdsa() -> Weight {
        // The fastest run took 29_414 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(31_116_000, 0)
    }
    // Storage: `Parameters::Parameters` (r:2 w:0)
    // Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    // Storage: `Network::PeriodDivisor` (r:1 w:0)
    // Proof: `Network::PeriodDivisor` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Retired` (r:1 w:0)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:9 w:9)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:9 w:9)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn open(p: u32) -> Weight {
        // The fastest run took 235_073 ns; the proof measured
        // 477 bytes and 76 for each `p`.
        Weight::from_parts(42_593_177, 6012)
            // Standard error: 176_939.
            .saturating_add(Weight::from_parts(101_536_552, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:9 w:9)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:9 w:9)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn settle(p: u32) -> Weight {
        // The fastest run took 241_392 ns; the proof measured
        // 594 bytes and 320 for each `p`.
        Weight::from_parts(16_831_767, 4249)
            // Standard error: 210_329.
            .saturating_add(Weight::from_parts(117_056_050, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `ChannelBalances::Bonds` (r:1 w:1)
    // Proof: `ChannelBalances::Bonds` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Recorded` (r:0 w:1)
    // Proof: `Channels::Recorded` (`max_values`: None, `max_size`: Some(1680), added: 4155, mode: `MaxEncodedLen`)
    fn end_dispute() -> Weight {
        // The fastest run took 59_550 ns; the proof measured
        // 834 bytes.
        Weight::from_parts(64_837_000, 8799)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `Channels::Channels` (r:16 w:16)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:32 w:32)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:3 w:3)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:3 w:3)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // `b` was measured from 1 to 16.
    fn settle_many(b: u32) -> Weight {
        // The fastest run took 246_520 ns; the proof measured
        // 909 bytes and 365 for each `b`.
        Weight::from_parts(31_248_534, 9048)
            // Standard error: 214_365.
            .saturating_add(Weight::from_parts(219_456_460, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(b.into())))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(b.into())))
            .saturating_add(Weight::from_parts(0, 5152).saturating_mul(b.into()))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:8 w:8)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:8 w:8)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn resize(p: u32) -> Weight {
        // The fastest run took 223_025 ns; the proof measured
        // 414 bytes and 320 for each `p`.
        Weight::from_parts(7_174_192, 4249)
            // Standard error: 233_084.
            .saturating_add(Weight::from_parts(111_405_725, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Parameters::Parameters` (r:1 w:0)
    // Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Bonds` (r:1 w:1)
    // Proof: `ChannelBalances::Bonds` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Recorded` (r:0 w:1)
    // Proof: `Channels::Recorded` (`max_values`: None, `max_size`: Some(1680), added: 4155, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn dispute(p: u32) -> Weight {
        // The fastest run took 183_004 ns; the proof measured
        // 640 bytes and 98 for each `p`.
        Weight::from_parts(49_999_131, 4249)
            // Standard error: 174_948.
            .saturating_add(Weight::from_parts(70_111_212, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Recorded` (r:1 w:1)
    // Proof: `Channels::Recorded` (`max_values`: None, `max_size`: Some(1680), added: 4155, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn answer(p: u32) -> Weight {
        // The fastest run took 154_612 ns; the proof measured
        // 1825 bytes and 97 for each `p`.
        Weight::from_parts(21_360_064, 5145)
            // Standard error: 179_376.
            .saturating_add(Weight::from_parts(70_748_306, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Recorded` (r:1 w:1)
    // Proof: `Channels::Recorded` (`max_values`: None, `max_size`: Some(1680), added: 4155, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:2)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn progress(p: u32) -> Weight {
        // The fastest run took 90_917 ns; the proof measured
        // 534 bytes and 81 for each `p`.
        Weight::from_parts(92_656_503, 5145)
            // Standard error: 97_190.
            .saturating_add(Weight::from_parts(2_592_841, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Recorded` (r:1 w:1)
    // Proof: `Channels::Recorded` (`max_values`: None, `max_size`: Some(1680), added: 4155, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Bonds` (r:1 w:1)
    // Proof: `ChannelBalances::Bonds` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:8 w:8)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:10 w:10)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:2)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:0 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn conclude(p: u32) -> Weight {
        // The fastest run took 134_643 ns; the proof measured
        // 2446 bytes and 352 for each `p`.
        Weight::from_parts(65_643_973, 6196)
            // Standard error: 229_660.
            .saturating_add(Weight::from_parts(37_432_947, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:8 w:8)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:8 w:8)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Retired` (r:0 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    fn sweep(p: u32) -> Weight {
        // The fastest run took 95_103 ns; the proof measured
        // 922 bytes and 336 for each `p`.
        Weight::from_parts(1_036_037, 4249)
            // Standard error: 116_266.
            .saturating_add(Weight::from_parts(49_724_084, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::Reveals` (r:1 w:1)
    // Proof: `Channels::Reveals` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:2 w:2)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Parameters::Parameters` (r:1 w:0)
    // Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:2)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn reveal() -> Weight {
        // The fastest run took 56_615 ns; the proof measured
        // 541 bytes.
        Weight::from_parts(60_711_000, 6362)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `System::Account` (r:9 w:9)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `Channels::Reveals` (r:1 w:0)
    // Proof: `Channels::Reveals` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:8 w:8)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Retired` (r:0 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    // `l` was measured from 0 to 10.
    fn claim(p: u32, l: u32) -> Weight {
        // The fastest run took 121_412 ns; the proof measured
        // 787 bytes and 4 for each `l` and 349 for each `p`.
        Weight::from_parts(12_291_175, 4249)
            // Standard error: 182_459.
            .saturating_add(Weight::from_parts(51_076_101, 0).saturating_mul(p.into()))
            // Standard error: 115_758.
            .saturating_add(Weight::from_parts(1_883_511, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `System::Account` (r:9 w:9)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `Channels::Reveals` (r:1 w:0)
    // Proof: `Channels::Reveals` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:8 w:8)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Retired` (r:0 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    // `l` was measured from 0 to 10.
    fn refund(p: u32, l: u32) -> Weight {
        // The fastest run took 121_813 ns; the proof measured
        // 787 bytes and 4 for each `l` and 349 for each `p`.
        Weight::from_parts(17_143_012, 4249)
            // Standard error: 140_813.
            .saturating_add(Weight::from_parts(50_033_602, 0).saturating_mul(p.into()))
            // Standard error: 89_337.
            .saturating_add(Weight::from_parts(716_741, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `System::Account` (r:9 w:9)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Channels::Channels` (r:1 w:1)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `ChannelBalances::Deposits` (r:8 w:8)
    // Proof: `ChannelBalances::Deposits` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:8 w:8)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Retired` (r:0 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // `p` was measured from 2 to 8.
    // `h` was measured from 1 to 256.
    // `l` was measured from 0 to 16.
    fn claim_stream(p: u32, h: u32, l: u32) -> Weight {
        // The fastest run took 237_046 ns; the proof measured
        // 645 bytes and 328 for each `p`.
        Weight::from_parts(71_864_966, 4249)
            // Standard error: 480_920.
            .saturating_add(Weight::from_parts(27_399_848, 0).saturating_mul(p.into()))
            // Standard error: 11_983.
            .saturating_add(Weight::from_parts(122_567, 0).saturating_mul(h.into()))
            // Standard error: 188_593.
            .saturating_add(Weight::from_parts(5_530_981, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::NextDue` (r:1 w:1)
    // Proof: `Channels::NextDue` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn serve_nothing() -> Weight {
        // The fastest run took 2_153 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(2_504_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Channels::Agenda` (r:1 w:0)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn serve_block() -> Weight {
        // The fastest run took 1_662 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(1_863_000, 3510).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Channels::Channels` (r:1 w:0)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:2)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn postpone() -> Weight {
        // The fastest run took 15_733 ns; the proof measured
        // 1431 bytes.
        Weight::from_parts(17_977_000, 4249)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Channels::Agenda` (r:1 w:1)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    // Storage: `Channels::Reveals` (r:1 w:1)
    // Proof: `Channels::Reveals` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    fn forget_reveal() -> Weight {
        // The fastest run took 26_139 ns; the proof measured
        // 382 bytes.
        Weight::from_parts(27_531_000, 3676)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Channels::NextToForget` (r:1 w:1)
    // Proof: `Channels::NextToForget` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn forget_nothing() -> Weight {
        // The fastest run took 2_214 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(2_553_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Channels::Retired` (r:1 w:0)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    fn forget_bucket() -> Weight {
        // The fastest run took 2_123 ns; the proof measured
        // 84 bytes.
        Weight::from_parts(2_363_000, 3557).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Channels::Retired` (r:2 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    fn forget_id() -> Weight {
        // The fastest run took 30_887 ns; the proof measured
        // 357 bytes.
        Weight::from_parts(40_921_000, 6124)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }
}

/// Free of charge, for mocks.
impl WeightInfo for () {
    fn verify_sr25519() -> Weight {
        Weight::zero()
    }
    fn verify_ed25519() -> Weight {
        Weight::zero()
    }
    fn verify_ecdsa() -> Weight {
        Weight::zero()
    }
    fn open(p: u32) -> Weight {
        Weight::zero()
    }
    fn settle(p: u32) -> Weight {
        Weight::zero()
    }
    fn end_dispute() -> Weight {
        Weight::zero()
    }
    fn settle_many(b: u32) -> Weight {
        Weight::zero()
    }
    fn resize(p: u32) -> Weight {
        Weight::zero()
    }
    fn dispute(p: u32) -> Weight {
        Weight::zero()
    }
    fn answer(p: u32) -> Weight {
        Weight::zero()
    }
    fn progress(p: u32) -> Weight {
        Weight::zero()
    }
    fn conclude(p: u32) -> Weight {
        Weight::zero()
    }
    fn sweep(p: u32) -> Weight {
        Weight::zero()
    }
    fn reveal() -> Weight {
        Weight::zero()
    }
    fn claim(p: u32, l: u32) -> Weight {
        Weight::zero()
    }
    fn refund(p: u32, l: u32) -> Weight {
        Weight::zero()
    }
    fn claim_stream(p: u32, h: u32, l: u32) -> Weight {
        Weight::zero()
    }
    fn serve_nothing() -> Weight {
        Weight::zero()
    }
    fn serve_block() -> Weight {
        Weight::zero()
    }
    fn postpone() -> Weight {
        Weight::zero()
    }
    fn forget_reveal() -> Weight {
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
