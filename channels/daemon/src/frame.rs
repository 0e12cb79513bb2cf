// SPDX-License-Identifier: Apache-2.0

//! What nodes send each other: one byte of version, one of kind, then the content.

use codec::{Decode, DecodeAll, Encode};
use millrace_channels_protocol::{Message, MessageError, message::MAX_MESSAGE_BYTES};
use millrace_channels_routing::{
    gossip::{ChannelUpdate, MAX_GOSSIP_BYTES},
    names::NodeSignature,
    onion::{ERROR_BYTES, OnionPublic, PACKET_BYTES},
};
use millrace_primitives_channels::{ChannelId, ChannelParams, Hash, Participant, params::Amounts};
use polkadot_sdk::{
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, MultiSignature},
};

/// The version of frames that this node speaks.
pub const FRAME_VERSION: u8 = 1;

/// The largest frame, in bytes.
pub const MAX_FRAME_BYTES: usize = MAX_MESSAGE_BYTES + 2;

/// The longest reason that a refusal gives, in bytes.
pub const MAX_REASON_BYTES: u32 = 200;

/// Why something is refused, for people.
pub type Reason = BoundedVec<u8, ConstU32<MAX_REASON_BYTES>>;

/// A frame between two nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Introduces the sender. The first frame of a connection.
    Hello(Hello),
    /// A message of a channel.
    Channel(Box<Message>),
    /// About a channel that is being opened.
    Opening(Box<OpeningMessage>),
    /// Says that a participant of a channel is reached at the sender's node from now on.
    Binding(Binding),
    /// Asks whether the other side is awake.
    Ping(u64),
    /// Answers a ping with its number.
    Pong(u64),
    /// The packet that belongs to a transfer, which the sender of this frame pays.
    Packet(Box<PacketFrame>),
    /// Asks for the packet of a transfer.
    WantPacket(TransferName),
    /// Why a transfer to the sender of this frame is given back.
    Failure(Box<FailureFrame>),
    /// What a neighbour needs to know for invoices and packets.
    Neighbour(Box<Neighbour>),
    /// The sender agrees to announce a channel.
    Announce(Box<AnnounceFrame>),
    /// A message of gossip, as `millrace-channels-routing` writes it.
    Gossip(Vec<u8>),
}

/// Names a transfer of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TransferName {
    /// The channel.
    pub channel: ChannelId,
    /// The transfer's id in it.
    pub id: u64,
}

/// The packet of a transfer. No signature covers it: what it says is bound to the transfer's lock,
/// and only the node that it is for can read it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PacketFrame {
    /// The transfer.
    pub transfer: TransferName,
    /// The packet, whose size never differs.
    pub packet: BoundedVec<u8, ConstU32<{ PACKET_BYTES as u32 }>>,
}

/// Why a transfer is given back, for the eyes of the payer at the beginning of the way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FailureFrame {
    /// The transfer.
    pub transfer: TransferName,
    /// The error, whose size never differs.
    pub error: BoundedVec<u8, ConstU32<{ ERROR_BYTES as u32 }>>,
}

/// The most channels whose terms one frame tells.
pub const MAX_UPDATES: u32 = 64;

/// What a neighbour needs to know: channels that are not announced have terms, too.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Neighbour {
    /// The key that packets for the sender are made with.
    pub onion: OnionPublic,
    /// The sender's terms for forwarding over channels with the receiver.
    pub updates: BoundedVec<ChannelUpdate, ConstU32<MAX_UPDATES>>,
}

/// One side's consent to announce a channel, under the payload of the channel's `Claim`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AnnounceFrame {
    /// The channel.
    pub channel: ChannelId,
    /// By the participant's signer.
    pub channel_signature: MultiSignature,
    /// By the node.
    pub node_signature: NodeSignature,
}

/// Who the sender of a connection's first frame is. Nothing of it is believed before a channel's
/// opening proves it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// The chain that judges the sender's channels.
    pub genesis: Hash,
    /// The sender as a channel's parameters would name it.
    pub participant: Participant,
}

/// Where a participant is reached.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Binding {
    /// The channel.
    pub channel: ChannelId,
    /// By the participant's signer, under [`crate::peer::binding_payload`].
    pub signature: MultiSignature,
}

/// A message about a channel that is being opened.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum OpeningMessage {
    /// Offers terms. The sender's own consent stays with it, as it submits the opening itself.
    #[codec(index = 0)]
    Proposal {
        /// The channel's parameters: participants, challenge window, last block of the opening.
        params: ChannelParams,
        /// What each participant deposits.
        deposits: Amounts,
        /// That the sender's signer is behind the sender's node key.
        binding: MultiSignature,
    },
    /// Agrees to terms.
    #[codec(index = 1)]
    Acceptance {
        /// The channel.
        channel: ChannelId,
        /// By the sender's account, under `open_payload`.
        consent: MultiSignature,
        /// That the sender's signer is behind the sender's node key.
        binding: MultiSignature,
    },
    /// Does not agree, or gives up.
    #[codec(index = 2)]
    Refused {
        /// The channel.
        channel: ChannelId,
        /// Why.
        reason: Reason,
    },
}

