// SPDX-License-Identifier: Apache-2.0

//! The peer-to-peer network, over litep2p or libp2p.
//!
//! This chapter is compiled once for each of the two, so nothing else lives here.

use super::{FullBackend, FullClient, PoolDoor};
use millrace_node_parts::{Block, BlockNumber, Hash};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sc_consensus::DefaultImportQueue,
    sc_consensus_beefy::{
        self,
        communication::{beefy_peers_set_config, request_response::BeefyJustifsRequestHandler},
    },
    sc_consensus_grandpa::{self, SharedAuthoritySet, warp_proof},
    sc_network::{
        NetworkBackend, NotificationService, ProtocolName, config::FullNetworkConfiguration,
        service::traits::NetworkService,
    },
    sc_network_sync::SyncingService,
    sc_network_transactions::TransactionsHandlerController,
    sc_rpc,
    sc_service::{
        BuildNetworkParams, Configuration, Error, TaskManager, WarpSyncConfig, build_network,
    },
    sc_utils::mpsc::TracingUnboundedSender,
};
use std::sync::Arc;

/// What the network is built from.
pub struct NetworkParts<'a> {
    /// Addresses, peers and names.
    pub config: &'a Configuration,
    /// Answers peers' requests for blocks.
    pub client: Arc<FullClient>,
    /// Answers peers' requests for proofs of finality.
    pub backend: Arc<FullBackend>,
    /// Takes peers' transactions.
    pub transaction_pool: Arc<PoolDoor>,
    /// Who may finalise blocks: warp sync proves each change of it.
    pub authorities: SharedAuthoritySet<Hash, BlockNumber>,
    /// Runs the network's tasks.
    pub task_manager: &'a TaskManager,
}

/// A running network.
pub struct Network {
    /// Peers, requests and the address book.
    pub service: Arc<dyn NetworkService>,
    /// Downloads blocks.
    pub sync: Arc<SyncingService<Block>>,
    /// Where the RPC asks about peers.
    pub system_requests: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
    /// Sends transactions to peers.
    pub transactions: TransactionsHandlerController<Hash>,
    /// GRANDPA's votes; nothing if the user turned it off.
    pub grandpa: Option<Gossip>,
    /// BEEFY's votes, and answers to requests for its proofs.
    pub beefy: (Gossip, BeefyJustifsRequestHandler<Block, FullClient>),
}

/// A protocol by which votes spread.
pub struct Gossip {
    /// Its name on the wire.
    pub protocol: ProtocolName,
    /// Sends and receives.
    pub notifications: Box<dyn NotificationService>,
}

/// Starts the network with the protocols of GRANDPA, BEEFY and warp sync.
///
/// Errors: an address cannot be listened on, or the node's key cannot be read.
pub fn start<N: NetworkBackend<Block, Hash>>(
    parts: NetworkParts<'_>,
    import_queue: DefaultImportQueue<Block>,
) -> Result<Network, Error> {
    let NetworkParts { config, client, backend, transaction_pool, authorities, task_manager } =
        parts;
    let registry = config.prometheus_registry().cloned();
    let metrics = N::register_notification_metrics(registry.as_ref());
    let mut protocols =
        FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.clone());
    let peers = protocols.peer_store_handle();
    let genesis = client.info().genesis_hash;

    let grandpa = (!config.disable_grandpa).then(|| {
        let protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
        let (set, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<Block, N>(
            protocol.clone(),
            metrics.clone(),
            peers.clone(),
        );
        protocols.add_notification_protocol(set);
        Gossip { protocol, notifications }
    });

    let fork_id = config.chain_spec.fork_id();
    let protocol = sc_consensus_beefy::gossip_protocol_name(genesis, fork_id);
    let (set, notifications) =
        beefy_peers_set_config::<Block, N>(protocol.clone(), metrics.clone(), peers);
    protocols.add_notification_protocol(set);
    let (justifications, requests) =
        BeefyJustifsRequestHandler::new::<_, N>(&genesis, fork_id, client.clone(), registry);
    protocols.add_request_response_protocol(requests);
    let beefy = (Gossip { protocol, notifications }, justifications);

    let warp_sync = warp_proof::NetworkProvider::new(backend, authorities, Vec::new());
    let (service, system_requests, transactions, sync, _) = build_network(BuildNetworkParams {
        config,
        net_config: protocols,
        client,
        transaction_pool,
        spawn_handle: task_manager.spawn_handle(),
        spawn_essential_handle: task_manager.spawn_essential_handle(),
        import_queue,
        block_announce_validator_builder: None,
        warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
        block_relay: None,
        metrics,
        gap_sync_body_policy: None,
    })?;

    Ok(Network { service, sync, system_requests, transactions, grandpa, beefy })
}
