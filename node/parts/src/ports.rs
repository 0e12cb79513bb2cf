// SPDX-License-Identifier: Apache-2.0

//! A clear word about taken ports, before anything is opened.
//!
//! Left alone, the libraries below would answer a taken RPC port with a random one, share a taken
//! peer-to-peer port with the other process, and drop metrics without a word.

use polkadot_sdk::{
    sc_network::{Multiaddr, multiaddr::Protocol},
    sc_service::Configuration,
};
use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr, TcpListener},
};

/// What the user asked for by name, rather than leave it to defaults.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Endpoints of the RPC, one by one. Who does so also decides what happens if one is taken.
    pub rpc_endpoints: bool,
    /// The port for metrics.
    pub metrics_port: bool,
}

/// Checks that the addresses the node is going to listen on are free.
///
/// A taken port for metrics only costs the metrics, unless the user asked for that very port.
///
/// Errors: a port is taken, or needs rights that the user does not have.
pub fn verify_free(asked: Asked, config: &mut Configuration) -> Result<(), String> {
    for address in config.network.listen_addresses.iter().filter_map(tcp_address) {
        verify("peers", address, "--port PORT (or --listen-addr ADDRESS)")?;
    }

    if !asked.rpc_endpoints {
        for endpoint in config.rpc.addr.iter_mut().flatten() {
            endpoint.retry_random_port = false;
            if !endpoint.is_optional {
                verify("RPC", endpoint.listen_addr, "--rpc-port PORT (0 takes any free one)")?;
            }
        }
    }

    if let Some(metrics) = &config.prometheus_config {
        let free = verify("metrics", metrics.port, "--prometheus-port PORT (or --no-prometheus)");
        match free {
            Err(message) if !asked.metrics_port => {
                log::warn!("{message} Going on without metrics.");
                config.prometheus_config = None;
            }
            other => other?,
        }
    }
    Ok(())
}

/// Whether something can listen on `address`; if not, says what for and how to choose another.
fn verify(purpose: &str, address: SocketAddr, option: &str) -> Result<(), String> {
    // Nobody can connect in between: the listener is closed at once.
    match TcpListener::bind(address).map_err(|error| error.kind()) {
        Err(ErrorKind::AddrInUse) => Err(format!(
            "the port for {purpose}, {address}, is taken by another process. Stop it, or choose \
             another port with {option}."
        )),
        Err(ErrorKind::PermissionDenied) => Err(format!(
            "no permission to listen on {address}, the port for {purpose}. Choose one above 1023 \
             with {option}."
        )),
        // Anything else, such as a machine without IPv6, is judged where the port is opened.
        _ => Ok(()),
    }
}

/// The address and port of a multiaddress over TCP.
fn tcp_address(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip: IpAddr = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_option_that_changes_it() {
        let other = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let address = other.local_addr().expect("a bound listener has an address");
        let error = verify("RPC", address, "--rpc-port PORT").expect_err("the port is taken");
        assert!(error.contains(&address.to_string()) && error.contains("--rpc-port"), "{error}");
    }

    #[test]
    fn any_free_port_will_do() {
        assert_eq!(verify("RPC", "127.0.0.1:0".parse().expect("an address"), "--rpc-port"), Ok(()));
    }

    #[test]
    fn only_tcp_addresses_are_checked() {
        let parse = |text: &str| tcp_address(&text.parse().expect("a valid address"));
        assert_eq!(parse("/ip4/0.0.0.0/tcp/30333/ws"), Some(([0, 0, 0, 0], 30333).into()));
        assert_eq!(parse("/ip4/0.0.0.0/udp/30333/webrtc-direct"), None);
        assert_eq!(parse("/dns/example.org/tcp/30333"), None);
    }
}
