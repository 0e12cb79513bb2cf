// SPDX-License-Identifier: Apache-2.0

//! What the node may ask the runtime.
//!
//! The client needs a type that has the runtime's interface. Its functions are never called: a call
//! is encoded and answered by the WASM of the chain's own runtime, whichever version that is. So the
//! type here declares the interface and nothing else, and this crate is not compiled again when a
//! pallet changes. A question that the chain's runtime does not know fails with an error of that call.

use millrace_node_parts::{AccountId, Balance, Block, BlockNumber, Hash, Nonce};
use millrace_primitives_channels::{
    ChannelId,
    api::{AccountView, ChannelView},
};
use millrace_primitives_dpos::{
    EraIndex,
    api::{CandidateView, DelegatorView, NetworkView, ProposerView, QuorumView, ValidatorSetView},
};
use polkadot_sdk::{
    frame_system_rpc_runtime_api,
    pallet_transaction_payment_rpc_runtime_api::{self, FeeDetails, RuntimeDispatchInfo},
    sp_api::{self, impl_runtime_apis},
    sp_authority_discovery::{self, AuthorityId as AuthorityDiscoveryId},
    sp_block_builder,
    sp_consensus_babe::{self, BabeConfiguration, Epoch, Slot},
    sp_consensus_beefy::{
        self, OpaqueKeyOwnershipProof as BeefyOwnershipProof, ValidatorSet, ValidatorSetId,
        ecdsa_crypto::{AuthorityId as BeefyId, Signature as BeefySignature},
    },
    sp_consensus_grandpa::{self, AuthorityList, SetId},
    sp_core::{OpaqueMetadata, crypto::KeyTypeId},
    sp_inherents::{CheckInherentsResult, InherentData},
    sp_mmr_primitives as mmr, sp_offchain,
    sp_runtime::{
        ApplyExtrinsicResult, ExtrinsicInclusionMode,
        traits::{Block as BlockT, NumberFor},
        transaction_validity::{TransactionSource, TransactionValidity},
    },
    sp_session::{self, OpaqueGeneratedSessionKeys},
    sp_transaction_pool,
    sp_version::RuntimeVersion,
    sp_weights::Weight,
};

/// Stands for the runtime of whatever chain the node follows.
pub struct Declared;

/// Marks a function that has no body, because the chain's WASM has it.
fn in_wasm() -> ! {
    unreachable!("the client sends every call to the runtime's WASM")
}

