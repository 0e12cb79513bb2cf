// SPDX-License-Identifier: Apache-2.0

//! The bytes that travel: one byte of gossip version, then SCALE.

use crate::gossip::{
    announcing::ChannelAnnouncement,
    digests::{BUCKETS, Digest, Entry, Key},
    introducing::NodeAnnouncement,
    updating::ChannelUpdate,
};
use codec::{Decode, DecodeAll, Encode};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use thiserror::Error;

/// The gossip version that this crate speaks, and the first byte of every message.
pub const GOSSIP_VERSION: u8 = 1;

/// The largest message, in bytes, version byte included.
pub const MAX_GOSSIP_BYTES: usize = 16 * 1024;

/// The largest number of entries in one inventory.
pub const MAX_ENTRIES: u32 = 256;

/// The largest number of things asked for at once.
pub const MAX_WANTED: u32 = 64;

/// One digest for each bucket.
pub type Digests = BoundedVec<Digest, ConstU32<{ BUCKETS as u32 }>>;

/// What nodes tell each other about channels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum GossipMessage {
    /// A channel exists.
    #[codec(index = 0)]
    Channel(ChannelAnnouncement),
    /// Terms of one direction of a channel.
    #[codec(index = 1)]
    Update(ChannelUpdate),
    /// A node introduces itself.
    #[codec(index = 2)]
    Node(NodeAnnouncement),
    /// Says what the sender has, and asks what it lacks.
    #[codec(index = 3)]
    Compare(Compare),
    /// Answers [`GossipMessage::Compare`]: what the sender has where the two differ.
    #[codec(index = 4)]
    Inventory(Inventory),
    /// Asks for channels and nodes, which come as messages of their own.
    #[codec(index = 5)]
    Want(BoundedVec<Key, ConstU32<MAX_WANTED>>),
}

/// Compares two graphs, from a key on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Compare {
    /// Where to begin. Keys below were compared already.
    pub from: Key,
    /// What the sender has, one digest for each bucket.
    pub digests: Digests,
}

/// What a node has in the buckets that differ, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Inventory {
    /// What there is.
    pub entries: BoundedVec<Entry, ConstU32<MAX_ENTRIES>>,
    /// Where to go on; nothing if all is said.
    pub next: Option<Key>,
}

/// Why bytes are no message.
#[derive(Debug, Error)]
pub enum MessageError {
    /// The message is empty.
    #[error("a message of no bytes")]
    Empty,
    /// The message is longer than any that is allowed.
    #[error("a message of {bytes} bytes, where {MAX_GOSSIP_BYTES} is the limit")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The sender speaks another version.
    #[error("gossip version {received} is not spoken here, {GOSSIP_VERSION} is: update one side")]
    UnknownVersion {
        /// The version that was received.
        received: u8,
    },
    /// The bytes are no message of this version.
    #[error("the bytes are no message: {0}")]
    Malformed(codec::Error),
}

impl GossipMessage {
    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size_hint().saturating_add(1));
        bytes.push(GOSSIP_VERSION);
        self.encode_to(&mut bytes);
        bytes
    }

    /// Reads a message. Nothing in it is verified yet.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > MAX_GOSSIP_BYTES {
            return Err(MessageError::TooLong { bytes: bytes.len() });
        }
        match bytes.split_first() {
            None => Err(MessageError::Empty),
            Some((&GOSSIP_VERSION, rest)) => {
                Self::decode_all(&mut &*rest).map_err(MessageError::Malformed)
            }
            Some((&received, _)) => Err(MessageError::UnknownVersion { received }),
        }
    }
}
