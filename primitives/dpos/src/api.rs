// SPDX-License-Identifier: Apache-2.0

//! The runtime API and the views it returns.
//!
//! Each view is read whole at one block, so its parts fit together. Rewards and slashes that have not
//! reached a stake by name yet are counted in: what a view shows is what a call in the next block
//! would find.
//!
//! In JSON, amounts are decimal strings, because JSON numbers lose digits beyond 2^53.

use crate::{AccountId, Balance, BlockNumber, EraIndex, Hash, Params, Seat, SeatKind, SlotNumber};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use polkadot_sdk::{
    sp_api,
    sp_runtime::{Perbill, Perquintill},
};
use scale_info::TypeInfo;

/// The most slots that one proposer schedule covers.
pub const MAX_SCHEDULE: u32 = 4_096;

/// The most candidates that one page lists.
pub const MAX_PAGE: u32 = 256;

/// A set of validators.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct ValidatorSetView {
    /// The era in which it is in office.
    pub era: EraIndex,
    /// Rises by one with each set that is elected.
    pub version: u32,
    /// `blake2_256` of the SCALE encoding of version and validators.
    pub hash: Hash,
    /// Its members, in ascending order of accounts, with the stakes with which they were elected.
    pub validators: Vec<Seat>,
}

/// Who makes the block of a slot, unless somebody wins the slot by lottery.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct ProposerView {
    /// The slot.
    pub slot: SlotNumber,
    /// The validator.
    pub validator: AccountId,
}

/// Whether enough validators are there to make blocks final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct QuorumView {
    /// The block that answers.
    pub at: BlockNumber,
    /// How many validators the session has.
    pub validators: u32,
    /// How many of them must vote to make a block final: more than two thirds.
    pub threshold: u32,
    /// How many were there in this era: they made a block, or missed none of their slots yet.
    pub online: u32,
    /// All stake with them as they were elected.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub stake: Balance,
    /// The stake with those who were there.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub online_stake: Balance,
}

/// Whether a candidate stands for election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase", rename_all_fields = "camelCase"))]
pub enum StatusView {
    /// It does.
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

/// A candidate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct CandidateView {
    /// Its account.
    pub account: AccountId,
    /// Its place by effective stake among those who could be elected now, from 1.
    pub rank: Option<u32>,
    /// Whether it stands for election.
    pub status: StatusView,
    /// Whether its session keys are there.
    pub has_keys: bool,
    /// Why it is in office, if it is.
    pub seat: Option<SeatKind>,
    /// All stake with it.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub total: Balance,
    /// Its own stake.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub own: Balance,
    /// The stake that counts for the election.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub effective: Balance,
    /// Its share of rewards before they are divided by stake.
    pub commission: Perbill,
    /// A higher commission, and the first era whose rewards it applies to.
    pub next_commission: Option<(Perbill, EraIndex)>,
    /// The largest stake it accepts.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal::option"))]
    pub cap: Option<Balance>,
    /// Whether it accepts delegations from others.
    pub open: bool,
    /// How many delegations there are, its own included.
    pub delegations: u32,
    /// Blocks it made in this era.
    pub made: u32,
    /// Slots it missed in this era.
    pub missed: u32,
    /// How many slashes of it wait to be applied.
    pub pending_slashes: u32,
}

/// One account's stake with one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct DelegationView {
    /// The candidate.
    pub candidate: AccountId,
    /// Whether rewards are staked as they come; else they can be claimed.
    pub compounds: bool,
    /// What the stake is worth.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub stake: Balance,
    /// What can be claimed of its rewards, beside [`DelegatorView::owed`].
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub rewards: Balance,
}

/// A part of an account's stake that left a candidate and is not yet paid out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct UnbondingView {
    /// The candidate it left.
    pub candidate: AccountId,
    /// What it is worth.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub amount: Balance,
    /// The first era in which it can be withdrawn, if no slash is pending then.
    pub release_era: EraIndex,
}

/// What one account has staked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct DelegatorView {
    /// The block that answers.
    pub at: BlockNumber,
    /// The current era.
    pub era: EraIndex,
    /// Everything below together.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub total: Balance,
    /// Its stake with candidates.
    pub delegations: Vec<DelegationView>,
    /// Its stake that is on the way back, oldest first.
    pub unbonding: Vec<UnbondingView>,
    /// Rewards that belong to it by name and can be claimed.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub owed: Balance,
}

/// How far an election is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase", rename_all_fields = "camelCase"))]
pub enum ElectionView {
    /// None is under way.
    None,
    /// Stakes are fixed; randomness is awaited.
    Announced,
    /// Candidates are counted; so many who could be elected were found.
    Counting {
        /// How many.
        contenders: u32,
    },
    /// The set is known.
    Decided,
}

/// Where the network stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "camelCase"))]
pub struct NetworkView {
    /// The block that answers.
    pub at: BlockNumber,
    /// The current session.
    pub session: u32,
    /// The current era.
    pub era: EraIndex,
    /// Its first session.
    pub era_session: u32,
    /// Its first block.
    pub era_block: BlockNumber,
    /// The first session of the next era.
    pub next_era_session: u32,
    /// How far the next era's election is.
    pub election: ElectionView,
    /// How many seats the last election had to fill, if there was one.
    pub seats: Option<u32>,
    /// How many candidates there are.
    pub candidates: u32,
    /// All stake.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub staked: Balance,
    /// All tokens.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal"))]
    pub issuance: Balance,
    /// The yearly inflation at this share of stake.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal::share"))]
    pub inflation: Perquintill,
    /// What stake earns in a year at this inflation, without fees and before commission, if all
    /// validators do their work. Nothing if nothing is staked.
    #[cfg_attr(feature = "std", serde(with = "crate::decimal::share::option"))]
    pub yearly_return: Option<Perquintill>,
    /// What governance has set.
    pub params: Params,
}

sp_api::decl_runtime_apis! {
    /// What operators and wallets ask about stakes and validators.
    pub trait DposApi {
        /// The validators in office; nothing on a chain without an elected set.
        fn validator_set() -> Option<ValidatorSetView>;

        /// The validators of an era, as long as it is remembered.
        fn validator_set_of(era: EraIndex) -> Option<ValidatorSetView>;

        /// The validators of the next era, once they are elected.
        fn next_set() -> Option<ValidatorSetView>;

        /// Who makes the blocks of the coming slots, unless somebody wins them by lottery: `slots`
        /// of them, at most [`MAX_SCHEDULE`], and no more than the current and next epoch have.
        fn proposer_schedule(slots: u32) -> Vec<ProposerView>;

        /// Whether enough validators are there to make blocks final.
        fn quorum() -> QuorumView;

        /// Candidates by rank, those who could not be elected last: `count` of them, at most
        /// [`MAX_PAGE`], after the first `skip`.
        fn candidates(skip: u32, count: u32) -> Vec<CandidateView>;

        /// One candidate.
        fn candidate(account: AccountId) -> Option<CandidateView>;

        /// What an account has staked.
        fn delegator(account: AccountId) -> DelegatorView;

        /// Where the network stands, and what governance has set.
        fn network() -> NetworkView;
    }
}
