// SPDX-License-Identifier: Apache-2.0

//! What the node says about itself when it is up.

use super::FullClient;
use millrace_node_parts::{Hash, addresses::websocket_url};
use polkadot_sdk::{
    sc_client_api::HeaderBackend,
    sc_network::Multiaddr,
    sc_service::{Configuration, Error},
    sp_api::{Core, ProvideRuntimeApi},
};

/// Which chain and which runtime this node runs, and in which role.
pub struct Portrait {
    chain: String,
    chain_id: String,
    genesis: Hash,
    runtime: String,
    role: String,
}

impl Portrait {
    /// Reads what the configuration and the best block say.
    pub fn of(config: &Configuration, client: &FullClient) -> Result<Self, Error> {
        let info = client.info();
        let version = client.runtime_api().version(info.best_hash).map_err(|error| {
            Error::Other(format!("the runtime does not tell its version: {error}"))
        })?;
        Ok(Self {
            chain: config.chain_spec.name().into(),
            chain_id: config.chain_spec.id().into(),
            genesis: info.genesis_hash,
            runtime: format!("{} version {}", version.spec_name, version.spec_version),
            role: config.display_role(),
        })
    }

    /// Logs it, with the addresses at which the RPC can be reached.
    pub fn announce(self, rpc: &[Multiaddr]) {
        log::info!("⛓  Chain: {} ({})", self.chain, self.chain_id);
        log::info!("🧬 Genesis hash: {:?}", self.genesis);
        log::info!("📜 Runtime: {}", self.runtime);
        log::info!("👤 Role: {}", self.role);
        for url in rpc.iter().filter_map(websocket_url) {
            log::info!("📡 RPC: {url}");
        }
    }
}
