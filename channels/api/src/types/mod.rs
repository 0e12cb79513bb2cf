// SPDX-License-Identifier: Apache-2.0

//! What requests ask for and what answers say.
//!
//! Amounts are strings in the smallest unit ([`Amount`](crate::Amount)), times are seconds since
//! 1970 in UTC, heights and periods of the chain are blocks, rates of fees are millionths. A field
//! that is unknown in a request is refused, so that a misspelt one is not ignored; one that is
//! unknown in an answer is to be ignored, so that later releases can add some.

mod chain;
mod channels;
mod events;
mod invoices;
mod network;
mod node;
mod payments;
mod streams;
mod watchtowers;

pub use chain::{
    AccountHistory, AccountQuery, Balance, BlockName, BlockQuery, BlockSummary, ChainHead,
    HistoryEntry, PendingTransaction, PendingTransactions, SubmitTransaction, SubmittedTransaction,
};
pub use channels::{
    Channel, ChannelFilter, ChannelQuery, OpenChannel, Phase, PhaseCounts, Resize, ResizeDirection,
    Share,
};
pub use events::{Event, EventNotice, EventPage, EventQuery, EventsFrom, What};
pub use invoices::{
    CreateInvoice, DecodeInvoice, DecodedInvoice, Invoice, InvoiceFilter, InvoiceState,
};
pub use network::{
    ChannelFees, ConnectPeer, Direction, FeePolicies, FeePolicy, GraphChannel, GraphQuery,
    GraphSide, PeerInfo, PeerQuery, Peers, SetFees,
};
pub use node::{
    Backup, Capability, CreateBackup, Empty, Health, Identity, Network, NodeStatus, Reason,
    Statistics, Status, Tally,
};
pub use payments::{
    PayInvoice, Payment, PaymentFilter, PaymentQuery, PaymentState, Recipient, SendPayment,
};
pub use streams::{StartStream, Stream, StreamQuery, StreamState, Streams};
pub use watchtowers::{Cover, Watchtower, Watchtowers};

/// A time, in seconds since 1970 in UTC.
pub type Timestamp = u64;
