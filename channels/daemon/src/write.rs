// SPDX-License-Identifier: Apache-2.0

//! What is written to the store, as values that can be compared.

use crate::{
    ended::{ENDED, Ended},
    history::{Entry, Invoice},
    operation::{Operation, OperationId},
    order::Order,
    routed::{
        ANNOUNCED, FEES, HANDED, Handed, ISSUED, Issued, PARTS, PAYMENTS, Part, Payment,
        PaymentProgress, RECEIVED, Received, TAGS,
    },
    settled::{SETTLED, Settled},
};
use codec::Encode;
use millrace_channels_routing::{Terms, onion::ReplayTag};
use millrace_channels_store::{Batch, ChannelRecords, Record, Store, StoreError, Table};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash};
use std::collections::BTreeSet;

/// How many bytes of its store's file a daemon keeps in memory, at most. Half of them are for pages that
/// rows move to from the log, before they are durable; with much less, those are written to the file
/// before they have to be.
pub const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Invoices by their locks.
pub const INVOICES: Table<[u8; 32], Invoice> = Table::new("invoices", 1_000_000);

/// Named payments by their names.
pub const OPERATIONS: Table<OperationId, Operation> = Table::new("operations", 1_000_000);

/// The history of payments: a ring by slot.
pub const HISTORY: Table<u32, Entry> = Table::in_runs("history", 100_000_000);

/// One thing to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Keep a record of a channel.
    Append {
        /// The channel.
        channel: ChannelId,
        /// The record.
        record: Record,
    },
    /// Everybody was asked what this party has signed in a channel.
    Confirm {
        /// The channel.
        channel: ChannelId,
        /// The highest version that anybody knows.
        known: u64,
    },
    /// Forget a channel.
    Forget {
        /// The channel.
        channel: ChannelId,
    },
    /// Remember the end of a channel.
    PutEnded {
        /// The channel.
        channel: ChannelId,
        /// Its end.
        ended: Box<Ended>,
    },
    /// Forget it, and what was paid there.
    RemoveEnded {
        /// The channel.
        channel: ChannelId,
    },
    /// Remember what the chain has paid at the end of a channel.
    PutSettled {
        /// The channel.
        channel: ChannelId,
        /// What was paid.
        settled: Box<Settled>,
    },
    /// Forget it: it was not so.
    RemoveSettled {
        /// The channel.
        channel: ChannelId,
    },
    /// Keep an invoice.
    PutInvoice {
        /// Its lock.
        hashlock: Hash,
        /// The invoice.
        invoice: Invoice,
    },
    /// Forget an invoice.
    RemoveInvoice {
        /// Its lock.
        hashlock: Hash,
    },
    /// Keep what is known of a named payment.
    PutOperation {
        /// Its name.
        id: OperationId,
        /// What is known.
        operation: Operation,
    },
    /// Forget a named payment.
    RemoveOperation {
        /// Its name.
        id: OperationId,
    },
    /// Overwrite a row of the history.
    PutHistory {
        /// Its place in the ring.
        slot: u32,
        /// The row.
        entry: Entry,
    },
    /// Keep a transfer that is offered with a packet.
    PutHanded {
        /// The transfer.
        part: Part,
        /// What is kept of it.
        handed: Box<Handed>,
    },
    /// Forget one.
    RemoveHanded {
        /// The transfer.
        part: Part,
    },
    /// Keep a packet's tag.
    PutTag {
        /// The tag.
        tag: ReplayTag,
        /// From which block on it means nothing.
        expiry: BlockNumber,
    },
    /// Forget a tag.
    RemoveTag {
        /// The tag.
        tag: ReplayTag,
    },
    /// Keep an invoice of this party's.
    PutIssued {
        /// Its lock.
        hashlock: Hash,
        /// The invoice.
        issued: Box<Issued>,
    },
    /// Forget one.
    RemoveIssued {
        /// Its lock.
        hashlock: Hash,
    },
    /// Keep a payment that came without an invoice.
    PutReceived {
        /// Its lock.
        hashlock: Hash,
        /// The payment.
        received: Received,
    },
    /// Forget one.
    RemoveReceived {
        /// Its lock.
        hashlock: Hash,
    },
    /// Keep a payment.
    PutPayment {
        /// Its lock.
        hashlock: Hash,
        /// The payment.
        payment: Box<Payment>,
    },
    /// Forget one.
    RemovePayment {
        /// Its lock.
        hashlock: Hash,
    },
    /// Keep what is asked for forwarding.
    PutFees {
        /// Over which channel; over all others if nothing.
        channel: Option<ChannelId>,
        /// The terms.
        terms: Terms,
    },
    /// Keep that a channel is to be announced.
    PutAnnounced {
        /// The channel.
        channel: ChannelId,
    },
    /// Forget terms and announcement of a channel that is gone.
    RemovePublic {
        /// The channel.
        channel: ChannelId,
    },
}

