// SPDX-License-Identifier: Apache-2.0

//! What the chain's speed is compared with: a minimal runtime with the parameters that a new chain
//! starts with if nobody changes any.
//!
//! Written here, with the pallets and the numbers of the SDK's solochain template: slots of six
//! seconds, two seconds of work in a block, three quarters of them for users, and all weights as the
//! SDK publishes them. Our own node hosts it, so that nothing but the runtime differs.
//! `docs/internals/chain-load.md` says what is not as in the published template.
//!
//! | features | what is compiled |
//! |---|---|
//! | none | nothing: the workspace has no use for it |
//! | `std` | the blob, by the build script; `scripts/bench` knows how to ask |
//! | `native` | the runtime for this machine: its tests need it |
//! | `wasm` | the runtime, inside the build of the blob |

#![cfg_attr(not(feature = "native"), no_std)]
// The assembled runtime is one large type.
#![recursion_limit = "512"]

#[cfg(feature = "wasm")]
extern crate alloc;

#[cfg(feature = "wasm")]
mod template;

#[cfg(feature = "wasm")]
pub use template::*;
