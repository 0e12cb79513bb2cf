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
        // The fastest run took 33_460 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(34_983_000, 0)
    }
    fn verify_ed25519() -> Weight {
        // The fastest run took 33_130 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(34_572_000, 0)
    }
    fn verify_ecdsa() -> Weight {
        // The fastest run took 31_086 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(33_310_000, 0)
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
        // The fastest run took 274_262 ns; the proof measured
        // 477 bytes and 76 for each `p`.
        Weight::from_parts(65_681_453, 6012)
            // Standard error: 264_908.
            .saturating_add(Weight::from_parts(112_746_435, 0).saturating_mul(p.into()))
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
        // The fastest run took 281_713 ns; the proof measured
        // 594 bytes and 320 for each `p`.
        Weight::from_parts(18_520_757, 4249)
            // Standard error: 296_779.
            .saturating_add(Weight::from_parts(138_969_750, 0).saturating_mul(p.into()))
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
        // The fastest run took 76_795 ns; the proof measured
        // 834 bytes.
        Weight::from_parts(81_622_000, 8799)
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
        // The fastest run took 283_315 ns; the proof measured
        // 909 bytes and 365 for each `b`.
        Weight::from_parts(70_306_350, 9048)
            // Standard error: 491_971.
            .saturating_add(Weight::from_parts(254_100_516, 0).saturating_mul(b.into()))
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
        // The fastest run took 263_586 ns; the proof measured
        // 414 bytes and 320 for each `p`.
        Weight::from_parts(14_035_203, 4249)
            // Standard error: 312_994.
            .saturating_add(Weight::from_parts(131_149_731, 0).saturating_mul(p.into()))
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
        // The fastest run took 206_801 ns; the proof measured
        // 640 bytes and 98 for each `p`.
        Weight::from_parts(72_636_928, 4249)
            // Standard error: 192_702.
            .saturating_add(Weight::from_parts(74_226_965, 0).saturating_mul(p.into()))
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
        // The fastest run took 162_594 ns; the proof measured
        // 1825 bytes and 97 for each `p`.
        Weight::from_parts(30_872_311, 5145)
            // Standard error: 175_401.
            .saturating_add(Weight::from_parts(69_565_471, 0).saturating_mul(p.into()))
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
        // The fastest run took 95_063 ns; the proof measured
        // 534 bytes and 81 for each `p`.
        Weight::from_parts(93_502_676, 5145)
            // Standard error: 138_031.
            .saturating_add(Weight::from_parts(3_794_597, 0).saturating_mul(p.into()))
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
        // The fastest run took 167_892 ns; the proof measured
        // 2446 bytes and 352 for each `p`.
        Weight::from_parts(89_825_098, 6196)
            // Standard error: 215_291.
            .saturating_add(Weight::from_parts(44_432_349, 0).saturating_mul(p.into()))
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
        // The fastest run took 116_755 ns; the proof measured
        // 922 bytes and 336 for each `p`.
        Weight::from_parts(117_113, 4249)
            // Standard error: 80_459.
            .saturating_add(Weight::from_parts(61_455_107, 0).saturating_mul(p.into()))
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
        // The fastest run took 70_656 ns; the proof measured
        // 541 bytes.
        Weight::from_parts(74_142_000, 6362)
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
        // The fastest run took 149_244 ns; the proof measured
        // 787 bytes and 4 for each `l` and 349 for each `p`.
        Weight::from_parts(21_942_267, 4249)
            // Standard error: 187_757.
            .saturating_add(Weight::from_parts(63_272_919, 0).saturating_mul(p.into()))
            // Standard error: 119_120.
            .saturating_add(Weight::from_parts(887_920, 0).saturating_mul(l.into()))
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
        // The fastest run took 150_556 ns; the proof measured
        // 787 bytes and 4 for each `l` and 349 for each `p`.
        Weight::from_parts(31_946_919, 4249)
            // Standard error: 275_610.
            .saturating_add(Weight::from_parts(62_570_278, 0).saturating_mul(p.into()))
            // Standard error: 174_857.
            .saturating_add(Weight::from_parts(1_467_996, 0).saturating_mul(l.into()))
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
        // The fastest run took 272_569 ns; the proof measured
        // 645 bytes and 328 for each `p`.
        Weight::from_parts(124_243_860, 4249)
            // Standard error: 644_559.
            .saturating_add(Weight::from_parts(30_620_670, 0).saturating_mul(p.into()))
            // Standard error: 16_061.
            .saturating_add(Weight::from_parts(138_232, 0).saturating_mul(h.into()))
            // Standard error: 252_764.
            .saturating_add(Weight::from_parts(4_503_294, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::NextDue` (r:1 w:1)
    // Proof: `Channels::NextDue` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn serve_nothing() -> Weight {
        // The fastest run took 2_253 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(2_584_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Channels::Agenda` (r:1 w:0)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn serve_block() -> Weight {
        // The fastest run took 2_243 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(2_494_000, 3510).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Channels::Channels` (r:1 w:0)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:2)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn postpone() -> Weight {
        // The fastest run took 19_880 ns; the proof measured
        // 1431 bytes.
        Weight::from_parts(22_123_000, 4249)
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
        // The fastest run took 32_338 ns; the proof measured
        // 382 bytes.
        Weight::from_parts(34_271_000, 3676)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Channels::NextToForget` (r:1 w:1)
    // Proof: `Channels::NextToForget` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn forget_nothing() -> Weight {
        // The fastest run took 2_224 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(2_584_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Channels::Retired` (r:1 w:0)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    fn forget_bucket() -> Weight {
        // The fastest run took 2_714 ns; the proof measured
        // 84 bytes.
        Weight::from_parts(2_975_000, 3557).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Channels::Retired` (r:2 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    fn forget_id() -> Weight {
        // The fastest run took 42_103 ns; the proof measured
        // 357 bytes.
        Weight::from_parts(53_490_000, 6124)
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
