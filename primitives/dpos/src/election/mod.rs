// SPDX-License-Identifier: Apache-2.0

//! Who is elected.
//!
//! Seats are filled in this order:
//!
//! 1. invulnerables, whom governance seats whatever their stake,
//! 2. the candidates with the highest effective stake,
//! 3. candidates drawn at random from the rest, weighted by effective stake,
//!
//! and at most a third of the set are newcomers: those beyond it make room for the best validators
//! in office that were not seated. Equal stakes rank by account.
//!
//! Everything is done in one pass over the candidates, in any order, with memory for a few lists of
//! one set's length: a [`Tally`] is fed candidate by candidate and can be stored between blocks.
//!
//! The draw is weighted sampling without replacement. Each candidate gets the key `−ln(u) / w`, where
//! `u` is uniform in `(0, 1]`, made from the seed and its account, and `w` its effective stake; the
//! smallest keys win. That is as if tickets were drawn one by one, with chances in proportion to the
//! stake of those still there. As no key depends on another, keys of the best that were seated by
//! rank can be left out afterwards. Source: P. Efraimidis and P. Spirakis, *Weighted random sampling
//! with a reservoir*, Information Processing Letters 97 (2006), algorithm A-ES, with keys in the
//! logarithmic form.

mod draw;
mod tally;

pub use tally::{Tally, TallyList};

use crate::{AccountId, Balance, Hash, seats::MAX_VALIDATORS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use polkadot_sdk::{
    sp_core::{ConstU32, Get},
    sp_runtime::BoundedVec,
};
use scale_info::TypeInfo;

/// The largest validator set, as a type.
pub type MaxValidators = ConstU32<MAX_VALIDATORS>;

/// An elected set, in ascending order of accounts.
pub type Seats = BoundedVec<Seat, MaxValidators>;

/// The stake that counts for the election: all stake behind a candidate, but at most `leverage`
/// times what the candidate has staked itself. So nobody rules with others' money alone.
pub fn effective_stake(total: Balance, own: Balance, leverage: u32) -> Balance {
    total.min(own.saturating_mul(leverage.into()))
}

/// A candidate that can be elected.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Contender {
    /// The candidate.
    pub account: AccountId,
    /// All stake behind it.
    pub total: Balance,
    /// The part of it that counts; see [`effective_stake`]. With none, it cannot be elected, unless
    /// it is invulnerable.
    pub effective: Balance,
    /// Whether it is in office.
    pub incumbent: bool,
    /// Whether governance seats it whatever its stake.
    pub invulnerable: bool,
}

impl Contender {
    /// Better stake first; of equal stakes, the lower account.
    pub fn rank(&self, other: &Self) -> Ordering {
        other.effective.cmp(&self.effective).then_with(|| self.account.cmp(&other.account))
    }
}

/// How an election fills its seats.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ElectionRules {
    /// Number of seats. At most [`MAX_VALIDATORS`].
    pub seats: u32,
    /// How many of them are drawn.
    pub drawn_seats: u32,
    /// How many newcomers there may be; see [`crate::seats::churn_limit`].
    pub newcomers: u32,
    /// The smallest set that may take office. Where validators in office are too few to reach it,
    /// there may be more newcomers: otherwise a chain that lost many validators at once could not
    /// replace them.
    pub least: u32,
    /// What the draw is made from.
    pub seed: Hash,
}

impl ElectionRules {
    /// Number of seats, within bounds.
    fn seats(&self) -> usize {
        bounded(self.seats)
    }
}

/// A number of validators, within bounds.
fn bounded(count: u32) -> usize {
    let count = count.min(<MaxValidators as Get<u32>>::get());
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Why somebody was elected.
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
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub enum SeatKind {
    /// Governance seated it.
    #[codec(index = 0)]
    Invulnerable,
    /// By effective stake.
    #[codec(index = 1)]
    Top,
    /// By the draw.
    #[codec(index = 2)]
    Drawn,
    /// It was in office, and there were more newcomers than may be seated at once.
    #[codec(index = 3)]
    Kept,
}

/// An elected validator.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct Seat {
    /// The validator.
    pub account: AccountId,
    /// All stake behind it.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub total: Balance,
    /// The part of it that counted.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub effective: Balance,
    /// Why it was elected.
    pub kind: SeatKind,
}
