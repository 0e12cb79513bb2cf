// SPDX-License-Identifier: Apache-2.0

//! Errors on their way back.
//!
//! A node that fails writes what happened, with a checksum, and encrypts it for the payer; each
//! node before it adds a layer that it cannot read below. All errors have one size. The payer takes
//! the layers off one by one until a checksum fits, which says who wrote it. A node that garbles an
//! error remains unknown, as in BOLT 4.

use crate::{gossip::updating::ChannelUpdate, onion::keys::SharedSecret};
use codec::{Decode, Encode, MaxEncodedLen};
use fiber_sphinx::OnionErrorPacket;

/// What an error says, padded, in bytes.
const PADDED_BYTES: usize = 256;

/// The size of every error that travels.
pub const ERROR_BYTES: usize = 32 + PADDED_BYTES;

/// Why a transfer was not forwarded or not taken. It is told to the payer alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub enum Failure {
    /// The next channel cannot carry the amount now, or its peer is away.
    #[codec(index = 0)]
    ChannelBusy,
    /// There is no such channel.
    #[codec(index = 1)]
    UnknownChannel,
    /// Nothing is forwarded over the next channel for now.
    #[codec(index = 2)]
    ChannelDisabled,
    /// The fee is too low; by these terms it would do.
    #[codec(index = 3)]
    FeeTooLow(Option<ChannelUpdate>),
    /// What came in expires too shortly after what would go out.
    #[codec(index = 4)]
    ExpiryDeltaTooSmall(Option<ChannelUpdate>),
    /// The amount is below the smallest or above the largest.
    #[codec(index = 5)]
    AmountOutOfRange(Option<ChannelUpdate>),
    /// Too many transfers are under way on the next channel.
    #[codec(index = 6)]
    TooManyInFlight,
    /// The transfer expires too soon to be forwarded or claimed safely.
    #[codec(index = 7)]
    ExpiryTooSoon,
    /// The transfer would lock money for too long.
    #[codec(index = 8)]
    ExpiryTooFar,
    /// The node cannot forward anything now.
    #[codec(index = 9)]
    NodeBusy,
    /// Too many transfers from where this one came have failed lately.
    #[codec(index = 10)]
    Throttled,
    /// The packet could not be read, or came a second time.
    #[codec(index = 11)]
    BadPacket,
    /// The payee does not expect this payment: its hash lock, secret, or amount is wrong, or the
    /// invoice has expired. All these look alike, so that nobody can find out invoices by trying.
    #[codec(index = 12)]
    UnknownPayment,
    /// What the payee got is not what the packet says: the hop before it cheats.
    #[codec(index = 13)]
    ChangedOnTheWay,
    /// The other parts did not come in time.
    #[codec(index = 14)]
    PartsMissing,
}

/// What a payer can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Send less over the next channel.
    Liquidity,
    /// Use the next channel's new terms.
    Terms,
    /// Leave out the next channel.
    Channel,
    /// Leave out the node.
    Node,
    /// Give up.
    Payee,
    /// Try again.
    Passing,
}

impl Failure {
    /// What a payer can do about it.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::ChannelBusy => FailureKind::Liquidity,
            Self::FeeTooLow(_) | Self::ExpiryDeltaTooSmall(_) | Self::AmountOutOfRange(_) => {
                FailureKind::Terms
            }
            Self::UnknownChannel
            | Self::ChannelDisabled
            | Self::TooManyInFlight
            | Self::ExpiryTooSoon
            | Self::ExpiryTooFar => FailureKind::Channel,
            Self::NodeBusy | Self::Throttled | Self::BadPacket => FailureKind::Node,
            Self::UnknownPayment => FailureKind::Payee,
            Self::ChangedOnTheWay | Self::PartsMissing => FailureKind::Passing,
        }
    }

    /// The terms that would have done.
    pub fn update(&self) -> Option<&ChannelUpdate> {
        match self {
            Self::FeeTooLow(update)
            | Self::ExpiryDeltaTooSmall(update)
            | Self::AmountOutOfRange(update) => update.as_ref(),
            _ => None,
        }
    }

    /// The error of the node that fails, as it leaves it.
    pub fn wrap(&self, secret: &SharedSecret) -> Vec<u8> {
        let mut payload = self.encode();
        payload.resize(PADDED_BYTES, 0);
        OnionErrorPacket::create(&secret.0, payload).into_bytes()
    }

    /// Reads what is below the last layer.
    pub(crate) fn from_padded(mut bytes: &[u8]) -> Option<Self> {
        let failure = Self::decode(&mut bytes).ok()?;
        bytes.iter().all(|byte| *byte == 0).then_some(failure)
    }
}

/// An error that came from the next hop, as it goes on to the one before. It has the size of all
/// errors, whatever came.
pub fn wrap_foreign(secret: &SharedSecret, error: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = error.iter().copied().take(ERROR_BYTES).collect();
    bytes.resize(ERROR_BYTES, 0);
    OnionErrorPacket::from_bytes(bytes).xor_cipher_stream(&secret.0).into_bytes()
}