impl Write {
    /// How many bytes it takes in a batch, nearly.
    pub(crate) fn bytes(&self) -> usize {
        let content = match self {
            Self::Append { record, .. } => record.bytes.len(),
            Self::PutInvoice { invoice, .. } => invoice.encoded_size(),
            Self::PutHistory { entry, .. } => entry.encoded_size(),
            Self::PutOperation { operation, .. } => operation.encoded_size(),
            Self::PutHanded { handed, .. } => handed.encoded_size(),
            Self::PutIssued { issued, .. } => issued.encoded_size(),
            Self::PutPayment { payment, .. } => payment.encoded_size(),
            Self::PutReceived { received, .. } => received.encoded_size(),
            Self::PutEnded { ended, .. } => ended.encoded_size(),
            Self::PutSettled { settled, .. } => settled.encoded_size(),
            _ => 0,
        };
        content.saturating_add(256)
    }
}

/// A batch of the store with these writes, in their order.
pub fn batch(writes: Vec<Write>) -> Batch {
    writes.into_iter().fold(Batch::new(), |batch, write| match write {
        Write::Append { channel, record } => batch.append(channel.0, record),
        Write::Confirm { channel, known } => batch.confirm(channel.0, known),
        Write::Forget { channel } => batch.forget(channel.0),
        Write::PutEnded { channel, ended } => batch.put(&ENDED, &channel, &ended, None),
        Write::RemoveEnded { channel } => batch.remove(&ENDED, &channel).remove(&SETTLED, &channel),
        Write::PutSettled { channel, settled } => batch.put(&SETTLED, &channel, &settled, None),
        Write::RemoveSettled { channel } => batch.remove(&SETTLED, &channel),
        Write::PutInvoice { hashlock, invoice } => {
            batch.put(&INVOICES, &hashlock.0, &invoice, None)
        }
        Write::RemoveInvoice { hashlock } => batch.remove(&INVOICES, &hashlock.0),
        Write::PutOperation { id, operation } => batch.put(&OPERATIONS, &id, &operation, None),
        Write::RemoveOperation { id } => batch.remove(&OPERATIONS, &id),
        Write::PutHistory { slot, entry } => batch.put(&HISTORY, &slot, &entry, None),
        Write::PutHanded { part, handed } => batch.put(&HANDED, &part, &handed, None),
        Write::RemoveHanded { part } => batch.remove(&HANDED, &part),
        Write::PutTag { tag, expiry } => batch.put(&TAGS, &tag, &expiry, None),
        Write::RemoveTag { tag } => batch.remove(&TAGS, &tag),
        Write::PutIssued { hashlock, issued } => batch.put(&ISSUED, &hashlock.0, &issued, None),
        Write::RemoveIssued { hashlock } => batch.remove(&ISSUED, &hashlock.0),
        Write::PutReceived { hashlock, received } => {
            batch.put(&RECEIVED, &hashlock.0, &received, None)
        }
        Write::RemoveReceived { hashlock } => batch.remove(&RECEIVED, &hashlock.0),
        Write::PutPayment { hashlock, payment } => {
            let batch = batch.put(&PAYMENTS, &hashlock.0, &payment, None);
            match payment.parts > 1 {
                true => batch.put(&PARTS, &hashlock.0, &payment.parts, None),
                false => batch,
            }
        }
        Write::RemovePayment { hashlock } => {
            batch.remove(&PAYMENTS, &hashlock.0).remove(&PARTS, &hashlock.0)
        }
        Write::PutFees { channel, terms } => batch.put(&FEES, &channel, &terms, None),
        Write::PutAnnounced { channel } => batch.put(&ANNOUNCED, &channel, &(), None),
        Write::RemovePublic { channel } => {
            batch.remove(&ANNOUNCED, &channel).remove(&FEES, &Some(channel))
        }
    })
}

