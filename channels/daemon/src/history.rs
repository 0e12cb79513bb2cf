// SPDX-License-Identifier: Apache-2.0

//! What was paid, and what is expected: bounded tables in the store.
//!
//! The history is a ring of rows, one for each version that paid something, so that it costs one
//! row a version however many payments that carries, and its oldest rows are overwritten.

use crate::{input::Millis, order::Order, write::Write};
use codec::{Compact, Decode, Encode};
use millrace_channels_protocol::Change;
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelId, Hash,
    transfer::{Preimage, hashlock},
};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use std::collections::{BTreeMap, BTreeSet};

/// The longest memo of an invoice, in bytes.
pub const MAX_MEMO_BYTES: u32 = 256;

/// A payment that this party expects: whoever offers the amount under its lock is shown the
/// preimage.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Invoice {
    /// What opens the lock; secret until it is paid.
    pub preimage: Preimage,
    /// The least that pays it, in the smallest unit.
    pub amount: Balance,
    /// Offers are given back from this block on.
    pub expires: BlockNumber,
    /// For people.
    pub memo: BoundedVec<u8, ConstU32<MAX_MEMO_BYTES>>,
    /// The channel and transfer that paid it.
    pub paid: Option<(ChannelId, u64)>,
}

impl Invoice {
    /// The invoice's lock.
    pub fn hashlock(&self) -> Hash {
        hashlock(&self.preimage)
    }
}

/// One row of the history: what a version paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// Rises by one with each row.
    pub number: u64,
    /// When it was agreed.
    pub at: Millis,
    /// In which channel.
    pub channel: ChannelId,
    /// In which version.
    pub version: u64,
    /// What it changed, in its order.
    pub lines: Vec<Line>,
    /// Its place in the order in which payments came to be.
    pub order: Order,
}

/// One payment in the history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Line {
    /// Paid outright by this party, or between two others.
    #[codec(index = 0)]
    Paid {
        /// Position of who paid.
        payer: u8,
        /// Position of who was paid.
        payee: u8,
        /// How much.
        amount: Compact<Balance>,
    },
    /// Set aside.
    #[codec(index = 1)]
    Offered {
        /// The transfer.
        id: Compact<u64>,
        /// How much.
        amount: Compact<Balance>,
        /// Its lock.
        hashlock: Hash,
    },
    /// A transfer was paid.
    #[codec(index = 2)]
    Folded {
        /// The transfer.
        id: Compact<u64>,
    },
    /// A transfer was given back.
    #[codec(index = 3)]
    Failed {
        /// The transfer.
        id: Compact<u64>,
    },
    /// A stream was opened.
    #[codec(index = 4)]
    StreamOpened {
        /// Position of who pays.
        payer: u8,
        /// Position of who is paid.
        payee: u8,
        /// Its reserve.
        reserve: Compact<Balance>,
    },
    /// A stream was folded.
    #[codec(index = 5)]
    StreamFolded {
        /// Position of who paid.
        payer: u8,
        /// Position of who was paid.
        payee: u8,
        /// How many links were paid.
        units: Compact<u64>,
    },
    /// Paid outright to this party.
    #[codec(index = 6)]
    Received {
        /// Position of who paid.
        payer: u8,
        /// How much.
        amount: Compact<Balance>,
    },
}

impl Line {
    /// The line for a change, as the party at position `me` sees it.
    pub fn of(change: &Change, me: u8) -> Self {
        match change {
            Change::Pay(payment) if payment.payee == me => {
                Self::Received { payer: payment.payer, amount: Compact(payment.amount) }
            }
            Change::Pay(payment) => Self::Paid {
                payer: payment.payer,
                payee: payment.payee,
                amount: Compact(payment.amount),
            },
            Change::Offer(transfer) => Self::Offered {
                id: Compact(transfer.id),
                amount: Compact(transfer.amount),
                hashlock: transfer.hashlock,
            },
            Change::Fold { id } => Self::Folded { id: Compact(*id) },
            Change::Fail { id } => Self::Failed { id: Compact(*id) },
            Change::OpenStream(stream) => Self::StreamOpened {
                payer: stream.payer,
                payee: stream.payee,
                reserve: Compact(stream.reserve().unwrap_or_default()),
            },
            Change::FoldStream(fold) => Self::StreamFolded {
                payer: fold.stream.payer,
                payee: fold.stream.payee,
                units: Compact(fold.units),
            },
        }
    }
}

impl Entry {
    /// Whether it has something that was paid to this party outright.
    pub fn has_received(&self) -> bool {
        self.lines.iter().any(|line| matches!(line, Line::Received { .. }))
    }
}

/// Where the next row of the history goes, and which rows have what this party received.
#[derive(Clone, Debug)]
pub(crate) struct History {
    rows: u32,
    next: u64,
    /// Numbers of rows, at most as many as there are.
    received: BTreeSet<u64>,
}

impl History {
    /// A ring of `rows` rows whose next number is `next`. `received`: numbers of the rows with
    /// something that was paid to this party.
    pub(crate) fn new(rows: u32, next: u64, received: BTreeSet<u64>) -> Self {
        Self { rows, next, received }
    }

    /// The row for a version, as the party at position `me` sees it; nothing if it changed nothing or
    /// there is no history.
    pub(crate) fn note(
        &mut self,
        (at, order): (Millis, Order),
        channel: ChannelId,
        version: u64,
        changes: &[Change],
        me: u8,
    ) -> Option<Write> {
        let slot = self.slot(self.next)?;
        if changes.is_empty() {
            return None;
        }
        let lines = changes.iter().map(|change| Line::of(change, me)).collect();
        let entry = Entry { number: self.next, at, channel, version, lines, order };
        self.next = self.next.saturating_add(1);
        if entry.has_received() {
            self.received.insert(entry.number);
        }
        let overwritten = self.next.saturating_sub(self.rows.into());
        while self.received.first().is_some_and(|first| *first < overwritten) {
            self.received.pop_first();
        }
        Some(Write::PutHistory { slot, entry })
    }

    /// Where the row with a number is; nothing if there is no history.
    pub(crate) fn slot(&self, number: u64) -> Option<u32> {
        let slot = number.checked_rem(self.rows.into())?;
        u32::try_from(slot).ok()
    }

    /// The rows with something that was paid to this party, newest first, from `newest` on: numbers
    /// and slots.
    pub(crate) fn received(&self, newest: u64) -> impl Iterator<Item = (u64, u32)> + '_ {
        let numbers = self.received.range(..=newest).rev();
        numbers.filter_map(|number| Some((*number, self.slot(*number)?)))
    }
}

/// The invoices that are open or were paid, by their locks.
pub(crate) type Invoices = BTreeMap<Hash, Invoice>;
