// SPDX-License-Identifier: Apache-2.0

//! What the chain remembers of stakes and of those who hold them.

use crate::{AccountId, Balance, BlockNumber, EraIndex, pools::SubPool};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    frame_support::traits::ConstU32,
    sp_runtime::{BoundedVec, FixedU128, Perbill, SaturatedConversion, traits::One},
};
use scale_info::TypeInfo;

/// With how many candidates one account may have a delegation.
pub const MAX_DELEGATIONS: u32 = 32;

/// How many parts of an account's stake may be unbonding at once.
pub const MAX_UNBONDING: u32 = 32;

/// How many parts of one delegation may have come from other candidates.
pub const MAX_LOTS: u32 = 8;

/// For how many former candidates one part of a stake may still answer.
pub const MAX_LIABILITIES: u32 = 4;

/// To how many departures one delegation may refer.
pub const MAX_DELEGATION_REFERENCES: u32 = MAX_LOTS.saturating_mul(MAX_LIABILITIES);

/// To how many departures all stake that is unbonding may refer.
pub const MAX_UNBONDING_REFERENCES: u32 =
    MAX_UNBONDING.saturating_mul(MAX_LIABILITIES.saturating_add(1));

/// What happens to a delegation's rewards.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Mode {
    /// They can be claimed.
    #[default]
    Payout,
    /// They are staked as they come.
    Compound,
}

/// Rewards of a past era on their way into a pool, a little with each block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Drip {
    /// What has not been released yet.
    pub amount: Balance,
    /// Released up to here.
    pub from: BlockNumber,
    /// In this block everything will have been released.
    pub until: BlockNumber,
}

/// A pool's stake as it was when an election began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Frozen {
    /// Names the election.
    pub election: u32,
    /// The whole stake, the candidate's own included.
    pub total: Balance,
    /// The candidate's own stake.
    pub self_bond: Balance,
}

/// All stake with one candidate, its own included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pool {
    /// Stake whose rewards can be claimed.
    pub payout: SubPool,
    /// Stake whose rewards are staked.
    pub compound: SubPool,
    /// What one share of `payout` has earned since the pool began, times
    /// [`REWARD_SCALE`](crate::pools::REWARD_SCALE). Never falls.
    pub reward_per_share: u128,
    /// Released to `payout` and not yet owed to anybody by name.
    pub reserved: Balance,
    /// Rewards to be released.
    pub drip: Drip,
    /// How many delegations there are, worthless ones included.
    pub delegations: u32,
    /// The stake before the first change since the last election began.
    pub frozen: Option<Frozen>,
}

/// How much is left of a unit that left a candidate, after slashes of that candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Factor {
    /// Rises when nothing, or next to nothing, is left; then `kept` starts at one again.
    pub generation: u32,
    /// What is left of a unit.
    pub kept: FixedU128,
}

impl Default for Factor {
    fn default() -> Self {
        Self { generation: 0, kept: FixedU128::one() }
    }
}

/// Stake answers for what a candidate did while the stake was with it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Liability {
    /// The candidate.
    pub source: AccountId,
    /// The last era whose validators the stake helped to elect there.
    pub era: EraIndex,
    /// The era in which the liability ends.
    pub until: EraIndex,
    /// The factor up to which slashes have been paid.
    pub factor: Factor,
}

/// What stake answers for besides the candidate that it is with.
pub type Liabilities = BoundedVec<Liability, ConstU32<MAX_LIABILITIES>>;

/// A part of a delegation that came from other candidates.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Lot {
    /// How many of the delegation's shares.
    pub shares: Balance,
    /// What they answer for.
    pub liabilities: Liabilities,
}

/// One account's stake with one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Delegation {
    /// In which part of the pool it is.
    pub mode: Mode,
    /// Its shares there.
    pub shares: Balance,
    /// The generation of these shares.
    pub generation: u32,
    /// Up to where its rewards are settled; see [`Pool::reward_per_share`].
    pub checkpoint: u128,
    /// Parts that came from other candidates, oldest first.
    pub lots: BoundedVec<Lot, ConstU32<MAX_LOTS>>,
}