/// What a node restores itself from: all channels, invoices, named payments, and the number of the
/// next row of the history.
///
/// Errors: those of reading. A channel whose row is damaged is left out, because the others have to be
/// defended; its error is among those returned.
pub fn load(store: &Store) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for channel in store.load_all()? {
        match channel {
            Ok(records) => loaded.channels.push(records),
            Err(error) => loaded.damaged.push(error),
        }
    }
    for row in store.rows(&INVOICES)? {
        loaded.invoices.push(row?.value);
    }
    for row in store.rows(&OPERATIONS)? {
        let row = row?;
        loaded.note(row.value.order);
        loaded.operations.push((row.key, row.value));
    }
    for row in store.rows(&HISTORY)? {
        let entry = row?.value;
        loaded.next_row = loaded.next_row.max(entry.number.saturating_add(1));
        loaded.note(entry.order);
        if entry.has_received() {
            loaded.received_rows.insert(entry.number);
        }
    }
    for row in store.rows(&HANDED)? {
        let row = row?;
        loaded.handed.push((row.key, row.value));
    }
    for row in store.rows(&TAGS)? {
        let row = row?;
        loaded.tags.push((row.key, row.value));
    }
    for row in store.rows(&ISSUED)? {
        let issued = row?.value;
        loaded.note(issued.paid.as_ref().map_or(Order::NONE, |paid| paid.order));
        loaded.issued.push(issued);
    }
    for row in store.rows(&ENDED)? {
        let row = row?;
        loaded.ended.push((row.key, row.value));
    }
    for row in store.rows(&SETTLED)? {
        let row = row?;
        loaded.settled.push((row.key, row.value));
    }
    for row in store.rows(&RECEIVED)? {
        let row = row?;
        loaded.note(row.value.order);
        loaded.received.push((Hash::from(row.key), row.value));
    }
    for row in store.rows(&PAYMENTS)? {
        let row = row?;
        let mut payment = row.value;
        loaded.note(payment.order);
        if matches!(payment.progress, PaymentProgress::Done { .. }) {
            payment.parts = store.get(&PARTS, &row.key)?.unwrap_or(1);
        }
        loaded.payments.push((Hash::from(row.key), payment));
    }
    for row in store.rows(&FEES)? {
        let row = row?;
        loaded.fees.push((row.key, row.value));
    }
    for row in store.rows(&ANNOUNCED)? {
        loaded.announced.push(row?.key);
    }
    Ok(loaded)
}

/// What a store holds; see [`load`].
#[derive(Debug, Default)]
pub struct Loaded {
    /// Channels that can be read.
    pub channels: Vec<ChannelRecords>,
    /// Why others cannot.
    pub damaged: Vec<StoreError>,
    /// Invoices.
    pub invoices: Vec<Invoice>,
    /// Named payments.
    pub operations: Vec<(OperationId, Operation)>,
    /// The number of the history's next row.
    pub next_row: u64,
    /// The newest place that any row has in the order of payments.
    pub newest: Order,
    /// The numbers of rows of the history with something that was paid to this party.
    pub received_rows: BTreeSet<u64>,
    /// Ends of channels.
    pub ended: Vec<(ChannelId, Ended)>,
    /// What the chain has paid at ends of channels.
    pub settled: Vec<(ChannelId, Settled)>,
    /// Transfers that are offered with a packet.
    pub handed: Vec<(Part, Handed)>,
    /// Tags of packets, and their expiry.
    pub tags: Vec<(ReplayTag, BlockNumber)>,
    /// This party's invoices.
    pub issued: Vec<Issued>,
    /// Payments that came without an invoice, by lock.
    pub received: Vec<(Hash, Received)>,
    /// What this party pays by packets; see [`PAYMENTS`].
    pub payments: Vec<(Hash, Payment)>,
    /// What is asked for forwarding.
    pub fees: Vec<(Option<ChannelId>, Terms)>,
    /// Channels that are to be announced.
    pub announced: Vec<ChannelId>,
}

impl Loaded {
    fn note(&mut self, order: Order) {
        self.newest = self.newest.max(order);
    }
}
