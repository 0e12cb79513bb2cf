// SPDX-License-Identifier: Apache-2.0

//! Tests by chapter: several nodes over a wire and a chain in memory, each with a real store.

mod closing;
mod court;
mod crashing;
mod failing;
mod forwarding;
mod frames;
mod opening;
mod paying;
mod resizing;
mod resuming;
mod shells;
mod sleeping;
mod world;

pub use court::Court;
pub use world::{World, wants_nothing};
