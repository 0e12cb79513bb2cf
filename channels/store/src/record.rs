// SPDX-License-Identifier: Apache-2.0

//! What is kept of a channel, and the rules by which one record replaces another.

use crate::error::{Result, StoreError};
use codec::{Decode, Encode};

/// A channel's id: the 32 bytes that the chain knows it by.
pub type ChannelId = [u8; 32];

/// How many records a channel may hold (ST-5). An agreed state, its successor and a few notes are
/// what a channel needs.
pub const MAX_RECORDS_PER_CHANNEL: usize = 32;

/// How large a record may be, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;

/// What a record means to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Kind {
    /// Everybody signed a state. It replaces the agreed state before it, and what was signed of
    /// its version or a lower one.
    Agreed,
    /// This party signed a state. Its version is above the agreed one, and no other state of that
    /// version may ever be signed.
    Signed,
    /// A fact about the channel beside its states, such as its terms. A note replaces the note of
    /// the same number; states leave it alone.
    Note(u8),
}

/// One thing that must survive a crash.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Record {
    /// What it means to the store.
    pub kind: Kind,
    /// The version of the state. Of a note: whatever its owner likes.
    pub version: u64,
    /// What it says; the store does not look inside. At most [`MAX_RECORD_BYTES`].
    pub bytes: Vec<u8>,
}

impl Record {
    /// A state that everybody signed.
    pub fn agreed(version: u64, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind: Kind::Agreed, version, bytes: bytes.into() }
    }

    /// A state that this party signed.
    pub fn signed(version: u64, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind: Kind::Signed, version, bytes: bytes.into() }
    }

    /// A fact beside the states.
    pub fn note(number: u8, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind: Kind::Note(number), version: 0, bytes: bytes.into() }
    }
}

/// How far a channel's records can be trusted to be the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Nothing was signed that is not here.
    Current,
    /// The records come from a copy of the store. What was signed after the copy was made is not
    /// here; until [`crate::Store::confirm`], nothing can be signed.
    Restored,
}

/// All that is kept of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRecords {
    /// The channel.
    pub channel: ChannelId,
    /// Whether its peers have to be asked first.
    pub provenance: Provenance,
    /// Its records: the agreed state, what was signed after it by version, then notes by number.
    pub records: Vec<Record>,
}

impl ChannelRecords {
    /// The newest state that everybody signed.
    pub fn agreed(&self) -> Option<&Record> {
        self.records.iter().find(|record| record.kind == Kind::Agreed)
    }

    /// What this party signed after that, by version.
    pub fn signed(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| record.kind == Kind::Signed)
    }

    /// The note of this number.
    pub fn note(&self, number: u8) -> Option<&Record> {
        self.records.iter().find(|record| record.kind == Kind::Note(number))
    }
}

/// A channel as it lies in the store: one row, replaced as a whole, so that its size is bounded and
/// its records can only be read together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Entry {
    /// In full, because the row's key is a keyed hash of it.
    pub(crate) channel: ChannelId,
    /// The store's generation in which these records were known to be the newest.
    pub(crate) generation: u32,
    /// In the order of [`ChannelRecords::records`].
    pub(crate) records: Vec<Record>,
}

impl Entry {
    /// A channel that the store has never heard of. In a store of the first generation nothing can
    /// be missing; in any other, the channel may have been opened after the copy was made.
    pub(crate) fn unknown(channel: ChannelId) -> Self {
        Self { channel, generation: 0, records: Vec::new() }
    }

    /// The version of the newest agreed state; nothing if there is none.
    fn agreed_version(&self) -> Option<u64> {
        self.records.iter().find(|r| r.kind == Kind::Agreed).map(|r| r.version)
    }

    /// The channel with one record more, or the rule that the record breaks.
    ///
    /// Upholds ST-2 (nothing older than what is agreed), ST-3 (one signature a version), ST-4
    /// (nothing is signed while unconfirmed) and ST-5 (bounded).
    pub(crate) fn append(mut self, record: Record, generation: u32) -> Result<Self> {
        let channel = self.channel;
        let version = record.version;
        if record.bytes.len() > MAX_RECORD_BYTES {
            return Err(StoreError::TooLarge {
                what: "a record",
                bytes: record.bytes.len(),
                limit: MAX_RECORD_BYTES,
            });
        }
        let newest = self.agreed_version();
        match record.kind {
            Kind::Agreed => {
                if let Some(newest) = newest.filter(|newest| version < *newest) {
                    return Err(StoreError::Stale { channel, version, newest });
                }
                // What was signed above this version stays: forgetting it would allow a second
                // signature.
                self.records.retain(|known| match known.kind {
                    Kind::Agreed => false,
                    Kind::Signed => known.version > version,
                    Kind::Note(_) => true,
                });
            }
            Kind::Signed => {
                if self.generation != generation {
                    return Err(StoreError::Unconfirmed { channel });
                }
                if let Some(newest) = newest.filter(|newest| version <= *newest) {
                    return Err(StoreError::Stale { channel, version, newest });
                }
                let mut signed = self.records.iter().filter(|known| known.kind == Kind::Signed);
                if let Some(known) = signed.find(|known| known.version == version) {
                    return match known.bytes == record.bytes {
                        true => Ok(self),
                        false => Err(StoreError::AlreadySigned { channel, version }),
                    };
                }
            }
            Kind::Note(_) => self.records.retain(|known| known.kind != record.kind),
        }
        if self.records.len() >= MAX_RECORDS_PER_CHANNEL {
            let limit = MAX_RECORDS_PER_CHANNEL;
            return Err(StoreError::ChannelFull { channel, limit });
        }
        let place = self.records.partition_point(|r| (r.kind, r.version) < (record.kind, version));
        self.records.insert(place, record);
        Ok(self)
    }

    /// Takes note that every peer was asked, and that the newest state with this party's signature
    /// known to any of them has version `known`.
    pub(crate) fn confirm(mut self, known: u64, generation: u32) -> Result<Self> {
        let held = self.agreed_version().unwrap_or(0);
        if known > held {
            return Err(StoreError::Behind { channel: self.channel, known, held });
        }
        self.generation = generation;
        Ok(self)
    }

    pub(crate) fn into_records(self, generation: u32) -> ChannelRecords {
        let provenance = match self.generation == generation {
            true => Provenance::Current,
            false => Provenance::Restored,
        };
        ChannelRecords { channel: self.channel, provenance, records: self.records }
    }
}
