// SPDX-License-Identifier: Apache-2.0

//! Peeling, in two halves.
//!
//! The first one multiplies two points of the curve, which is nearly all of the work. It needs the
//! packet and the node's key, and so can be done before the transfer is there, by another thread. The
//! second one needs the lock of the transfer, and takes microseconds.
//!
//! `fiber-sphinx` peels in one piece, and multiplies once more for whoever wants to know the shared
//! secret. Packets and what comes out of them are the same, which is tested with that library.

use crate::onion::{
    keys::{OnionKey, SharedSecret, curve},
    packet::{HMAC_BYTES, Layer, OnionError, Packet, Peeled, bound_to},
    payload::Payload,
    replay::ReplayTag,
};
use chacha20::{
    ChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use fiber_sphinx::{ForwardKeys, OnionPacket};
use hmac::{Hmac, Mac};
use millrace_primitives_channels::Hash;
use secp256k1::{PublicKey, Scalar};
use sha2::{Digest, Sha256};
use std::fmt;

/// Each key of the cipher is used once.
const NONCE: [u8; 12] = [0; 12];

/// A packet, and what only its hop can find out about it. Nothing of it is verified yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    packet: Packet,
    secret: SharedSecret,
    /// The point in the packet for the next hop.
    next: PublicKey,
}

impl fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opened").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Packet {
    /// The first half of peeling. `key`: of the hop.
    ///
    /// Errors: [`OnionError::NotForUs`], one in 2¹²⁸ times. Whether the packet is for this hop
    /// [`Opened::peel`] finds out.
    pub fn open(self, key: &OnionKey) -> Result<Opened, OnionError> {
        let point = self.0.public_key;
        let secret = SharedSecret(self.0.shared_secret(key.secret()));
        let blinding = Sha256::new().chain_update(point.serialize()).chain_update(secret.0);
        // One in 2¹²⁸ hashes is no scalar of the curve.
        let next = Scalar::from_be_bytes(blinding.finalize().into())
            .ok()
            .and_then(|blinding| point.mul_tweak(curve(), &blinding).ok())
            .ok_or(OnionError::NotForUs)?;
        Ok(Opened { packet: self, secret, next })
    }

    /// Both halves: peels a layer. `hashlock`: of the transfer that came with the packet.
    ///
    /// Errors: those of [`Opened::peel`].
    pub fn peel(
        self,
        key: &OnionKey,
        genesis: &Hash,
        hashlock: &Hash,
    ) -> Result<Layer, OnionError> {
        self.open(key)?.peel(genesis, hashlock)
    }
}

impl Opened {
    /// The second half: verifies the packet, and finds what it says. `hashlock`: of the transfer that
    /// came with it.
    ///
    /// Errors: [`OnionError::NotForUs`] if the packet is for another hop, transfer or chain or was
    /// changed on its way; [`OnionError::Meaningless`] if it says nothing that this hop can do.
    pub fn peel(self, genesis: &Hash, hashlock: &Hash) -> Result<Layer, OnionError> {
        let Self { packet: Packet(packet), secret, next } = self;
        let OnionPacket { version, packet_data: mut data, hmac, .. } = packet;
        let keys = ForwardKeys::new(&secret.0);
        Hmac::<Sha256>::new_from_slice(&keys.mu)
            .map_err(|_| OnionError::NotForUs)?
            .chain_update(&data)
            .chain_update(bound_to(genesis, hashlock))
            .verify_slice(&hmac)
            .map_err(|_| OnionError::NotForUs)?;
        let mut cipher = ChaCha20::new(&keys.rho.into(), &NONCE.into());
        cipher.apply_keystream(&mut data);
        let length = Payload::length(&data).ok_or(OnionError::Meaningless)?;
        let (payload, rest) = data.split_at_checked(length).ok_or(OnionError::Meaningless)?;
        let hmac = *rest.first_chunk::<HMAC_BYTES>().ok_or(OnionError::Meaningless)?;
        let payload = Payload::from_bytes(payload).ok_or(OnionError::Meaningless)?;
        // What is taken off the front is made up for at the end, by what the maker has foreseen.
        let taken = length.saturating_add(HMAC_BYTES);
        let mut filler = vec![0; taken];
        cipher.apply_keystream(&mut filler);
        data.drain(..taken);
        data.append(&mut filler);
        let is_last = hmac == [0; HMAC_BYTES];
        let peeled = match payload {
            Payload::Forward(forward) if !is_last => {
                let next = OnionPacket { version, public_key: next, packet_data: data, hmac };
                Peeled::Forward(forward, Packet(next))
            }
            Payload::Deliver(deliver) if is_last => Peeled::Deliver(deliver),
            _ => return Err(OnionError::Meaningless),
        };
        Ok(Layer { peeled, tag: ReplayTag::of(&secret), secret })
    }
}
