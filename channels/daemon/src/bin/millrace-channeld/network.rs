// SPDX-License-Identifier: Apache-2.0

//! The transport as the node's wire.

use core::time::Duration;
use millrace_channels_daemon::{
    Peer,
    shell::{Wire, WireEvent},
};
use millrace_channels_transport::{Handle, Incoming, PeerEvent, PeerId};

/// The node's side of a transport.
pub struct Network {
    handle: Handle,
    incoming: Incoming,
}

impl Network {
    /// Takes over what a transport brings in.
    pub fn new(handle: Handle, incoming: Incoming) -> Self {
        Self { handle, incoming }
    }
}

/// A node as the transport names it; nothing for 32 bytes that are no key's.
pub fn peer_id(peer: Peer) -> Option<PeerId> {
    PeerId::from_bytes(&peer.to_peer_id()).ok()
}

/// A node as channels name it; nothing if its key is not an ed25519 key.
pub fn peer(id: &PeerId) -> Option<Peer> {
    Peer::from_peer_id(&id.to_bytes())
}

impl Wire for Network {
    fn send(&mut self, to: Peer, bytes: Vec<u8>) {
        // What does not fit the peer's queue is lost, as if the connection were: the answer is then
        // overdue, and the node asks who lacks what.
        if let Some(id) = peer_id(to) {
            let _ = self.handle.send(id, bytes);
        }
    }

    fn disconnect(&mut self, other: Peer) {
        let handle = self.handle.clone();
        if let Some(id) = peer_id(other) {
            // An error says that the transport has stopped.
            tokio::spawn(async move { handle.disconnect(id).await.ok() });
        }
    }

    fn ban(&mut self, other: Peer, time: Duration) {
        let handle = self.handle.clone();
        if let Some(id) = peer_id(other) {
            // An error says that the transport has stopped.
            tokio::spawn(async move { handle.ban(id, time).await.ok() });
        }
    }

    async fn next(&mut self) -> Option<WireEvent> {
        loop {
            let event = self.incoming.next().await?;
            // The transport lets ed25519 keys in only.
            let Some(peer) = peer(&event.peer()) else { continue };
            return Some(match event {
                PeerEvent::Connected { .. } => WireEvent::Connected(peer),
                PeerEvent::Disconnected { .. } => WireEvent::Disconnected(peer),
                PeerEvent::Frame { bytes, .. } => WireEvent::Frame(peer, bytes),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_channels_daemon::peer::binding_payload;
    use millrace_channels_transport::{NodeKey, binding};
    use millrace_primitives_channels::{ChannelId, Hash};

    #[test]
    fn node_and_transport_name_peers_alike() {
        let id = NodeKey::generate().unwrap().peer_id();
        let name = peer(&id).expect("an ed25519 key");
        assert_eq!(peer_id(name), Some(id));
        let (genesis, channel) = (Hash::repeat_byte(1), ChannelId::repeat_byte(2));
        assert_eq!(
            binding_payload(&genesis, &channel, &name),
            binding::binding_payload(&genesis, &channel, &id)
        );
    }
}
