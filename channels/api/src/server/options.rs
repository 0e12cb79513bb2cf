// SPDX-License-Identifier: Apache-2.0

//! Where the server listens, and its limits.

use crate::tokens::TokenError;
use prometheus::Registry;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    path::PathBuf,
    time::Duration,
};

/// Where the daemon's interface is, unless it is configured otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9966));

/// Where a server listens, and for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Allows an address that other machines can reach. There is no encryption, so this is for
    /// containers and tunnels, not for networks.
    pub remote: bool,
    /// Names of this machine that requests may be addressed to, besides `localhost`, the loopback
    /// addresses and the address that it listens on.
    pub hosts: Vec<String>,
    /// Origins of web pages that may make requests, as `https://wallet.example`. None by default.
    pub origins: Vec<String>,
    /// The folder of the tokens. It is made if it is missing.
    pub folder: PathBuf,
    /// What keeps clients from taking more than their share.
    pub limits: Limits,
    /// Where the server's metrics go, and what `/metrics` shows.
    pub registry: Registry,
}

impl Options {
    /// The default address and limits, with the tokens in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            remote: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            folder: folder.into(),
            limits: Limits::default(),
            registry: Registry::new(),
        }
    }

    /// Refuses what would expose money by accident.
    pub(super) fn check(&self) -> Result<(), ServerError> {
        if !self.remote && !self.listen.ip().is_loopback() {
            return Err(ServerError::NotLoopback { address: self.listen });
        }
        Ok(())
    }
}

/// What keeps clients from taking more than their share. Each is per server, unless it says
/// otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The size of a request, in bytes.
    pub request_bytes: usize,
    /// The size of an HTTP request's head, in bytes; at least 8,192.
    pub head_bytes: usize,
    /// Connections.
    pub connections: usize,
    /// Requests under way, for each kind of token.
    pub in_flight: usize,
    /// Requests that wait for events, for each kind of token.
    pub waiting: usize,
    /// Requests a second in the long run, for each kind of token.
    pub per_second: u32,
    /// Requests that may come at once after a pause, for each kind of token.
    pub burst: u32,
    /// Calls of one WebSocket under way; while there are as many, nothing is read from it.
    pub calls_per_socket: usize,
    /// Subscriptions of one WebSocket.
    pub subscriptions_per_socket: usize,
    /// Calls in one batch of JSON-RPC.
    pub batch: usize,
    /// How long a request's head may take, and how long a connection may be idle between requests.
    pub head_time: Duration,
    /// How long a request's body may take.
    pub body_time: Duration,
    /// How long the daemon may take for an answer.
    pub call_time: Duration,
    /// How long a peer may refuse to take what is sent.
    pub stall_time: Duration,
    /// How often a silent WebSocket is asked whether it lives; after three times it is closed.
    pub ping_time: Duration,
    /// How many requests that moved money are remembered here, besides what the daemon remembers.
    pub operations: usize,
    /// How long they are remembered here.
    pub operation_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 1 << 20,
            head_bytes: 16 << 10,
            connections: 100,
            in_flight: 256,
            waiting: 64,
            per_second: 5_000,
            burst: 10_000,
            calls_per_socket: 64,
            subscriptions_per_socket: 8,
            batch: 50,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(10),
            call_time: Duration::from_secs(75),
            stall_time: Duration::from_secs(20),
            ping_time: Duration::from_secs(20),
            operations: 10_000,
            operation_time: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// Why a server cannot start. Each message ends with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Other machines could reach it.
    #[error(
        "{address} can be reached from other machines, and requests to it are not encrypted: listen \
         on 127.0.0.1 and reach it through a tunnel (ssh -L), or allow it explicitly"
    )]
    NotLoopback {
        /// Where it should have listened.
        address: SocketAddr,
    },
    /// The operating system refuses the address.
    #[error("cannot listen on {address} ({cause}): choose another port, or end who uses this one")]
    Listen {
        /// Where it should have listened.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A metric of the same name exists in the registry.
    #[error("cannot register the interface's metrics ({cause}): give each server its own registry")]
    Metrics {
        /// What the registry says.
        cause: prometheus::Error,
    },
}
