// SPDX-License-Identifier: Apache-2.0

//! The pure rules of Millrace's delegated proof of stake.
//!
//! Nothing here reads a chain's state: each rule is a function of its arguments, so that the
//! runtime, a wallet and a test apply one and the same.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`election`] | who is elected: by stake, and a few by a draw weighted by stake |
//! | [`logarithm`] | binary logarithms in integers, which the draw needs |
//! | [`seats`] | how many validators there are, and how many may change or be jailed at once |
//! | [`schedule`] | who makes the block of a slot if nobody wins it by lottery |
//! | [`inflation`] | how much is minted for how much stake and time |
//! | [`params`] | the numbers that governance sets, and their bounds |
//! | [`api`] | the runtime API and the views it returns |
//!
//! All amounts are in the smallest unit of the native token.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod api;
mod decimal;
pub mod election;
pub mod inflation;
pub mod logarithm;
pub mod params;
pub mod schedule;
pub mod seats;

#[cfg(test)]
mod tests;

pub use election::{Contender, ElectionRules, Seat, SeatKind, Tally, effective_stake};
pub use inflation::InflationCurve;
pub use params::Params;

use polkadot_sdk::{sp_core, sp_runtime};

/// An account on the chain: 32 bytes.
pub type AccountId = sp_runtime::AccountId32;

/// An amount in the smallest unit of the native token.
pub type Balance = u128;

/// A height or a period, in blocks.
pub type BlockNumber = u32;

/// Counts eras from 0 at genesis.
pub type EraIndex = u32;

/// A 32-byte hash.
pub type Hash = sp_core::H256;

/// A slot of block production, counted from the start of time.
pub type SlotNumber = u64;
