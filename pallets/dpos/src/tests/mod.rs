// SPDX-License-Identifier: Apache-2.0

//! Tests, by chapter. Each tells what is given, what happens, and what follows.

mod attacks;
mod candidates;
mod cost;
mod delegating;
mod founding;
mod invariants;
pub mod model;
pub(crate) mod office;
mod params;
mod pooling;
mod pools;
mod properties;
mod redelegating;
mod rewarding;
mod slashing;
mod unbonding;
