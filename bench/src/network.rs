// SPDX-License-Identifier: Apache-2.0

//! The transport as a node's wire, as `millrace-channeld` uses it: libp2p over TCP, encrypted and
//! authenticated by Noise, with its default limits.

use millrace_channels_daemon::{
    Peer,
    shell::{Wire, WireEvent},
};
use millrace_channels_transport::{Handle, Incoming, PeerEvent, PeerId};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A node's side of a transport.
pub struct Network {
    handle: Handle,
    incoming: Incoming,
    /// Frames that found no room.
    lost: Arc<AtomicU64>,
}

impl Network {
    /// Takes over what a transport brings in. The counter counts frames that found no room.
    pub fn new(handle: Handle, incoming: Incoming) -> (Self, Arc<AtomicU64>) {
        let lost = Arc::<AtomicU64>::default();
        (Self { handle, incoming, lost: lost.clone() }, lost)
    }
}

/// A node as the transport names it.
pub fn peer_id(peer: Peer) -> anyhow::Result<PeerId> {
    Ok(PeerId::from_bytes(&peer.to_peer_id())?)
}

impl Wire for Network {
    fn send(&mut self, to: Peer, bytes: Vec<u8>) {
        let sent = peer_id(to).is_ok_and(|id| self.handle.send(id, bytes).is_ok());
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn disconnect(&mut self, _: Peer) {}

    fn ban(&mut self, _: Peer, _: Duration) {}

    async fn next(&mut self) -> Option<WireEvent> {
        loop {
            let event = self.incoming.next().await?;
            let Some(peer) = Peer::from_peer_id(&event.peer().to_bytes()) else { continue };
            return Some(match event {
                PeerEvent::Connected { .. } => WireEvent::Connected(peer),
                PeerEvent::Disconnected { .. } => WireEvent::Disconnected(peer),
                PeerEvent::Frame { bytes, .. } => WireEvent::Frame(peer, bytes),
            });
        }
    }
}
