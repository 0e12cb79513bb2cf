// SPDX-License-Identifier: Apache-2.0

//! A channel of the world: its seats, the connections between them, and what the world knows of it.

use crate::{book::Book, reaching::Reached, settings::policy};
use codec::Decode;
use millrace_channels_protocol::{
    Agreement, Channel, ChannelError, Memory, Record, Source, StreamName,
};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelState, Transfer, resize::Deltas};
use polkadot_sdk::sp_core::ed25519;
use std::collections::{BTreeMap, BTreeSet};

/// A party's view of a channel.
pub(crate) type Machine = Channel<ed25519::Pair>;

/// A seat in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) channel: usize,
    /// The position among the channel's participants.
    pub(crate) seat: usize,
}

/// What the process of one participant has in memory and on disk.
pub(crate) struct Seat {
    pub(crate) party: usize,
    /// Nothing while the process is away.
    pub(crate) machine: Option<Box<Machine>>,
    /// Records as bytes, in the order in which they were written.
    pub(crate) disk: Vec<Vec<u8>>,
    /// The height that the machine was told.
    pub(crate) told: BlockNumber,
    /// The version and height of the last progress.
    pub(crate) progress: (u64, BlockNumber),
    /// Height of the last event.
    pub(crate) touched: BlockNumber,
    /// The newest version that was written down as agreed.
    pub(crate) agreed: u64,
    /// That version when the party heard of a dispute.
    pub(crate) at_dispute: Option<u64>,
    /// When the party began to close.
    pub(crate) close_since: Option<BlockNumber>,
    /// The resize that the user wants.
    pub(crate) resize: Option<Deltas>,
    /// The secrets of its streams, which its owner keeps.
    pub(crate) sources: BTreeMap<StreamName, Source>,
    pub(crate) next_epoch: u32,
    /// Its signatures that others keep.
    pub(crate) reached: Reached,
    /// Height at which its owner last looked after it.
    pub(crate) reviewed: BlockNumber,
    /// Units of streams to it that it held when the chain began to decide them.
    pub(crate) due_units: BTreeMap<StreamName, u64>,
    /// Whether it came back from an old copy.
    pub(crate) was_restored: bool,
}

impl Seat {
    pub(crate) fn new(party: usize, machine: Machine) -> Self {
        Self {
            party,
            machine: Some(Box::new(machine)),
            disk: Vec::new(),
            told: 0,
            progress: (0, 0),
            touched: 0,
            agreed: 0,
            at_dispute: None,
            close_since: None,
            resize: None,
            sources: BTreeMap::new(),
            next_epoch: 0,
            reached: Reached::default(),
            reviewed: 0,
            due_units: BTreeMap::new(),
            was_restored: false,
        }
    }

    /// Whether its process is there and has forgotten nothing.
    pub(crate) fn remembers(&self) -> bool {
        let snapshot = self.machine.as_ref().map(|machine| machine.snapshot());
        matches!(snapshot, Some(Record::Snapshot(snapshot)) if snapshot.lagging.is_none())
    }

    /// Starts the machine from the disk.
    pub(crate) fn restore(
        &mut self,
        terms: &Agreement,
        key: &ed25519::Pair,
        memory: Memory,
    ) -> Result<(), ChannelError> {
        let read = |bytes: &Vec<u8>| Record::decode(&mut &bytes[..]).ok();
        let records: Vec<_> = self.disk.iter().filter_map(read).collect();
        let machine = Machine::restore(terms.clone(), *key, policy(), records, memory)?;
        self.machine = Some(Box::new(machine));
        (self.told, self.resize) = (0, None);
        Ok(())
    }
}

/// The connection between two seats.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) ends: (usize, usize),
    pub(crate) is_up: bool,
    /// Rises with every connection; what was sent over an earlier one never arrives.
    pub(crate) session: u32,
    /// Whether and by which cut it is broken.
    pub(crate) cut: Option<u64>,
    /// Height at which it went down.
    pub(crate) down_since: BlockNumber,
    /// When the last message arrives, in each direction: without faults nothing overtakes it.
    pub(crate) arrivals: [u64; 2],
}

/// What the chain decides about a channel that was closed alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct End {
    pub(crate) balances: Vec<Balance>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) state: Option<Box<ChannelState>>,
}

/// A channel of the world.
pub(crate) struct Room {
    pub(crate) terms: Agreement,
    pub(crate) seats: Vec<Seat>,
    pub(crate) links: Vec<Link>,
    pub(crate) book: Book,
    /// Whether nobody in it is a villain.
    pub(crate) is_honest: bool,
    /// Whether somebody in it is none.
    pub(crate) has_honest: bool,
    /// Whether connections were away for so long that somebody may close alone.
    pub(crate) is_excused: bool,
    /// Whether a state older than the newest one stands for a reason that excuses it; nothing is
    /// compared from then on.
    pub(crate) is_void: bool,
    /// Whether a final block shows its end.
    pub(crate) is_over: bool,
    /// What the chain carries out.
    pub(crate) end: Option<End>,
    /// Height at which somebody in it last lost what it came back without.
    pub(crate) restored_at: Option<BlockNumber>,
    /// Locks of transfers that were ever offered here.
    pub(crate) locks: BTreeSet<millrace_primitives_channels::Hash>,
}

impl Room {
    pub(crate) fn new(terms: Agreement, seats: Vec<Seat>, honest: BTreeSet<u8>) -> Self {
        let mut links = Vec::new();
        for first in 0..seats.len() {
            for second in first + 1..seats.len() {
                links.push(Link {
                    ends: (first, second),
                    is_up: true,
                    session: 0,
                    cut: None,
                    down_since: 0,
                    arrivals: [0; 2],
                });
            }
        }
        Self {
            is_honest: honest.len() == seats.len(),
            has_honest: !honest.is_empty(),
            // Nobody checks what villains have among themselves.
            is_void: honest.is_empty(),
            book: Book::new(terms.deposits(), honest),
            terms,
            seats,
            links,
            is_excused: false,
            is_over: false,
            end: None,
            restored_at: None,
            locks: BTreeSet::new(),
        }
    }

    /// The place of the link between two seats.
    pub(crate) fn link(&self, one: usize, other: usize) -> Option<usize> {
        let ends = (one.min(other), one.max(other));
        self.links.iter().position(|link| link.ends == ends)
    }
}
