// SPDX-License-Identifier: Apache-2.0

//! Authoring, finality, and finding the other validators.

use super::{
    FullBackend, FullClient, FullSelectChain, TransactionPool,
    network::Gossip,
    partial::{Links, inherents},
};
use futures::StreamExt;
use millrace_node_parts::{Block, authoring::ProposerFactory, pace};
use polkadot_sdk::{
    mmr_gadget::MmrGadget,
    sc_authority_discovery::{self, WorkerConfig},
    sc_consensus_babe::{self, BabeLink, BabeParams, SlotProportion},
    sc_consensus_beefy::{
        self, BeefyNetworkParams, BeefyParams, BeefyVoterLinks,
        communication::request_response::BeefyJustifsRequestHandler,
    },
    sc_consensus_grandpa::{self, GrandpaParams, LinkHalf, SharedVoterState},
    sc_network::{
        Event, Multiaddr, NetworkEventStream, config::Role, service::traits::NetworkService,
    },
    sc_network_sync::SyncingService,
    sc_service::{ChainType, Configuration, Error, TaskManager},
    sc_telemetry::TelemetryHandle,
    sc_transaction_pool_api::OffchainTransactionPoolFactory,
    sp_consensus_beefy::{ecdsa_crypto::AuthorityId as BeefyId, mmr::MmrRootProvider},
    sp_keystore::KeystorePtr,
    sp_mmr_primitives::INDEXING_PREFIX,
    substrate_prometheus_endpoint::Registry,
};
use std::{marker::PhantomData, path::PathBuf, sync::Arc};

/// This node's part in consensus: what of its configuration the voters need to the end.
pub struct Node {
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    keystore: KeystorePtr,
    role: Role,
    name: String,
    chain: ChainType,
    force_authoring: bool,
    registry: Option<Registry>,
    public_addresses: Vec<Multiaddr>,
    publish_private_addresses: bool,
    address_cache: Option<PathBuf>,
}

/// What consensus shares with the rest of the node.
pub struct Shared {
    /// Peers, requests and the address book.
    pub network: Arc<dyn NetworkService>,
    /// Knows whether the node is up to date.
    pub sync: Arc<SyncingService<Block>>,
    /// Where blocks get their transactions, and reports of equivocations go.
    pub transaction_pool: Arc<TransactionPool>,
    /// Which branch to extend.
    pub select_chain: FullSelectChain,
}

impl Node {
    /// Reads the configuration before the service takes it.
    pub fn new(
        config: &Configuration,
        client: Arc<FullClient>,
        backend: Arc<FullBackend>,
        keystore: KeystorePtr,
    ) -> Self {
        Self {
            client,
            backend,
            keystore,
            role: config.role,
            name: config.network.node_name.clone(),
            chain: config.chain_spec.chain_type(),
            force_authoring: config.force_authoring,
            registry: config.prometheus_registry().cloned(),
            public_addresses: config.network.public_addresses.clone(),
            publish_private_addresses: config.network.allow_non_globals_in_dht,
            address_cache: config.network.net_config_path.clone(),
        }
    }

    /// Whether the node authors and votes, if its keys are among the validators'.
    pub fn is_authority(&self) -> bool {
        self.role.is_authority()
    }

    /// Starts everything that keeps the chain going; the node stops if one of these tasks ends.
    ///
    /// Errors: a voter cannot read its state from the database.
    pub fn start(
        self,
        tasks: &TaskManager,
        shared: Shared,
        links: Links,
        grandpa: Option<Gossip>,
        beefy: (Gossip, BeefyJustifsRequestHandler<Block, FullClient>),
    ) -> Result<(), Error> {
        let telemetry = links.telemetry.as_ref().map(|telemetry| telemetry.handle());
        if self.is_authority() {
            self.author(tasks, &shared, links.block_import, links.babe, telemetry.clone())?;
            self.discover_authorities(tasks, &shared);
        }
        if let Some(gossip) = grandpa {
            let voter_state = links.grandpa_voter_state;
            self.finalise(tasks, &shared, gossip, links.grandpa, voter_state, telemetry)?;
        }
        self.finalise_for_bridges(tasks, &shared, beefy, links.beefy_voter);
        self.keep_mountain_range(tasks);
        Ok(())
    }

    /// The keys, if the node uses them.
    fn voting_keys(&self) -> Option<KeystorePtr> {
        self.is_authority().then(|| self.keystore.clone())
    }

