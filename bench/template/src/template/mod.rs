// SPDX-License-Identifier: Apache-2.0

//! The runtime itself.
//!
//! This file only assembles. What the pallets are set to is in [`configs`], and what the node can ask
//! is in [`apis`].

// The macros that assemble a runtime write undocumented public items of their own.
#![allow(missing_docs)]

pub mod apis;
pub mod configs;
#[cfg(all(test, feature = "native"))]
mod tests;

use alloc::{borrow::Cow, vec::Vec};
use polkadot_sdk::{
    frame_executive, frame_metadata_hash_extension, frame_support, frame_system,
    pallet_transaction_payment,
    sp_core::H256,
    sp_runtime::{
        AccountId32, MultiAddress, MultiSignature, generic, impl_opaque_keys, traits::BlakeTwo256,
    },
    sp_version::{RuntimeVersion, runtime_version},
};

/// Length of a slot.
pub const SLOT_MILLIS: u64 = 6_000;
/// An epoch, in slots: an hour.
pub const EPOCH_SLOTS: u64 = 600;

/// A height.
pub type BlockNumber = u32;
/// Names an account.
pub type AccountId = AccountId32;
/// An amount, in the smallest unit.
pub type Balance = u128;
/// Counts an account's transactions.
pub type Nonce = u32;
/// A hash of the chain's data.
pub type Hash = H256;
/// A signature of a transaction.
pub type Signature = MultiSignature;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What surrounds each call, as in the template.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckMortality<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// A transaction as it travels.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What a transaction's signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

impl_opaque_keys! {
    /// The keys with which a validator signs blocks and votes.
    pub struct SessionKeys {
        /// Signs blocks.
        pub babe: Babe,
        /// Signs finality votes.
        pub grandpa: Grandpa,
    }
}

/// Version of this runtime, which no chain ever upgrades from.
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("template"),
    impl_name: Cow::Borrowed("template"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 0,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[frame_support::runtime]
mod runtime {
    use super::*;

    /// The state transition.
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = polkadot_sdk::frame_system::Pallet<Runtime>;
    // In the place of Aura, because our node makes blocks with BABE.
    #[runtime::pallet_index(1)]
    pub type Babe = polkadot_sdk::pallet_babe::Pallet<Runtime>;
    #[runtime::pallet_index(2)]
    pub type Timestamp = polkadot_sdk::pallet_timestamp::Pallet<Runtime>;
    #[runtime::pallet_index(3)]
    pub type Grandpa = polkadot_sdk::pallet_grandpa::Pallet<Runtime>;
    #[runtime::pallet_index(4)]
    pub type Balances = polkadot_sdk::pallet_balances::Pallet<Runtime>;
    #[runtime::pallet_index(5)]
    pub type TransactionPayment = polkadot_sdk::pallet_transaction_payment::Pallet<Runtime>;
}
