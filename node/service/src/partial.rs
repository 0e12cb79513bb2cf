// SPDX-License-Identifier: Apache-2.0

//! Database, client, pool and import queue: all that the subcommands need.

use super::{
    Executor, FullBackend, FullBlockImport, FullClient, FullSelectChain, TransactionPool,
    api::RuntimeApi,
    equivocations::Reporting,
    executor::new_executor,
    genesis::{Genesis, GenesisState},
};
use millrace_node_parts::{Block, pace, pool::Validating};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sc_consensus::{DefaultImportQueue, LongestChain},
    sc_consensus_babe::{self, BabeLink, BabeWorkerHandle, ImportQueueParams},
    sc_consensus_beefy::{self, BeefyRPCLinks, BeefyVoterLinks},
    sc_consensus_grandpa::{self, GrandpaPruningFilter, LinkHalf, SharedVoterState},
    sc_service::{
        Configuration, Error, PartialComponents, TaskManager, new_db_backend,
        new_full_parts_with_genesis_builder,
    },
    sc_telemetry::{self, Telemetry, TelemetryWorker},
    sc_transaction_pool::{self, ForkAwareTxPool, Options, TransactionPoolWrapper},
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
    sp_api::ProvideRuntimeApi,
    sp_consensus_babe::{
        SlotDuration,
        inherents::{BabeCreateInherentDataProviders, InherentDataProvider as SlotProvider},
    },
    sp_consensus_beefy::ecdsa_crypto::AuthorityId as BeefyId,
    sp_consensus_grandpa::GrandpaApi,
    sp_timestamp::InherentDataProvider as TimestampProvider,
};
use std::sync::Arc;

/// A node without network and voters.
pub type Partial = PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    DefaultImportQueue<Block>,
    TransactionPool,
    Links,
>;

/// What ties block import, voters and RPC together.
pub struct Links {
    /// Where authored blocks go.
    pub block_import: FullBlockImport,
    /// BABE's epochs.
    pub babe: BabeLink<Block>,
    /// Answers questions about epochs.
    pub babe_worker: BabeWorkerHandle<Block>,
    /// What block import hands to the GRANDPA voter.
    pub grandpa: LinkHalf<Block, FullClient, FullSelectChain>,
    /// Where the GRANDPA voter shows its round.
    pub grandpa_voter_state: SharedVoterState,
    /// What block import hands to the BEEFY voter.
    pub beefy_voter: BeefyVoterLinks<Block, BeefyId>,
    /// What the BEEFY voter hands to the RPC.
    pub beefy_rpc: BeefyRPCLinks<Block, BeefyId>,
    /// What says whether transactions are valid.
    pub validating: Arc<Validating<FullClient>>,
    /// The connection to telemetry servers, if there are any.
    pub telemetry: Option<Telemetry>,
}

