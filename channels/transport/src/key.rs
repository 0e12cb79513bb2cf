// SPDX-License-Identifier: Apache-2.0

//! The key that a node is known by.

use crate::error::KeyError;
use libp2p::{PeerId, identity::Keypair};
use std::fmt;
use zeroize::Zeroizing;

/// An Ed25519 key that authenticates and encrypts a node's connections. Its public half is the
/// [`PeerId`].
///
/// It signs no state and holds no money: who steals it can pass for the node, hear what its peers
/// send and keep them from reaching it, but can take nothing. Keep it where the store's passphrase
/// protects it. A node that loses it makes a new one and proves the new [`PeerId`] to its peers
/// ([`crate::binding`]).
#[derive(Clone)]
pub struct NodeKey {
    secret: Zeroizing<[u8; 32]>,
    peer: PeerId,
}

impl NodeKey {
    /// A new key from the system's randomness.
    ///
    /// Errors: [`KeyError::Randomness`] if the system has none.
    pub fn generate() -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut_slice())
            .map_err(|error| KeyError::Randomness { cause: error.to_string() })?;
        Ok(Self::from_bytes(secret))
    }

    /// The key whose secret is these 32 bytes; any 32 bytes are a key.
    pub fn from_bytes(secret: Zeroizing<[u8; 32]>) -> Self {
        let peer = keypair(&secret).public().to_peer_id();
        Self { secret, peer }
    }

    /// The secret, to be stored.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.secret.clone()
    }

    /// How peers know this node.
    pub fn peer_id(&self) -> PeerId {
        self.peer
    }

    pub(crate) fn keypair(&self) -> Keypair {
        keypair(&self.secret)
    }
}

/// How the id of an Ed25519 key begins: an identity hash of 36 bytes, which are the key's type, its
/// length and the key.
const ED25519_ID: [u8; 6] = [0, 36, 8, 1, 18, 32];

/// Whether the id can be a node's.
pub(crate) fn is_node(peer: &PeerId) -> bool {
    let bytes = peer.to_bytes();
    bytes.len() == ED25519_ID.len() + 32 && bytes.starts_with(&ED25519_ID)
}

fn keypair(secret: &Zeroizing<[u8; 32]>) -> Keypair {
    // The library wipes the copy that it is given.
    let mut copy = Zeroizing::new(**secret);
    Keypair::ed25519_from_bytes(copy.as_mut_slice())
        .expect("32 bytes are an Ed25519 secret, and these are 32")
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NodeKey").field("peer", &self.peer).finish_non_exhaustive()
    }
}
