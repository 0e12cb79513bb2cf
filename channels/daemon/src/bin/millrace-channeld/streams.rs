// SPDX-License-Identifier: Apache-2.0

//! What is kept of the streams that this party pays, and how far each has come.
//!
//! Starting a stream moves money once (AP-1) although the node names no streams: an epoch is used once
//! in a channel, and which epoch a request gets is written down before anything is asked for. So a
//! request that comes again finds its stream, and a stream that was never agreed is never opened twice.

use codec::{Decode, Encode};
use millrace_channels_api::{
    Amount,
    types::{Direction, Stream, StreamState},
    values::{ChannelId as Id, StreamId},
};
use millrace_channels_daemon::StreamView;
use millrace_channels_protocol::{StreamName, StreamTerms};
use millrace_channels_store::{Batch, Store, StoreError, Table};
use millrace_primitives_channels::ChannelId;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::task::spawn_blocking;

/// Streams by their ids.
const STREAMS: Table<[u8; 32], Kept> = Table::new("streams", 100_000);

/// Streams that are over and remembered, so that their requests are recognised.
const MAX_ENDED: usize = 10_000;

/// A stream that this party pays.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Kept {
    /// The request that started it.
    pub operation: [u8; 32],
    /// Stands for everything that the request asked for.
    pub fingerprint: [u8; 32],
    /// Its channel.
    pub channel: [u8; 32],
    /// Its name in the channel.
    pub name: StreamName,
    /// What one link pays.
    pub unit: u128,
    /// Number of chains.
    pub chains: u32,
    /// Links of each chain.
    pub links: u32,
    /// How many links it is to pay in all.
    pub units: u64,
    /// How many in a second.
    pub per_second: u32,
    /// When it was started, in seconds since 1970.
    pub started: u64,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a stream has come, as far as it has to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Stage {
    /// It is being opened, or pays.
    #[codec(index = 0)]
    Going,
    /// It was stopped, or has paid everything: it is being folded.
    #[codec(index = 1)]
    Stopping,
    /// It is over.
    #[codec(index = 2)]
    Ended {
        /// How many links it has paid.
        units: u64,
    },
}

impl Kept {
    /// Its channel.
    pub fn channel(&self) -> ChannelId {
        ChannelId::from(self.channel)
    }

    /// What its links are made from.
    pub fn terms(&self) -> StreamTerms {
        let Self { name, unit, chains, links, .. } = *self;
        StreamTerms { name, unit, chains, links }
    }

    /// Its id.
    pub fn id(&self) -> StreamId {
        stream_id(&self.channel(), self.name)
    }
}

/// The id of a stream. Both of its parties name it alike.
pub fn stream_id(channel: &ChannelId, name: StreamName) -> StreamId {
    let hash = Sha256::new().chain_update(b"millrace/api/stream/1").chain_update(channel);
    StreamId(hash.chain_update(name.encode()).finalize().into())
}

/// A stream in memory.
#[derive(Clone, Debug)]
struct Entry {
    kept: Kept,
    state: StreamState,
    units: u64,
    /// Whether a task pays or folds it.
    is_driven: bool,
}

/// All streams that this party pays or has paid.
pub struct Streams {
    store: Arc<Store>,
    entries: Mutex<BTreeMap<StreamId, Entry>>,
    /// When streams to this party were seen first, in seconds since 1970.
    seen: Mutex<BTreeMap<StreamId, u64>>,
    /// Held while a stream is started: each gets an epoch of its own.
    pub starting: tokio::sync::Mutex<()>,
}

