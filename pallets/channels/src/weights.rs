// SPDX-License-Identifier: Apache-2.0

//! What calls cost, as measured by `scripts/weigh`. Written by a program: measure again instead of
//! editing.
//!
//! Measured on 2026-11-21 with 20 steps, 10 repetitions, on `Intel(R) Xeon(R) Processor @ 2.50GHz`; storage
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
        // The fastest run took 69_976 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(114_527_000, 0)
    }
    fn verify_ed25519() -> Weight {
        // The fastest run took 72_131 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(113_005_000, 0)
    }
    fn verify_ecdsa() -> Weight {
        // The fastest run took 60_799 ns; the proof measured
        // 0 bytes.
        Weight::from_parts(106_522_000, 0)
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
        // The fastest run took 689_047 ns; the proof measured
        // 477 bytes and 76 for each `p`.
        Weight::from_parts(266_296_804, 6012)
            // Standard error: 11_469_809.
            .saturating_add(Weight::from_parts(396_607_026, 0).saturating_mul(p.into()))
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
        // The fastest run took 698_249 ns; the proof measured
        // 594 bytes and 320 for each `p`.
        Weight::from_parts(330_857_601, 4249)
            // Standard error: 17_948_964.
            .saturating_add(Weight::from_parts(367_427_430, 0).saturating_mul(p.into()))
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
        // The fastest run took 203_222 ns; the proof measured
        // 834 bytes.
        Weight::from_parts(328_130_000, 8799)
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
        // The fastest run took 1_161_090 ns; the proof measured
        // 909 bytes and 365 for each `b`.
        Weight::from_parts(64_442_091, 9048)
            // Standard error: 18_924_347.
            .saturating_add(Weight::from_parts(984_242_690, 0).saturating_mul(b.into()))
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
        // The fastest run took 950_513 ns; the proof measured
        // 414 bytes and 320 for each `p`.
        Weight::from_parts(473_292_789, 4249)
            // Standard error: 22_640_603.
            .saturating_add(Weight::from_parts(335_299_174, 0).saturating_mul(p.into()))
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
        // The fastest run took 745_762 ns; the proof measured
        // 640 bytes and 98 for each `p`.
        Weight::from_parts(725_234_955, 4249)
            // Standard error: 8_481_607.
            .saturating_add(Weight::from_parts(124_832_821, 0).saturating_mul(p.into()))
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
        // The fastest run took 373_411 ns; the proof measured
        // 1825 bytes and 97 for each `p`.
        Weight::from_parts(98_058_954, 5145)
            // Standard error: 9_269_383.
            .saturating_add(Weight::from_parts(165_417_630, 0).saturating_mul(p.into()))
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
        // The fastest run took 244_570 ns; the proof measured
        // 534 bytes and 81 for each `p`.
        Weight::from_parts(289_887_528, 5145)
            // Standard error: 2_705_291.
            .saturating_add(Weight::from_parts(2_164_805, 0).saturating_mul(p.into()))
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
        // The fastest run took 535_048 ns; the proof measured
        // 2446 bytes and 352 for each `p`.
        Weight::from_parts(691_998_717, 6196)
            // Standard error: 5_277_952.
            .saturating_add(Weight::from_parts(20_023_631, 0).saturating_mul(p.into()))
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
        // The fastest run took 280_014 ns; the proof measured
        // 922 bytes and 336 for each `p`.
        Weight::from_parts(35_532_024, 4249)
            // Standard error: 13_043_309.
            .saturating_add(Weight::from_parts(176_401_103, 0).saturating_mul(p.into()))
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
        // The fastest run took 186_274 ns; the proof measured
        // 541 bytes.
        Weight::from_parts(204_867_000, 6362)
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
        // The fastest run took 368_716 ns; the proof measured
        // 787 bytes and 4 for each `l` and 349 for each `p`.
        Weight::from_parts(395_203_000, 4249)
            // Standard error: 6_464_881.
            .saturating_add(Weight::from_parts(144_214_057, 0).saturating_mul(p.into()))
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
        // The fastest run took 381_670 ns; the proof measured
        // 787 bytes and 4 for each `l` and 349 for each `p`.
        Weight::from_parts(628_462_000, 4249)
            // Standard error: 4_949_711.
            .saturating_add(Weight::from_parts(88_056_450, 0).saturating_mul(p.into()))
            // Standard error: 4_042_915.
            .saturating_add(Weight::from_parts(15_980_924, 0).saturating_mul(l.into()))
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
        // The fastest run took 568_261 ns; the proof measured
        // 645 bytes and 328 for each `p`.
        Weight::from_parts(590_489_000, 4249)
            // Standard error: 4_097_318.
            .saturating_add(Weight::from_parts(146_544_305, 0).saturating_mul(p.into()))
            // Standard error: 117_482.
            .saturating_add(Weight::from_parts(498_526, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(3_u64.saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(3_u64.saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2686).saturating_mul(p.into()))
    }
    // Storage: `Channels::NextDue` (r:1 w:1)
    // Proof: `Channels::NextDue` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn serve_nothing() -> Weight {
        // The fastest run took 5_841 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(11_499_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Channels::Agenda` (r:1 w:0)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn serve_block() -> Weight {
        // The fastest run took 7_614 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(14_174_000, 3510).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Channels::Channels` (r:1 w:0)
    // Proof: `Channels::Channels` (`max_values`: None, `max_size`: Some(784), added: 3259, mode: `MaxEncodedLen`)
    // Storage: `Channels::Resolutions` (r:1 w:1)
    // Proof: `Channels::Resolutions` (`max_values`: None, `max_size`: Some(629), added: 3104, mode: `MaxEncodedLen`)
    // Storage: `Channels::Agenda` (r:0 w:2)
    // Proof: `Channels::Agenda` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
    fn postpone() -> Weight {
        // The fastest run took 49_624 ns; the proof measured
        // 1431 bytes.
        Weight::from_parts(87_357_000, 4249)
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
        // The fastest run took 91_036 ns; the proof measured
        // 382 bytes.
        Weight::from_parts(97_989_000, 3676)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Channels::NextToForget` (r:1 w:1)
    // Proof: `Channels::NextToForget` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn forget_nothing() -> Weight {
        // The fastest run took 5_914 ns; the proof measured
        // 42 bytes.
        Weight::from_parts(6_851_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Channels::Retired` (r:1 w:0)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    fn forget_bucket() -> Weight {
        // The fastest run took 8_886 ns; the proof measured
        // 84 bytes.
        Weight::from_parts(9_955_000, 3557).saturating_add(T::DbWeight::get().reads(1))
    }
    // Storage: `Channels::Retired` (r:2 w:1)
    // Proof: `Channels::Retired` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    fn forget_id() -> Weight {
        // The fastest run took 110_260 ns; the proof measured
        // 357 bytes.
        Weight::from_parts(181_485_000, 6124)
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
