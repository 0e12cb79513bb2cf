// SPDX-License-Identifier: Apache-2.0

//! Finding out what two nodes do not both know.
//!
//! Everything has a key of 32 bytes: a channel its id, a node its public key. Keys fall into
//! buckets by their first byte, and each bucket has a digest. Two nodes compare the digests, and
//! list what is in the buckets that differ: one level of range-based set reconciliation (A. Meyer,
//! *Range-Based Set Reconciliation*, 2023).
//!
//! The digest is a hash over the sorted entries, and not their sum or exclusive or: whoever may
//! choose entries freely (sequences can be) finds sets with equal sums, and could hide news by
//! them.

use crate::{graph::Graph, names::NodeId};
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::ChannelId;
use polkadot_sdk::sp_io::hashing::blake2_128;

/// Number of buckets: one for each first byte.
pub const BUCKETS: usize = 256;

/// A bucket's digest.
pub type Digest = [u8; 16];

/// The place of a channel or a node in the order of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen)]
pub struct Key {
    /// The channel's id or the node's key. It comes first, so that both kinds share the buckets.
    pub bytes: [u8; 32],
    /// What it is.
    pub kind: Kind,
}

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen)]
pub enum Kind {
    /// A channel.
    #[codec(index = 0)]
    Channel,
    /// A node.
    #[codec(index = 1)]
    Node,
}

impl Key {
    /// The first of all keys.
    pub const FIRST: Self = Self { bytes: [0; 32], kind: Kind::Channel };

    /// The key of a channel.
    pub fn of_channel(channel: &ChannelId) -> Self {
        Self { bytes: channel.0, kind: Kind::Channel }
    }

    /// The key of a node.
    pub fn of_node(node: &NodeId) -> Self {
        Self { bytes: node.0, kind: Kind::Node }
    }

    /// The bucket that it is in.
    pub fn bucket(&self) -> u8 {
        let [bucket, ..] = self.bytes;
        bucket
    }

    /// The first key of a bucket.
    pub fn first_of(bucket: u8) -> Self {
        let mut key = Self::FIRST;
        let [first, ..] = &mut key.bytes;
        *first = bucket;
        key
    }
}

/// Something that a node has, and how new it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Entry {
    /// What it is.
    pub key: Key,
    /// Of a channel, the sequence of each direction's terms; of a node, that of its introduction,
    /// and zero. Zero stands for none.
    pub sequences: [u64; 2],
}

impl Entry {
    /// Whether this tells anything that `known` does not.
    pub fn has_news_for(&self, known: Option<&Self>) -> bool {
        known.is_none_or(|known| {
            self.sequences.iter().zip(&known.sequences).any(|(other, own)| other > own)
        })
    }
}

/// The digest of a bucket of a graph: of its entries in ascending order.
pub fn digest_of(graph: &Graph, bucket: u8) -> Digest {
    blake2_128(&graph.entries(bucket).encode())
}

/// The digest of every bucket of a graph.
pub fn digests_of(graph: &Graph) -> Vec<Digest> {
    (0..=u8::MAX).map(|bucket| digest_of(graph, bucket)).collect()
}