impl Streams {
    /// The streams that a store knows.
    pub fn open(store: Arc<Store>) -> Result<Self, StoreError> {
        let mut entries = BTreeMap::new();
        for row in store.rows(&STREAMS)? {
            let kept = row?.value;
            let (state, units) = match kept.stage {
                Stage::Going => (StreamState::Paused, 0),
                Stage::Stopping => (StreamState::Folding, 0),
                Stage::Ended { units } => (StreamState::Ended, units),
            };
            entries.insert(kept.id(), Entry { kept, state, units, is_driven: false });
        }
        Ok(Self {
            store,
            entries: Mutex::new(entries),
            seen: Mutex::default(),
            starting: tokio::sync::Mutex::default(),
        })
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<StreamId, Entry>> {
        // Each use is a few steps that cannot fail.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of a stream.
    pub fn get(&self, id: &StreamId) -> Option<Kept> {
        Some(self.entries().get(id)?.kept.clone())
    }

    /// The stream that a request started.
    pub fn started_by(&self, operation: &[u8; 32]) -> Option<Kept> {
        let entries = self.entries();
        entries.values().find(|it| it.kept.operation == *operation).map(|it| it.kept.clone())
    }

    /// The lowest epoch above all that are known for a payee.
    pub fn free_epoch(&self, channel: &ChannelId, payee: u8) -> u32 {
        let entries = self.entries();
        let same = entries.values().map(|it| &it.kept);
        let same = same.filter(|it| it.channel == channel.0 && it.name.payee == payee);
        same.map(|it| it.name.epoch.saturating_add(1)).max().unwrap_or(0)
    }

    /// Writes a stream down that is about to be opened, and forgets the oldest that are over.
    pub async fn begin(&self, kept: Kept) -> Result<(), StoreError> {
        let id = kept.id();
        let mut batch = Batch::new().put(&STREAMS, &id.0, &kept, None);
        {
            let mut entries = self.entries();
            let mut ended: Vec<_> = entries
                .iter()
                .filter(|(_, it)| matches!(it.kept.stage, Stage::Ended { .. }))
                .map(|(id, it)| (it.kept.started, *id))
                .collect();
            ended.sort_unstable();
            for (_, old) in ended.iter().take(ended.len().saturating_sub(MAX_ENDED)) {
                entries.remove(old);
                batch = batch.remove(&STREAMS, &old.0);
            }
            let state = StreamState::Starting;
            entries.insert(id, Entry { kept, state, units: 0, is_driven: true });
        }
        let written = self.write(batch).await;
        if written.is_err() {
            self.entries().remove(&id);
        }
        written
    }

    /// Forgets a stream that nobody has heard of.
    pub async fn forget(&self, id: &StreamId) -> Result<(), StoreError> {
        self.entries().remove(id);
        self.write(Batch::new().remove(&STREAMS, &id.0)).await
    }

    /// Writes down how far a stream has come.
    pub async fn reach(&self, id: &StreamId, stage: Stage) -> Result<(), StoreError> {
        let kept = {
            let mut entries = self.entries();
            let Some(entry) = entries.get_mut(id) else { return Ok(()) };
            if entry.kept.stage == stage {
                return Ok(());
            }
            entry.kept.stage = stage;
            match stage {
                Stage::Going => {}
                Stage::Stopping => entry.state = StreamState::Folding,
                Stage::Ended { units } => {
                    (entry.state, entry.units, entry.is_driven) =
                        (StreamState::Ended, units, false);
                }
            }
            entry.kept.clone()
        };
        self.write(Batch::new().put(&STREAMS, &id.0, &kept, None)).await
    }

    async fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let store = self.store.clone();
        let written = spawn_blocking(move || store.submit(batch)?.wait()).await;
        // It fails to end only if it panics, or while the program ends.
        written.unwrap_or(Ok(()))
    }

    /// Notes what a stream does. True if its state is another one now.
    pub fn note(&self, id: &StreamId, state: StreamState, units: Option<u64>) -> bool {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(id) else { return false };
        entry.units = units.unwrap_or(entry.units);
        core::mem::replace(&mut entry.state, state) != state
    }

    /// A task that drives a stream has ended.
    pub fn let_go(&self, id: &StreamId) {
        if let Some(entry) = self.entries().get_mut(id) {
            entry.is_driven = false;
        }
    }

    /// Takes a stream of an agreed state over, unless a task drives it already. One that nothing is
    /// known of is folded: its reserve comes back.
    pub fn take_over(&self, view: &StreamView) -> Option<Kept> {
        let (id, stream) = (stream_id(&view.channel, view.name()), &view.stream);
        let mut entries = self.entries();
        let entry = entries.entry(id).or_insert_with(|| Entry {
            kept: Kept {
                operation: id.0,
                fingerprint: [0; 32],
                channel: view.channel.0,
                name: view.name(),
                unit: stream.unit,
                chains: stream.chains,
                links: stream.links,
                units: stream.capacity(),
                per_second: 0,
                started: 0,
                stage: Stage::Stopping,
            },
            state: StreamState::Folding,
            units: 0,
            is_driven: false,
        });
        if core::mem::replace(&mut entry.is_driven, true) {
            return None;
        }
        if matches!(entry.kept.stage, Stage::Ended { .. }) {
            // It was given up too early.
            (entry.kept.stage, entry.state) = (Stage::Stopping, StreamState::Folding);
        }
        Some(entry.kept.clone())
    }

    /// Streams that are not over and that nobody drives, although no agreed state has them.
    pub fn lost(&self, agreed: &[StreamView]) -> Vec<StreamId> {
        let agreed: Vec<_> = agreed.iter().map(|it| stream_id(&it.channel, it.name())).collect();
        let entries = self.entries();
        let open = entries.iter().filter(|(id, it)| {
            !it.is_driven && it.state != StreamState::Ended && !agreed.contains(id)
        });
        open.map(|(id, _)| *id).collect()
    }

    /// Notes streams to this party, and returns those that are new.
    pub fn note_received(&self, views: &[StreamView], now: u64) -> Vec<StreamView> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let incoming: Vec<_> = views.iter().filter(|it| !it.is_outgoing).collect();
        let ids: Vec<_> = incoming.iter().map(|it| stream_id(&it.channel, it.name())).collect();
        seen.retain(|id, _| ids.contains(id));
        let new = incoming.iter().zip(ids).filter(|(_, id)| seen.insert(*id, now).is_none());
        new.map(|(view, _)| **view).collect()
    }

