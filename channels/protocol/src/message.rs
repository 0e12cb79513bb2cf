// SPDX-License-Identifier: Apache-2.0

//! What parties send each other, and its bytes: one byte of protocol version, then SCALE.
//!
//! Every message is bounded, and every message may arrive twice, late or never.

use crate::{error::MessageError, payments::Payments};
use codec::{Decode, DecodeAll, Encode};
use millrace_primitives_channels::{ChannelId, ChannelState, state::Signatures};
use polkadot_sdk::sp_runtime::MultiSignature;

/// The protocol version that this crate speaks, and the first byte of every message.
pub const WIRE_VERSION: u8 = 1;

/// The largest message, in bytes, version byte included.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// A message between two parties of one channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// Asks the proposer of a version to include payments.
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
}

/// What a party wants in a version that another party proposes.
///
/// It is bound to one version and never changed for that version, so that a duplicate cannot pay
/// twice.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    /// The channel.
    pub channel: ChannelId,
    /// The version that should carry the payments.
    pub version: u64,
    /// Payments of the sender.
    pub payments: Payments,
    /// Whether the sender wants to settle.
    pub close: bool,
}

/// The next state, and the payments that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proposal {
    /// The state, one version above the agreed one.
    pub state: ChannelState,
    /// What changed since the agreed state.
    pub payments: Payments,
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
    /// The sender's signature under the proposed state.
    pub signature: MultiSignature,
}

/// What the sender has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Status {
    /// The channel.
    pub channel: ChannelId,
    /// Version of the sender's newest co-signed state.
    pub agreed: u64,
}

/// A co-signed state for a party that lacks it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Newest {
    /// The state.
    pub state: ChannelState,
    /// One signature per participant.
    pub signatures: Signatures,
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
            Self::Acceptance(acceptance) => acceptance.channel,
            Self::Status(status) => status.channel,
            Self::Newest(newest) => newest.state.channel,
        }
    }
}
