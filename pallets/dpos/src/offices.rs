// SPDX-License-Identifier: Apache-2.0

//! What the chain remembers of elections and of those in office.

use crate::{BlockNumber, EraIndex};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use millrace_primitives_dpos::{Hash, election::Seats};
use polkadot_sdk::{
    frame_support::traits::ConstU32,
    sp_runtime::{BoundedVec, Perbill},
};
use scale_info::TypeInfo;

/// How far an election is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum ElectionPhase {
    /// Stakes count as they are now; randomness that nobody knew then is awaited.
    Announced,
    /// Candidates are counted, a few with each block. The key of the last one, if any.
    Scanning(Option<BoundedVec<u8, ConstU32<128>>>),
    /// The set is known.
    Decided,
}

/// The election under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Election {
    /// Counts elections.
    pub id: u32,
    /// Stakes count as they were when this block began.
    pub snapshot_block: BlockNumber,
    /// How far it is.
    pub phase: ElectionPhase,
}

/// The validators of an era, or of several if nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ActiveSet {
    /// Rises by one with each set.
    pub version: u32,
    /// `blake2_256` of the SCALE encoding of version and validators.
    pub hash: Hash,
    /// Its members.
    pub seats: Seats,
}

/// What a validator did in the slots of an era that were its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Attendance {
    /// Blocks it made.
    pub made: u32,
    /// Slots it missed.
    pub missed: u32,
}

/// A slash that is not applied yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct UnappliedSlash {
    /// The largest fraction that was reported.
    pub fraction: Perbill,
    /// The era of the offence.
    pub offence_era: EraIndex,
}

/// How full blocks were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Load {
    /// The sum of their fullness, in parts of [`Perbill`].
    pub parts: u64,
    /// How many there were.
    pub blocks: u32,
}

/// What was reported about a validator in an era.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OffenceRecord {
    /// The largest fraction reported.
    pub fraction: Perbill,
    /// The part of it that was applied or cancelled.
    pub settled: Perbill,
    /// The era in which the last slash for it was or is to be applied.
    pub apply_era: EraIndex,
}

/// Why an era begins with the validators of the last.
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
pub enum PostponeReason {
    /// No election was announced in time.
    NotAnnounced,
    /// There was no randomness that is new enough.
    NoRandomness,
    /// Candidates are still being counted: the set will take office an era later.
    CountUnfinished,
    /// Nobody could be elected.
    NoCandidates,
    /// Those elected who can still take office are too few.
    TooFew {
        /// How many there are.
        found: u32,
        /// How many there must be.
        least: u32,
    },
}
