// SPDX-License-Identifier: Apache-2.0

//! What clients and towers say to each other, and its bytes.
//!
//! A frame is a version byte, a number by which the client knows its answer again, and a request or
//! a response in SCALE. The connection authenticates both sides; nothing in a request is signed.

use crate::{
    receipt::Receipt,
    sealing::{Locator, MAX_BLOB_BYTES, Place, TowerId, Work},
};
use codec::{Decode, DecodeAll, Encode};
use millrace_primitives_channels::{AccountId, BlockNumber, Hash};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use thiserror::Error;

/// The version of the protocol.
pub const VERSION: u8 = 1;

/// The largest frame, in bytes: a sealed answer and what is around it.
pub const MAX_FRAME_BYTES: usize = MAX_BLOB_BYTES + 256;

/// A sealed answer, bounded.
pub type Blob = BoundedVec<u8, ConstU32<{ MAX_BLOB_BYTES as u32 }>>;

/// A request or response with the client's number for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<T> {
    /// Chosen by the client, repeated by the tower.
    pub number: u32,
    /// What is said.
    pub body: T,
}

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// What the tower offers.
    #[codec(index = 0)]
    Terms,
    /// Keep this sealed answer in place of the one before.
    #[codec(index = 1)]
    HandIn {
        /// Where it will be looked for.
        locator: Locator,
        /// Above that of the one before: orders what arrives. It need not be the state's version,
        /// and better is not, because it is all that the tower sees of how often a channel changes.
        sequence: u64,
        /// The sealed answer.
        blob: Blob,
        /// The last block in which the tower is to answer.
        until: BlockNumber,
    },
    /// Keep what is there for longer.
    #[codec(index = 2)]
    Renew {
        /// Which appointment.
        locator: Locator,
        /// The last block in which the tower is to answer.
        until: BlockNumber,
    },
    /// Forget it.
    #[codec(index = 3)]
    Withdraw {
        /// Which appointment.
        locator: Locator,
    },
    /// What has become of it.
    #[codec(index = 4)]
    Status {
        /// Which appointment.
        locator: Locator,
    },
}

/// What a tower answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Response {
    /// What it offers.
    #[codec(index = 0)]
    Terms(Terms),
    /// The appointment is durable; the tower has signed for it.
    #[codec(index = 1)]
    Accepted(Receipt),
    /// It is forgotten, or was never there.
    #[codec(index = 2)]
    Withdrawn,
    /// What is known of it; nothing if there is none.
    #[codec(index = 3)]
    Status(Option<Status>),
    /// No.
    #[codec(index = 4)]
    Refused(Refusal),
}

/// What a tower offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
    /// How secrets are made here.
    pub place: Place,
    /// How many appointments one client may have.
    pub per_client: u32,
    /// How many appointments there may be in all.
    pub in_total: u32,
    /// For how many blocks an appointment is kept at most, unless it is renewed.
    pub max_blocks: BlockNumber,
}

/// Why a client does not take a tower's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TermsError {
    /// It watches another chain.
    #[error("the tower watches another chain, with genesis hash {found:?}: use another tower")]
    OtherChain {
        /// What the tower says.
        found: Hash,
    },
    /// It signs with another key than that of its connection.
    #[error("the tower signs with another key than that of its connection: do not rely on it")]
    OtherKey,
    /// It wants its secrets to be cheap, so that it could soon find out whom it guards, or so dear
    /// that clients cannot pay for them.
    #[error(
        "the tower asks for secrets of {} KiB and {} passes; {:?} to {:?} are taken: use another \
         tower", .work.memory_kib, .work.passes, Work::RECOMMENDED, Work::MOST
    )]
    BadWork {
        /// What it asks for.
        work: Work,
    },
}

impl Terms {
    /// Whether a client should take them. `genesis`: of its chain. `peer`: the key that the
    /// connection to the tower has authenticated.
    pub fn verify(&self, genesis: &Hash, peer: &TowerId) -> Result<(), TermsError> {
        let Place { genesis: found, tower, work } = self.place;
        if found != *genesis {
            return Err(TermsError::OtherChain { found });
        }
        if tower != *peer {
            return Err(TermsError::OtherKey);
        }
        let (least, most) = (Work::RECOMMENDED, Work::MOST);
        let is_fair = (least.memory_kib..=most.memory_kib).contains(&work.memory_kib)
            && (least.passes..=most.passes).contains(&work.passes);
        if is_fair { Ok(()) } else { Err(TermsError::BadWork { work }) }
    }
}

