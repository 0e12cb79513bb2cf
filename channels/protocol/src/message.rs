// SPDX-License-Identifier: Apache-2.0

//! What parties send each other, and its bytes: one byte of protocol version, then SCALE.
//!
//! Every message is bounded, and every message may arrive twice, late or never. Transfers travel
//! once, as changes; the whole list is sent only to a party that lost its memory.

use crate::{
    changes::{Changes, StreamName},
    error::MessageError,
    pulses::Pulse,
    transfers::MAX_TRANSFERS,
};
use codec::{Decode, DecodeAll, Encode};
use millrace_primitives_channels::{
    BlockNumber, ChannelId, ChannelState, Resize, Transfer, resize::Deltas, state::Signatures,
    transfer::Preimage,
};
use polkadot_sdk::{
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, MultiSignature},
};

/// The protocol version that this crate speaks, and the first byte of every message.
pub const WIRE_VERSION: u8 = 2;

/// The largest message, in bytes, version byte included: the newest state with all transfers.
pub const MAX_MESSAGE_BYTES: usize = 40 * 1024;

/// All transfers of a state, in the order of its leaves.
pub type Leaves = BoundedVec<Transfer, ConstU32<MAX_TRANSFERS>>;

/// A message between two parties of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// Asks the proposer of a version to include changes.
    #[codec(index = 0)]
    Request(Request),
    /// Offers the next state, signed by its proposer.
    #[codec(index = 1)]
    Proposal(Proposal),
    /// Signs a proposed state.
    #[codec(index = 2)]
    Acceptance(Acceptance),
    /// Says which version the sender has; asks for what it lacks.
    #[codec(index = 3)]
    Status(Status),
    /// Hands over a co-signed state to a party that lacks it.
    #[codec(index = 4)]
    Newest(Newest),
    /// Reminds a party that lost its memory of what it signed.
    #[codec(index = 5)]
    Recall(Recall),
    /// Tells the payer of a transfer its preimage.
    #[codec(index = 6)]
    Fulfil(Fulfil),
    /// Says that the sender wants to settle as soon as nothing is pending.
    #[codec(index = 7)]
    Closing(Closing),
    /// Pays by links of a stream; from the payee, says what it holds.
    #[codec(index = 8)]
    Pulse(Pulses),
    /// Offers a resize, signed by its proposer.
    #[codec(index = 9)]
    ResizeProposal(ResizeProposal),
    /// Signs a resize.
    #[codec(index = 10)]
    ResizeAcceptance(Acceptance),
    /// Hands over a resize that the chain has taken.
    #[codec(index = 11)]
    Resized(SignedResize),
}

/// What a party wants in a version that another party proposes.
///
/// It is bound to one version and never changed for that version, so that a duplicate cannot pay
/// twice.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    /// The channel.
    pub channel: ChannelId,
    /// The version that should carry the changes.
    pub version: u64,
    /// Changes of the sender's own.
    pub changes: Changes,
    /// Whether the sender wants to settle.
    pub close: bool,
    /// A resize that the sender wants in place of that version.
    pub resize: Option<ResizeWish>,
}

/// A change of deposits that a party wants.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResizeWish {
    /// Who adds and who takes out how much.
    pub deltas: Deltas,
    /// The last block in which the chain takes it.
    pub valid_until: BlockNumber,
}

/// The next state, and the changes that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proposal {
    /// The state, one version above the agreed one.
    pub state: ChannelState,
    /// What changed since the agreed state.
    pub changes: Changes,
    /// The proposer's signature under the state.
    pub signature: MultiSignature,
}

/// The signature of a party that accepts a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Acceptance {
    /// The channel.
    pub channel: ChannelId,
    /// The accepted version.
    pub version: u64,
    /// The sender's signature under the proposed state, or under the proposed resize.
    pub signature: MultiSignature,
}

/// What the sender has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Status {
    /// The channel.
    pub channel: ChannelId,
    /// Version of the sender's newest co-signed state.
    pub agreed: u64,
    /// The highest version under which the sender holds the receiver's signature.
    pub holds: u64,
    /// Set by a party that may have forgotten what it signed: it wants an answer that repeats this
    /// number.
    pub question: Option<u64>,
    /// The number of the question that this answers.
    pub answer: Option<u64>,
}

/// A co-signed state for a party that lacks it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Newest {
    /// The state.
    pub state: ChannelState,
    /// One signature per participant.
    pub signatures: Signatures,
    /// Its transfers. A party that signed the state has them.
    pub leaves: Option<Leaves>,
}

/// A half-signed state, for a party that signed it and forgot.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Recall {
    /// The state, as it was proposed.
    pub proposal: Proposal,
    /// The receiver's own signature under it.
    pub signature: MultiSignature,
}

/// The preimage of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Fulfil {
    /// The channel.
    pub channel: ChannelId,
    /// The transfer.
    pub id: u64,
    /// What opens its lock.
    pub preimage: Preimage,
}

/// The wish to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Closing {
    /// The channel.
    pub channel: ChannelId,
}

/// Links of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Pulses {
    /// The channel.
    pub channel: ChannelId,
    /// The stream.
    pub stream: StreamName,
    /// The links; nothing if a payee says that it holds none.
    pub pulse: Option<Pulse>,
}

/// A resize, and its proposer's signature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ResizeProposal {
    /// The resize.
    pub resize: Resize,
    /// By the proposer's account if it adds funds, else by its signer.
    pub signature: MultiSignature,
}

/// A resize that everybody signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedResize {
    /// The resize.
    pub resize: Resize,
    /// One signature per participant: by the account of who adds funds, else by the signer.
    pub signatures: Signatures,
    /// The transfers of its state.
    pub leaves: Leaves,
}

impl Message {
    /// The message's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![WIRE_VERSION];
        self.encode_to(&mut bytes);
        bytes
    }

    /// Reads a message from bytes that anybody may have written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(MessageError::TooLong { bytes: bytes.len(), limit: MAX_MESSAGE_BYTES });
        }
        match bytes.split_first() {
            None => Err(MessageError::Empty),
            Some((&WIRE_VERSION, rest)) => {
                Self::decode_all(&mut &*rest).map_err(MessageError::Malformed)
            }
            Some((&received, _)) => {
                Err(MessageError::UnknownVersion { received, spoken: WIRE_VERSION })
            }
        }
    }

    /// The channel the message is about.
    pub fn channel(&self) -> ChannelId {
        match self {
            Self::Request(request) => request.channel,
            Self::Proposal(proposal) => proposal.state.channel,
            Self::Acceptance(acceptance) | Self::ResizeAcceptance(acceptance) => acceptance.channel,
            Self::Status(status) => status.channel,
            Self::Newest(newest) => newest.state.channel,
            Self::Recall(recall) => recall.proposal.state.channel,
            Self::Fulfil(fulfil) => fulfil.channel,
            Self::Closing(closing) => closing.channel,
            Self::Pulse(pulses) => pulses.channel,
            Self::ResizeProposal(proposal) => proposal.resize.state.channel,
            Self::Resized(signed) => signed.resize.state.channel,
        }
    }
}
