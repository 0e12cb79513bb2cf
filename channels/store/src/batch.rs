// SPDX-License-Identifier: Apache-2.0

//! What is written together: all of a batch, or nothing.

use crate::{
    error::{Result, StoreError},
    layers::Group,
    recent::{Known, Recent},
    record::{ChannelId, Entry, Record},
    rows::CHANNELS,
    sealing::{Keys, RowKey},
    table::{Fact, Table, TableName},
};
use codec::{Decode, DecodeAll, Encode};
use std::collections::{BTreeMap, btree_map::Entry as MapEntry};

/// How many bytes a batch may hold, so that a full queue has a bound in memory.
pub const MAX_BATCH_BYTES: usize = 1024 * 1024;

/// Changes that become durable together, or not at all.
///
/// ```
/// use millrace_channels_store::{Batch, Record, Table};
/// const PREIMAGES: Table<[u8; 32], [u8; 32]> = Table::new("preimages", 100_000);
///
/// let batch = Batch::new()
///     .append([7; 32], Record::signed(5, "the state that pays"))
///     .put(&PREIMAGES, &[1; 32], &[2; 32], Some(1_000));
/// assert!(!batch.is_empty());
/// ```
#[derive(Debug, Default)]
#[must_use = "a batch does nothing until it is submitted"]
pub struct Batch {
    changes: Vec<Change>,
    bytes: usize,
}

/// One change.
#[derive(Debug)]
enum Change {
    Append { channel: ChannelId, record: Record },
    Confirm { channel: ChannelId, known: u64 },
    Forget { channel: ChannelId },
    Put { table: TableName, limit: u64, fact: Fact },
    Remove { table: TableName, key: Vec<u8> },
    Expire { table: TableName, key: Vec<u8>, now: u64 },
}

impl Batch {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Keeps a record of a channel; [`crate::Kind`] says what it replaces.
    pub fn append(self, channel: ChannelId, record: Record) -> Self {
        let bytes = record.bytes.len();
        self.with(Change::Append { channel, record }, bytes)
    }

    /// Says that every peer of a channel was asked; see [`crate::Store::confirm`].
    pub fn confirm(self, channel: ChannelId, known: u64) -> Self {
        self.with(Change::Confirm { channel, known }, 0)
    }

    /// Forgets a channel that has ended on chain. Its id must never be used again, or what was
    /// signed under it could be signed differently.
    pub fn forget(self, channel: ChannelId) -> Self {
        self.with(Change::Forget { channel }, 0)
    }

    /// Keeps a fact, in place of the one with the same key.
    ///
    /// `expires`: from when on [`crate::Store::expire`] may remove it, in the table's own unit of
    /// time; nothing keeps it until it is removed.
    pub fn put<K: Encode, V: Encode>(
        self,
        table: &Table<K, V>,
        key: &K,
        value: &V,
        expires: Option<u64>,
    ) -> Self {
        let fact = Fact { key: key.encode(), value: value.encode(), expires };
        let bytes = fact.key.len().saturating_add(fact.value.len());
        self.with(Change::Put { table: table.name(), limit: table.limit(), fact }, bytes)
    }

    /// Forgets a fact; nothing happens if there is none.
    pub fn remove<K: Encode, V>(self, table: &Table<K, V>, key: &K) -> Self {
        let key = key.encode();
        let bytes = key.len();
        self.with(Change::Remove { table: table.name(), key }, bytes)
    }

    /// Forgets a fact if it has expired when this is written, and not before.
    pub(crate) fn expire(self, table: TableName, key: Vec<u8>, now: u64) -> Self {
        let bytes = key.len();
        self.with(Change::Expire { table, key, now }, bytes)
    }

    fn with(mut self, change: Change, bytes: usize) -> Self {
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(size_of::<Change>());
        self.changes.push(change);
        self
    }

    /// How many bytes of memory the batch takes, nearly.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Refuses what would not fit the queue.
    pub(crate) fn check_size(&self) -> Result<()> {
        match self.bytes <= MAX_BATCH_BYTES {
            true => Ok(()),
            false => Err(StoreError::TooLarge {
                what: "a batch",
                bytes: self.bytes,
                limit: MAX_BATCH_BYTES,
            }),
        }
    }

    /// Adds the batch to a group. Everything is decided before anything is written, so that a batch
    /// which breaks a rule leaves no trace. `recent` has rows as they are in this group.
    pub(crate) fn write(
        self,
        rows: &mut Group<'_>,
        recent: &mut Recent,
        keys: &Keys,
        generation: u32,
    ) -> Result<()> {
        let (channels, facts, counts) = Default::default();
        let mut draft = Draft { rows, recent, keys, generation, channels, facts, counts };
        for change in self.changes {
            draft.apply(change)?;
        }
        draft.write()
    }
}

/// The rows that a batch changes, before they are written. Each is read and opened once, and encoded
/// once, however often the batch changes it.
struct Draft<'a, 'group> {
    rows: &'a mut Group<'group>,
    recent: &'a mut Recent,
    keys: &'a Keys,
    generation: u32,
    channels: BTreeMap<ChannelId, ChangedChannel>,
    /// By table and key.
    facts: BTreeMap<(TableName, RowKey), ChangedFact>,
    /// How many rows each table of facts has with these changes.
    counts: BTreeMap<TableName, u64>,
}

