// SPDX-License-Identifier: Apache-2.0

//! A node introduces itself: its addresses, its onion key, an alias.

use crate::{
    gossip::updating::{UpdateError, verify_sequence},
    names::{Moment, NODE_ANNOUNCEMENT_TAG, NodeId, NodeSignature, NodeSigner, digest},
    onion::OnionPublic,
};
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::Hash;
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use thiserror::Error;

/// The largest number of addresses of one node.
pub const MAX_ADDRESSES: u32 = 8;
/// The largest address, in bytes.
pub const MAX_ADDRESS_BYTES: u32 = 96;
/// The longest alias, in bytes of UTF-8.
pub const MAX_ALIAS_BYTES: u32 = 32;

/// A multiaddress in its binary form. It is passed on unread: the transport that dials it reads it.
pub type Address = BoundedVec<u8, ConstU32<MAX_ADDRESS_BYTES>>;
/// The addresses of a node, the best first.
pub type Addresses = BoundedVec<Address, ConstU32<MAX_ADDRESSES>>;
/// A name that its owner chose. Nobody else vouches for it.
pub type Alias = BoundedVec<u8, ConstU32<MAX_ALIAS_BYTES>>;

/// What is signed of an introduction.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Introduction {
    /// The node.
    pub node: NodeId,
    /// When it said so, in milliseconds since 1970. The latest counts.
    pub sequence: u64,
    /// The key that onion packets for it are made with.
    pub onion_key: OnionPublic,
    /// Where it can be reached; none if it only dials others.
    pub addresses: Addresses,
    /// Its alias: UTF-8 without control characters.
    pub alias: Alias,
}

impl Introduction {
    /// Signs the introduction as the node.
    pub fn sign(self, genesis: &Hash, node: &impl NodeSigner) -> NodeAnnouncement {
        let payload = digest(NODE_ANNOUNCEMENT_TAG, genesis, &self);
        NodeAnnouncement { signature: node.sign_payload(&payload), introduction: self }
    }
}

/// An introduction, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct NodeAnnouncement {
    /// What is signed.
    pub introduction: Introduction,
    /// By the node.
    pub signature: NodeSignature,
}

/// Why an introduction is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IntroductionError {
    /// It is too old, too new, or not newer than what is known.
    #[error(transparent)]
    Untimely(UpdateError),
    /// The alias is no readable text.
    #[error("the alias is not UTF-8 without control characters")]
    UnreadableAlias,
    /// The onion key is no point of the curve.
    #[error("the onion key is no point of secp256k1")]
    BadOnionKey,
    /// The signature does not fit.
    #[error("node {node} did not sign this introduction")]
    BadSignature {
        /// Who would introduce itself.
        node: NodeId,
    },
    /// The node has no channel in the graph.
    #[error("node {node} has no channel in the graph: only who can forward is remembered")]
    NoChannel {
        /// The node.
        node: NodeId,
    },
}

/// An introduction that its node signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatedNode(NodeAnnouncement);

impl NodeAnnouncement {
    /// Checks the introduction. `known`: the sequence of the one that it would replace.
    pub fn verify(
        self,
        genesis: &Hash,
        known: Option<u64>,
        now: &Moment,
    ) -> Result<ValidatedNode, IntroductionError> {
        let Introduction { node, sequence, onion_key, alias, .. } = &self.introduction;
        verify_sequence(*sequence, known, now).map_err(IntroductionError::Untimely)?;
        let is_readable =
            std::str::from_utf8(alias).is_ok_and(|alias| !alias.chars().any(char::is_control));
        if !is_readable {
            return Err(IntroductionError::UnreadableAlias);
        }
        if !onion_key.is_valid() {
            return Err(IntroductionError::BadOnionKey);
        }
        let payload = digest(NODE_ANNOUNCEMENT_TAG, genesis, &self.introduction);
        if !node.signed(&payload, &self.signature) {
            return Err(IntroductionError::BadSignature { node: *node });
        }
        Ok(ValidatedNode(self))
    }
}

impl ValidatedNode {
    /// The node.
    pub fn node(&self) -> NodeId {
        self.0.introduction.node
    }

    /// When it said so, in milliseconds since 1970.
    pub fn sequence(&self) -> u64 {
        self.0.introduction.sequence
    }

    /// The key that onion packets for it are made with.
    pub fn onion_key(&self) -> OnionPublic {
        self.0.introduction.onion_key
    }

    /// Where it can be reached.
    pub fn addresses(&self) -> &Addresses {
        &self.0.introduction.addresses
    }

    /// Its alias; empty if it has none.
    pub fn alias(&self) -> &str {
        std::str::from_utf8(&self.0.introduction.alias).unwrap_or_default()
    }

    /// The introduction, to be passed on.
    pub fn announcement(&self) -> &NodeAnnouncement {
        &self.0
    }
}