impl Delegation {
    /// To how many departures it refers.
    pub fn references(&self) -> u32 {
        self.lots.iter().fold(0, |sum, lot| sum.saturating_add(count(&lot.liabilities)))
    }
}

/// A part of an account's stake that left a candidate and is not yet paid out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Chunk {
    /// The candidate it left.
    pub candidate: AccountId,
    /// The last era whose validators it helped to elect there.
    pub era: EraIndex,
    /// The first era in which it can be withdrawn.
    pub release_era: EraIndex,
    /// Its shares of what left this candidate in this era.
    pub shares: Balance,
    /// The generation of these shares.
    pub generation: u32,
    /// What else it answers for.
    pub liabilities: Liabilities,
}

impl Chunk {
    /// To how many departures it refers: those that it is one of, and those it answers for.
    pub fn references(&self) -> u32 {
        count(&self.liabilities).saturating_add(1)
    }
}

/// How many liabilities there are.
fn count(liabilities: &Liabilities) -> u32 {
    liabilities.len().saturated_into()
}

/// What one account has staked, over all candidates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Portfolio {
    /// How many delegations it has.
    pub delegations: u32,
    /// Its stake that is unbonding, oldest first.
    pub unbonding: BoundedVec<Chunk, ConstU32<MAX_UNBONDING>>,
}

impl Portfolio {
    /// Whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        self.delegations == 0 && self.unbonding.is_empty()
    }
}

/// Stake that left one candidate, and has the same last era whose validators it helped to elect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Departures {
    /// What of it is unbonding.
    pub unbonding: SubPool,
    /// How slashes reduced a unit that left.
    pub factor: Factor,
    /// How many chunks and liabilities refer to it.
    pub references: u32,
}

/// The end of a generation of a pool's payout shares, as long as somebody has some of them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EndedGeneration {
    /// [`Pool::reward_per_share`] as it ended.
    pub reward_per_share: u128,
    /// [`Pool::reserved`] as it ended, less what was settled since.
    pub reserved: Balance,
    /// The shares whose rewards are not settled yet.
    pub shares: Balance,
}

/// Whether a candidate stands for election.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Status {
    /// It does.
    #[default]
    Active,
    /// It does not, by its own choice.
    Idle,
    /// It must not before this era, and has to ask then.
    Jailed {
        /// The first era in which it may be released.
        until: EraIndex,
    },
    /// It has given up.
    Leaving {
        /// The era in which it did.
        since: EraIndex,
    },
}

/// An account that wants to be, or was, a validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Candidate {
    /// Whether it stands for election.
    pub status: Status,
    /// Its share of rewards before they are divided by stake.
    pub commission: Perbill,
    /// A higher commission, and the first era whose rewards it applies to.
    pub next_commission: Option<(Perbill, EraIndex)>,
    /// The era in which the commission was last raised, if ever.
    pub commission_raised: Option<EraIndex>,
    /// The largest stake it accepts.
    pub cap: Option<Balance>,
    /// Whether it accepts delegations from others.
    pub open: bool,
    /// If it gave up while it was jailed: before this era it must not come back.
    pub barred_until: EraIndex,
}

impl Candidate {
    /// The commission on the rewards of an era.
    pub fn commission_of(&self, era: EraIndex) -> Perbill {
        match self.next_commission {
            Some((commission, from)) if from <= era => commission,
            _ => self.commission,
        }
    }

    /// Whether it has given up.
    pub fn is_leaving(&self) -> bool {
        matches!(self.status, Status::Leaving { .. })
    }
}

/// Slashes of a candidate that have been decided and not yet applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingSlashes {
    /// How many.
    pub count: u32,
    /// No offence among them happened before this era.
    pub earliest: EraIndex,
}

/// When the current era began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EraStart {
    /// Its first session.
    pub session: u32,
    /// Its first block.
    pub block: BlockNumber,
    /// The time of its first block, in milliseconds since 1970; 0 before the first block.
    pub millis: u64,
}

/// The rewards of one past era, as long as some of them are not in the pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Payday {
    /// What is divided.
    pub budget: Balance,
    /// By how many points.
    pub points: u32,
    /// How much of it is not yet in the pools.
    pub left: Balance,
}
