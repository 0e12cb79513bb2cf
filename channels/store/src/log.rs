// SPDX-License-Identifier: Apache-2.0

//! The log: what the database has not made durable yet, in the order in which it was written.
//!
//! A database makes a group durable by writing every page that it touches, 4 KiB for a row of a few
//! hundred bytes. The log takes the rows alone, one after the other, with one sync; the database
//! gets them, too, but makes them durable only when the log is full, many groups at once
//! (write-ahead logging: Mohan et al., "ARIES", 1992; what is logged here is whole rows, and nothing
//! has ever to be undone, because a group is logged after it was decided and before it is shown).
//! An opening writes what the log holds into the database first.
//!
//! A frame is `length (4, little-endian) ++ sealed changes`, filled up by zeros to a multiple of
//! 4 KiB, so that no page with something acknowledged is ever written again before the database has
//! made it durable. The seal binds a frame to the store, to the run and to its number. So the end of
//! the log is the first frame that does not open: one that a failure cut short, one of the log's last
//! round, or one of an earlier run.

use crate::{
    error::{Doing, Result, StoreError},
    ground::Watched,
    marks::Marks,
    sealing::{Keys, RowKey},
};
use codec::{Decode, Encode};
use redb::StorageBackend;

/// Frames begin at multiples of this: what disks and systems write at once.
const PAGE_BYTES: usize = 4096;

/// Bytes of a frame's length.
const LENGTH_BYTES: usize = 4;

/// A row that a group wrote or removed, as it lies in the database.
#[derive(Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Change {
    pub(crate) table: String,
    pub(crate) key: RowKey,
    /// Sealed; nothing if it was removed.
    pub(crate) row: Option<Vec<u8>>,
}

/// The changes of a group, encoded one after the other.
#[derive(Debug, Default)]
pub(crate) struct Changes(Vec<u8>);

impl Changes {
    /// Notes that a row was written or removed.
    pub(crate) fn note(&mut self, table: &str, key: &RowKey, row: Option<&[u8]>) {
        // As a `Change` is encoded, without making one.
        table.encode_to(&mut self.0);
        key.encode_to(&mut self.0);
        row.encode_to(&mut self.0);
    }
}

/// A log on some disk.
#[derive(Debug)]
pub(crate) struct Log {
    backend: Watched,
    /// How many bytes it may take, nearly.
    limit: u64,
    /// Where the next frame goes.
    at: u64,
}

impl Log {
    /// A log of which nothing was read yet.
    pub(crate) fn new(backend: Watched, limit: u64) -> Self {
        Self { backend, limit, at: 0 }
    }

    /// Whether these changes find room. If not, the database has to be made durable, and the log to
    /// be [restarted](Self::restart).
    pub(crate) fn has_room(&self, changes: &Changes) -> bool {
        self.at.saturating_add(changes.0.len() as u64) <= self.limit
    }

    /// Makes changes durable. `marks`: the store's marks after them.
    ///
    /// Error: the disk refused it.
    pub(crate) fn append(&mut self, keys: &Keys, marks: &Marks, changes: &Changes) -> Result<()> {
        let doing = "write to the store's log";
        let sealed = keys.seal_frame(&place(marks, marks.sequence), &changes.0)?;
        let length = u32::try_from(sealed.len()).map_err(|_| StoreError::TooLarge {
            what: "a group",
            bytes: sealed.len(),
            limit: u32::MAX as usize,
        })?;
        let mut frame = Vec::with_capacity(padded(sealed.len()));
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&sealed);
        frame.resize(padded(sealed.len()), 0);
        self.backend.write(self.at, &frame).doing(doing)?;
        self.backend.sync_data().doing(doing)?;
        self.at = self.at.saturating_add(frame.len() as u64);
        Ok(())
    }

    /// Begins anew: the database has made everything durable.
    pub(crate) fn restart(&mut self) {
        self.at = 0;
    }

    /// Hands over what was written after `marks`, in its order, and returns the marks after that.
    ///
    /// Errors: the disk's; those of `apply`; `Corrupted` if a frame of this store cannot be decoded.
    pub(crate) fn replay(
        &self,
        keys: &Keys,
        mut marks: Marks,
        mut apply: impl FnMut(Change) -> Result<()>,
    ) -> Result<Marks> {
        let end = self.backend.len().doing("read the store's log")?;
        let mut at = 0;
        loop {
            let sequence = marks.sequence.saturating_add(1);
            let Some((sealed, next)) = self.frame(at, end)? else { return Ok(marks) };
            let Some(changes) = keys.open_frame(&place(&marks, sequence), &sealed) else {
                return Ok(marks);
            };
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