/// A channel that a batch changes.
struct ChangedChannel {
    key: RowKey,
    /// Whether the store has it before.
    is_stored: bool,
    /// What it is to be; nothing if it is to go.
    entry: Option<Entry>,
}

/// A fact that a batch changes.
struct ChangedFact {
    /// Whether the store has it before.
    is_stored: bool,
    /// What its row is to be; nothing if it is to go.
    row: Option<Vec<u8>>,
}

impl Draft<'_, '_> {
    fn apply(&mut self, change: Change) -> Result<()> {
        let generation = self.generation;
        match change {
            Change::Append { channel, record } => {
                self.change_channel(channel, |entry| entry.append(record, generation))
            }
            Change::Confirm { channel, known } => {
                self.change_channel(channel, |entry| entry.confirm(known, generation))
            }
            Change::Forget { channel } => {
                self.channel(channel)?.entry = None;
                Ok(())
            }
            Change::Put { table, limit, fact } => self.put(table, limit, &fact),
            Change::Remove { table, key } => {
                let key = table.row_key(self.keys, &key);
                self.set(table, key, None)
            }
            Change::Expire { table, key, now } => self.expire(table, &key, now),
        }
    }

    /// A channel as this batch leaves it.
    fn channel(&mut self, channel: ChannelId) -> Result<&mut ChangedChannel> {
        match self.channels.entry(channel) {
            MapEntry::Occupied(known) => Ok(known.into_mut()),
            MapEntry::Vacant(place) => {
                if let Some(Known { key, entry }) = self.recent.take(&channel) {
                    let entry = Some(entry);
                    return Ok(place.insert(ChangedChannel { key, is_stored: true, entry }));
                }
                let key = self.keys.row_key(CHANNELS, &channel);
                let row = self.rows.get(CHANNELS, &key)?;
                let entry = row.map(|row| decode::<Entry>(CHANNELS, &row)).transpose()?;
                Ok(place.insert(ChangedChannel { key, is_stored: entry.is_some(), entry }))
            }
        }
    }

    /// A change that is refused refuses the whole batch, so that it does not matter what is left of
    /// the entry then.
    fn change_channel(
        &mut self,
        channel: ChannelId,
        change: impl FnOnce(Entry) -> Result<Entry>,
    ) -> Result<()> {
        let changed = self.channel(channel)?;
        let entry = changed.entry.take().unwrap_or_else(|| Entry::unknown(channel));
        changed.entry = Some(change(entry)?);
        Ok(())
    }

    fn put(&mut self, table: TableName, limit: u64, fact: &Fact) -> Result<()> {
        let key = table.row_key(self.keys, &fact.key);
        self.set(table, key, Some(fact.encode()))?;
        match self.count(table)? <= limit {
            true => Ok(()),
            false => Err(StoreError::TableFull { table: table.name, limit }),
        }
    }

    fn expire(&mut self, table: TableName, key: &[u8], now: u64) -> Result<()> {
        let rows = table.rows();
        let key = table.row_key(self.keys, key);
        let row = match self.facts.get(&(table, key)) {
            Some(changed) => changed.row.clone(),
            None => self.rows.get(&rows, &key)?,
        };
        let Some(row) = row else {
            return Ok(());
        };
        match decode::<Fact>(&rows, &row)?.has_expired(now) {
            true => self.set(table, key, None),
            false => Ok(()),
        }
    }

    fn set(&mut self, table: TableName, key: RowKey, row: Option<Vec<u8>>) -> Result<()> {
        let (is_stored, was_there) = match self.facts.get(&(table, key)) {
            Some(changed) => (changed.is_stored, changed.row.is_some()),
            None => {
                let is_stored = self.rows.has(&table.rows(), &key)?;
                (is_stored, is_stored)
            }
        };
        let count = self.count(table)?.saturating_add(u64::from(row.is_some()));
        self.counts.insert(table, count.saturating_sub(u64::from(was_there)));
        self.facts.insert((table, key), ChangedFact { is_stored, row });
        Ok(())
    }

    /// How many rows a table of facts has as this batch leaves it.
    fn count(&mut self, table: TableName) -> Result<u64> {
        match self.counts.get(&table) {
            Some(count) => Ok(*count),
            None => self.rows.count(&table.rows()),
        }
    }

    fn write(self) -> Result<()> {
        for ChangedChannel { key, is_stored, entry } in self.channels.into_values() {
            if is_stored || entry.is_some() {
                let row = entry.as_ref().map(Encode::encode);
                self.rows.set(CHANNELS, key, is_stored, row)?;
            }
            if let Some(entry) = entry {
                self.recent.put(Known { key, entry });
            }
        }
        for ((table, key), ChangedFact { is_stored, row }) in self.facts {
            if is_stored || row.is_some() {
                self.rows.set(&table.rows(), key, is_stored, row)?;
            }
        }
        Ok(())
    }
}

/// Decodes a row. It is authentic, so if it cannot be read, it was written by another release.
pub(crate) fn decode<T: Decode>(table: &str, row: &[u8]) -> Result<T> {
    T::decode_all(&mut &*row)
        .map_err(|error| StoreError::corrupted(format!("a row of table {table}: {error}")))
}
