// SPDX-License-Identifier: Apache-2.0

//! What was paid, and what is expected: bounded tables in the store.
//!
//! The history is a ring of rows, one for each version that paid something, so that it costs one
//! row a version however many payments that carries, and its oldest rows are overwritten.

use crate::{input::Millis, write::Write};
use codec::{Compact, Decode, Encode};
use millrace_channels_protocol::Change;
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelId, Hash,
    transfer::{Preimage, hashlock},
};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use std::collections::BTreeMap;

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
}

/// One payment in the history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Line {
    /// Paid outright.
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
}

impl From<&Change> for Line {
    fn from(change: &Change) -> Self {
        match change {
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

/// Where the next row of the history goes.
#[derive(Clone, Debug)]
pub(crate) struct History {
    rows: u32,
    next: u64,
}

impl History {
    /// A ring of `rows` rows whose next number is `next`.
    pub(crate) fn new(rows: u32, next: u64) -> Self {
        Self { rows, next }
    }

    /// The row for a version; nothing if it changed nothing or there is no history.
    pub(crate) fn note(
        &mut self,
        at: Millis,
        channel: ChannelId,
        version: u64,
        changes: &[Change],
    ) -> Option<Write> {
        let slot = self.next.checked_rem(self.rows.into())?;
        if changes.is_empty() {
            return None;
        }
        let lines = changes.iter().map(Line::from).collect();
        let entry = Entry { number: self.next, at, channel, version, lines };
        self.next = self.next.saturating_add(1);
        Some(Write::PutHistory { slot: u32::try_from(slot).unwrap_or(0), entry })
    }
}

/// The invoices that are open or were paid, by their locks.
pub(crate) type Invoices = BTreeMap<Hash, Invoice>;
