// SPDX-License-Identifier: Apache-2.0

//! The store: what its owner writes, reads and asks.

use crate::{
    batch::{Batch, decode},
    error::{Result, StoreError},
    layers::{Layers, Rows},
    marks::CopyReason,
    opening::Options,
    passphrase::{Header, Passphrase},
    record::{ChannelId, ChannelRecords, Entry, Record},
    rows::{self, CHANNELS},
    sealing::Keys,
    table::{Fact, Row, Table},
    ticket::Ticket,
    writing::{Queue, Request},
};
use codec::{Decode, Encode};
use std::sync::Arc;

/// How many facts [`Store::expire`] forgets with one batch.
const EXPIRED_AT_ONCE: usize = 1000;

/// An open store. Threads share it by reference; what each of them writes becomes durable together
/// with what the others write at that time.
pub struct Store {
    queue: Queue,
    layers: Arc<Layers>,
    keys: Arc<Keys>,
    generation: u32,
    copy: Option<CopyReason>,
}

/// Numbers for whoever watches a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Channels in the store.
    pub channels: u64,
    /// Batches that became durable since the store was opened.
    pub batches: u64,
    /// Syncs that somebody had to wait for: one for each group of batches.
    pub syncs: u64,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("generation", &self.generation)
            .field("copy", &self.copy)
            .finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn new(
        queue: Queue,
        layers: Arc<Layers>,
        keys: Arc<Keys>,
        generation: u32,
        copy: Option<CopyReason>,
    ) -> Self {
        Self { queue, layers, keys, generation, copy }
    }

    /// Puts a batch in the queue, and blocks while the queue is full.
    ///
    /// Errors at once: `TooLarge`, `Failed`, `Closed`. By the ticket: each rule that a record can
    /// break (`Stale`, `AlreadySigned`, `Unconfirmed`, `Behind`, `ChannelFull`, `TooLarge`,
    /// `TableFull`), upon which nothing of the batch is written; `Failed`, upon which nothing of it
    /// may leave the machine.
    pub fn submit(&self, batch: Batch) -> Result<Ticket> {
        batch.check_size()?;
        self.queue.submit(Request::Write(batch))
    }

    /// Puts a batch in the queue, or gives it back if there is no room: for tasks, which must not
    /// block.
    ///
    /// Errors: `Busy`, and those of [`Store::submit`].
    pub fn try_submit(&self, batch: Batch) -> Result<Ticket, (StoreError, Batch)> {
        if let Err(error) = batch.check_size() {
            return Err((error, batch));
        }
        self.queue.try_submit(Request::Write(batch)).map_err(|(error, request)| match request {
            Request::Write(batch) => (error, batch),
            Request::Header(_) => (error, Batch::new()),
        })
    }

    /// Keeps a record of a channel; see [`Store::submit`] for its errors.
    pub fn append(&self, channel: ChannelId, record: Record) -> Result<Ticket> {
        self.submit(Batch::new().append(channel, record))
    }

    /// Says that every peer of a restored channel was asked, so that signing may go on.
    ///
    /// `known`: the highest version that any of them holds this party's signature of, agreed or
    /// half-signed; 0 if none holds any. The store must hold the agreed state of that version: append
    /// what the peers handed over first. A peer that signed a proposal of ours lost in the crash
    /// hands over the agreed state; one that only received it must accept it before this is called,
    /// or the channel be closed.
    ///
    /// The store cannot know whether a peer told the truth. A peer that conceals a state may choose
    /// later between that one and another of its version; whoever does not trust a peer that far
    /// closes the channel instead.
    ///
    /// Error by the ticket: `Behind`.
    pub fn confirm(&self, channel: ChannelId, known: u64) -> Result<Ticket> {
        self.submit(Batch::new().confirm(channel, known))
    }

    /// Forgets a channel that has ended on chain; see [`Batch::forget`].
    pub fn forget(&self, channel: ChannelId) -> Result<Ticket> {
        self.submit(Batch::new().forget(channel))
    }

    /// All that is durable of a channel; nothing if the store does not know it.
    pub fn load(&self, channel: ChannelId) -> Result<Option<ChannelRecords>> {
        let key = self.keys.row_key(CHANNELS, &channel);
        let Some(row) = self.layers.get(&self.keys, CHANNELS, &key)? else {
            return Ok(None);
        };
        let entry = decode::<Entry>(CHANNELS, &row)?;
        Ok(Some(entry.into_records(self.generation)))
    }

    /// All channels as they are at this moment, one by one: memory does not grow with their number.
    /// While the iterator lives, the store keeps what it replaces.
    pub fn load_all(&self) -> Result<Channels> {
        let rows = self.layers.rows(&self.keys, CHANNELS)?;
        Ok(Channels { rows, generation: self.generation })
    }

    /// A fact of a table; nothing if there is none.
    pub fn get<K: Encode, V: Decode>(&self, table: &Table<K, V>, key: &K) -> Result<Option<V>> {
        let rows = table.name().rows();
        let key = table.name().row_key(&self.keys, &key.encode());
        let Some(row) = self.layers.get(&self.keys, &rows, &key)? else {
            return Ok(None);
        };
        decode(&rows, &decode::<Fact>(&rows, &row)?.value).map(Some)
    }

    /// All facts of a table as they are at this moment, in no order, one by one.
    pub fn rows<K: Decode, V: Decode>(
        &self,
        table: &Table<K, V>,
    ) -> Result<impl Iterator<Item = Result<Row<K, V>>> + use<K, V>> {
        let rows = table.name().rows();
        Ok(self.layers.rows(&self.keys, &rows)?.map(move |row| {
            let fact = decode::<Fact>(&rows, &row?)?;
            let (key, value) = (decode(&rows, &fact.key)?, decode(&rows, &fact.value)?);
            Ok(Row { key, value, expires: fact.expires })
        }))
    }

    /// Forgets the facts of a table that have expired at `now`, in the table's own unit of time, and
    /// says how many. Reads the whole table, but beside the writer, which others go on using.
    pub fn expire<K, V>(&self, table: &Table<K, V>, now: u64) -> Result<usize> {
        let rows = table.name().rows();
        let mut batch = Batch::new();
        let (mut in_batch, mut count) = (0_usize, 0_usize);
        for row in self.layers.rows(&self.keys, &rows)? {
            let fact = decode::<Fact>(&rows, &row?)?;
            if !fact.has_expired(now) {
                continue;
            }
            batch = batch.expire(table.name(), fact.key, now);
            in_batch = in_batch.saturating_add(1);
            if in_batch >= EXPIRED_AT_ONCE {
                self.submit(std::mem::take(&mut batch))?.wait()?;
                count = count.saturating_add(std::mem::take(&mut in_batch));
            }
        }
        if !batch.is_empty() {
            self.submit(batch)?.wait()?;
        }
        Ok(count.saturating_add(in_batch))
    }

    /// Why the store was taken for a copy when it was opened; nothing if it was not. Channels that
    /// have to be confirmed may be left over from an earlier opening: [`ChannelRecords`] says so.
    pub fn copy_reason(&self) -> Option<CopyReason> {
        self.copy
    }

    /// How the store is doing.
    pub fn stats(&self) -> Result<Stats> {
        let channels = self.layers.count(CHANNELS)?;
        let progress = self.queue.progress();
        Ok(Stats { channels, batches: progress.requests(), syncs: progress.commits() })
    }

    /// Wraps the store's key with another passphrase, durably. Rows stay as they are, and so do
    /// backups: those that exist open with the passphrase of their time.
    ///
    /// Errors: `WrongPassphrase` if `old` is not the passphrase; `Failed`.
    pub fn change_passphrase(
        &self,
        old: &Passphrase,
        new: &Passphrase,
        options: &Options,
    ) -> Result<()> {
        let about = self.layers.look(|database, _| rows::read_about(database))?;
        let secret = about.header.unwrap(old)?;
        let header = Header::wrap(&secret, new, options.guess_cost)?;
        self.queue.submit(Request::Header(header))?.wait()
    }

    /// Finishes what is in the queue and closes the store. Dropping it does the same; this also says
    /// whether the disk had failed.
    pub fn close(mut self) -> Result<()> {
        self.shut();
        self.queue.progress().check()
    }

    fn shut(&mut self) {
        self.queue.close();
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn layers(&self) -> &Layers {
        &self.layers
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.shut();
    }
}

/// All channels of a store as they were when this was made; see [`Store::load_all`].
pub struct Channels {
    rows: Rows,
    generation: u32,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Channels(..)")
    }
}

impl Iterator for Channels {
    type Item = Result<ChannelRecords>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        let entry = row.and_then(|row| decode::<Entry>(CHANNELS, &row));
        Some(entry.map(|entry| entry.into_records(self.generation)))
    }
}
