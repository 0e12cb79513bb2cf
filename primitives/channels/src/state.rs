// SPDX-License-Identifier: Apache-2.0

//! What participants sign: a version and who owns what.

use crate::{
    Balance, BlockNumber, ChannelId, Hash,
    params::{Amounts, MaxParticipants},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, MultiSignature},
};
use scale_info::TypeInfo;

/// The largest number of streams in one state.
pub const MAX_STREAMS: u32 = 4;

/// The largest size of an application's data, in bytes.
pub const MAX_APP_DATA: u32 = 1024;

/// One signature per participant, in the order of the channel's participants.
pub type Signatures = BoundedVec<MultiSignature, MaxParticipants>;

/// The largest number of conditional transfers under way in one state. What the chain keeps for
/// them does not grow with their number, except for one bit each.
pub const MAX_PENDING: u32 = 1024;

/// Conditional transfers that are not yet decided, as a Merkle commitment.
///
/// [`crate::transfer`] holds the transfers themselves.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct PendingTransfers {
    /// Root of the Merkle tree whose leaves are the transfers; see [`crate::transfer::root`].
    pub root: Hash,
    /// Sum of the amounts that each participant has to pay, in the order of the participants. What
    /// nobody claims goes back by these sums, even if all transfers are forgotten.
    pub totals: Amounts,
    /// How many there are, from 1 to [`MAX_PENDING`].
    pub count: u32,
    /// The latest expiry among them, in blocks.
    pub last_expiry: BlockNumber,
}

impl PendingTransfers {
    /// Sum of all that is pending. Nothing on overflow.
    pub fn total(&self) -> Option<Balance> {
        self.totals.iter().try_fold(0, |sum: Balance, amount| sum.checked_add(*amount))
    }
}

/// The largest number of hash chains of one stream.
pub const MAX_STREAM_CHAINS: u32 = 1 << 16;

/// The largest number of links of one chain: it bounds what the judge has to hash for one claim.
pub const MAX_STREAM_LINKS: u32 = 256;

/// A one-way flow of tiny payments, each proven by a hash link instead of a signature.
///
/// [`crate::stream`] explains links, tips and claims.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Stream {
    /// Position of the payer among the participants.
    pub payer: u8,
    /// Position of the payee among the participants.
    pub payee: u8,
    /// Tells the payer's roots in one channel apart; part of the salt of every link.
    pub epoch: u32,
    /// Root of the Merkle tree over the tips of the hash chains.
    pub root: Hash,
    /// What one link pays.
    pub unit: Balance,
    /// Number of hash chains below the root, from 1 to [`MAX_STREAM_CHAINS`].
    pub chains: u32,
    /// Links of each chain, from 1 to [`MAX_STREAM_LINKS`].
    pub links: u32,
}

impl Stream {
    /// Number of links of all chains together: at most 2²⁴.
    pub fn capacity(&self) -> u64 {
        u64::from(self.chains).saturating_mul(self.links.into())
    }

    /// What the stream can pay at the most: `unit × chains × links`, or nothing on overflow.
    pub fn reserve(&self) -> Option<Balance> {
        self.unit.checked_mul(self.capacity().into())
    }
}

/// State of an application that the channel carries.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct AppState {
    /// Which application judges moves.
    pub id: Hash,
    /// Its state, in the application's own encoding.
    pub data: BoundedVec<u8, ConstU32<MAX_APP_DATA>>,
}

/// One version of a channel's state. The newest one that all participants signed is the truth.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChannelState {
    /// The channel this state belongs to.
    pub channel: ChannelId,
    /// Rises by one with each agreed change. Version 0 is the opening state, which the chain knows
    /// by itself and nobody signs.
    pub version: u64,
    /// What each participant owns outright.
    pub balances: Amounts,
    /// Conditional transfers under way, if there are any.
    pub pending: Option<PendingTransfers>,
    /// Streams under way.
    pub streams: BoundedVec<Stream, ConstU32<MAX_STREAMS>>,
    /// The application's state, if the channel carries one.
    pub app: Option<AppState>,
    /// The participants agree to settle at once; no later version will be signed.
    pub is_final: bool,
}

/// Why [`ChannelState::verify_conservation`] refuses a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    /// The number of balances differs from the number of participants.
    WrongBalanceCount,
    /// A sum leaves the range of a balance.
    Overflow,
    /// The amounts do not add up to the channel's deposit.
    SumMismatch,
    /// Pending transfers are none or too many, or their totals are not one for each participant.
    BadPending,
    /// A stream's parties, chains or links are out of range, or it pays nothing.
    BadStream,
}

impl ChannelState {
    /// The opening state: version 0, everybody owns what it deposited.
    pub fn opening(channel: ChannelId, deposits: Amounts) -> Self {
        Self {
            channel,
            version: 0,
            balances: deposits,
            pending: None,
            streams: BoundedVec::new(),
            app: None,
            is_final: false,
        }
    }

    /// Sum of all that the state distributes: balances, pending transfers and stream reserves.
    /// Nothing on overflow.
    pub fn total(&self) -> Option<Balance> {
        let balances =
            self.balances.iter().try_fold(0, |sum: Balance, amount| sum.checked_add(*amount))?;
        let pending = self.pending.as_ref().map_or(Some(0), PendingTransfers::total)?;
        let streams = self
            .streams
            .iter()
            .try_fold(0, |sum: Balance, stream| sum.checked_add(stream.reserve()?))?;
        balances.checked_add(pending)?.checked_add(streams)
    }

    /// Upholds CH-1: the state distributes exactly `deposit` among `participants` parties.
    pub fn verify_conservation(
        &self,
        participants: usize,
        deposit: Balance,
    ) -> Result<(), StateError> {
        if self.balances.len() != participants {
            return Err(StateError::WrongBalanceCount);
        }
        match self.total() {
            None => Err(StateError::Overflow),
            Some(total) if total != deposit => Err(StateError::SumMismatch),
            Some(_) => Ok(()),
        }
    }

    /// Checks that all parts are within their bounds for a channel of `participants` parties, so
    /// that the judge on chain can decide each of them.
    pub fn verify_shape(&self, participants: usize) -> Result<(), StateError> {
        if self.balances.len() != participants {
            return Err(StateError::WrongBalanceCount);
        }
        if let Some(pending) = &self.pending {
            let is_sound =
                pending.totals.len() == participants && (1..=MAX_PENDING).contains(&pending.count);
            if !is_sound {
                return Err(StateError::BadPending);
            }
        }
        let are_sound = self.streams.iter().all(|stream| {
            stream.payer != stream.payee
                && usize::from(stream.payer) < participants
                && usize::from(stream.payee) < participants
                && (1..=MAX_STREAM_CHAINS).contains(&stream.chains)
                && (1..=MAX_STREAM_LINKS).contains(&stream.links)
                && stream.unit > 0
        });
        if are_sound { Ok(()) } else { Err(StateError::BadStream) }
    }

    /// Whether every unit belongs to somebody outright: nothing is pending, streaming or in an
    /// application's hands.
    pub fn is_plain(&self) -> bool {
        self.pending.is_none() && self.streams.is_empty() && self.app.is_none()
    }
}
