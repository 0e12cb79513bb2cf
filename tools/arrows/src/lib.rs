// SPDX-License-Identifier: Apache-2.0

//! Holds the tests of the workspace as a whole, and no code.
//!
//! `tests/arrows.rs` checks which crate may depend on which, `tests/features.rs` that programs and tests
//! share one build, `tests/files.rs` what every source file has to begin with and may not contain.
