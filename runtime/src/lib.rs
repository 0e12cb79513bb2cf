// SPDX-License-Identifier: Apache-2.0

//! The Millrace runtime: the state transition of the chain, compiled to WASM and stored on chain.
//!
//! This file only assembles. Each pallet is configured in a chapter of [`configs`], the interface
//! to the node is in [`apis`], and what a new chain starts with is in [`genesis`].

#![cfg_attr(not(feature = "std"), no_std)]
// The macros that assemble a runtime write undocumented public items of their own.
#![allow(missing_docs)]
// The assembled runtime is one large type.
#![recursion_limit = "512"]

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod fees;
pub mod genesis;
pub mod governance;
#[cfg(any(substrate_runtime, test))]
mod hashing;
#[cfg(any(substrate_runtime, test))]
mod memory;
pub mod migrations;
pub mod network;
pub mod parameters;
#[cfg(feature = "rehearsal")]
pub mod rehearsal;
pub mod views;
mod weights;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

use alloc::{borrow::Cow, vec::Vec};
use polkadot_sdk::{
    frame_executive, frame_metadata_hash_extension, frame_support, frame_system,
    pallet_transaction_payment,
    sp_runtime::{
        MultiAddress, MultiSignature, generic, impl_opaque_keys,
        traits::{BlakeTwo256, Verify},
    },
    sp_version::{RuntimeVersion, runtime_version},
};

#[cfg(feature = "std")]
pub use apis::RuntimeApi;
pub use constants::time::SLOT_MILLIS;
pub use millrace_primitives_channels::{AccountId, Balance, BlockNumber};
pub use parameters::RuntimeParameters;