    /// A stream that this party pays, as programs see it.
    pub fn sent(&self, id: &StreamId) -> Option<Stream> {
        let entry = self.entries().get(id)?.clone();
        Some(sent(*id, &entry))
    }

    /// The streams that this party pays and that are not over.
    pub fn all_sent(&self) -> Vec<Stream> {
        let entries = self.entries();
        let open = entries.iter().filter(|(_, it)| it.state != StreamState::Ended);
        open.map(|(id, entry)| sent(*id, entry)).collect()
    }

    /// A stream to this party, as programs see it.
    pub fn received(&self, view: &StreamView) -> Stream {
        let id = stream_id(&view.channel, view.name());
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let units = view.units.unwrap_or(0);
        Stream {
            stream: id,
            channel: Id(view.channel.0),
            direction: Direction::Incoming,
            state: if view.is_connected { StreamState::Running } else { StreamState::Paused },
            unit: Amount(view.stream.unit),
            pulses_per_second: 0,
            pulses: units,
            paid: Amount(worth(view.stream.unit, units)),
            total: Amount(view.stream.reserve().unwrap_or_default()),
            started_at: seen.get(&id).copied().unwrap_or(0),
        }
    }
}

fn sent(id: StreamId, entry: &Entry) -> Stream {
    let kept = &entry.kept;
    Stream {
        stream: id,
        channel: Id(kept.channel),
        direction: Direction::Outgoing,
        state: entry.state,
        unit: Amount(kept.unit),
        pulses_per_second: kept.per_second,
        pulses: entry.units,
        paid: Amount(worth(kept.unit, entry.units)),
        total: Amount(worth(kept.unit, kept.units)),
        started_at: kept.started,
    }
}

fn worth(unit: u128, units: u64) -> u128 {
    unit.saturating_mul(units.into())
}

#[cfg(test)]
mod tests;
