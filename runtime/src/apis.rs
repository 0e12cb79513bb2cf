// SPDX-License-Identifier: Apache-2.0

//! What the node and its clients can ask the runtime.

use crate::{
    AccountId, AuthorityDiscovery, Babe, Balance, Beefy, BeefyMmrLeaf, Block, BlockNumber,
    Channels, Dpos, Executive, Grandpa, Hash, Historical, InherentDataExt, Mmr, Nonce, Runtime,
    RuntimeCall, RuntimeGenesisConfig, SessionKeys, System, TransactionPayment, VERSION,
    configs::EpochDuration, constants::time::SLOT_MILLIS, genesis,
};
use alloc::vec::Vec;
use codec::Encode;
use millrace_primitives_channels::{
    ChannelId,
    api::{AccountView, ChannelView},
};
use millrace_primitives_dpos::{
    EraIndex,
    api::{CandidateView, DelegatorView, NetworkView, ProposerView, QuorumView, ValidatorSetView},
};
use polkadot_sdk::{
    frame_support::{
        genesis_builder_helper, storage::with_transaction_unchecked, traits::KeyOwnerProofSystem,
        weights::Weight,
    },
    frame_system_rpc_runtime_api, pallet_grandpa,
    pallet_transaction_payment_rpc_runtime_api::{
        self as fee_api, FeeDetails, RuntimeDispatchInfo,
    },
    sp_api::{self, impl_runtime_apis},
    sp_authority_discovery::{self, AuthorityId as AuthorityDiscoveryId},
    sp_block_builder, sp_consensus_babe,
    sp_consensus_beefy::{
        self, OpaqueKeyOwnershipProof as BeefyOwnershipProof,
        ecdsa_crypto::{AuthorityId as BeefyId, Signature as BeefySignature},
    },
    sp_consensus_grandpa,
    sp_core::OpaqueMetadata,
    sp_genesis_builder::{self, PresetId},
    sp_inherents::{CheckInherentsResult, InherentData},
    sp_mmr_primitives as mmr, sp_offchain,
    sp_runtime::{
        ApplyExtrinsicResult, ExtrinsicInclusionMode, TransactionOutcome,
        traits::{Block as BlockT, NumberFor},
        transaction_validity::{TransactionSource, TransactionValidity},
    },
    sp_session::{self, OpaqueGeneratedSessionKeys},
    sp_transaction_pool,
    sp_version::RuntimeVersion,
};

