// SPDX-License-Identifier: Apache-2.0

//! What a node that strangers can reach does unasked.
//!
//! | on | without being asked | asked for by |
//! |---|---|---|
//! | a live network | offers safe RPC methods alone, to this machine too: a reverse proxy's visitors come from it | `--rpc-methods unsafe` |
//! | a live network | refuses to offer unsafe methods to other machines | `--unsafe-rpc-external` |
//! | a live network | does not look for peers by multicast, which hosting companies take for an attack | `--discover-local` |
//! | any network | limits calls from other machines | `--rpc-rate-limit`, `--rpc-max-batch-request-len` |
//!
//! A development chain is left as it is.

use polkadot_sdk::sc_service::{
    ChainType, Configuration,
    config::{RpcBatchRequestConfig, RpcEndpoint, RpcMethods, TransportConfig},
};
use std::num::NonZeroU32;

/// How many calls a minute a WebSocket connection from another machine may make. As many may come at
/// once; a wallet makes about a hundred when it connects, and then listens.
pub const CALLS_PER_MINUTE: u32 = 1_200;

/// How many calls another machine may send in one batch. The server limits HTTP by this alone, because
/// it counts the calls of each HTTP request anew.
pub const CALLS_PER_BATCH: u32 = 100;

/// What the user asked for by name, rather than leave it to defaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// RPC for other machines, with all its risks.
    pub unsafe_external_rpc: bool,
    /// Endpoints of the RPC, each with methods of its own.
    pub rpc_endpoints: bool,
    /// Peers of the local network.
    pub local_peers: bool,
}

/// Makes a configuration fit for strangers, and logs what whoever runs the node should know.
///
/// Errors: unsafe RPC methods would be offered to other machines.
pub fn harden(asked: Asked, config: &mut Configuration) -> Result<(), String> {
    let chain = config.chain_spec.chain_type();
    for endpoint in config.rpc.addr.iter_mut().flatten() {
        let notes = harden_endpoint(asked, &chain, endpoint)?;
        // The optional endpoint is the same one over IPv6: once is enough.
        if !endpoint.is_optional {
            notes.iter().for_each(|note| log::warn!("{note}"));
        }
    }
    harden_transport(asked, &chain, &mut config.network.transport);
    Ok(())
}

/// Makes one endpoint of the RPC fit for strangers; returns what the user should know about it.
fn harden_endpoint(
    asked: Asked,
    chain: &ChainType,
    endpoint: &mut RpcEndpoint,
) -> Result<Vec<String>, String> {
    let address = endpoint.listen_addr;
    let is_external = !address.ip().is_loopback();
    let mut notes = Vec::new();

    match endpoint.rpc_methods {
        RpcMethods::Auto if is_live(chain) => endpoint.rpc_methods = RpcMethods::Safe,
        RpcMethods::Unsafe
            if is_live(chain)
                && is_external
                && !asked.unsafe_external_rpc
                && !asked.rpc_endpoints =>
        {
            return Err("unsafe RPC methods would be offered to other machines: they read and \
                 change this node's keys and peers. Leave --rpc-external away and reach this \
                 machine through a tunnel, leave --rpc-methods unsafe away, or insist with \
                 --unsafe-rpc-external."
                .into());
        }
        RpcMethods::Unsafe if is_live(chain) => notes.push(format!(
            "Unsafe RPC methods are offered at {address}: whoever reaches it, the visitors of a \
             reverse proxy included, can change this node's keys and peers. Restart without \
             --rpc-methods unsafe as soon as you are done."
        )),
        _ => {}
    }

    if is_external && !matches!(chain, ChainType::Development) {
        notes.extend(limit_calls(endpoint));
    }
    Ok(notes)
}

