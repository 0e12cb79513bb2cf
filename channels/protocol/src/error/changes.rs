// SPDX-License-Identifier: Apache-2.0

//! Changes that cannot be made.

use crate::changes::StreamName;
use millrace_primitives_channels::{Balance, BlockNumber};
use thiserror::Error;

/// A payment that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PaymentError {
    /// No participant has this position.
    #[error("no participant {position}: the channel has {participants}, counted from 0")]
    UnknownParticipant {
        /// Position asked for.
        position: u8,
        /// Participants of the channel.
        participants: usize,
    },
    /// Payer and payee are the same.
    #[error("participant {position} cannot pay itself")]
    ToItself {
        /// Position of both.
        position: u8,
    },
    /// A payment of zero.
    #[error("a payment must move something: the amount is 0")]
    Nothing,
    /// The payer has less than it wants to pay.
    #[error("payment needs {needed}, only {available} is left on this side of the channel")]
    Insufficient {
        /// Amount asked for.
        needed: Balance,
        /// What the payer can spend.
        available: Balance,
    },
    /// The payee's balance would leave its range.
    #[error("the payee's balance would exceed 2^128 - 1")]
    Overflow,
}

/// A conditional transfer that cannot be made or decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransferError {
    /// Payer and payee are not two participants, or nothing moves.
    #[error("transfer {id} needs two different participants and an amount")]
    Malformed {
        /// The transfer.
        id: u64,
    },
    /// The id belongs to another payer.
    #[error(
        "transfer {id} is not numbered as participant {payer}'s: ids are payer mod participants"
    )]
    ForeignId {
        /// The transfer.
        id: u64,
        /// Who pays it.
        payer: u8,
    },
    /// An id that is in use.
    #[error("a transfer {id} is under way already")]
    Duplicate {
        /// The transfer.
        id: u64,
    },
    /// The payer has as many under way as it may.
    #[error("participant {payer} has {limit} transfers under way: wait until one is decided")]
    TooMany {
        /// Who pays them.
        payer: u8,
        /// How many it may have.
        limit: usize,
    },
    /// No such transfer is under way.
    #[error("no transfer {id} is under way")]
    Unknown {
        /// The transfer asked for.
        id: u64,
    },
    /// Somebody else's part in the transfer.
    #[error("participant {sender} is not the one to decide transfer {id}")]
    NotItsTransfer {
        /// The transfer.
        id: u64,
        /// Who tried.
        sender: usize,
    },
    /// The preimage does not open the lock.
    #[error("the preimage does not open the lock of transfer {id}")]
    WrongPreimage {
        /// The transfer.
        id: u64,
    },
    /// The transfer can no longer be enforced in time.
    #[error("transfer {id} expires in block {expiry}, it is block {now}: too late to rely on it")]
    TooLate {
        /// The transfer.
        id: u64,
        /// Its expiry.
        expiry: BlockNumber,
        /// The height this party knows.
        now: BlockNumber,
    },
    /// The expiry is further away than anybody should wait.
    #[error("transfer {id} expires in block {expiry}, the furthest allowed now is {limit}")]
    TooFar {
        /// The transfer.
        id: u64,
        /// Its expiry.
        expiry: BlockNumber,
        /// The furthest allowed.
        limit: BlockNumber,
    },
    /// The transfer was given a preimage; it cannot be given up any more.
    #[error("transfer {id} is fulfilled: wait until its payer folds it")]
    Fulfilled {
        /// The transfer.
        id: u64,
    },
    /// The transfers are not those that a state commits to.
    #[error("the transfers are not those behind the root of version {version}")]
    NotCommitted {
        /// The state's version.
        version: u64,
    },
}

/// A stream that cannot be opened, fed or folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StreamError {
    /// Its parties or sizes are out of range.
    #[error("stream {stream:?} is out of range: see the bounds of `Stream`")]
    Malformed {
        /// The stream.
        stream: StreamName,
    },
    /// A stream of this name is under way.
    #[error("stream {stream:?} is under way already: take a new epoch")]
    Duplicate {
        /// The stream.
        stream: StreamName,
    },
    /// The epoch was used before: its links could be claimed again.
    #[error("stream {stream:?} repeats an epoch: the next is {next}")]
    EpochUsed {
        /// The stream.
        stream: StreamName,
        /// The lowest epoch that is free.
        next: u32,
    },
    /// The payer has as many as it may.
    #[error("participant {payer} has {limit} streams under way: fold one first")]
    TooMany {
        /// Who pays them.
        payer: u8,
        /// How many it may have.
        limit: usize,
    },
    /// No such stream is agreed.
    #[error("no stream {stream:?} is under way")]
    Unknown {
        /// The stream asked for.
        stream: StreamName,
    },
    /// More units than the stream has.
    #[error("stream {stream:?} has {capacity} units, not {units}: open the next one")]
    BeyondCapacity {
        /// The stream.
        stream: StreamName,
        /// Units asked for.
        units: u64,
        /// Units there are.
        capacity: u64,
    },
    /// A fold that pays fewer units than the payee holds links for.
    #[error("a fold of stream {stream:?} pays {units} units, its links prove {proven}")]
    BelowMark {
        /// The stream.
        stream: StreamName,
        /// Units of the fold.
        units: u64,
        /// Units proven.
        proven: u64,
    },
    /// The link is none of the stream's, or its proof is missing.
    #[error(
        "no link of stream {stream:?} at chain {chain}, depth {depth}, or its tip is not proven"
    )]
    BadLink {
        /// The stream.
        stream: StreamName,
        /// The chain of the link.
        chain: u32,
        /// Its depth.
        depth: u32,
    },
    /// The stream is being folded.
    #[error("stream {stream:?} is being folded: pay by the next one")]
    Folding {
        /// The stream.
        stream: StreamName,
    },
    /// After a restart the payer has to hear first what the payee holds.
    #[error("the payee has not said yet what it holds of stream {stream:?}: reconnect first")]
    MarkUnknown {
        /// The stream.
        stream: StreamName,
    },
    /// The generator was made for another stream.
    #[error("the links were made for another stream than {stream:?}")]
    OtherSource {
        /// The stream.
        stream: StreamName,
    },
}

/// A change that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// A payment.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// A conditional transfer.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
}
