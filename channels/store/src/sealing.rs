// SPDX-License-Identifier: Apache-2.0

//! Encryption: every row is sealed, and bound to the place where it lies.
//!
//! Rows are sealed by XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Its nonces are 24 random
//! bytes: long enough that they never meet, even when two copies of one store go on writing under
//! one key, where counters would repeat. The name of the table and the row's key are authenticated
//! along with the row, so that no row can be moved to another's place.

use crate::error::{Doing, Result, StoreError};
use blake2::{
    Blake2bMac,
    digest::{FixedOutput, Update, consts::U32},
};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use std::fmt;
use zeroize::Zeroizing;

/// The key of a row: a keyed hash, so that the file does not show what it is about.
pub(crate) type RowKey = [u8; 32];

/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// A secret of 32 bytes that leaves no trace in memory.
pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(std::io::Error::other)
        .doing("get random bytes from the operating system")?;
    Ok(bytes)
}

/// A new random secret.
pub(crate) fn new_secret() -> Result<Secret> {
    Ok(Zeroizing::new(random()?))
}

/// BLAKE2b-256 under a key, over parts that cannot be shifted into each other.
fn keyed_hash(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    // The library takes keys of 64 bytes; ours is continued by zeros.
    let mut long = Zeroizing::new([0; 64]);
    for (to, from) in long.iter_mut().zip(key.iter()) {
        *to = *from;
    }
    let mut hash = Blake2bMac::<U32>::new((&*long).into());
    for part in parts {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize_fixed().into()
}

/// Seals and opens under one key.
pub(crate) struct Seal(XChaCha20Poly1305);

impl Seal {
    pub(crate) fn new(key: &Secret) -> Self {
        Self(XChaCha20Poly1305::new((&**key).into()))
    }

    /// The nonce, then the sealed bytes.
    pub(crate) fn seal(&self, place: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = random()?;
        let sealed = self
            .0
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: bytes, aad: place })
            .map_err(|_| StoreError::TooLarge {
                what: "a row",
                bytes: bytes.len(),
                limit: u32::MAX as usize,
            })?;
        let mut row = Vec::with_capacity(nonce.len().saturating_add(sealed.len()));
        row.extend_from_slice(&nonce);
        row.extend_from_slice(&sealed);
        Ok(row)
    }

    /// What was sealed for this place; nothing if it was not, or was changed since.
    pub(crate) fn open(&self, place: &[u8], row: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = row.split_at_checked(NONCE_BYTES)?;
        self.0.decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: place }).ok()
    }
}

/// The keys of an open store, both derived from one random secret.
pub(crate) struct Keys {
    rows: Seal,
    index: Secret,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(..)")
    }
}

impl Keys {
    /// The keys that belong to a store's secret.
    pub(crate) fn new(secret: &Secret) -> Self {
        let derive = |tag: &[u8]| Zeroizing::new(keyed_hash(secret, &[tag]));
        Self {
            rows: Seal::new(&derive(b"millrace/store/rows/1")),
            index: derive(b"millrace/store/index/1"),
        }
    }

    /// Where a row lies that is known by `name` in `table`.
    pub(crate) fn row_key(&self, table: &str, name: &[u8]) -> RowKey {
        keyed_hash(&self.index, &[table.as_bytes(), name])
    }

    /// Seals a row for its place.
    pub(crate) fn seal(&self, table: &str, key: &RowKey, row: &[u8]) -> Result<Vec<u8>> {
        self.rows.seal(&place(table, key), row)
    }

    /// Opens a row found at a place.
    ///
    /// Error: `Corrupted` if it was written for another place, or changed.
    pub(crate) fn open(&self, table: &str, key: &RowKey, row: &[u8]) -> Result<Vec<u8>> {
        self.rows.open(&place(table, key), row).ok_or_else(|| {
            StoreError::corrupted(format!("a row of table {table} is not authentic"))
        })
    }
}

/// The key has a fixed length, so that the two cannot be shifted into each other.
fn place(table: &str, key: &RowKey) -> Vec<u8> {
    [key.as_slice(), table.as_bytes()].concat()
}
