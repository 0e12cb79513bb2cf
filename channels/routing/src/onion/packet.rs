// SPDX-License-Identifier: Apache-2.0

//! Packets, and how they are wrapped.

use crate::onion::{
    failure::{ERROR_BYTES, Failure},
    keys::{OnionPublic, SharedSecret, curve},
    payload::{DELIVER_BYTES, Deliver, FORWARD_BYTES, Forward, Payload},
    replay::ReplayTag,
};
use fiber_sphinx::{OnionErrorPacket, OnionPacket};
use millrace_primitives_channels::Hash;
use secp256k1::{PublicKey, SecretKey};
use thiserror::Error;

/// The most hops of one packet, the payee's included.
pub const MAX_HOPS: usize = 20;

/// Bytes of a layer's checksum.
pub(crate) const HMAC_BYTES: usize = 32;

/// The part of a packet that holds the layers.
pub(crate) const LAYERS_BYTES: usize =
    (MAX_HOPS - 1) * (FORWARD_BYTES + HMAC_BYTES) + DELIVER_BYTES + HMAC_BYTES;

/// The size of every packet: version, key, layers, checksum.
pub const PACKET_BYTES: usize = 1 + 33 + LAYERS_BYTES + HMAC_BYTES;

/// The only version of packets.
const VERSION: u8 = 0;

/// Tag of what a packet is bound to.
const BOUND_TAG: &[u8] = b"millrace/onion/1";

/// Why a packet is not made or not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OnionError {
    /// The way has no hops or too many.
    #[error("a packet for {hops} hops: from 1 to {MAX_HOPS} fit")]
    BadLength {
        /// How many.
        hops: usize,
    },
    /// Somebody other than the last hop would be paid, or the last one not.
    #[error("the hop at position {position} must {must}")]
    Misplaced {
        /// Position on the way.
        position: usize,
        /// What it should do.
        must: &'static str,
    },
    /// An onion key is no point of the curve.
    #[error(
        "the onion key at position {position} is no point of secp256k1: ask the node for a new one"
    )]
    BadKey {
        /// Position on the way.
        position: usize,
    },
    /// The session bytes are no secret key. One in 2¹²⁸ is none: draw new ones.
    #[error("the session bytes are no secret key: draw new ones")]
    BadSession,
    /// A packet has one size.
    #[error("a packet of {bytes} bytes, where all have {PACKET_BYTES}")]
    WrongSize {
        /// Its size.
        bytes: usize,
    },
    /// The packet is of another version.
    #[error("packet version {received} is not spoken here, {VERSION} is")]
    UnknownVersion {
        /// Its version.
        received: u8,
    },
    /// The packet is not for this node and this payment, or was tampered with.
    #[error("the packet is not for this node and this payment, or was tampered with")]
    NotForUs,
    /// The packet is for this node, and means nothing.
    #[error("the packet is for this node, and what it says means nothing")]
    Meaningless,
    /// The library refuses.
    #[error("the packet cannot be made: {0}")]
    Library(String),
}

/// A packet on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet(pub(crate) OnionPacket);

impl Packet {
    /// Reads a packet. Nothing in it is verified yet.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OnionError> {
        if bytes.len() != PACKET_BYTES {
            return Err(OnionError::WrongSize { bytes: bytes.len() });
        }
        // No checksum covers the version, so it is checked here.
        match bytes.first() {
            Some(&VERSION) => {}
            received => {
                let received = received.copied().unwrap_or_default();
                return Err(OnionError::UnknownVersion { received });
            }
        }
        OnionPacket::from_bytes_with_packet_data_len(bytes.to_vec(), LAYERS_BYTES)
            .map(Self)
            .map_err(|_| OnionError::NotForUs)
    }

    /// The bytes that travel: always [`PACKET_BYTES`].
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.clone().into_bytes()
    }
}

/// What a hop finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What to do.
    pub peeled: Peeled,
    /// To wrap an error on its way back.
    pub secret: SharedSecret,
    /// To recognise the packet if it comes again.
    pub tag: ReplayTag,
}

/// What to do with a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peeled {
    /// Forward it, with this packet.
    Forward(Forward, Packet),
    /// Take it.
    Deliver(Deliver),
}

/// What the maker of a packet keeps to read an error that comes back.
#[derive(Clone)]
pub struct ReturnKey {
    session: SecretKey,
    path: Vec<PublicKey>,
}

impl ReturnKey {
    /// Who on the way failed, by its position, and why. Nothing if the error was tampered with, in
    /// which case nobody can be blamed.
    pub fn read(&self, error: &[u8]) -> Option<(usize, Failure)> {
        if error.len() != ERROR_BYTES {
            return None;
        }
        let packet = OnionErrorPacket::from_bytes(error.to_vec());
        let read = packet.parse(self.path.clone(), self.session, Failure::from_padded);
        read.map(|(failure, position)| (position, failure))
    }
}

impl std::fmt::Debug for ReturnKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ReturnKey({} hops)", self.path.len())
    }
}

/// Makes a packet for the hops of a way, the payee last.
///
/// `session`: 32 random bytes, new for each packet; whoever has them can read it all.
pub fn wrap(
    session: &[u8; 32],
    hops: &[(OnionPublic, Payload)],
    genesis: &Hash,
    hashlock: &Hash,
) -> Result<(Packet, ReturnKey), OnionError> {
    if hops.is_empty() || hops.len() > MAX_HOPS {
        return Err(OnionError::BadLength { hops: hops.len() });
    }
    let session = SecretKey::from_byte_array(session).map_err(|_| OnionError::BadSession)?;
    let mut path = Vec::with_capacity(hops.len());
    let mut payloads = Vec::with_capacity(hops.len());
    for (position, (key, payload)) in hops.iter().enumerate() {
        let is_last = position.saturating_add(1) == hops.len();
        match payload {
            Payload::Forward(_) if is_last => {
                return Err(OnionError::Misplaced { position, must: "be paid" });
            }
            Payload::Deliver(_) if !is_last => {
                return Err(OnionError::Misplaced { position, must: "forward" });
            }
            _ => payloads.push(payload.to_bytes()),
        }
        path.push(key.point().ok_or(OnionError::BadKey { position })?);
    }
    let bound = bound_to(genesis, hashlock);
    let packet =
        OnionPacket::create(session, path.clone(), payloads, Some(bound), LAYERS_BYTES, curve())
            .map_err(|error| OnionError::Library(error.to_string()))?;
    Ok((Packet(packet), ReturnKey { session, path }))
}

/// What every layer's checksum covers besides the layer: the tag, the chain, and the hash lock, so
/// that no hop can use a packet for another payment.
pub(crate) fn bound_to(genesis: &Hash, hashlock: &Hash) -> Vec<u8> {
    [BOUND_TAG, genesis.as_bytes(), hashlock.as_bytes()].concat()
}