/// Has keys of the state hashed without the node, where there is one to ask.
fn hash_inside() {
    #[cfg(substrate_runtime)]
    crate::hashing::stay_inside();
}

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            hash_inside();
            Executive::execute_block(block);
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            hash_inside();
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl polkadot_sdk::frame_support::view_functions::runtime_api::RuntimeViewFunction<Block>
        for Runtime
    {
        fn execute_view_function(
            id: polkadot_sdk::frame_support::view_functions::ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, polkadot_sdk::frame_support::view_functions::ViewFunctionDispatchError>
        {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            hash_inside();
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            hash_inside();
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: InherentData,
        ) -> CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl millrace_primitives_authoring::ApplyExtrinsics<Block> for Runtime {
        fn apply_extrinsics(
            extrinsics: Vec<<Block as BlockT>::Extrinsic>,
        ) -> Vec<ApplyExtrinsicResult> {
            hash_inside();
            let apply = |extrinsic| {
                with_transaction_unchecked(|| match Executive::apply_extrinsic(extrinsic) {
                    Ok(outcome) => TransactionOutcome::Commit(Ok(outcome)),
                    Err(refusal) => TransactionOutcome::Rollback(Err(refusal)),
                })
            };
            extrinsics.into_iter().map(apply).collect()
        }
    }

    impl millrace_primitives_authoring::ValidateTransactions<Block> for Runtime {
        fn validate_transactions(
            transactions: Vec<(TransactionSource, <Block as BlockT>::Extrinsic)>,
            block_hash: <Block as BlockT>::Hash,
        ) -> Vec<TransactionValidity> {
            hash_inside();
            let validate = |(source, transaction)| {
                with_transaction_unchecked(|| {
                    TransactionOutcome::Rollback(Executive::validate_transaction(
                        source,
                        transaction,
                        block_hash,
                    ))
                })
            };
            transactions.into_iter().map(validate).collect()
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            hash_inside();
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> sp_consensus_babe::BabeConfiguration {
            let epoch_config = Babe::epoch_config().unwrap_or(genesis::BABE_EPOCH_CONFIG);
            sp_consensus_babe::BabeConfiguration {
                slot_duration: SLOT_MILLIS,
                epoch_length: <EpochDuration as polkadot_sdk::frame_support::traits::Get<u64>>::get(),
                c: epoch_config.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch_config.allowed_slots,
            }
        }

        fn current_epoch_start() -> sp_consensus_babe::Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: sp_consensus_babe::Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Babe::submit_unsigned_equivocation_report(
                equivocation_proof,
                key_owner_proof.decode()?,
            )
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                NumberFor<Block>,
            >,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Grandpa::submit_unsigned_equivocation_report(
                equivocation_proof,
                key_owner_proof.decode()?,
            )
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: sp_consensus_grandpa::AuthorityId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }
    }

    impl sp_consensus_beefy::BeefyApi<Block, BeefyId> for Runtime {
        fn beefy_genesis() -> Option<BlockNumber> {
            polkadot_sdk::pallet_beefy::GenesisBlock::<Runtime>::get()
        }

        fn validator_set() -> Option<sp_consensus_beefy::ValidatorSet<BeefyId>> {
            Beefy::validator_set()
        }

        fn submit_report_double_voting_unsigned_extrinsic(
            equivocation_proof: sp_consensus_beefy::DoubleVotingProof<
                BlockNumber,
                BeefyId,
                BeefySignature,
            >,
            key_owner_proof: BeefyOwnershipProof,
        ) -> Option<()> {
            Beefy::submit_unsigned_double_voting_report(
                equivocation_proof,
                key_owner_proof.decode()?,
            )
        }

        fn submit_report_fork_voting_unsigned_extrinsic(
            equivocation_proof: sp_consensus_beefy::ForkVotingProof<
                <Block as BlockT>::Header,
                BeefyId,
                BeefyOwnershipProof,
            >,
            key_owner_proof: BeefyOwnershipProof,
        ) -> Option<()> {
            Beefy::submit_unsigned_fork_voting_report(
                equivocation_proof.try_into()?,
                key_owner_proof.decode()?,
            )
        }

        fn submit_report_future_block_voting_unsigned_extrinsic(
            equivocation_proof: sp_consensus_beefy::FutureBlockVotingProof<BlockNumber, BeefyId>,
            key_owner_proof: BeefyOwnershipProof,
        ) -> Option<()> {
            Beefy::submit_unsigned_future_block_voting_report(
                equivocation_proof,
                key_owner_proof.decode()?,
            )
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_beefy::ValidatorSetId,
            authority_id: BeefyId,
        ) -> Option<BeefyOwnershipProof> {
            Historical::prove((sp_consensus_beefy::KEY_TYPE, authority_id))
                .map(|proof| BeefyOwnershipProof::new(proof.encode()))
        }
    }

    impl mmr::MmrApi<Block, Hash, BlockNumber> for Runtime {
        fn mmr_root() -> Result<Hash, mmr::Error> {
            Ok(polkadot_sdk::pallet_mmr::RootHash::<Runtime>::get())
        }

        fn mmr_leaf_count() -> Result<mmr::LeafIndex, mmr::Error> {
            Ok(polkadot_sdk::pallet_mmr::NumberOfLeaves::<Runtime>::get())
        }

        fn generate_proof(
            block_numbers: Vec<BlockNumber>,
            best_known_block_number: Option<BlockNumber>,
        ) -> Result<(Vec<mmr::EncodableOpaqueLeaf>, mmr::LeafProof<Hash>), mmr::Error> {
            let (leaves, proof) = Mmr::generate_proof(block_numbers, best_known_block_number)?;
            let leaves =
                leaves.into_iter().map(|leaf| mmr::EncodableOpaqueLeaf::from_leaf(&leaf)).collect();
            Ok((leaves, proof))
        }

        fn generate_ancestry_proof(
            prev_block_number: BlockNumber,
            best_known_block_number: Option<BlockNumber>,
        ) -> Result<mmr::AncestryProof<Hash>, mmr::Error> {
            Mmr::generate_ancestry_proof(prev_block_number, best_known_block_number)
        }

        fn verify_proof(
            leaves: Vec<mmr::EncodableOpaqueLeaf>,
            proof: mmr::LeafProof<Hash>,
        ) -> Result<(), mmr::Error> {
            Mmr::verify_leaves(decode_leaves(leaves)?, proof)
        }

        fn verify_proof_stateless(
            root: Hash,
            leaves: Vec<mmr::EncodableOpaqueLeaf>,
            proof: mmr::LeafProof<Hash>,
        ) -> Result<(), mmr::Error> {
            let nodes = leaves
                .into_iter()
                .map(|leaf| mmr::DataOrHash::Data(leaf.into_opaque_leaf()))
                .collect();
            polkadot_sdk::pallet_mmr::verify_leaves_proof::<MmrHashing, _>(root, nodes, proof)
        }
    }

    impl polkadot_sdk::pallet_beefy_mmr::BeefyMmrApi<Block, Hash> for Runtime {
        fn authority_set_proof() -> sp_consensus_beefy::mmr::BeefyAuthoritySet<Hash> {
            BeefyMmrLeaf::authority_set_proof()
        }

        fn next_authority_set_proof() -> sp_consensus_beefy::mmr::BeefyNextAuthoritySet<Hash> {
            BeefyMmrLeaf::next_authority_set_proof()
        }
    }

    impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
        fn authorities() -> Vec<AuthorityDiscoveryId> {
            AuthorityDiscovery::authorities()
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>,
        ) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(
            encoded: Vec<u8>,
        ) -> Option<Vec<(Vec<u8>, polkadot_sdk::sp_core::crypto::KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl fee_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl fee_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
        fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl millrace_primitives_channels::api::ChannelsApi<Block> for Runtime {
        fn channel(id: ChannelId) -> Option<ChannelView> {
            Channels::view(id)
        }

        fn account(account: AccountId) -> AccountView {
            crate::views::account(account)
        }

        fn apps() -> Vec<Hash> {
            Channels::app_ids()
        }
    }

    impl millrace_primitives_dpos::api::DposApi<Block> for Runtime {
        fn validator_set() -> Option<ValidatorSetView> {
            Dpos::view_set()
        }

        fn validator_set_of(era: EraIndex) -> Option<ValidatorSetView> {
            Dpos::view_set_of(era)
        }

        fn next_set() -> Option<ValidatorSetView> {
            Dpos::view_next_set()
        }

        fn proposer_schedule(slots: u32) -> Vec<ProposerView> {
            Dpos::view_schedule(slots)
        }

        fn quorum() -> QuorumView {
            Dpos::view_quorum()
        }

        fn candidates(skip: u32, count: u32) -> Vec<CandidateView> {
            Dpos::view_candidates(skip, count)
        }

        fn candidate(account: AccountId) -> Option<CandidateView> {
            Dpos::view_candidate(&account)
        }

        fn delegator(account: AccountId) -> DelegatorView {
            Dpos::view_delegator(&account)
        }

        fn network() -> NetworkView {
            Dpos::view_network()
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            genesis_builder_helper::build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<PresetId>) -> Option<Vec<u8>> {
            genesis_builder_helper::get_preset::<RuntimeGenesisConfig>(id, genesis::get_preset)
        }

        fn preset_names() -> Vec<PresetId> {
            genesis::preset_names()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl polkadot_sdk::frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (
            Vec<polkadot_sdk::frame_benchmarking::BenchmarkList>,
            Vec<polkadot_sdk::frame_support::traits::StorageInfo>,
        ) {
            crate::benchmarks::metadata(extra)
        }

        fn dispatch_benchmark(
            config: polkadot_sdk::frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<polkadot_sdk::frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            hash_inside();
            crate::benchmarks::dispatch(config)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl polkadot_sdk::frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(
            checks: polkadot_sdk::frame_try_runtime::UpgradeCheckSelect,
        ) -> (Weight, Weight) {
            // Only ever runs off chain, where a panic is the wanted report.
            #[allow(clippy::expect_used)]
            let weight = Executive::try_runtime_upgrade(checks).expect("the upgrade must not fail");
            (weight, crate::constants::space::MAX_BLOCK_WEIGHT)
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: polkadot_sdk::frame_try_runtime::TryStateSelect,
        ) -> Weight {
            // Only ever runs off chain, where a panic is the wanted report.
            #[allow(clippy::expect_used)]
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block must execute")
        }
    }
}

/// Hashing of the Merkle mountain range.
type MmrHashing = <Runtime as polkadot_sdk::pallet_mmr::Config>::Hashing;

/// Turns opaque leaves into this runtime's leaves.
fn decode_leaves(
    leaves: Vec<mmr::EncodableOpaqueLeaf>,
) -> Result<
    Vec<<<Runtime as polkadot_sdk::pallet_mmr::Config>::LeafData as mmr::LeafDataProvider>::LeafData>,
    mmr::Error,
>{
    leaves
        .into_iter()
        .map(|leaf| {
            leaf.into_opaque_leaf().try_decode().ok_or_else(|| {
                mmr::Error::Verify.log_debug("a leaf of another format than this chain's")
            })
        })
        .collect()
}
