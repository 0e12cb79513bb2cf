// SPDX-License-Identifier: Apache-2.0

//! Who is who on the network of channels, and the bytes that are signed.
//!
//! A node is named by its ed25519 key, the one that its connections are authenticated with. Its
//! onion key is another one, on secp256k1, because the onion's library works there, and because a
//! key that decrypts whatever strangers send should not be the one that signs.

use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Balance, Hash};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_io::hashing::blake2_256,
};
use std::fmt;

/// What a libp2p peer id of an ed25519 key begins with: an identity multihash of 36 bytes, around
/// a protobuf that says "ed25519, 32 bytes".
const PEER_ID_HEAD: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// Tag of a channel announcement.
pub const CHANNEL_ANNOUNCEMENT_TAG: &[u8] = b"millrace/announce-channel/1";
/// Tag of a channel update.
pub const CHANNEL_UPDATE_TAG: &[u8] = b"millrace/update-channel/1";
/// Tag of a node announcement.
pub const NODE_ANNOUNCEMENT_TAG: &[u8] = b"millrace/announce-node/1";
/// Tag of an invoice.
pub const INVOICE_TAG: &[u8] = b"millrace/invoice/1";

/// `blake2_256(tag ++ genesis ++ SCALE(message))`: what is signed for the network with this genesis
/// hash. The tags of this crate differ from those of states, so that no signature serves twice.
pub(crate) fn digest(tag: &[u8], genesis: &Hash, message: &impl Encode) -> Hash {
    let mut bytes =
        Vec::with_capacity(tag.len().saturating_add(32).saturating_add(message.size_hint()));
    bytes.extend_from_slice(tag);
    bytes.extend_from_slice(genesis.as_bytes());
    message.encode_to(&mut bytes);
    Hash::from(blake2_256(&bytes))
}

/// A point in time, as the owner knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Milliseconds since 1970, by the owner's clock.
    pub millis: u64,
    /// Height of the newest final block.
    pub block: u32,
}

/// Names a node: its ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen)]
pub struct NodeId(pub [u8; 32]);

impl NodeId {
    /// The libp2p peer id of the node, in its binary form.
    pub fn to_peer_id(self) -> [u8; 38] {
        let mut bytes = [0; 38];
        let (head, key) = bytes.split_at_mut(PEER_ID_HEAD.len());
        head.copy_from_slice(&PEER_ID_HEAD);
        key.copy_from_slice(&self.0);
        bytes
    }

    /// The node behind a libp2p peer id in its binary form; nothing if the key behind it is of
    /// another kind.
    pub fn from_peer_id(bytes: &[u8]) -> Option<Self> {
        let key = bytes.strip_prefix(&PEER_ID_HEAD)?;
        key.try_into().ok().map(Self)
    }

    /// Whether the node signed `payload`.
    pub(crate) fn signed(&self, payload: &Hash, signature: &NodeSignature) -> bool {
        let signature = ed25519::Signature::from_raw(signature.0);
        let key = ed25519::Public::from_raw(self.0);
        ed25519::Pair::verify(&signature, payload.as_bytes(), &key)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NodeId({self})")
    }
}

/// An ed25519 signature by a node's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct NodeSignature(pub [u8; 64]);

/// Something that signs for a node: a key in memory, a separate process.
pub trait NodeSigner {
    /// Which node it signs for.
    fn node(&self) -> NodeId;

    /// Signs 32 bytes that this crate computed.
    fn sign_payload(&self, payload: &Hash) -> NodeSignature;
}

impl NodeSigner for ed25519::Pair {
    fn node(&self) -> NodeId {
        NodeId(self.public().0)
    }

    fn sign_payload(&self, payload: &Hash) -> NodeSignature {
        NodeSignature(self.sign(payload.as_bytes()).0)
    }
}

/// In which direction of a two-party channel something goes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
)]
pub enum Direction {
    /// From the participant at position 0 to the one at position 1.
    #[codec(index = 0)]
    Forth,
    /// From the participant at position 1 to the one at position 0.
    #[codec(index = 1)]
    Back,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Forth, Self::Back];

    /// The other direction.
    pub fn reversed(self) -> Self {
        match self {
            Self::Forth => Self::Back,
            Self::Back => Self::Forth,
        }
    }

    /// Of two things, one for each position: the one at the start, and the one at the end.
    pub fn ends<T: Copy>(self, of: [T; 2]) -> (T, T) {
        let [first, second] = of;
        match self {
            Self::Forth => (first, second),
            Self::Back => (second, first),
        }
    }

    /// Of two things, one for each direction: this direction's.
    pub fn of<T>(self, both: &[T; 2]) -> &T {
        let [forth, back] = both;
        match self {
            Self::Forth => forth,
            Self::Back => back,
        }
    }

    /// As [`Direction::of`], to be changed.
    pub fn of_mut<T>(self, both: &mut [T; 2]) -> &mut T {
        let [forth, back] = both;
        match self {
            Self::Forth => forth,
            Self::Back => back,
        }
    }
}

/// `floor(value × share / whole)` for a share of at most the whole; the whole must not be zero,
/// else the result is zero.
pub(crate) fn share_of(value: Balance, share: u64, whole: u64) -> Balance {
    let (share, whole) = (Balance::from(share.min(whole)), Balance::from(whole));
    let quotient = value.checked_div(whole).unwrap_or(0).saturating_mul(share);
    let rest = value.checked_rem(whole).unwrap_or(0).saturating_mul(share);
    quotient.saturating_add(rest.checked_div(whole).unwrap_or(0))
}
