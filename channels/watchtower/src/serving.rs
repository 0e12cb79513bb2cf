// SPDX-License-Identifier: Apache-2.0

//! Carries frames between clients' connections and the tower.

use crate::{ledger::Client, tower::Asked};
use millrace_channels_transport::{Handle, Incoming, PeerEvent, PeerId};
use tokio::sync::{mpsc, oneshot};

/// How the id of a node with an ed25519 key begins: an identity multihash of 36 bytes, which is a
/// protobuf message of key type 1 and 32 bytes of key.
const ED25519_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// The key behind a peer's id; nothing if it is no ed25519 key.
pub fn client_of(peer: &PeerId) -> Option<Client> {
    peer.to_bytes().strip_prefix(&ED25519_PREFIX)?.try_into().ok()
}

/// Passes on what clients send, until either side has stopped.
pub async fn serve(handle: Handle, mut incoming: Incoming, asked: mpsc::Sender<Asked>) {
    while let Some(event) = incoming.next().await {
        let PeerEvent::Frame { peer, bytes } = event else { continue };
        let Some(client) = client_of(&peer) else {
            // It fails only if the transport has stopped, which the next event tells.
            let _ = handle.disconnect(peer).await;
            continue;
        };
        let (reply, answer) = oneshot::channel();
        if asked.send(Asked { client, bytes, reply }).await.is_err() {
            return;
        }
        // The tower takes only so many requests at a time, so there are only so many of these.
        let handle = handle.clone();
        tokio::spawn(async move {
            if let Ok(bytes) = answer.await {
                // Who takes no answers asks again.
                drop(handle.send(peer, bytes));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_channels_transport::NodeKey;
    use polkadot_sdk::sp_core::{Pair as _, ed25519};
    use zeroize::Zeroizing;

    #[test]
    fn peer_is_known_by_its_key() {
        let seed = [7; 32];
        let peer = NodeKey::from_bytes(Zeroizing::new(seed)).peer_id();
        assert_eq!(client_of(&peer), Some(ed25519::Pair::from_seed(&seed).public().0));
    }
}
