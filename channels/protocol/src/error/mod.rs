// SPDX-License-Identifier: Apache-2.0

//! What can be wrong, with the values that were compared.

mod changes;
mod proposals;
mod resizes;
mod terms;

pub use changes::{ChangeError, PaymentError, StreamError, TransferError};
pub use proposals::ProposalError;
pub use resizes::ResizeError;
pub use terms::{AgreementError, PenError};

use millrace_primitives_channels::{BlockNumber, ChannelId};
use polkadot_sdk::sp_runtime::MultiSigner;
use thiserror::Error;

/// Bytes that are no message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// Nothing at all.
    #[error("the message is empty")]
    Empty,
    /// More bytes than any message has.
    #[error("the message has {bytes} bytes, at most {limit} are allowed")]
    TooLong {
        /// Length received.
        bytes: usize,
        /// Length allowed.
        limit: usize,
    },
    /// The peer speaks another version of the protocol.
    #[error("the peer speaks protocol version {received}, this side {spoken}: upgrade the older")]
    UnknownVersion {
        /// Version received.
        received: u8,
        /// Version of this crate.
        spoken: u8,
    },
    /// The bytes do not decode.
    #[error("the message does not decode: {0}")]
    Malformed(codec::Error),
}

/// Why a [`crate::Channel`] refuses an event. The channel stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChannelError {
    /// The signer is no participant's.
    #[error("key {public:?} is no participant's signer in channel {channel:?}")]
    NotAParticipant {
        /// The key.
        public: Box<MultiSigner>,
        /// The channel.
        channel: ChannelId,
    },
    /// A message about another channel.
    #[error("the message is about channel {received:?}, this is {expected:?}")]
    OtherChannel {
        /// Channel of the message.
        received: ChannelId,
        /// This channel.
        expected: ChannelId,
    },
    /// A message from nobody in the channel, or from this party itself.
    #[error("no other participant has position {sender}")]
    UnknownSender {
        /// Position given.
        sender: usize,
    },
    /// A request for a version that another party proposes.
    #[error("version {version} is proposed by participant {proposer}: send the request there")]
    NotOurTurn {
        /// Version of the request.
        version: u64,
        /// Who proposes it.
        proposer: usize,
    },
    /// A party asked to settle.
    #[error("the channel is being closed: open a new one to pay on")]
    Closing,
    /// The parties agreed to settle.
    #[error("the final state, version {version}, is signed: open a new channel to pay on")]
    Final {
        /// Version of the final state.
        version: u64,
    },
    /// The chain judges the channel.
    #[error("the channel is disputed on chain: wait for its conclusion")]
    Disputed,
    /// This party closes the channel alone.
    #[error("this party is closing the channel alone: wait for its conclusion")]
    ClosingAlone,
    /// The channel is over.
    #[error("the channel is over on chain")]
    Over,
    /// The chain shows a version whose contents this party does not have.
    #[error("the chain concluded version {version}, this party has version {newest}")]
    UnknownVersion {
        /// Version on chain.
        version: u64,
        /// Newest version that is agreed here.
        newest: u64,
    },
    /// A resize is signed; nothing else may be, until it is taken or void.
    #[error("a resize is under way until block {valid_until}: wait until it is taken or void")]
    Resizing {
        /// The last block in which the chain takes it.
        valid_until: BlockNumber,
    },
    /// This party may have forgotten what it signed.
    #[error("this party was restored and has not heard from everybody yet: reconnect first")]
    Lagging,
    /// What was persisted does not fit together.
    #[error("record {index} does not fit what was persisted before it: {reason}")]
    BadRecord {
        /// Its place, from 0.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// Too many changes wait for the next version.
    #[error("{limit} changes wait for the next version: wait until they are agreed")]
    QueueFull {
        /// The most that can wait.
        limit: usize,
    },
    /// The message comes too early: something before it is missing.
    #[error("version {received} came before version {missing}: ask the sender for its status")]
    TooEarly {
        /// Version of the message.
        received: u64,
        /// Version that is missing here.
        missing: u64,
    },
    /// The change cannot be made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The resize cannot be made.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// The message is no honest party's.
    #[error(transparent)]
    Proposal(#[from] ProposalError),
    /// A co-signed state does not hold.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// The pen refused.
    #[error(transparent)]
    Pen(#[from] PenError),
}

impl From<PaymentError> for ChannelError {
    fn from(error: PaymentError) -> Self {
        Self::Change(error.into())
    }
}

impl From<TransferError> for ChannelError {
    fn from(error: TransferError) -> Self {
        Self::Change(error.into())
    }
}

impl From<StreamError> for ChannelError {
    fn from(error: StreamError) -> Self {
        Self::Change(error.into())
    }
}