/// Bytes that are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Too few bytes.
    #[error("the frame has {bytes} bytes, at least 2 are needed")]
    TooShort {
        /// Length received.
        bytes: usize,
    },
    /// Too many bytes.
    #[error("the frame has {bytes} bytes, at most {MAX_FRAME_BYTES} are allowed")]
    TooLong {
        /// Length received.
        bytes: usize,
    },
    /// Another version.
    #[error(
        "the peer speaks frames of version {received}, this side {FRAME_VERSION}: upgrade the \
             older"
    )]
    UnknownVersion {
        /// Version received.
        received: u8,
    },
    /// An unknown kind.
    #[error("frames of kind {kind} are not known here")]
    UnknownKind {
        /// Kind received.
        kind: u8,
    },
    /// The content does not decode.
    #[error("a frame of kind {kind} does not decode: {reason}")]
    Malformed {
        /// Kind received.
        kind: u8,
        /// What is wrong.
        reason: codec::Error,
    },
    /// The channel's message does not decode.
    #[error(transparent)]
    Message(#[from] MessageError),
}

const HELLO: u8 = 0;
const CHANNEL: u8 = 1;
const OPENING: u8 = 2;
const BINDING: u8 = 3;
const PING: u8 = 4;
const PONG: u8 = 5;
const PACKET: u8 = 6;
const WANT_PACKET: u8 = 7;
const FAILURE: u8 = 8;
const NEIGHBOUR: u8 = 9;
const ANNOUNCE: u8 = 10;
const GOSSIP: u8 = 11;

impl Frame {
    /// The frame's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, content) = match self {
            Self::Hello(hello) => (HELLO, hello.encode()),
            Self::Channel(message) => (CHANNEL, message.to_bytes()),
            Self::Opening(opening) => (OPENING, opening.encode()),
            Self::Binding(binding) => (BINDING, binding.encode()),
            Self::Ping(number) => (PING, number.encode()),
            Self::Pong(number) => (PONG, number.encode()),
            Self::Packet(packet) => (PACKET, packet.encode()),
            Self::WantPacket(transfer) => (WANT_PACKET, transfer.encode()),
            Self::Failure(failure) => (FAILURE, failure.encode()),
            Self::Neighbour(neighbour) => (NEIGHBOUR, neighbour.encode()),
            Self::Announce(announce) => (ANNOUNCE, announce.encode()),
            Self::Gossip(message) => (GOSSIP, message.clone()),
        };
        let mut bytes = Vec::with_capacity(content.len().saturating_add(2));
        bytes.extend_from_slice(&[FRAME_VERSION, kind]);
        bytes.extend_from_slice(&content);
        bytes
    }

    /// Reads a frame from bytes that anybody may have written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > MAX_FRAME_BYTES {
            return Err(FrameError::TooLong { bytes: bytes.len() });
        }
        let [version, kind, content @ ..] = bytes else {
            return Err(FrameError::TooShort { bytes: bytes.len() });
        };
        if *version != FRAME_VERSION {
            return Err(FrameError::UnknownVersion { received: *version });
        }
        let kind = *kind;
        let bad = |reason| FrameError::Malformed { kind, reason };
        Ok(match kind {
            HELLO => Self::Hello(Hello::decode_all(&mut &*content).map_err(bad)?),
            CHANNEL => Self::Channel(Box::new(Message::from_bytes(content)?)),
            OPENING => {
                Self::Opening(Box::new(OpeningMessage::decode_all(&mut &*content).map_err(bad)?))
            }
            BINDING => Self::Binding(Binding::decode_all(&mut &*content).map_err(bad)?),
            PING => Self::Ping(u64::decode_all(&mut &*content).map_err(bad)?),
            PONG => Self::Pong(u64::decode_all(&mut &*content).map_err(bad)?),
            PACKET => Self::Packet(Box::new(PacketFrame::decode_all(&mut &*content).map_err(bad)?)),
            WANT_PACKET => Self::WantPacket(TransferName::decode_all(&mut &*content).map_err(bad)?),
            FAILURE => {
                Self::Failure(Box::new(FailureFrame::decode_all(&mut &*content).map_err(bad)?))
            }
            NEIGHBOUR => {
                Self::Neighbour(Box::new(Neighbour::decode_all(&mut &*content).map_err(bad)?))
            }
            ANNOUNCE => {
                Self::Announce(Box::new(AnnounceFrame::decode_all(&mut &*content).map_err(bad)?))
            }
            // Its own decoder reads it, with limits of its own.
            GOSSIP if content.len() <= MAX_GOSSIP_BYTES => Self::Gossip(content.to_vec()),
            GOSSIP => return Err(FrameError::TooLong { bytes: bytes.len() }),
            kind => return Err(FrameError::UnknownKind { kind }),
        })
    }
}

/// A reason that fits a refusal.
pub(crate) fn reason(text: &str) -> Reason {
    Reason::truncate_from(text.as_bytes().to_vec())
}

/// A reason as text, whatever bytes it has.
pub(crate) fn readable(reason: &Reason) -> String {
    String::from_utf8_lossy(reason).chars().filter(|it| !it.is_control()).collect()
}