/// Limits the calls of other machines, unless the user has; returns what the user should know.
fn limit_calls(endpoint: &mut RpcEndpoint) -> Vec<String> {
    let address = endpoint.listen_addr;
    let rate = endpoint.rate_limit.or(NonZeroU32::new(CALLS_PER_MINUTE));
    endpoint.rate_limit = rate;
    if matches!(endpoint.batch_config, RpcBatchRequestConfig::Unlimited) {
        endpoint.batch_config = RpcBatchRequestConfig::Limit(CALLS_PER_BATCH);
    }
    let batch = match endpoint.batch_config {
        RpcBatchRequestConfig::Disabled => "no batches".into(),
        RpcBatchRequestConfig::Limit(calls) => format!("{calls} in a batch"),
        RpcBatchRequestConfig::Unlimited => "any number in a batch".into(),
    };
    let rate = rate.map_or(0, NonZeroU32::get);
    let mut notes = vec![format!(
        "RPC at {address} is open to other machines: {rate} calls a minute for each WebSocket \
         connection, {batch} (--rpc-rate-limit, --rpc-max-batch-request-len)."
    )];
    if endpoint.cors.is_some() {
        notes.push(format!(
            "RPC at {address} answers only requests whose Host header is localhost:{0}, as a \
             reverse proxy can make it. To serve other machines directly, start with --rpc-cors \
             all.",
            address.port()
        ));
    }
    notes
}

/// Keeps a node of a live network from calling into the local one.
fn harden_transport(asked: Asked, chain: &ChainType, transport: &mut TransportConfig) {
    if is_live(chain)
        && !asked.local_peers
        && let TransportConfig::Normal { enable_mdns, .. } = transport
    {
        *enable_mdns = false;
    }
}

