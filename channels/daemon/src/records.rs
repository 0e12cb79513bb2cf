// SPDX-License-Identifier: Apache-2.0

//! What the protocol writes down, as the store keeps it, and back.
//!
//! The store keeps one agreed record of a channel and what was signed after it. The protocol's
//! agreed record says only what changed, so the node writes the whole snapshot in its place: with
//! it, nothing that came before is needed. What was signed and what was asked for stand beside it,
//! so that the store's own rules (nothing older, one signature a version, nothing while a copy is
//! not confirmed) guard every signature a second time.
//!
//! | record of the store | what is in it |
//! |---|---|
//! | `Agreed(version)` | the snapshot, without the two below |
//! | `Signed(version)` | the half-signed successor |
//! | note 0 | [`Terms`] |
//! | note 1 | what was asked for, or nothing |
//! | note 2 | the half-signed successor, while the channel comes from a copy that is not confirmed |

use crate::{terms::Terms, write::Write};
use codec::{Decode, DecodeAll, Encode};
use millrace_channels_protocol::{
    Channel, Record, Signer, Snapshot,
    message::{Proposal, Request},
};
use millrace_channels_store::{ChannelRecords, Kind, Provenance, Record as Row};

/// Number of the note with the terms.
const TERMS: u8 = 0;
/// Number of the note with what was asked for.
const ASKED: u8 = 1;
/// Number of the note with what peers recalled to a party whose copy is not confirmed.
const RECALLED: u8 = 2;

/// What the store holds of a channel, as far as the next write has to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    /// Whether nothing was signed that is not there.
    pub(crate) is_confirmed: bool,
    has_asked: bool,
    has_recalled: bool,
}

impl Written {
    /// A channel that nothing was signed in before.
    pub(crate) fn new() -> Self {
        Self { is_confirmed: true, has_asked: false, has_recalled: false }
    }

    /// The writes for what one event made the channel persist. `channel` is as the event left it;
    /// the writes are durable together or not at all, so the newest snapshot fits all of them.
    pub(crate) fn writes<S: Signer>(
        &mut self,
        channel: &Channel<S>,
        records: Vec<Record>,
    ) -> Vec<Write> {
        let is_light = self.is_confirmed
            && records.iter().all(|it| matches!(it, Record::Signed(_) | Record::Asked(_)));
        let rows = match is_light {
            true => records.iter().filter_map(|record| self.light(record)).collect(),
            false => return self.heavy(channel, &records),
        };
        appended(channel, rows)
    }

    /// The row of a record that leaves the agreed state alone.
    fn light(&mut self, record: &Record) -> Option<Row> {
        match record {
            Record::Signed(proposal) => {
                Some(Row::signed(proposal.state.version, proposal.encode()))
            }
            Record::Asked(request) => {
                self.has_asked = true;
                Some(asked_row(Some(request)))
            }
            _ => None,
        }
    }

    /// Everything anew.
    fn heavy<S: Signer>(&mut self, channel: &Channel<S>, records: &[Record]) -> Vec<Write> {
        let mut snapshot = snapshot(channel);
        let newest = snapshot.newest.version();
        let (signed, asked) = (snapshot.signed.take(), snapshot.asked.take());
        let mut rows = Vec::new();
        // What was signed for the version that is agreed now goes first, so that the store compares
        // it with what it knows.
        if self.is_confirmed {
            rows.extend(records.iter().filter_map(|record| match record {
                Record::Signed(it) if it.state.version <= newest => self.light(record),
                _ => None,
            }));
        }
        rows.push(Row::agreed(newest, snapshot.encode()));
        if asked.is_some() || self.has_asked {
            rows.push(asked_row(asked.as_ref()));
        }
        self.has_asked = asked.is_some();
        let id = channel.agreement().id();
        let mut writes = appended(channel, rows);
        let is_known = snapshot.lagging.is_none();
        if !self.is_confirmed && is_known {
            writes.push(Write::Confirm { channel: id, known: newest });
            self.is_confirmed = true;
        }
        let row = match (signed, self.is_confirmed) {
            (Some(it), true) => Some(Row::signed(it.state.version, it.encode())),
            (Some(it), false) => Some(recalled_row(Some(&it))),
            (None, _) => None,
        };
        let is_recalled = row.as_ref().is_some_and(|row| row.kind == Kind::Note(RECALLED));
        let cleared = (self.has_recalled && !is_recalled).then(|| recalled_row(None));
        self.has_recalled = is_recalled;
        writes.extend(appended(channel, row.into_iter().chain(cleared).collect()));
        writes
    }
}

fn appended<S: Signer>(channel: &Channel<S>, rows: Vec<Row>) -> Vec<Write> {
    let channel = channel.agreement().id();
    rows.into_iter().map(|record| Write::Append { channel, record }).collect()
}

fn asked_row(request: Option<&Request>) -> Row {
    let version = request.map_or(0, |it| it.version);
    Row { version, ..Row::note(ASKED, request.map(Encode::encode).unwrap_or_default()) }
}

fn recalled_row(proposal: Option<&Proposal>) -> Row {
    let version = proposal.map_or(0, |it| it.state.version);
    Row { version, ..Row::note(RECALLED, proposal.map(Encode::encode).unwrap_or_default()) }
}

/// A channel's terms as the store keeps them.
pub(crate) fn terms_row(terms: &Terms) -> Row {
    Row::note(TERMS, terms.encode())
}

/// What a channel has to remember.
pub(crate) fn snapshot<S: Signer>(channel: &Channel<S>) -> Snapshot {
    match channel.snapshot() {
        Record::Snapshot(snapshot) => *snapshot,
        _ => unreachable!("a snapshot is one"),
    }
}

/// A channel as the store has it.
pub(crate) struct Read {
    pub(crate) terms: Terms,
    /// Nothing while it is being opened.
    pub(crate) snapshot: Option<Snapshot>,
    /// What comes after the snapshot.
    pub(crate) later: Vec<Record>,
    pub(crate) written: Written,
}

/// Reads a channel's records; on error, says what is wrong with them.
pub(crate) fn read(records: &ChannelRecords) -> Result<Read, String> {
    let terms = records.note(TERMS).ok_or("the terms are missing")?;
    let terms = decode::<Terms>("terms", &terms.bytes)?;
    let snapshot = records.agreed().map(|row| decode::<Snapshot>("state", &row.bytes));
    let snapshot = snapshot.transpose()?;
    let agreed = snapshot.as_ref().map_or(0, |it| it.newest.version());
    let mut later = Vec::new();
    let note = |number| records.note(number).filter(|row| !row.bytes.is_empty());
    if let Some(row) = note(ASKED).filter(|row| row.version > agreed) {
        later.push(Record::Asked(decode("request", &row.bytes)?));
    }
    if let Some(row) = note(RECALLED).filter(|row| row.version > agreed) {
        later.push(Record::Signed(decode("recalled state", &row.bytes)?));
    }
    for row in records.signed() {
        later.push(Record::Signed(decode("signed state", &row.bytes)?));
    }
    let written = Written {
        is_confirmed: records.provenance == Provenance::Current,
        has_asked: note(ASKED).is_some(),
        has_recalled: note(RECALLED).is_some(),
    };
    Ok(Read { terms, snapshot, later, written })
}

fn decode<T: Decode>(what: &str, mut bytes: &[u8]) -> Result<T, String> {
    T::decode_all(&mut bytes).map_err(|error| format!("its {what} cannot be decoded: {error}"))
}
