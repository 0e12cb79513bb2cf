// SPDX-License-Identifier: Apache-2.0

//! What changes stored data when a new runtime takes over.
//!
//! Small changes go to [`SingleBlock`] and run whole in the first block of the new runtime. Large
//! ones go to [`MultiBlock`] and run step by step over as many blocks as they need, during which
//! only the chain's own extrinsics are accepted.

/// Migrations that fit into one block, in the order they run.
#[cfg(not(feature = "rehearsal"))]
pub type SingleBlock = ();
#[cfg(feature = "rehearsal")]
pub use crate::rehearsal::SingleBlock;

/// Migrations that take many blocks, in the order they run.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type MultiBlock = ();
