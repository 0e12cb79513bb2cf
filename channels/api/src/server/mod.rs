// SPDX-License-Identifier: Apache-2.0

//! The server: REST, JSON-RPC over HTTP and WebSocket, and metrics, on one port.
//!
//! | chapter | what it holds |
//! |---|---|
//! | `options` | where it listens, and its limits |
//! | `hosts` | requests that web pages make behind their reader's back |
//! | `connections`, `patient` | sockets, and peers that stall |
//! | `http`, `replies` | one request of HTTP, and its answer |
//! | `rpc`, `session` | JSON-RPC, and its WebSocket |
//! | `desk` | what every request goes through, however it came |
//! | `gate` | how many requests, and how fast |
//! | `once` | requests that move money |
//! | `metrics` | what can be measured |

mod connections;
mod desk;
mod gate;
mod hosts;
mod http;
mod metrics;
mod once;
mod options;
mod patient;
mod replies;
mod rpc;
mod session;

pub use options::{DEFAULT_LISTEN, Limits, Options, ServerError};

use crate::{routes::openapi, service::Service, tokens::Tokens};
use connections::Web;
use desk::Desk;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    time::timeout,
};

/// How long requests may still take when the server ends, before they are dropped.
const DRAIN: Duration = Duration::from_secs(10);

/// How far the server has come in its life. If nobody holds the sender any more, it has ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stage {
    /// It takes requests.
    Serving,
    /// It finishes those that it has.
    Draining,
    /// It drops those that are left.
    Ended,
}

/// What tells everything in the server how far it has come.
#[derive(Clone, Debug)]
struct Life {
    stage: watch::Receiver<Stage>,
    /// Held by whatever has to be waited for.
    alive: mpsc::Sender<()>,
}

impl Life {
    /// Waits until the server has come this far.
    async fn reached(&mut self, stage: Stage) {
        // An error means that the server is gone: that is as far as it gets.
        let _ = self.stage.wait_for(|now| *now >= stage).await;
    }
}

/// A running server. Dropping it ends it at once; see [`Server::stop`] for a gentler end.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stage: watch::Sender<Stage>,
    alive: mpsc::Receiver<()>,
    desk: Arc<Desk>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stopped {
    /// Whether every request got its answer.
    pub in_time: bool,
    /// How many requests that move money are still under way. They go on while the daemon runs.
    pub operations_left: usize,
}

impl Server {
    /// Listens, and serves until it is stopped or dropped.
    ///
    /// Errors: the address is not allowed or taken, or the tokens cannot be read or made; each says
    /// what to do.
    pub async fn start(service: Arc<dyn Service>, options: Options) -> Result<Self, ServerError> {
        options.check()?;
        let tokens = Tokens::open(&options.folder)?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|cause| ServerError::Listen { address: options.listen, cause })?;
        let address = listener
            .local_addr()
            .map_err(|cause| ServerError::Listen { address: options.listen, cause })?;
        if !address.ip().is_loopback() {
            tracing::warn!(
                %address,
                "the interface can be reached from other machines, unencrypted: whoever reads its \
                 traffic can spend its money. Put an encrypted tunnel in front"
            );
        }
        let (stage, seen) = watch::channel(Stage::Serving);
        let (alive_sender, alive) = mpsc::channel(1);
        let life = Life { stage: seen, alive: alive_sender };
        let document = openapi::document(&service.lacks()).to_string();
        let desk = Arc::new(Desk::new(service, &options, &life)?);
        let web = Web::new(desk.clone(), tokens, hosts::Hosts::new(&options), document);
        tokio::spawn(connections::accept(listener, Arc::new(web), life));
        tracing::info!(%address, "serving REST, JSON-RPC and metrics");
        Ok(Self { address, stage, alive, desk })
    }

    /// Where it listens: the port is known even if any was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests, and waits for those that it has, for up to ten seconds.
    pub async fn stop(mut self) -> Stopped {
        self.stage.send_replace(Stage::Draining);
        let in_time = timeout(DRAIN, self.alive.recv()).await.is_ok();
        self.stage.send_replace(Stage::Ended);
        let operations_left = self.desk.operations();
        tracing::info!(in_time, operations_left, "the interface is closed");
        Stopped { in_time, operations_left }
    }
}
