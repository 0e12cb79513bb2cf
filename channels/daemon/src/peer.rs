// SPDX-License-Identifier: Apache-2.0

//! Peers: who is at the other end of a connection, and how a participant proves to be there.
//!
//! The transport authenticates node keys; channels know signers. A [`binding_payload`] that a
//! channel's signer has signed says that this participant is reached behind that node key. Only a
//! message from the node key that a participant named counts as that participant's (DA-6).

use codec::{Decode, Encode, MaxEncodedLen};
use core::fmt;
use millrace_channels_transport::binding::payload_for;
use millrace_primitives_channels::{ChannelId, Hash};

/// A node on the network: the 32 bytes of its ed25519 public key.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen, Default,
)]
pub struct Peer(pub [u8; 32]);

impl fmt::Debug for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Peer(")?;
        for byte in self.0.iter().take(4) {
            write!(formatter, "{byte:02x}")?;
        }
        write!(formatter, "…)")
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// How an ed25519 node key stands in a libp2p peer id: the identity hash of its protobuf form.
const PEER_ID_PREFIX: [u8; 6] = [0, 36, 8, 1, 18, 32];

impl Peer {
    /// The node's libp2p peer id.
    pub fn to_peer_id(self) -> Vec<u8> {
        [&PEER_ID_PREFIX[..], &self.0].concat()
    }

    /// The node with this libp2p peer id; nothing if its key is not an ed25519 key.
    pub fn from_peer_id(bytes: &[u8]) -> Option<Self> {
        let key = bytes.strip_prefix(&PEER_ID_PREFIX[..])?;
        Some(Self(key.try_into().ok()?))
    }
}

/// What a channel's signer signs to say that it is reached behind a node key: the transport's
/// [`binding_payload`](millrace_channels_transport::binding_payload) of the node's peer id.
pub fn binding_payload(genesis: &Hash, channel: &ChannelId, peer: &Peer) -> Hash {
    payload_for(genesis, channel, &peer.to_peer_id())
}