/// Opens the database and wires up everything below the network.
///
/// Turns offchain indexing on: without it the nodes of the Merkle mountain range would be missing
/// for every block this process imports, and proofs over them could never be made.
///
/// `genesis_state` is asked only if the database is empty, and `pool` are the limits of a fork-aware pool; without them,
/// the pool is what the configuration says.
///
/// Errors: the database cannot be opened; the chain has no validators.
pub fn new_partial(
    config: &mut Configuration,
    genesis_state: GenesisState,
    pool: Option<Options>,
) -> Result<Partial, Error> {
    config.offchain_worker.indexing_enabled = true;
    let config = &*config;

    let telemetry = telemetry_worker(config)?;
    let executor: Executor = new_executor(config);
    let mut database = config.db_config();
    // Justifications that warp sync needs outlive the blocks around them.
    database.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
    let backend = new_db_backend(database)?;
    let genesis = Genesis {
        spec: &*config.chain_spec,
        state: genesis_state,
        commit: !config.no_genesis(),
        backend: backend.clone(),
        executor: executor.clone(),
    };
    let (client, backend, keystore_container, task_manager) =
        new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            backend,
            genesis,
            // Proofs of imported blocks are for parachains.
            false,
        )?;
    let client = Arc::new(client);
    verify_authorities(&client)?;
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });

    let select_chain = LongestChain::new(backend.clone());
    let spawner = task_manager.spawn_essential_handle();
    // The library's own way, which the other pool has, counts under the same names.
    let registry = pool.as_ref().and(config.prometheus_registry());
    let validating = Arc::new(Validating::new(client.clone(), &spawner, registry));
    let transaction_pool =
        transaction_pool(config, pool, &task_manager, client.clone(), validating.clone());
    let reports = OffchainTransactionPoolFactory::new(transaction_pool.clone());

    let (grandpa_import, grandpa) = sc_consensus_grandpa::block_import(
        client.clone(),
        pace::JUSTIFICATION_PERIOD_BLOCKS,
        &client,
        select_chain.clone(),
        telemetry.as_ref().map(|telemetry| telemetry.handle()),
    )?;
    let justification_import = grandpa_import.clone();
    let (beefy_import, beefy_voter, beefy_rpc) = sc_consensus_beefy::beefy_block_import_and_links(
        grandpa_import,
        backend.clone(),
        client.clone(),
        config.prometheus_registry().cloned(),
    );
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let (block_import, babe) = sc_consensus_babe::block_import(
        babe_config,
        beefy_import,
        client.clone(),
        inherents(slot_duration),
        select_chain.clone(),
        reports.clone(),
    )?;
    // GRANDPA's and BEEFY's voters report who votes twice.
    let block_import = Reporting::new(block_import, client.clone(), reports, slot_duration);
    let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
        link: babe.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(justification_import)),
        client: client.clone(),
        slot_duration,
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
    })?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: Links {
            block_import,
            babe,
            babe_worker,
            grandpa,
            grandpa_voter_state: SharedVoterState::empty(),
            beefy_voter,
            beefy_rpc,
            validating,
            telemetry,
        },
    })
}

/// What a block's author states besides transactions: the slot and the time.
pub fn inherents(slot_duration: SlotDuration) -> BabeCreateInherentDataProviders<Block> {
    Arc::new(move |_, ()| async move {
        let timestamp = TimestampProvider::from_system_time();
        let slot = SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration);
        Ok((slot, timestamp))
    })
}

/// A connection to the telemetry servers that the chain's specification or the user names.
fn telemetry_worker(
    config: &Configuration,
) -> Result<Option<(TelemetryWorker, Telemetry)>, sc_telemetry::Error> {
    /// Messages that may wait for a slow server before new ones are dropped.
    const BUFFERED_MESSAGES: usize = 16;

    config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| {
            let worker = TelemetryWorker::new(BUFFERED_MESSAGES)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()
}

/// A fork-aware pool with these limits, or what the configuration says.
fn transaction_pool(
    config: &Configuration,
    limits: Option<Options>,
    task_manager: &TaskManager,
    client: Arc<FullClient>,
    validating: Arc<Validating<FullClient>>,
) -> Arc<TransactionPool> {
    let spawner = task_manager.spawn_essential_handle();
    let is_validator = config.role.is_authority().into();
    let registry = config.prometheus_registry();
    Arc::new(match limits {
        Some(limits) => {
            let info = client.info();
            let (best, finalised) = (info.best_hash, info.finalized_hash);
            TransactionPoolWrapper(Box::new(ForkAwareTxPool::new_with_background_worker(
                limits,
                is_validator,
                validating,
                registry,
                spawner,
                best,
                finalised,
            )))
        }
        None => sc_transaction_pool::Builder::new(spawner, client, is_validator)
            .with_options(config.transaction_pool.clone())
            .with_prometheus(registry)
            .build(),
    })
}

/// Refuses a chain that could never make a block, before GRANDPA would panic over it.
fn verify_authorities(client: &FullClient) -> Result<(), Error> {
    let genesis = client.info().genesis_hash;
    if client.info().best_number > 0 {
        return Ok(());
    }
    let authorities = client.runtime_api().grandpa_authorities(genesis).map_err(|error| {
        Error::Other(format!("the genesis state does not say who may finalise blocks: {error}"))
    })?;
    if authorities.is_empty() {
        return Err(Error::Other(
            "this chain has no validators. Add the session keys of at least one to the genesis \
             configuration (`millrace chain-spec create --patch FILE`) and start with the \
             specification that this gives."
                .into(),
        ));
    }
    Ok(())
}
