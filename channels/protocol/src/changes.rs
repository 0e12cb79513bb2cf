// SPDX-License-Identifier: Apache-2.0

//! What one version changes, and whose change it is.
//!
//! Every change has one **author**: the participant that loses by it. Nobody else has a reason to
//! object, and nobody but the author may ask for it. So a proposal made by an honest party never
//! fails because two parties see the chain at different heights, and what a state may take from a
//! party is exactly what that party asked for (CP-2).
//!
//! | change | author | what it does |
//! |---|---|---|
//! | [`Change::Pay`] | payer | moves an amount |
//! | [`Change::Offer`] | payer | sets an amount aside under a hash lock |
//! | [`Change::Fold`] | payer | pays a transfer whose preimage the payer knows |
//! | [`Change::Fail`] | payee | gives a transfer back to its payer |
//! | [`Change::OpenStream`] | payer | sets a reserve aside for hash links |
//! | [`Change::FoldStream`] | payer | pays what the links have paid, gives the rest back |

use crate::payments::Payment;
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Stream, Transfer};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};

/// The largest number of changes that one version carries.
pub const MAX_CHANGES: u32 = 256;

/// The changes of one version, in the order in which they are applied.
pub type Changes = BoundedVec<Change, ConstU32<MAX_CHANGES>>;

/// One change of a channel's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub enum Change {
    /// The payer pays outright.
    #[codec(index = 0)]
    Pay(Payment),
    /// The payer sets an amount aside for a conditional transfer.
    #[codec(index = 1)]
    Offer(Transfer),
    /// The payer pays a transfer: it has the preimage, or has seen it on chain.
    #[codec(index = 2)]
    Fold {
        /// The transfer.
        id: u64,
    },
    /// The payee gives a transfer up: it will not have the preimage in time.
    #[codec(index = 3)]
    Fail {
        /// The transfer.
        id: u64,
    },
    /// The payer sets a reserve aside for a stream.
    #[codec(index = 4)]
    OpenStream(Stream),
    /// The payer pays what a stream's links have paid, and takes back the rest of the reserve.
    #[codec(index = 5)]
    FoldStream(StreamFold),
}

/// The end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct StreamFold {
    /// The stream.
    pub stream: StreamName,
    /// How many units it has paid. The payee refuses fewer than it holds links for.
    pub units: u64,
}

/// Names a stream of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen)]
pub struct StreamName {
    /// Position of the payer.
    pub payer: u8,
    /// Position of the payee.
    pub payee: u8,
    /// Tells apart the payer's streams to this payee; each is used once.
    pub epoch: u32,
}

impl StreamName {
    /// The name of `stream`.
    pub fn of(stream: &Stream) -> Self {
        Self { payer: stream.payer, payee: stream.payee, epoch: stream.epoch }
    }
}
