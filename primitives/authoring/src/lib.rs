// SPDX-License-Identifier: Apache-2.0

//! How a node hands the runtime many transactions at once: to fill a block, and to look at them before.
//!
//! Each call of the runtime has an instance of its own, and to make one takes a large part of the time that a
//! transfer takes.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;
use polkadot_sdk::{
    sp_api,
    sp_runtime::{
        ApplyExtrinsicResult,
        transaction_validity::{TransactionSource, TransactionValidity},
    },
};

sp_api::decl_runtime_apis! {
    /// Fills a block.
    pub trait ApplyExtrinsics {
        /// What `BlockBuilder::apply_extrinsic` does, for one after the other. An extrinsic that is refused leaves
        /// no trace, and the next one is tried.
        ///
        /// Returns what became of each, in their order.
        fn apply_extrinsics(extrinsics: Vec<Block::Extrinsic>) -> Vec<ApplyExtrinsicResult>;
    }
    /// Looks at transactions before they are in a block.
    pub trait ValidateTransactions {
        /// What `TaggedTransactionQueue::validate_transaction` says of each on top of a block, in their order. None
        /// of them sees what another one does.
        fn validate_transactions(
            transactions: Vec<(TransactionSource, Block::Extrinsic)>,
            block_hash: Block::Hash,
        ) -> Vec<TransactionValidity>;
    }
}