/// Whether strangers take part. A type that this program does not know is taken for a live one.
fn is_live(chain: &ChainType) -> bool {
    !matches!(chain, ChainType::Development | ChainType::Local)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1:9944";
    const EVERYWHERE: &str = "0.0.0.0:9944";

    /// What the command line makes when it says nothing but where to listen.
    fn endpoint(address: &str, rpc_methods: RpcMethods) -> RpcEndpoint {
        RpcEndpoint {
            listen_addr: address.parse().expect("an address"),
            rpc_methods,
            batch_config: RpcBatchRequestConfig::Unlimited,
            max_connections: 100,
            max_payload_in_mb: 15,
            max_payload_out_mb: 15,
            max_subscriptions_per_connection: 1_024,
            max_buffer_capacity_per_connection: 64,
            rate_limit: None,
            rate_limit_trust_proxy_headers: false,
            rate_limit_whitelisted_ips: Vec::new(),
            cors: None,
            is_optional: false,
            retry_random_port: false,
        }
    }

    /// The endpoint after hardening, and the notes.
    fn hardened(
        asked: Asked,
        chain: ChainType,
        mut endpoint: RpcEndpoint,
    ) -> Result<(RpcEndpoint, Vec<String>), String> {
        let notes = harden_endpoint(asked, &chain, &mut endpoint)?;
        Ok((endpoint, notes))
    }

    #[test]
    fn live_network_offers_safe_methods_alone_even_on_loopback() {
        let live = [ChainType::Live, ChainType::Custom("canary".into())];
        for (chain, address) in live.into_iter().zip([LOOPBACK, "[::1]:9944"]) {
            let auto = endpoint(address, RpcMethods::Auto);
            let (after, notes) = hardened(Asked::default(), chain, auto).expect("it may start");
            assert!(matches!(after.rpc_methods, RpcMethods::Safe));
            assert_eq!(notes, Vec::<String>::new());
        }
    }

    #[test]
    fn unsafe_methods_on_loopback_are_there_when_asked_for_with_a_warning() {
        let asked = endpoint(LOOPBACK, RpcMethods::Unsafe);
        let (after, notes) =
            hardened(Asked::default(), ChainType::Live, asked).expect("it may start");
        assert!(matches!(after.rpc_methods, RpcMethods::Unsafe));
        assert!(notes.iter().any(|note| note.contains("--rpc-methods unsafe")), "{notes:?}");
    }

    #[test]
    fn unsafe_methods_for_other_machines_are_refused_unless_insisted_on() {
        let exposed = || endpoint(EVERYWHERE, RpcMethods::Unsafe);
        let error = hardened(Asked::default(), ChainType::Live, exposed()).expect_err("refused");
        assert!(error.contains("--unsafe-rpc-external"), "{error}");

        let insisted = Asked { unsafe_external_rpc: true, ..Default::default() };
        let single = Asked { rpc_endpoints: true, ..Default::default() };
        for asked in [insisted, single] {
            let (after, notes) = hardened(asked, ChainType::Live, exposed()).expect("insisted");
            assert!(matches!(after.rpc_methods, RpcMethods::Unsafe));
            assert!(notes.iter().any(|note| note.starts_with("Unsafe")), "{notes:?}");
        }
    }

    #[test]
    fn calls_from_other_machines_are_limited() {
        for chain in [ChainType::Live, ChainType::Local] {
            let open = endpoint(EVERYWHERE, RpcMethods::Auto);
            let (after, notes) = hardened(Asked::default(), chain, open).expect("it may start");
            assert_eq!(after.rate_limit.map(NonZeroU32::get), Some(CALLS_PER_MINUTE));
            assert!(matches!(
                after.batch_config,
                RpcBatchRequestConfig::Limit(calls) if calls == CALLS_PER_BATCH
            ));
            assert!(notes[0].contains("1200 calls a minute"), "{notes:?}");
        }
    }

    #[test]
    fn limits_that_the_user_has_set_stay() {
        let mut open = endpoint(EVERYWHERE, RpcMethods::Safe);
        open.rate_limit = NonZeroU32::new(7);
        open.batch_config = RpcBatchRequestConfig::Disabled;
        let (after, notes) =
            hardened(Asked::default(), ChainType::Live, open).expect("it may start");
        assert_eq!(after.rate_limit.map(NonZeroU32::get), Some(7));
        assert!(matches!(after.batch_config, RpcBatchRequestConfig::Disabled));
        assert!(notes[0].contains("7 calls") && notes[0].contains("no batches"), "{notes:?}");
    }

    #[test]
    fn whoever_opens_the_rpc_is_told_about_the_host_header() {
        let with_origins = |cors: Option<Vec<String>>| {
            let open = RpcEndpoint { cors, ..endpoint(EVERYWHERE, RpcMethods::Auto) };
            let (_, notes) =
                hardened(Asked::default(), ChainType::Live, open).expect("it may start");
            notes.iter().any(|note| note.contains("--rpc-cors all"))
        };
        assert!(with_origins(Some(vec!["https://polkadot.js.org".into()])));
        assert!(!with_origins(None));
    }

    #[test]
    fn development_chain_and_loopback_are_not_limited() {
        for (chain, address) in [(ChainType::Development, EVERYWHERE), (ChainType::Local, LOOPBACK)]
        {
            let before = endpoint(address, RpcMethods::Auto);
            let (after, notes) = hardened(Asked::default(), chain, before).expect("it may start");
            assert!(matches!(after.rpc_methods, RpcMethods::Auto));
            assert!(matches!(after.batch_config, RpcBatchRequestConfig::Unlimited));
            assert_eq!((after.rate_limit, notes), (None, Vec::new()));
        }
    }

    #[test]
    fn live_network_does_not_call_into_the_local_one() {
        let enabled = |asked, chain| {
            let mut transport =
                TransportConfig::Normal { enable_mdns: true, allow_private_ip: false };
            harden_transport(asked, &chain, &mut transport);
            matches!(
                transport,
                TransportConfig::Normal { enable_mdns: true, allow_private_ip: false }
            )
        };
        assert!(!enabled(Asked::default(), ChainType::Live));
        assert!(enabled(Asked { local_peers: true, ..Default::default() }, ChainType::Live));
        assert!(enabled(Asked::default(), ChainType::Local));
    }
}
