// SPDX-License-Identifier: Apache-2.0

//! Why calls fail, and what to do then.
//!
//! The pallet's macros take this chapter in where the pallet is written, so that names mean here what
//! they mean there.

use polkadot_sdk::frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
    #[pallet::error]
    pub enum Error<T> {
        /// The account is a candidate already: add to its stake instead.
        AlreadyCandidate,
        /// The account is no candidate: register it first.
        NotCandidate,
        /// There is no room for more candidates: wait until one leaves.
        TooManyCandidates,
        /// Session keys are missing: set them first.
        NoSessionKeys,
        /// A candidate's own stake would be too small: stake more, or leave to unbond all of it.
        SelfBondTooSmall,
        /// The commission is above the maximum: choose a lower one.
        CommissionTooHigh,
        /// The commission would rise by more than a step: choose a lower one.
        CommissionStepTooLarge,
        /// The commission rose not long ago, or is about to rise: wait out the cooldown.
        CommissionCooldown,
        /// Rewards of the last era are still being divided: try again in a few blocks.
        PaydayUnfinished,
        /// The candidate has given up: choose another one, or register anew.
        CandidateLeaving,
        /// The candidate is jailed: let it ask for its release first.
        CandidateJailed,
        /// The candidate is not jailed.
        NotJailed,
        /// The jail term is not over: try again in a later era.
        StillJailed,
        /// The candidate does not stand for election: nothing is to be done.
        AlreadyIdle,
        /// The candidate stands for election: nothing is to be done.
        AlreadyActive,
        /// The candidate accepts no delegations: choose another one.
        CandidateBlocked,
        /// The candidate's cap would be exceeded: delegate less, or choose another one.
        CapExceeded,
        /// A slash of the candidate is about to be applied: wait until it is, or until governance
        /// cancels it.
        SlashPending,
        /// The delegation would be smaller than the minimum: stake more.
        DelegationTooSmall,
        /// What remains would be smaller than the minimum: unbond all of it, or less.
        RemainderTooSmall,
        /// The account has delegations with as many candidates as it may: unbond one of them first.
        TooManyDelegations,
        /// There is no such delegation.
        NotDelegated,
        /// The delegation is in this mode already; to add to it, name its own mode.
        ModeMismatch,
        /// There is nothing to move: name an amount above zero.
        NothingToMove,
        /// Too many parts are unbonding at once: withdraw or rebond some first.
        TooManyUnbonding,
        /// Nothing of this account is unbonding from this candidate.
        NotUnbonding,
        /// Nothing can be withdrawn yet: wait for the release era, and for pending slashes.
        NothingToWithdraw,
        /// Nothing can be claimed.
        NothingToClaim,
        /// Stake cannot move to the candidate that it is with.
        SameCandidate,
        /// Too many parts of the delegation came from other candidates in the last eras: wait until
        /// a liability ends, or move all in fewer parts.
        TooManyRedelegations,
        /// This part of the stake has moved too often in the last eras: wait until a liability ends.
        TooManyLiabilities,
        /// A number is too large for the pool's arithmetic: move less.
        Overflow,
        /// The number of sessions in an era is out of bounds: at least 3.
        SessionsOutOfBounds,
        /// The number of eras of unbonding is out of bounds.
        BondingOutOfBounds,
        /// Slashes must be applied before stake is free: defer them by less than the unbonding.
        DeferralOutOfBounds,
        /// Minimums of stake must be at least the existential deposit.
        MinimumOutOfBounds,
        /// The step must be above zero, and the cooldown within its bounds.
        CommissionOutOfBounds,
        /// The leverage is out of bounds.
        LeverageOutOfBounds,
        /// The numbers of validators must be ascending: drawn, fewest, most, what there is room for.
        ValidatorsOutOfBounds,
        /// The curve of inflation is out of bounds: its maximum, its minimum or its falloff.
        InflationOutOfBounds,
        /// The limit of absence or the jail term is out of bounds.
        JailOutOfBounds,
        /// No slash of this validator for this era waits to be applied.
        NoSuchSlash,
        /// An invulnerable is named twice.
        DuplicateInvulnerable,
        /// What the chain should remember is missing or contradicts itself. Reports a mistake of the
        /// chain.
        RecordMissing,
    }
}
