// SPDX-License-Identifier: Apache-2.0

//! How a node asks the runtime to fill a block.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;
use polkadot_sdk::{sp_api, sp_runtime::ApplyExtrinsicResult};

sp_api::decl_runtime_apis! {
    /// Many extrinsics in one call.
    ///
    /// Each call of the runtime has an instance of its own, and to make one takes a large part of the time that a
    /// transfer takes.
    pub trait ApplyExtrinsics {
        /// What `BlockBuilder::apply_extrinsic` does, for one after the other. An extrinsic that is refused leaves
        /// no trace, and the next one is tried.
        ///
        /// Returns what became of each, in their order.
        fn apply_extrinsics(extrinsics: Vec<Block::Extrinsic>) -> Vec<ApplyExtrinsicResult>;
    }
}