    /// Makes blocks with BABE.
    fn author(
        &self,
        tasks: &TaskManager,
        shared: &Shared,
        block_import: super::FullBlockImport,
        babe_link: BabeLink<Block>,
        telemetry: Option<TelemetryHandle>,
    ) -> Result<(), Error> {
        let proposer = ProposerFactory::new(
            tasks.spawn_handle(),
            self.client.clone(),
            shared.transaction_pool.clone(),
            self.registry.as_ref(),
        );
        let config = babe_link.config();
        let babe = sc_consensus_babe::start_babe(BabeParams {
            keystore: self.keystore.clone(),
            client: self.client.clone(),
            select_chain: shared.select_chain.clone(),
            env: proposer,
            block_import,
            sync_oracle: shared.sync.clone(),
            justification_sync_link: shared.sync.clone(),
            create_inherent_data_providers: inherents(config.slot_duration()),
            force_authoring: self.force_authoring,
            backoff_authoring_blocks: pace::backoff(
                &self.chain,
                config.epoch_length,
                self.force_authoring,
            ),
            block_proposal_slot_portion: SlotProportion::new(pace::PROPOSAL_SLOT_PORTION),
            max_block_proposal_slot_portion: None,
            babe_link,
            telemetry,
        })?;
        let group = Some("block-authoring");
        tasks.spawn_essential_handle().spawn_blocking("babe-proposer", group, babe);
        Ok(())
    }

    /// Publishes this validator's addresses and looks up those of the others.
    fn discover_authorities(&self, tasks: &TaskManager, shared: &Shared) {
        let events = shared.network.event_stream("authority-discovery").filter_map(|event| async {
            match event {
                Event::Dht(event) => Some(event),
                _ => None,
            }
        });
        let (worker, _service) = sc_authority_discovery::new_worker_and_service_with_config(
            WorkerConfig {
                publish_non_global_ips: self.publish_private_addresses,
                public_addresses: self.public_addresses.clone(),
                // No node of this network is so old that it would not sign its records.
                strict_record_validation: true,
                persisted_cache_directory: self.address_cache.clone(),
                ..Default::default()
            },
            self.client.clone(),
            Arc::new(shared.network.clone()),
            Box::pin(events),
            sc_authority_discovery::Role::PublishAndDiscover(self.keystore.clone()),
            self.registry.clone(),
            tasks.spawn_handle(),
        );
        let group = Some("networking");
        tasks.spawn_handle().spawn("authority-discovery-worker", group, worker.run());
    }

    /// Votes with GRANDPA, or follows the votes of others.
    fn finalise(
        &self,
        tasks: &TaskManager,
        shared: &Shared,
        gossip: Gossip,
        link: LinkHalf<Block, FullClient, FullSelectChain>,
        shared_voter_state: SharedVoterState,
        telemetry: Option<TelemetryHandle>,
    ) -> Result<(), Error> {
        let config = sc_consensus_grandpa::Config {
            gossip_duration: pace::gossip_duration(&self.chain),
            justification_generation_period: pace::JUSTIFICATION_PERIOD_BLOCKS,
            name: Some(self.name.clone()),
            observer_enabled: false,
            keystore: self.voting_keys(),
            local_role: self.role,
            telemetry: telemetry.clone(),
            protocol_name: gossip.protocol,
        };
        let pool = OffchainTransactionPoolFactory::new(shared.transaction_pool.clone());
        // A node without voting rights runs the voter too: it follows rounds and serves votes.
        let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
            config,
            link,
            network: shared.network.clone(),
            sync: shared.sync.clone(),
            notification_service: gossip.notifications,
            voting_rule: pace::voting_rule(&self.chain),
            prometheus_registry: self.registry.clone(),
            shared_voter_state,
            telemetry,
            offchain_tx_pool_factory: pool,
        })?;
        tasks.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
        Ok(())
    }

    /// Signs roots of the Merkle mountain range with BEEFY, for light clients and bridges.
    fn finalise_for_bridges(
        &self,
        tasks: &TaskManager,
        shared: &Shared,
        (gossip, justifications): (Gossip, BeefyJustifsRequestHandler<Block, FullClient>),
        links: BeefyVoterLinks<Block, BeefyId>,
    ) {
        let params = BeefyParams {
            client: self.client.clone(),
            backend: self.backend.clone(),
            payload_provider: MmrRootProvider::new(self.client.clone()),
            runtime: self.client.clone(),
            key_store: self.voting_keys(),
            network_params: BeefyNetworkParams {
                network: Arc::new(shared.network.clone()),
                sync: shared.sync.clone(),
                notification_service: gossip.notifications,
                gossip_protocol_name: gossip.protocol,
                justifications_protocol_name: justifications.protocol_name(),
                _phantom: PhantomData,
            },
            min_block_delta: pace::BEEFY_MIN_DELTA_BLOCKS,
            prometheus_registry: self.registry.clone(),
            links,
            on_demand_justifications_handler: justifications,
            is_authority: self.is_authority(),
        };
        let voter = sc_consensus_beefy::start_beefy_gadget::<_, _, _, _, _, _, _, BeefyId>(params);
        tasks.spawn_essential_handle().spawn_blocking("beefy-gadget", None, voter);
    }

    /// Moves the nodes of the Merkle mountain range to their final place as blocks become final.
    fn keep_mountain_range(&self, tasks: &TaskManager) {
        let gadget =
            MmrGadget::start(self.client.clone(), self.backend.clone(), INDEXING_PREFIX.to_vec());
        tasks.spawn_essential_handle().spawn_blocking("mmr-gadget", None, gadget);
    }
}
