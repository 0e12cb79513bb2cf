// SPDX-License-Identifier: Apache-2.0

//! Encryption: every row is sealed, and bound to the place where it lies.
//!
//! Rows are sealed by XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Its nonces are 24 random
//! bytes: long enough that they never meet, even when two copies of one store go on writing under
//! one key, where counters would repeat; and they do not show which rows were written together.
//! `chacha20` makes of key and nonce the key of one message, and `ring` seals under that, in assembly.
//! The name of the table and the row's key are authenticated along with the row, so that no row can be
//! moved to another's place.

use crate::error::{Doing, Result, StoreError};
use blake2::{
    Blake2bMac,
    digest::{FixedOutput, KeyInit, Update, consts::U32},
};
use chacha20::{cipher::consts::U10, hchacha};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;
use zeroize::Zeroizing;

/// The key of a row: a keyed hash, so that the file does not show what it is about.
pub(crate) type RowKey = [u8; 32];

/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 24;

/// Bytes of a nonce that make the key of its message; the others are that message's nonce.
const KEY_NONCE_BYTES: usize = 16;

/// Bytes of a tag.
const TAG_BYTES: usize = 16;

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

/// Nonces, of which the operating system is asked for many at once.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    /// Those that are left.
    drawn: Vec<[u8; NONCE_BYTES]>,
}

impl Nonces {
    /// How many are drawn at once.
    const AT_ONCE: usize = 64;

    /// One that was never used.
    fn draw(&mut self) -> Result<[u8; NONCE_BYTES]> {
        if let Some(nonce) = self.drawn.pop() {
            return Ok(nonce);
        }
        let bytes: [u8; NONCE_BYTES * Self::AT_ONCE] = random()?;
        let (nonces, _) = bytes.as_chunks();
        self.drawn.extend_from_slice(nonces);
        self.drawn.pop().ok_or_else(|| StoreError::corrupted("no nonce was drawn"))
    }
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
pub(crate) struct Seal(Secret);

impl Seal {
    pub(crate) fn new(key: &Secret) -> Self {
        Self(key.clone())
    }

    /// Seals one message, under a nonce that is drawn for it.
    pub(crate) fn seal(&self, place: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
        self.seal_under(random()?, place, bytes)
    }

    /// The nonce, then the sealed bytes, then their tag.
    fn seal_under(&self, nonce: [u8; NONCE_BYTES], place: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
        let mut row = Vec::with_capacity(bytes.len().saturating_add(NONCE_BYTES + TAG_BYTES));
        row.extend_from_slice(&nonce);
        row.extend_from_slice(bytes);
        self.seal_in_place(nonce, place, &mut row, 0)?;
        Ok(row)
    }

    /// Seals the end of `bytes`: what lies behind `from` and as many bytes there as a nonce has.
    fn seal_in_place(
        &self,
        nonce: [u8; NONCE_BYTES],
        place: &[u8],
        bytes: &mut Vec<u8>,
        from: usize,
    ) -> Result<()> {
        let length = bytes.len();
        let too_large =
            || StoreError::TooLarge { what: "a row", bytes: length, limit: u32::MAX as usize };
        let (key, own_nonce) = self.of_message(&nonce).ok_or_else(too_large)?;
        let row = bytes.get_mut(from..).and_then(|row| row.split_first_chunk_mut());
        let (room, sealed) = row.ok_or_else(too_large)?;
        *room = nonce;
        let tag = key.seal_in_place_separate_tag(own_nonce, Aad::from(place), sealed);
        bytes.extend_from_slice(tag.map_err(|_| too_large())?.as_ref());
        Ok(())
    }

    /// What was sealed for this place; nothing if it was not, or was changed since.
    pub(crate) fn open(&self, place: &[u8], row: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = row.split_first_chunk()?;
        let (key, own_nonce) = self.of_message(nonce)?;
        let mut bytes = sealed.to_vec();
        let length = key.open_in_place(own_nonce, Aad::from(place), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    /// The key and the nonce of one message; nothing if the library takes none of this length, which
    /// does not happen.
    fn of_message(&self, nonce: &[u8; NONCE_BYTES]) -> Option<(LessSafeKey, Nonce)> {
        let (of_key, rest) = nonce.split_first_chunk::<KEY_NONCE_BYTES>()?;
        let key =
            Zeroizing::new(<[u8; 32]>::from(hchacha::<U10>((&*self.0).into(), of_key.into())));
        let mut own_nonce = [0; NONCE_LEN];
        own_nonce
            .iter_mut()
            .skip(NONCE_LEN - rest.len())
            .zip(rest)
            .for_each(|(to, from)| *to = *from);
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()).ok()?;
        Some((LessSafeKey::new(key), Nonce::assume_unique_for_key(own_nonce)))
    }
}

/// The keys of an open store, all derived from one random secret.
pub(crate) struct Keys {
    rows: Seal,
    log: Seal,
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
            log: Seal::new(&derive(b"millrace/store/log/1")),
            index: derive(b"millrace/store/index/1"),
        }
    }

    /// Where a row lies that is known by `name` in `table`.
    pub(crate) fn row_key(&self, table: &str, name: &[u8]) -> RowKey {
        keyed_hash(&self.index, &[table.as_bytes(), name])
    }

    /// Where a row lies whose name begins with `first`: beside all whose names differ only there.
    pub(crate) fn run_key(&self, table: &str, first: u8, rest: &[u8]) -> RowKey {
        let mut key = self.row_key(table, rest);
        if let Some(last) = key.last_mut() {
            *last = first;
        }
        key
    }

    /// Seals a row for its place.
    pub(crate) fn seal(&self, table: &str, key: &RowKey, row: &[u8]) -> Result<Vec<u8>> {
        self.rows.seal(&place(table, key), row)
    }

    /// Seals one of many rows for its place.
    pub(crate) fn seal_next(
        &self,
        nonces: &mut Nonces,
        table: &str,
        key: &RowKey,
        row: &[u8],
    ) -> Result<Vec<u8>> {
        self.rows.seal_under(nonces.draw()?, &place(table, key), row)
    }

    /// Opens a row found at a place.
    ///
    /// Error: `Corrupted` if it was written for another place, or changed.
    pub(crate) fn open(&self, table: &str, key: &RowKey, row: &[u8]) -> Result<Vec<u8>> {
        self.rows.open(&place(table, key), row).ok_or_else(|| {
            StoreError::corrupted(format!("a row of table {table} is not authentic"))
        })
    }

    /// Seals a frame of the log for its place, where it lies: behind `from` and the bytes of a nonce.
    pub(crate) fn seal_frame(&self, place: &[u8], bytes: &mut Vec<u8>, from: usize) -> Result<()> {
        self.log.seal_in_place(random()?, place, bytes, from)
    }

    /// Opens a frame of the log; nothing if it was not written for this place, or was changed.
    pub(crate) fn open_frame(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.log.open(place, sealed)
    }
}

/// The key has a fixed length, so that the two cannot be shifted into each other.
fn place(table: &str, key: &RowKey) -> Vec<u8> {
    [key.as_slice(), table.as_bytes()].concat()
}
