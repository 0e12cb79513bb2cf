// SPDX-License-Identifier: Apache-2.0

//! The running node, from the database to the voters.
//!
//! It knows the runtime by the [`api`] alone and is not compiled again when a pallet changes.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`api`] | what the node may ask the runtime |
//! | [`executor`] | what runs the runtime's WASM |
//! | [`equivocations`] | reports of authors who make two blocks in one slot |
//! | [`genesis`] | the genesis block, made only when the database has none |
//! | [`partial`] | database, client, pool and import queue: all that the subcommands need |
//! | [`network`] | the peer-to-peer network, over litep2p or libp2p |
//! | [`consensus`] | authoring, finality, and finding the other validators |
//! | [`rpc`] | what clients can ask |
//! | `announce` | what the node says about itself when it is up |
//! | [`maintenance`] | what subcommands do with a database |
//!
//! Only [`network`] is generic over the network's implementation: everything else is compiled once.

// The node library's error type is large, and not ours to change.
#![allow(clippy::result_large_err)]

mod announce;
// The macro in it writes undocumented items of its own.
#[allow(missing_docs)]
pub mod api;
pub mod consensus;
pub mod equivocations;
pub mod executor;
pub mod genesis;
pub mod maintenance;
pub mod network;
pub mod partial;
pub mod rpc;

pub use genesis::GenesisState;
pub use partial::{Partial, new_partial};

use api::RuntimeApi;
use futures::{FutureExt, StreamExt};
use millrace_node_parts::{
    Block, best,
    pool::{self, keeping},
};
use polkadot_sdk::{
    sc_client_api::{Backend as _, BlockchainEvents, HeaderBackend},
    sc_consensus, sc_consensus_babe, sc_consensus_beefy, sc_consensus_grandpa, sc_executor,
    sc_network::{Litep2pNetworkBackend, NetworkWorker, config::NetworkBackendType},
    sc_network_sync::SyncingService,
    sc_offchain::{OffchainWorkerOptions, OffchainWorkers},
    sc_service::{
        Configuration, Error, SpawnTasksParams, TFullBackend, TFullClient, TaskManager, spawn_tasks,
    },
    sc_storage_monitor::{StorageMonitorParams, StorageMonitorService},
    sc_transaction_pool,
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
    sp_consensus_babe::inherents::BabeCreateInherentDataProviders,
    sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId,
};
use rpc::RpcParts;
use std::sync::Arc;

/// Host functions that the runtime may call.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type HostFunctions = millrace_node_parts::signatures::HostFunctions;
/// Host functions that the runtime may call, those of its benchmarks included. What is measured is a
/// check of a signature each time.
#[cfg(feature = "runtime-benchmarks")]
pub type HostFunctions = (
    polkadot_sdk::sp_io::SubstrateHostFunctions,
    polkadot_sdk::frame_benchmarking::benchmarking::HostFunctions,
);

/// Runs the runtime's WASM.
pub type Executor = sc_executor::WasmExecutor<HostFunctions>;
/// Reads and extends the chain.
pub type FullClient = TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = TFullBackend<Block>;
/// Which branch is best.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// Transactions that wait for a block.
pub type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
/// A way into it, for clients or for peers.
pub type PoolDoor = pool::Door<TransactionPool, pool::Validating<FullClient>>;
/// Keeps what came through it.
type TransactionKeeper = keeping::Keeper<TransactionPool, pool::Validating<FullClient>>;

type GrandpaImport =
    sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type BeefyImport = sc_consensus_beefy::import::BeefyBlockImport<
    Block,
    FullBackend,
    FullClient,
    GrandpaImport,
    BeefyId,
>;
type BabeImport = sc_consensus_babe::BabeBlockImport<
    Block,
    FullClient,
    BeefyImport,
    BabeCreateInherentDataProviders<Block>,
    FullSelectChain,
>;
/// Checks each block: first whether its author made another one, then BABE, BEEFY, GRANDPA, the client.
pub type FullBlockImport = equivocations::Reporting<BabeImport>;

