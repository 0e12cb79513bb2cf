// SPDX-License-Identifier: Apache-2.0

//! Peers: who is connected, and connecting.

use crate::{
    addresses,
    network::peer,
    refusing::stopped,
    running::named,
    service::{Daemon, seconds},
    views,
};
use millrace_channels_api::{
    ApiError, Code, Result,
    types::{ConnectPeer, Direction, PeerInfo, Peers},
    values::{Address, Peer as PeerName},
};
use millrace_channels_daemon::{Peer, shell::Stopped};
use millrace_channels_transport::{Multiaddr, PeerId};
use tokio::task::spawn_blocking;

/// A peer as the transport and as channels name it.
pub fn peer_of(name: &PeerName) -> Result<(PeerId, Peer)> {
    let wrong = || {
        let message = format!("{name} is no peer's id");
        ApiError::new(Code::InvalidParams, message, "Copy it from the peer's `status`.")
    };
    let id: PeerId = name.as_str().parse().map_err(|_| wrong())?;
    let peer = peer(&id).ok_or_else(wrong)?;
    Ok((id, peer))
}

impl Daemon {
    /// Connects to a peer, at these addresses or where it was before.
    pub async fn connect(&self, name: &PeerName, addresses: Vec<Multiaddr>) -> Result<()> {
        let (id, peer) = peer_of(name)?;
        let addresses = if addresses.is_empty() {
            addresses::of(&self.store, peer)
        } else {
            let (store, kept) = (self.store.clone(), addresses.clone());
            // What is not kept is only asked for again after a restart.
            let _ = spawn_blocking(move || addresses::keep(&store, peer, &kept)).await;
            addresses
        };
        self.network.connect(id, addresses).await.map_err(|error| {
            ApiError::new(Code::InvalidParams, error.to_string(), "Correct the addresses.")
        })
    }

    /// The peers that are connected, and those with which there are channels.
    pub async fn all_peers(&self) -> Result<Peers> {
        let infos = self.network.peers().await.map_err(|_| stopped(Stopped))?;
        let known: Vec<_> =
            infos.into_iter().filter_map(|it| Some((peer(&it.peer)?, it))).collect();
        let total = u64::try_from(known.len()).unwrap_or(u64::MAX);
        let ids: Vec<Peer> = known.iter().map(|(peer, _)| *peer).collect();
        let counts = self
            .look(move |node| ids.iter().map(|it| node.channels_with(it).len()).collect::<Vec<_>>())
            .await?;
        let peers =
            known.into_iter().zip(counts).take(1_000).filter_map(|((peer, info), count)| {
                let is_outgoing = info.address.as_ref().is_none_or(|(_, outgoing)| *outgoing);
                Some(PeerInfo {
                    peer: views::peer_name(peer)?,
                    connected: info.is_connected,
                    direction: if is_outgoing { Direction::Outgoing } else { Direction::Incoming },
                    addresses: info
                        .address
                        .iter()
                        .filter_map(|(it, _)| it.to_string().parse().ok())
                        .collect(),
                    channels: u32::try_from(count).unwrap_or(u32::MAX),
                    since: seconds(self.started),
                })
            });
        let items: Vec<_> = peers.collect();
        Ok(Peers { items, total })
    }

    /// Connects to a peer, and shows it.
    pub async fn connect_with(&self, request: ConnectPeer) -> Result<PeerInfo> {
        let addresses = parsed(&request.addresses)?;
        self.connect(&request.peer, addresses).await?;
        let peers = self.all_peers().await?.items;
        peers.into_iter().find(|it| it.peer == request.peer).ok_or_else(|| {
            ApiError::new(Code::PeerOffline, "the peer is not known yet", "Ask for it again.")
        })
    }
}

/// Addresses, with or without the peer's id at their end.
pub fn parsed(addresses: &[Address]) -> Result<Vec<Multiaddr>> {
    let parse = |text: &str| named(text).map(|(_, address)| address).or_else(|_| text.parse());
    addresses
        .iter()
        .map(|address| {
            parse(address.as_str()).map_err(|_| {
                let message = format!("{address} is no address");
                ApiError::new(Code::InvalidParams, message, "Write /ip4/203.0.113.7/tcp/9740.")
            })
        })
        .collect()
}