/// What a tower knows of an appointment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Status {
    /// The sequence of what was handed in last.
    pub sequence: u64,
    /// What the receipt commits to.
    pub commitment: Hash,
    /// The last block in which the tower answers.
    pub until: BlockNumber,
    /// What was done about the latest dispute, if there was one.
    pub report: Option<Report>,
}

/// What a tower did about a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Report {
    /// It answers with this version, and has not heard the end.
    #[codec(index = 0)]
    Answering {
        /// The version that it shows.
        version: u64,
        /// The version that was shown by others.
        against: u64,
    },
    /// Its answer is in a final block.
    #[codec(index = 1)]
    Answered {
        /// The version that it showed.
        version: u64,
        /// The block.
        block: BlockNumber,
        /// Who gets the reward, if there is one.
        reward_to: AccountId,
    },
    /// Others have shown this version or a later one.
    #[codec(index = 2)]
    NotNeeded {
        /// The version that it would have shown.
        version: u64,
    },
    /// What was handed in does not open, or the chain would refuse it.
    #[codec(index = 3)]
    Useless,
    /// The answer did not get into a final block.
    #[codec(index = 4)]
    Failed {
        /// The version that it tried to show.
        version: u64,
        /// Why, as text of at most [`MAX_REASON_BYTES`] bytes.
        reason: BoundedVec<u8, ConstU32<{ MAX_REASON_BYTES }>>,
    },
}

/// The longest reason in a report, in bytes.
pub const MAX_REASON_BYTES: u32 = 256;

/// Why a tower refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Error)]
pub enum Refusal {
    /// The client has as many appointments as it may have.
    #[error("this client has {0} appointments, the most it may have: withdraw some")]
    #[codec(index = 0)]
    QuotaUsed(u32),
    /// The tower has as many appointments as it can keep.
    #[error("the tower is full: use another one, or come back when others expire")]
    #[codec(index = 1)]
    Full,
    /// Something later is there already.
    #[error("sequence {newest} is there already: hand in with a higher one")]
    #[codec(index = 2)]
    NotNewer {
        /// The sequence of what is there.
        newest: u64,
    },
    /// The time is up already, or too long.
    #[error("an appointment must end after block {after} and by block {latest}")]
    #[codec(index = 3)]
    BadTime {
        /// It must end after this block.
        after: BlockNumber,
        /// It must end by this block.
        latest: BlockNumber,
    },
    /// There is no such appointment of this client.
    #[error("there is no such appointment: hand it in")]
    #[codec(index = 4)]
    Unknown,
    /// The tower follows no node at the moment, so it does not know what time it is.
    #[error("the tower does not see the chain at the moment: try again, or use another one")]
    #[codec(index = 5)]
    Blind,
    /// The frame is none of this protocol.
    #[error("the request cannot be read: use a client of the same release as the tower")]
    #[codec(index = 6)]
    Unreadable,
    /// The client is none that the tower serves.
    #[error("the tower does not serve this client: ask its operator")]
    #[codec(index = 7)]
    NotServed,
}

/// Why bytes are no frame.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// It is too long.
    #[error("a frame of {0} bytes exceeds {MAX_FRAME_BYTES}")]
    TooLong(usize),
    /// It is of another version.
    #[error("a frame of version {0}, and {VERSION} is understood: use the same release")]
    OtherVersion(u8),
    /// It does not decode.
    #[error("a frame that does not decode: {0}")]
    Malformed(String),
}

impl<T: Encode> Frame<T> {
    /// The frame's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        (VERSION, self.number, &self.body).encode()
    }
}

impl<T: Decode> Frame<T> {
    /// Reads a frame. Never panics, and allocates no more than the bytes are long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > MAX_FRAME_BYTES {
            return Err(FrameError::TooLong(bytes.len()));
        }
        let malformed = |error: codec::Error| FrameError::Malformed(error.to_string());
        let rest = &mut &*bytes;
        let version = u8::decode(rest).map_err(malformed)?;
        if version != VERSION {
            return Err(FrameError::OtherVersion(version));
        }
        let (number, body) = DecodeAll::decode_all(rest).map_err(malformed)?;
        Ok(Self { number, body })
    }
}
