// SPDX-License-Identifier: Apache-2.0

//! Tests by chapter: several nodes over a wire and a chain in memory, each with a real store.

mod clocks;
mod closing;
mod court;
mod crashing;
mod disks;
mod doubting;
mod failing;
mod forwarding;
mod frames;
mod lying;
mod mishaps;
mod opening;
mod party;
mod paying;
mod recalling;
mod resizing;
mod resuming;
mod shells;
mod sleeping;
mod together;
mod upgrading;
mod world;

pub use court::Court;
pub use world::{World, wants_nothing};
