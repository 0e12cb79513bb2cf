// SPDX-License-Identifier: Apache-2.0

//! What the pallet tells those who listen.
//!
//! The pallet's macros take this chapter in where the pallet is written, so that names mean here what
//! they mean there.

use polkadot_sdk::frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account became a candidate, with this stake of its own.
        Registered { candidate: AccountId, self_bond: Balance, commission: Perbill },
        /// A candidate's commission is this one, for rewards of this era and later ones.
        CommissionSet { candidate: AccountId, commission: Perbill, from: EraIndex },
        /// A candidate accepts no more stake than this.
        CapSet { candidate: AccountId, cap: Option<Balance> },
        /// A candidate accepts no delegations from others, or does again.
        BlockedSet { candidate: AccountId, blocked: bool },
        /// A candidate does not stand for election any more.
        Chilled { candidate: AccountId },
        /// A candidate stands for election again.
        Resumed { candidate: AccountId },
        /// A candidate that was jailed stands for election again.
        Unjailed { candidate: AccountId },
        /// A candidate has given up.
        Left { candidate: AccountId },
        /// Nothing is left of a candidate that had given up.
        Forgotten { candidate: AccountId },
        /// Stake joined a candidate's pool.
        Delegated { delegator: AccountId, candidate: AccountId, amount: Balance },
        /// A delegation's rewards are now paid out, or staked.
        ModeSet { delegator: AccountId, candidate: AccountId, mode: Mode },
        /// Stake left a candidate's pool, and can be withdrawn from this era on.
        Unbonded {
            delegator: AccountId,
            candidate: AccountId,
            amount: Balance,
            release_era: EraIndex,
        },
        /// Stake that was unbonding is back in the candidate's pool.
        Rebonded { delegator: AccountId, candidate: AccountId, amount: Balance },
        /// Stake moved from one candidate's pool to another's.
        Redelegated { delegator: AccountId, from: AccountId, to: AccountId, amount: Balance },
        /// Stake was paid back.
        Withdrawn { delegator: AccountId, amount: Balance },
        /// Rewards were paid.
        Claimed { who: AccountId, amount: Balance },
        /// A slash took this from stake that had been with `source`, though it was elsewhere when
        /// the slash was applied.
        LiabilityPaid { delegator: AccountId, source: AccountId, amount: Balance },
        /// Shares that slashes made worthless are gone.
        WorthlessRemoved { delegator: AccountId, candidate: AccountId },
        /// A slash was applied to a candidate's pool and to what had left it.
        Slashed {
            candidate: AccountId,
            offence_era: EraIndex,
            fraction: Perbill,
            from_pool: Balance,
            from_unbonding: Balance,
        },
        /// An era is over: this was minted, and this is divided by points in all.
        EraRewarded { era: EraIndex, minted: Balance, budget: Balance },
        /// A validator's rewards of an era: its commission can be claimed, the rest drips into its
        /// pool.
        ValidatorRewarded {
            era: EraIndex,
            validator: AccountId,
            commission: Balance,
            shared: Balance,
        },
        /// Governance set new parameters.
        ParametersSet { parameters: Params },
        /// Governance seated these validators whatever their stake.
        InvulnerablesSet { invulnerables: Vec<AccountId> },
        /// From now on stakes count as they were when this block began.
        ElectionAnnounced { election: u32 },
        /// An election is over: of so many candidates who could be elected, so many were.
        Elected { election: u32, contenders: u32, elected: u32 },
        /// This set takes office with the era.
        SetPlanned { era: EraIndex, version: u32, hash: Hash, validators: u32 },
        /// The era will begin with the validators of the last, for this reason.
        ElectionPostponed { era: EraIndex, reason: PostponeReason },
        /// An era began with this session, and with the validators of this version.
        EraStarted { era: EraIndex, session: SessionIndex, version: u32 },
        /// Governance ends the era early: the next begins with this session.
        NewEraForced { session: SessionIndex },
        /// A validator was absent or offended, and cannot be elected before this era.
        Jailed { validator: AccountId, until: EraIndex },
        /// A validator offended: in the era `apply_era` it, and whoever had stake with it, loses this
        /// fraction.
        SlashDeferred {
            validator: AccountId,
            offence_era: EraIndex,
            fraction: Perbill,
            apply_era: EraIndex,
        },
        /// Governance cancelled a slash.
        SlashCancelled { validator: AccountId, offence_era: EraIndex },
    }
}
