// SPDX-License-Identifier: Apache-2.0

//! Onion keys: secp256k1, apart from the key that names a node.

use codec::{Decode, Encode, MaxEncodedLen};
use polkadot_sdk::sp_io::hashing::blake2_256;
use secp256k1::{All, PublicKey, Secp256k1, SecretKey};
use std::{fmt, sync::OnceLock};
use zeroize::Zeroize;

/// Tag of an onion key that is derived from a seed.
const SEED_TAG: &[u8] = b"millrace/onion-key/1";

/// The curve's tables. They hold no secret.
pub(crate) fn curve() -> &'static Secp256k1<All> {
    static CURVE: OnceLock<Secp256k1<All>> = OnceLock::new();
    CURVE.get_or_init(Secp256k1::new)
}

/// What packets for a node are made with: a compressed point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen)]
pub struct OnionPublic(pub [u8; 33]);

impl OnionPublic {
    /// Whether this is a point of the curve.
    pub fn is_valid(&self) -> bool {
        self.point().is_some()
    }

    pub(crate) fn point(&self) -> Option<PublicKey> {
        PublicKey::from_slice(&self.0).ok()
    }
}

impl fmt::Debug for OnionPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OnionPublic({})", hex::encode(self.0))
    }
}

/// Peels packets. It is erased from memory when it is dropped.
pub struct OnionKey(SecretKey);

impl OnionKey {
    /// Derives the key from 32 secret bytes, which may serve other purposes too.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mut bytes = [SEED_TAG, seed].concat();
        let mut candidate = blake2_256(&bytes);
        bytes.zeroize();
        loop {
            // One in 2¹²⁸ candidates is no key.
            if let Ok(key) = SecretKey::from_byte_array(&candidate) {
                candidate.zeroize();
                return Self(key);
            }
            candidate = blake2_256(&candidate);
        }
    }

    /// What others make packets with.
    pub fn public(&self) -> OnionPublic {
        OnionPublic(self.0.public_key(curve()).serialize())
    }

    pub(crate) fn secret(&self) -> &SecretKey {
        &self.0
    }
}

impl Drop for OnionKey {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}

impl fmt::Debug for OnionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OnionKey({:?})", self.public())
    }
}

/// What a hop and the packet's maker share. A hop keeps it until the transfer has ended, to wrap an
/// error on its way back.
#[derive(Clone, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct SharedSecret(pub(crate) [u8; 32]);

impl Drop for SharedSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedSecret(…)")
    }
}
