// SPDX-License-Identifier: Apache-2.0

//! Blobs of the runtime that no chain starts with:
//!
//! | features | blob |
//! |---|---|
//! | `try-runtime` | the runtime as it is, able to try its migrations and to check its state |
//! | `rehearsal` | a next release with a migration, see the runtime's `rehearsal` module |
//! | `rehearsal,try-runtime` | the same, able to try it |
//! | `rehearsal-faulty` | the same with a mistake; also with `try-runtime` |
//!
//! A crate of its own, because the builder of WASM gives each crate one folder: the blob that the node
//! starts its chains with stays what it is. Without the feature `std` nothing is built at all; the script
//! `scripts/blob` knows how to ask.

#![no_std]

#[cfg(feature = "wasm")]
pub use millrace_runtime::*;
