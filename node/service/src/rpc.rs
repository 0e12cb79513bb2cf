// SPDX-License-Identifier: Apache-2.0

//! What clients can ask, besides what every node of this kind answers.
//!
//! | group | from |
//! |---|---|
//! | `chain`, `state`, `childstate`, `author`, `offchain`, `chainHead`, `transaction`, `archive`, `chainSpec` | the service itself |
//! | `system` | the service, and the next nonce of an account from here |
//! | `payment`, `babe`, `grandpa`, `beefy`, `mmr`, `sync_state` | here |
//! | `channels`, `dpos`, `pool` | the project's own, in `millrace_node_parts::rpc` |

use super::{FullBackend, FullClient, FullSelectChain, PoolDoor};
use jsonrpsee::RpcModule;
use millrace_node_parts::{
    AccountId, Balance, Block, BlockNumber, Hash, Nonce,
    rpc::{
        channels::{Channels, ChannelsRpcServer},
        dpos::{Dpos, DposRpcServer},
        pool::{Pool, PoolRpcServer},
    },
};
use polkadot_sdk::{
    mmr_rpc::{Mmr, MmrApiServer},
    pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer},
    sc_client_api::Backend,
    sc_consensus_babe::BabeWorkerHandle,
    sc_consensus_babe_rpc::{Babe, BabeApiServer},
    sc_consensus_beefy::communication::notification::{
        BeefyBestBlockStream, BeefyVersionedFinalityProofStream,
    },
    sc_consensus_beefy_rpc::{Beefy, BeefyApiServer},
    sc_consensus_grandpa::{
        FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
    },
    sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer},
    sc_rpc::SubscriptionTaskExecutor,
    sc_service::ChainSpec,
    sc_sync_state_rpc::{SyncState, SyncStateApiServer},
    sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId,
    sp_keystore::KeystorePtr,
    substrate_frame_rpc_system::{System, SystemApiServer},
};
use std::{error::Error, sync::Arc};

/// What the answers are made from.
pub struct RpcParts {
    /// Reads the chain.
    pub client: Arc<FullClient>,
    /// Knows transactions that wait.
    pub pool: Arc<PoolDoor>,
    /// Keeps the Merkle mountain range.
    pub backend: Arc<FullBackend>,
    /// Knows the best block.
    pub select_chain: FullSelectChain,
    /// The base of a light client's starting point.
    pub chain_spec: Box<dyn ChainSpec>,
    /// Knows which slots this node may claim.
    pub keystore: KeystorePtr,
    /// Knows BABE's epochs.
    pub babe_worker: BabeWorkerHandle<Block>,
    /// Who may finalise blocks.
    pub grandpa_authorities: SharedAuthoritySet<Hash, BlockNumber>,
    /// New proofs of finality.
    pub grandpa_justifications: GrandpaJustificationStream<Block>,
    /// The round the voter is in.
    pub grandpa_voter_state: SharedVoterState,
    /// Older proofs of finality.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
    /// New signed roots of the Merkle mountain range.
    pub beefy_justifications: BeefyVersionedFinalityProofStream<Block, BeefyId>,
    /// The newest block whose root is signed.
    pub beefy_best_blocks: BeefyBestBlockStream<Block>,
}

impl RpcParts {
    /// All methods in one module; `tasks` runs subscriptions.
    ///
    /// Errors: two groups claim one name, or the database keeps no offchain data.
    pub fn module(
        &self,
        tasks: SubscriptionTaskExecutor,
    ) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
        let client = self.client.clone();
        let offchain =
            self.backend.offchain_storage().ok_or("the database has no offchain part")?;
        let mut module = RpcModule::new(());

        module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(
            System::<_, _, Block>::new(client.clone(), self.pool.clone()),
        ))?;
        module.merge(TransactionPaymentApiServer::<Hash, FeeInfo>::into_rpc(
            TransactionPayment::<_, Block>::new(client.clone()),
        ))?;
        module.merge(
            Babe::new(
                client.clone(),
                self.babe_worker.clone(),
                self.keystore.clone(),
                self.select_chain.clone(),
            )
            .into_rpc(),
        )?;
        module.merge(
            Grandpa::new(
                tasks.clone(),
                self.grandpa_authorities.clone(),
                self.grandpa_voter_state.clone(),
                self.grandpa_justifications.clone(),
                self.finality_proofs.clone(),
            )
            .into_rpc(),
        )?;
        module.merge(
            Beefy::<Block, BeefyId>::new(
                self.beefy_justifications.clone(),
                self.beefy_best_blocks.clone(),
                tasks,
            )?
            .into_rpc(),
        )?;
        module.merge(MmrApiServer::<Hash, BlockNumber, Hash>::into_rpc(Mmr::<
            _,
            (Block, Hash),
            _,
        >::new(
            client.clone(),
            offchain,
        )))?;
        module.merge(
            SyncState::<Block, _>::new(
                self.chain_spec.cloned_box(),
                client.clone(),
                self.grandpa_authorities.clone(),
                self.babe_worker.clone(),
            )?
            .into_rpc(),
        )?;
        module.merge(Channels::new(client.clone()).into_rpc())?;
        module.merge(Pool::new(client.clone(), self.pool.clone()).into_rpc())?;
        module.merge(Dpos::new(client).into_rpc())?;
        Ok(module)
    }
}

/// What a transaction costs.
type FeeInfo =
    polkadot_sdk::pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance>;