impl_runtime_apis! {
    impl sp_api::Core<Block> for Declared {
        fn version() -> RuntimeVersion {
            in_wasm()
        }

        fn execute_block(_: <Block as BlockT>::LazyBlock) {
            in_wasm()
        }

        fn initialize_block(_: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            in_wasm()
        }
    }

    impl sp_api::Metadata<Block> for Declared {
        fn metadata() -> OpaqueMetadata {
            in_wasm()
        }

        fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> {
            in_wasm()
        }

        fn metadata_versions() -> Vec<u32> {
            in_wasm()
        }
    }

    impl millrace_primitives_authoring::ApplyExtrinsics<Block> for Declared {
        fn apply_extrinsics(_: Vec<<Block as BlockT>::Extrinsic>) -> Vec<ApplyExtrinsicResult> {
            in_wasm()
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Declared {
        fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            in_wasm()
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            in_wasm()
        }

        fn inherent_extrinsics(_: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            in_wasm()
        }

        fn check_inherents(_: <Block as BlockT>::LazyBlock, _: InherentData) -> CheckInherentsResult {
            in_wasm()
        }
    }

    impl millrace_primitives_authoring::ValidateTransactions<Block> for Declared {
        fn validate_transactions(
            _: Vec<(TransactionSource, <Block as BlockT>::Extrinsic)>,
            _: <Block as BlockT>::Hash,
        ) -> Vec<TransactionValidity> {
            in_wasm()
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Declared {
        fn validate_transaction(
            _: TransactionSource,
            _: <Block as BlockT>::Extrinsic,
            _: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            in_wasm()
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Declared {
        fn offchain_worker(_: &<Block as BlockT>::Header) {
            in_wasm()
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Declared {
        fn configuration() -> BabeConfiguration {
            in_wasm()
        }

        fn current_epoch_start() -> Slot {
            in_wasm()
        }

        fn current_epoch() -> Epoch {
            in_wasm()
        }

        fn next_epoch() -> Epoch {
            in_wasm()
        }

        fn generate_key_ownership_proof(
            _: Slot,
            _: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            in_wasm()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            _: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            _: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            in_wasm()
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Declared {
        fn grandpa_authorities() -> AuthorityList {
            in_wasm()
        }

        fn current_set_id() -> SetId {
            in_wasm()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            _: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            _: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            in_wasm()
        }

        fn generate_key_ownership_proof(
            _: SetId,
            _: sp_consensus_grandpa::AuthorityId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            in_wasm()
        }
    }

    impl sp_consensus_beefy::BeefyApi<Block, BeefyId> for Declared {
        fn beefy_genesis() -> Option<BlockNumber> {
            in_wasm()
        }

        fn validator_set() -> Option<ValidatorSet<BeefyId>> {
            in_wasm()
        }

        fn submit_report_double_voting_unsigned_extrinsic(
            _: sp_consensus_beefy::DoubleVotingProof<BlockNumber, BeefyId, BeefySignature>,
            _: BeefyOwnershipProof,
        ) -> Option<()> {
            in_wasm()
        }

        fn submit_report_fork_voting_unsigned_extrinsic(
            _: sp_consensus_beefy::ForkVotingProof<
                <Block as BlockT>::Header,
                BeefyId,
                BeefyOwnershipProof,
            >,
            _: BeefyOwnershipProof,
        ) -> Option<()> {
            in_wasm()
        }

        fn submit_report_future_block_voting_unsigned_extrinsic(
            _: sp_consensus_beefy::FutureBlockVotingProof<BlockNumber, BeefyId>,
            _: BeefyOwnershipProof,
        ) -> Option<()> {
            in_wasm()
        }

        fn generate_key_ownership_proof(
            _: ValidatorSetId,
            _: BeefyId,
        ) -> Option<BeefyOwnershipProof> {
            in_wasm()
        }
    }

    impl mmr::MmrApi<Block, Hash, BlockNumber> for Declared {
        fn mmr_root() -> Result<Hash, mmr::Error> {
            in_wasm()
        }

        fn mmr_leaf_count() -> Result<mmr::LeafIndex, mmr::Error> {
            in_wasm()
        }

        fn generate_proof(
            _: Vec<BlockNumber>,
            _: Option<BlockNumber>,
        ) -> Result<(Vec<mmr::EncodableOpaqueLeaf>, mmr::LeafProof<Hash>), mmr::Error> {
            in_wasm()
        }

        fn generate_ancestry_proof(
            _: BlockNumber,
            _: Option<BlockNumber>,
        ) -> Result<mmr::AncestryProof<Hash>, mmr::Error> {
            in_wasm()
        }

        fn verify_proof(
            _: Vec<mmr::EncodableOpaqueLeaf>,
            _: mmr::LeafProof<Hash>,
        ) -> Result<(), mmr::Error> {
            in_wasm()
        }

        fn verify_proof_stateless(
            _: Hash,
            _: Vec<mmr::EncodableOpaqueLeaf>,
            _: mmr::LeafProof<Hash>,
        ) -> Result<(), mmr::Error> {
            in_wasm()
        }
    }

    impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Declared {
        fn authorities() -> Vec<AuthorityDiscoveryId> {
            in_wasm()
        }
    }

    impl sp_session::SessionKeys<Block> for Declared {
        fn generate_session_keys(_: Vec<u8>, _: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            in_wasm()
        }

        fn decode_session_keys(_: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            in_wasm()
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Declared {
        fn account_nonce(_: AccountId) -> Nonce {
            in_wasm()
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
        for Declared
    {
        fn query_info(_: <Block as BlockT>::Extrinsic, _: u32) -> RuntimeDispatchInfo<Balance> {
            in_wasm()
        }

        fn query_fee_details(_: <Block as BlockT>::Extrinsic, _: u32) -> FeeDetails<Balance> {
            in_wasm()
        }

        fn query_weight_to_fee(_: Weight) -> Balance {
            in_wasm()
        }

        fn query_length_to_fee(_: u32) -> Balance {
            in_wasm()
        }
    }

    impl millrace_primitives_channels::api::ChannelsApi<Block> for Declared {
        fn channel(_: ChannelId) -> Option<ChannelView> {
            in_wasm()
        }

        fn account(_: AccountId) -> AccountView {
            in_wasm()
        }

        fn apps() -> Vec<Hash> {
            in_wasm()
        }
    }

    impl millrace_primitives_dpos::api::DposApi<Block> for Declared {
        fn validator_set() -> Option<ValidatorSetView> {
            in_wasm()
        }

        fn validator_set_of(_: EraIndex) -> Option<ValidatorSetView> {
            in_wasm()
        }

        fn next_set() -> Option<ValidatorSetView> {
            in_wasm()
        }

        fn proposer_schedule(_: u32) -> Vec<ProposerView> {
            in_wasm()
        }

        fn quorum() -> QuorumView {
            in_wasm()
        }

        fn candidates(_: u32, _: u32) -> Vec<CandidateView> {
            in_wasm()
        }

        fn candidate(_: AccountId) -> Option<CandidateView> {
            in_wasm()
        }

        fn delegator(_: AccountId) -> DelegatorView {
            in_wasm()
        }

        fn network() -> NetworkView {
            in_wasm()
        }
    }
}