/// Starts a node and returns the manager of its tasks; the node stops when that is dropped.
///
/// Errors: the database cannot be opened, the chain has no validators, an address cannot be
/// listened on, or the disk is nearly full.
pub fn new_full(
    mut config: Configuration,
    genesis_state: GenesisState,
    pool: pool::Settings,
    storage_monitor: StorageMonitorParams,
) -> Result<TaskManager, Error> {
    let Partial {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: mut links,
    } = new_partial(&mut config, genesis_state, pool.fork_aware.then(|| pool.limits()))?;

    let parts = network::NetworkParts {
        config: &config,
        client: client.clone(),
        backend: backend.clone(),
        transaction_pool: Arc::new(PoolDoor::for_peers(transaction_pool.clone())),
        authorities: links.grandpa.shared_authority_set().clone(),
        task_manager: &task_manager,
    };
    let network = match config.network.network_backend {
        NetworkBackendType::Litep2p => {
            network::start::<Litep2pNetworkBackend>(parts, import_queue)?
        }
        NetworkBackendType::Libp2p => network::start::<NetworkWorker<_, _>>(parts, import_queue)?,
    };

    let keystore = keystore_container.keystore();
    let node = consensus::Node::new(&config, client.clone(), backend.clone(), keystore.clone());
    let portrait = announce::Portrait::of(&config, &client)?;
    let database_path = config.database.path().map(|path| path.to_path_buf());
    let offchain_workers = config.offchain_worker.enabled;

    let (clients_pool, pace, keeper) =
        PoolDoor::for_clients(transaction_pool.clone(), links.validating.clone(), pool.size);
    let clients_pool = Arc::new(clients_pool);
    let spawner = task_manager.spawn_handle();
    spawner.spawn("transaction-gossip-pace", "transaction-pool", pace.run());
    let keeper = keeper.counting_in(config.prometheus_registry());
    spawner.spawn("transaction-keeper", "transaction-pool", keep(keeper, client.clone()));
    let telling = tell_best(client.clone(), network.sync.clone());
    spawner.spawn("best-block-after-finality", "networking", telling);
    let rpc = RpcParts {
        client: client.clone(),
        pool: clients_pool.clone(),
        backend: backend.clone(),
        select_chain: select_chain.clone(),
        chain_spec: config.chain_spec.cloned_box(),
        keystore: keystore.clone(),
        babe_worker: links.babe_worker.clone(),
        grandpa_authorities: links.grandpa.shared_authority_set().clone(),
        grandpa_justifications: links.grandpa.justification_stream(),
        grandpa_voter_state: links.grandpa_voter_state.clone(),
        finality_proofs: sc_consensus_grandpa::FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(links.grandpa.shared_authority_set().clone()),
        ),
        beefy_justifications: links.beefy_rpc.from_voter_justif_stream.clone(),
        beefy_best_blocks: links.beefy_rpc.from_voter_best_beefy_stream.clone(),
    };

    let rpc_handlers = spawn_tasks(SpawnTasksParams {
        config,
        backend: backend.clone(),
        client: client.clone(),
        keystore: keystore.clone(),
        network: network.service.clone(),
        rpc_builder: Box::new(move |tasks| rpc.module(tasks).map_err(Error::Application)),
        transaction_pool: clients_pool,
        task_manager: &mut task_manager,
        system_rpc_tx: network.system_requests,
        tx_handler_controller: network.transactions,
        sync_service: network.sync.clone(),
        telemetry: links.telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if offchain_workers {
        let workers = OffchainWorkers::new(OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            keystore: Some(keystore),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
            network_provider: Arc::new(network.service.clone()),
            is_validator: node.is_authority(),
            enable_http_requests: true,
            custom_extensions: |_| vec![],
        })?;
        task_manager.spawn_handle().spawn(
            "offchain-workers-runner",
            "offchain-worker",
            workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
        );
    }

    node.start(
        &task_manager,
        consensus::Shared {
            network: network.service,
            sync: network.sync,
            transaction_pool,
            select_chain,
        },
        links,
        network.grandpa,
        network.beefy,
    )?;

    if let Some(path) = database_path {
        let spawner = task_manager.spawn_essential_handle();
        StorageMonitorService::try_spawn(storage_monitor, path, &spawner)
            .map_err(|error| Error::Application(error.into()))?;
    }

    portrait.announce(rpc_handlers.listen_addresses());
    Ok(task_manager)
}

/// Lets the keeper follow the chain.
async fn keep(keeper: TransactionKeeper, client: Arc<FullClient>) {
    let finalized = client.finality_notification_stream().map(|notification| {
        notification.tree_route.iter().copied().chain([notification.hash]).collect()
    });
    let tips = || {
        let info = client.info();
        keeping::Tips { best: info.best_hash, finalized: info.finalized_hash }
    };
    keeper.run(finalized, tips).await;
}

/// Lets the network know of the best block when finality has changed it.
async fn tell_best(client: Arc<FullClient>, sync: Arc<SyncingService<Block>>) {
    let finalities = client.finality_notification_stream();
    let invalidated = finalities.map(|notification| !notification.stale_blocks.is_empty());
    let best = || {
        let info = client.info();
        (info.best_hash, info.best_number)
    };
    best::follow(invalidated, best, &*sync).await;
}
