// SPDX-License-Identifier: Apache-2.0

//! The log: what the database has not made durable yet, in the order in which it was written.
//!
//! A database makes a group durable by writing every page that it touches, 4 KiB for a row of a few
//! hundred bytes. The log takes the rows alone, one after the other, with one sync (write-ahead
//! logging: Mohan et al., "ARIES", 1992; what is logged here is whole rows, and nothing has ever to be
//! undone, because a group is logged after it was decided and before it is shown).
//!
//! The log has two halves. When one is full, the next group goes to the other, and what the full one has
//! is written into the database meanwhile. An opening writes what the log holds into the database first.
//!
//! A frame is `length (4, little-endian) ++ sealed changes`, filled up by zeros to a multiple of
//! 4 KiB, so that no page with something acknowledged is ever written again before the database has
//! made it durable. The seal binds a frame to the store, to the run and to its number. So the end of
//! the log is the first frame that does not open, where it would go on and where the other half begins:
//! one that a failure cut short, one of the half's last round, or one of an earlier run.
//!
//! Format 2 had one half, and rows in it were sealed as they are in the database.

use crate::{
    error::{Doing, Result, StoreError},
    ground::Watched,
    layers::Changed,
    marks::Marks,
    sealing::{Keys, NONCE_BYTES, RowKey},
};
use codec::{Decode, Encode};
use redb::StorageBackend;

/// Frames begin at multiples of this: what disks and systems write at once.
const PAGE_BYTES: usize = 4096;

/// Bytes of a frame's length.
const LENGTH_BYTES: usize = 4;

/// A row that a group wrote or removed.
#[derive(Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) key: RowKey,
    /// Nothing if it was removed.
    pub(crate) row: Option<Vec<u8>>,
}

/// What a group has changed, as the log takes it.
#[derive(Debug)]
pub(crate) struct Frame(Vec<u8>);

impl Frame {
    /// Seals the changes of a group. `marks`: the store's marks after them.
    ///
    /// Error: `TooLarge`.
    pub(crate) fn new(keys: &Keys, marks: &Marks, changed: &Changed) -> Result<Self> {
        let mut bytes = vec![0; LENGTH_BYTES + NONCE_BYTES];
        for (table, key, row) in changed.rows() {
            // As a `Change` is encoded, without making one.
            table.encode_to(&mut bytes);
            key.encode_to(&mut bytes);
            row.as_deref().encode_to(&mut bytes);
        }
        keys.seal_frame(&place(marks, marks.sequence), &mut bytes, LENGTH_BYTES)?;
        let sealed = bytes.len().saturating_sub(LENGTH_BYTES);
        let length = u32::try_from(sealed).map_err(|_| StoreError::TooLarge {
            what: "a group",
            bytes: sealed,
            limit: u32::MAX as usize,
        })?;
        for (to, from) in bytes.iter_mut().zip(length.to_le_bytes()) {
            *to = from;
        }
        bytes.resize(padded(sealed), 0);
        Ok(Self(bytes))
    }

    fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    #[cfg(test)]
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A log on some disk.
#[derive(Debug)]
pub(crate) struct Log {
    backend: Watched,
    /// How many bytes each half has.
    half: u64,
    /// Where the half begins that is written to.
    begin: u64,
    /// How many bytes it has been given.
    filled: u64,
}

impl Log {
    /// A log of which nothing was read yet. `limit`: how many bytes both halves may take, nearly.
    pub(crate) fn new(backend: Watched, limit: u64) -> Self {
        let pages = (limit / 2 / PAGE_BYTES as u64).max(1);
        Self { backend, half: pages.saturating_mul(PAGE_BYTES as u64), begin: 0, filled: 0 }
    }

    /// How many bytes each half has.
    pub(crate) fn half(&self) -> u64 {
        self.half
    }

    /// How many bytes of its half are taken.
    pub(crate) fn filled(&self) -> u64 {
        self.filled
    }

    /// Whether a frame fits into a half at all.
    pub(crate) fn takes(&self, frame: &Frame) -> bool {
        frame.bytes() <= self.half
    }

    /// Whether a frame finds room in this half.
    pub(crate) fn has_room(&self, frame: &Frame) -> bool {
        self.filled.saturating_add(frame.bytes()) <= self.half
    }

    /// Makes a frame durable.
    ///
    /// Error: the disk refused it.
    pub(crate) fn append(&mut self, frame: &Frame) -> Result<()> {
        let doing = "write to the store's log";
        self.backend.write(self.begin.saturating_add(self.filled), &frame.0).doing(doing)?;
        self.backend.sync_data().doing(doing)?;
        self.filled = self.filled.saturating_add(frame.bytes());
        Ok(())
    }

    /// Goes on in the other half, whose content the database has made durable.
    pub(crate) fn turn(&mut self) {
        self.begin = if self.begin == 0 { self.half } else { 0 };
        self.filled = 0;
    }

    /// Hands over what was written after `marks`, in its order, and returns the marks after that.
    /// `half`: how many bytes a half had when the log was written; nothing if it had no halves.
    ///
    /// Errors: the disk's; those of `apply`; `Corrupted` if a frame of this store cannot be decoded.
    pub(crate) fn replay(
        &self,
        keys: &Keys,
        mut marks: Marks,
        half: Option<u64>,
        mut apply: impl FnMut(Change) -> Result<()>,
    ) -> Result<Marks> {
        let end = self.backend.len().doing("read the store's log")?;
        let mut at = 0;
        loop {
            // Where it would go on if there is room, else where a half begins.
            let places = [Some(at), Some(0), half];
            let sequence = marks.sequence.saturating_add(1);
            let place = place(&marks, sequence);
            let mut found = None;
            for from in places.into_iter().flatten() {
                let Some((sealed, next)) = self.frame(from, end)? else { continue };
                if let Some(changes) = keys.open_frame(&place, &sealed) {
                    found = Some((changes, next));
                    break;
                }
            }
            let Some((changes, next)) = found else { return Ok(marks) };
            let mut changes = changes.as_slice();
            while !changes.is_empty() {
                let change = Change::decode(&mut changes).map_err(|error| {
                    StoreError::corrupted(format!("a frame of the log: {error}"))
                })?;
                apply(change)?;
            }
            (at, marks.sequence) = (next, sequence);
        }
    }

    /// What lies where a frame would, and where the next one would begin; nothing if none fits.
    fn frame(&self, at: u64, end: u64) -> Result<Option<(Vec<u8>, u64)>> {
        let doing = "read the store's log";
        let begin = at.saturating_add(LENGTH_BYTES as u64);
        if begin > end {
            return Ok(None);
        }
        let mut length = [0; LENGTH_BYTES];
        self.backend.read(at, &mut length).doing(doing)?;
        let length = u32::from_le_bytes(length);
        // Whatever claims more than there is was not written whole.
        if length == 0 || begin.saturating_add(u64::from(length)) > end {
            return Ok(None);
        }
        let mut sealed = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        self.backend.read(begin, &mut sealed).doing(doing)?;
        Ok(Some((sealed, at.saturating_add(padded(length as usize) as u64))))
    }
}

/// How many bytes a frame takes with this many sealed ones.
fn padded(sealed: usize) -> usize {
    sealed.saturating_add(LENGTH_BYTES).next_multiple_of(PAGE_BYTES)
}

/// What a frame is bound to. All parts have fixed lengths.
fn place(marks: &Marks, sequence: u64) -> Vec<u8> {
    [&marks.instance[..], &marks.run, &sequence.to_le_bytes()].concat()
}
