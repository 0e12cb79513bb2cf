// SPDX-License-Identifier: Apache-2.0

//! What a hop reads: two bytes of length, then SCALE, then zeros up to the size of its kind.
//!
//! All hops that forward get as many bytes, so that none learns from its own how many come after
//! it.

use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelId, transfer::Preimage};

/// Bytes before the payload that tell its length.
const LENGTH_BYTES: usize = 2;

/// What a hop that forwards reads.
pub const FORWARD_BYTES: usize = LENGTH_BYTES + 1 + 32 + 16 + 4;

/// What the payee reads.
pub const DELIVER_BYTES: usize = LENGTH_BYTES + 1 + 16 + 16 + 4 + 32 + 1 + 32;

/// Forward a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Forward {
    /// Over this channel.
    pub channel: ChannelId,
    /// This much, in the smallest unit of the channel's asset.
    pub amount: Balance,
    /// With this expiry.
    pub expiry: BlockNumber,
}

/// Take a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Deliver {
    /// What this part brings at least.
    pub amount: Balance,
    /// What all parts bring together.
    pub total: Balance,
    /// When this part expires at the earliest.
    pub expiry: BlockNumber,
    /// From the invoice: who does not know it, a hop that probes for instance, was not asked to
    /// pay.
    pub secret: [u8; 32],
    /// Of a spontaneous payment, which has no invoice: the preimage itself.
    pub preimage: Option<Preimage>,
}

/// What a hop reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub enum Payload {
    /// Forward.
    #[codec(index = 0)]
    Forward(Forward),
    /// Take.
    #[codec(index = 1)]
    Deliver(Deliver),
}

impl Payload {
    /// The bytes inside the packet.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let size = match self {
            Self::Forward(_) => FORWARD_BYTES,
            Self::Deliver(_) => DELIVER_BYTES,
        };
        let length = u16::try_from(size.saturating_sub(LENGTH_BYTES)).unwrap_or(u16::MAX);
        let mut bytes = length.to_le_bytes().to_vec();
        self.encode_to(&mut bytes);
        bytes.resize(size, 0);
        bytes
    }

    /// The number of bytes of the payload at the beginning of `data`, its length included.
    pub(crate) fn length(data: &[u8]) -> Option<usize> {
        let length = data.first_chunk::<LENGTH_BYTES>()?;
        let length = usize::from(u16::from_le_bytes(*length)).checked_add(LENGTH_BYTES)?;
        [FORWARD_BYTES, DELIVER_BYTES].contains(&length).then_some(length)
    }

    /// Reads a payload; nothing if it is none, or if what follows it is not zero.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.get(LENGTH_BYTES..)?;
        let payload = Self::decode(&mut rest).ok()?;
        rest.iter().all(|byte| *byte == 0).then_some(payload)
    }
}
