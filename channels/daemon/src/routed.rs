// SPDX-License-Identifier: Apache-2.0

//! What is written down of payments over several channels.
//!
//! | table | what is in it | until |
//! |---|---|---|
//! | [`HANDED`] | transfers that this party offers with a packet, and what they are for | nothing depends on them any more |
//! | [`TAGS`] | tags of packets that were forwarded | their expiry |
//! | [`ISSUED`] | this party's invoices | newer ones need the room |
//! | [`RECEIVED`] | what came to this party without an invoice | newer ones need the room |
//! | [`PAYMENTS`], [`PARTS`] | what this party pays by packets | newer ones need the room |
//! | [`FEES`], [`ANNOUNCED`] | what is asked for forwarding, and which channels are public | the channel is gone |

use crate::{input::Millis, operation::OperationKey, order::Order, peer::Peer};
use codec::{Decode, Encode};
use millrace_channels_routing::{
    Invoice, Terms,
    invoices::{InvoiceError, InvoiceTerms},
    names::NodeSignature,
    onion::{ReplayTag, SharedSecret},
};
use millrace_channels_store::Table;
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, Hash, transfer::Preimage};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};

/// A transfer: its channel, and its id there.
pub type Part = (ChannelId, u64);

/// Transfers that this party offers with a packet.
pub const HANDED: Table<Part, Handed> = Table::new("handed", 1_000_000);

/// Tags of packets, with the block in which each expires.
pub const TAGS: Table<ReplayTag, BlockNumber> = Table::new("tags", 10_000_000);

/// This party's invoices by their locks.
pub const ISSUED: Table<[u8; 32], Issued> = Table::new("issued", 1_000_000);

/// Payments that came without an invoice, by lock.
pub const RECEIVED: Table<[u8; 32], Received> = Table::new("received", 1_000_000);

/// What this party pays by packets, by lock. A payment that failed, and whose invoice is tried again
/// under another name, moves to a row under its own name.
pub const PAYMENTS: Table<[u8; 32], Payment> = Table::new("payments", 1_000_000);

/// In how many parts payments have arrived, under their keys in [`PAYMENTS`]. One that is not here has
/// arrived in one, or before this was kept.
pub const PARTS: Table<[u8; 32], u32> = Table::new("parts", 1_000_000);

/// What is asked for forwarding over a channel; under nothing, over all others.
pub const FEES: Table<Option<ChannelId>, Terms> = Table::new("fees", 1_000_001);

/// Channels that this party agrees to announce.
pub const ANNOUNCED: Table<ChannelId, ()> = Table::new("announced", 1_000_000);

/// A transfer that this party offers with a packet. It is written down before the offer leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Handed {
    /// Its lock.
    pub hashlock: Hash,
    /// In the smallest unit.
    pub amount: Balance,
    /// A reveal counts in blocks below this one.
    pub expiry: BlockNumber,
    /// What it is for.
    pub origin: Origin,
    /// The packet, for a peer that has lost it; empty once it has been used.
    pub packet: Vec<u8>,
    /// What opens the lock, once it was shown.
    pub preimage: Option<Preimage>,
    /// Whether what it is for was told that it came back.
    #[codec(skip)]
    pub is_back: bool,
}

/// What a transfer is for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Origin {
    /// It forwards another one, which is this party's to be paid.
    #[codec(index = 0)]
    Forwarded {
        /// The other one.
        part: Part,
        /// What it brings, in the smallest unit.
        amount: Balance,
        /// Its expiry.
        expiry: BlockNumber,
        /// To wrap an error for its payer.
        secret: SharedSecret,
    },
    /// It is a part of a payment of this party's own.
    #[codec(index = 1)]
    Own,
}

/// An invoice of this party.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Issued {
    /// Rises with each invoice.
    pub number: u64,
    /// What it asks for.
    pub terms: InvoiceTerms,
    /// The node's signature under that.
    pub signature: NodeSignature,
    /// What opens its lock; secret until it is paid.
    pub preimage: Preimage,
    /// How it was paid.
    pub paid: Option<Receipt>,
}

impl Issued {
    /// The invoice, for its payer.
    ///
    /// Errors: it is of another chain.
    pub fn invoice(&self, genesis: &Hash) -> Result<Invoice, InvoiceError> {
        Invoice::of(self.terms.clone(), genesis, self.signature)
    }
}

/// How an invoice was paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// By which transfers: each may be shown the preimage, and no other.
    pub parts: Vec<Part>,
    /// What they bring, in the smallest unit.
    pub amount: Balance,
    /// When.
    pub at: Millis,
    /// Its place in the order in which payments came to be.
    pub order: Order,
}

/// A payment that came to this party without an invoice. It is written down before the preimage is
/// shown, so that it is shown again after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Received {
    /// Rises with each such payment.
    pub number: u64,
    /// When.
    pub at: Millis,
    /// By which transfer: no other is shown the preimage.
    pub part: Part,
    /// What it brings, in the smallest unit.
    pub amount: Balance,
    /// What opens its lock, which came with it.
    pub preimage: Preimage,
    /// Its place in the order in which payments came to be.
    pub order: Order,
}

/// The longest reason of a failure that is kept, in bytes.
pub const MAX_REASON_BYTES: u32 = 300;

/// A payment of this party over several channels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Payment {
    /// Rises with each payment.
    pub number: u64,
    /// When it was asked for.
    pub at: Millis,
    /// Who is paid.
    pub payee: Peer,
    /// What the payee gets, in the smallest unit.
    pub amount: Balance,
    /// Its name, if it has one.
    pub operation: Option<OperationKey>,
    /// How far it has come.
    pub progress: PaymentProgress,
    /// When it was decided.
    pub decided_at: Option<Millis>,
    /// Its place in the order in which payments came to be.
    pub order: Order,
    /// In how many parts it has arrived; 0 until it has. Kept in [`PARTS`].
    #[codec(skip)]
    pub parts: u32,
}

/// How far a payment has come.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PaymentProgress {
    /// Parts may be under way.
    #[codec(index = 0)]
    UnderWay,
    /// The payee has shown the preimage.
    #[codec(index = 1)]
    Done {
        /// The proof.
        preimage: Preimage,
        /// What the hops took, in the smallest unit.
        fee: Balance,
    },
    /// Every part is back.
    #[codec(index = 2)]
    Failed {
        /// Why, for people.
        reason: BoundedVec<u8, ConstU32<MAX_REASON_BYTES>>,
    },
}