/// A signature of a transaction.
pub type Signature = MultiSignature;
/// The key behind a signature.
pub type AccountPublic = <Signature as Verify>::Signer;
/// Counts an account's transactions.
pub type Nonce = u32;
/// A hash of the chain's data.
pub type Hash = polkadot_sdk::sp_core::H256;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What surrounds each call: checks, fees and weight accounting.
pub type TxExtension = (
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

/// Types for a node that need not look into extrinsics.
pub mod opaque {
    use super::*;
    pub use polkadot_sdk::sp_runtime::OpaqueExtrinsic;

    /// A block's header.
    pub type Header = super::Header;
    /// A block whose extrinsics are bytes.
    pub type Block = generic::Block<Header, OpaqueExtrinsic>;
}

impl_opaque_keys! {
    /// The keys with which a validator signs blocks, votes and its network address.
    pub struct SessionKeys {
        /// Signs blocks.
        pub babe: Babe,
        /// Signs finality votes.
        pub grandpa: Grandpa,
        /// Signs Merkle mountain range roots.
        pub beefy: Beefy,
        /// Signs network addresses.
        pub authority_discovery: AuthorityDiscovery,
    }
}

/// Version of this runtime. `spec_version` rises with each change of behaviour,
/// `transaction_version` with each change of a call's encoding.
#[cfg(not(feature = "rehearsal"))]
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("millrace"),
    impl_name: Cow::Borrowed("millrace"),
    authoring_version: 1,
    spec_version: 100,
    impl_version: 0,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// Version of a rehearsal, which no release ever reaches. All else is as above.
#[cfg(feature = "rehearsal")]
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("millrace"),
    impl_name: Cow::Borrowed("millrace"),
    authoring_version: 1,
    spec_version: 1_000_000,
    impl_version: 0,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// Pallet indices are part of every call's encoding: an index is never used twice.
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
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    // The ground.
    #[runtime::pallet_index(0)]
    pub type System = polkadot_sdk::frame_system::Pallet<Runtime>;
    #[runtime::pallet_index(1)]
    pub type Parameters = polkadot_sdk::pallet_parameters::Pallet<Runtime>;
    // Before everything that asks for the length of an epoch.
    #[runtime::pallet_index(2)]
    pub type Network = crate::network::Pallet<Runtime>;
    #[runtime::pallet_index(3)]
    pub type Babe = polkadot_sdk::pallet_babe::Pallet<Runtime>;
    #[runtime::pallet_index(4)]
    pub type Timestamp = polkadot_sdk::pallet_timestamp::Pallet<Runtime>;

    // Money.
    #[runtime::pallet_index(10)]
    pub type Balances = polkadot_sdk::pallet_balances::Pallet<Runtime>;
    #[runtime::pallet_index(11)]
    pub type TransactionPayment = polkadot_sdk::pallet_transaction_payment::Pallet<Runtime>;
    #[runtime::pallet_index(12)]
    pub type Assets = polkadot_sdk::pallet_assets::Pallet<Runtime>;
    #[runtime::pallet_index(13)]
    pub type AssetsHolder = polkadot_sdk::pallet_assets_holder::Pallet<Runtime>;
    #[runtime::pallet_index(14)]
    pub type Fees = crate::fees::Pallet<Runtime>;

    // Consensus. Stake comes before session: it counts who was absent while the last session's
    // validators are still known, and at genesis its candidates are there when session asks for the
    // first validators.
    #[runtime::pallet_index(19)]
    pub type Dpos = pallet_dpos::Pallet<Runtime>;
    // Authorship comes before session, so that the author of a session's first block is found among
    // those who could have made it.
    #[runtime::pallet_index(20)]
    pub type Authorship = polkadot_sdk::pallet_authorship::Pallet<Runtime>;
    #[runtime::pallet_index(21)]
    pub type Offences = polkadot_sdk::pallet_offences::Pallet<Runtime>;
    #[runtime::pallet_index(22)]
    pub type Historical = polkadot_sdk::pallet_session::historical::Pallet<Runtime>;
    // Beefy and its MMR come before session, because a new session needs what they initialise.
    #[runtime::pallet_index(23)]
    pub type Beefy = polkadot_sdk::pallet_beefy::Pallet<Runtime>;
    #[runtime::pallet_index(24)]
    pub type Mmr = polkadot_sdk::pallet_mmr::Pallet<Runtime>;
    #[runtime::pallet_index(25)]
    pub type BeefyMmrLeaf = polkadot_sdk::pallet_beefy_mmr::Pallet<Runtime>;
    #[runtime::pallet_index(26)]
    pub type Session = polkadot_sdk::pallet_session::Pallet<Runtime>;
    #[runtime::pallet_index(27)]
    pub type Grandpa = polkadot_sdk::pallet_grandpa::Pallet<Runtime>;
    #[runtime::pallet_index(28)]
    pub type AuthorityDiscovery = polkadot_sdk::pallet_authority_discovery::Pallet<Runtime>;

    // State channels.
    #[runtime::pallet_index(30)]
    pub type ChannelBalances = pallet_channel_balances::Pallet<Runtime>;
    #[runtime::pallet_index(31)]
    pub type Channels = pallet_channels::Pallet<Runtime>;

    // Governance.
    #[runtime::pallet_index(40)]
    pub type Preimage = polkadot_sdk::pallet_preimage::Pallet<Runtime>;
    #[runtime::pallet_index(41)]
    pub type Scheduler = polkadot_sdk::pallet_scheduler::Pallet<Runtime>;
    #[runtime::pallet_index(42)]
    pub type Referenda = polkadot_sdk::pallet_referenda::Pallet<Runtime>;
    #[runtime::pallet_index(43)]
    pub type ConvictionVoting = polkadot_sdk::pallet_conviction_voting::Pallet<Runtime>;
    #[runtime::pallet_index(44)]
    pub type Origins = crate::governance::origins::Pallet<Runtime>;
    #[runtime::pallet_index(45)]
    pub type TechnicalCommittee = polkadot_sdk::pallet_collective::Pallet<Runtime, Instance1>;
    #[runtime::pallet_index(46)]
    pub type Whitelist = polkadot_sdk::pallet_whitelist::Pallet<Runtime>;
    #[runtime::pallet_index(47)]
    pub type Treasury = polkadot_sdk::pallet_treasury::Pallet<Runtime>;
    #[runtime::pallet_index(48)]
    pub type SafeMode = polkadot_sdk::pallet_safe_mode::Pallet<Runtime>;
    #[runtime::pallet_index(49)]
    pub type TxPause = polkadot_sdk::pallet_tx_pause::Pallet<Runtime>;

    // Acting together.
    #[runtime::pallet_index(60)]
    pub type Utility = polkadot_sdk::pallet_utility::Pallet<Runtime>;
    #[runtime::pallet_index(61)]
    pub type Multisig = polkadot_sdk::pallet_multisig::Pallet<Runtime>;
    #[runtime::pallet_index(62)]
    pub type Proxy = polkadot_sdk::pallet_proxy::Pallet<Runtime>;
    #[runtime::pallet_index(63)]
    pub type Identity = polkadot_sdk::pallet_identity::Pallet<Runtime>;

    // Upgrades.
    #[runtime::pallet_index(70)]
    pub type MultiBlockMigrations = polkadot_sdk::pallet_migrations::Pallet<Runtime>;
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
    RuntimeCall: From<C>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
    RuntimeCall: From<C>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}
