// SPDX-License-Identifier: Apache-2.0

//! From a socket to an encrypted connection that carries streams.

use crate::{error::StartError, key::NodeKey, muxing::Multiplexing};
use libp2p::{
    PeerId, Transport as _,
    core::{muxing::StreamMuxerBox, transport::Boxed, upgrade::Version},
    dns, noise, tcp, websocket,
};
use std::time::Duration;

/// The longest message of a WebSocket that is read, in bytes. The encryption writes at most a few
/// pieces of 64 KiB at once.
const MAX_WEB_MESSAGE_BYTES: usize = 1024 * 1024;

/// TCP, names looked up by the system's servers.
type NamedTcp = dns::tokio::Transport<tcp::tokio::Transport>;

/// TCP or WebSocket, then Noise with the node's key, then streams; all of it within `time_limit`.
pub(crate) fn stack(
    key: &NodeKey,
    time_limit: Duration,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, StartError> {
    let noise = noise::Config::new(&key.keypair())
        .map_err(|error| StartError::Encryption { cause: error.to_string() })?;
    let mut web = websocket::WsConfig::new(named_tcp());
    web.set_max_data_size(MAX_WEB_MESSAGE_BYTES);
    Ok(web
        .or_transport(named_tcp())
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex(Multiplexing)
        .timeout(time_limit)
        .boxed())
}

/// Without the system's list of name servers, names cannot be looked up; numbers still work.
fn named_tcp() -> NamedTcp {
    let tcp = || tcp::tokio::Transport::new(tcp::Config::new().nodelay(true));
    dns::tokio::Transport::system(tcp()).unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot read the system's name servers: use numeric addresses");
        dns::tokio::Transport::custom(
            tcp(),
            dns::ResolverConfig::new(),
            dns::ResolverOpts::default(),
        )
    })
}
