// SPDX-License-Identifier: Apache-2.0

//! Delegated proof of stake: who makes blocks, who backs them, what they earn and what they lose.
//!
//! Anybody may delegate to a candidate. Its stake, that of all others with the same candidate, and
//! the candidate's own form a pool; rewards and slashes change the pool and never a delegator, so
//! nothing costs more the more delegators there are. Stake lies in the pallet's own account, the
//! *pot*, and comes back after some eras of unbonding.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`params`] | the numbers that governance sets |
//! | [`pools`] | the arithmetic of shared stake |
//! | [`types`] | what is remembered of stakes |
//! | [`offices`] | what is remembered of elections and of those in office |
//! | `banking` | the pot: what comes in, goes out, and is left over |
//! | `candidates` | registering, commissions, caps, chilling, leaving |
//! | `delegating` | stake joins a pool, rewards are settled |
//! | `unbonding` | stake leaves a pool, waits and is paid |
//! | `redelegating` | stake moves on and still answers for where it was |
//! | `rewarding` | what an era has earned drips into the pools of the next |
//! | `slashing` | a fraction is taken from everybody who had stake |
//! | `invariants` | the numbered rules and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod offices;
pub mod params;
pub mod pools;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use params::Params;
pub use types::{Candidate, Mode, Pool, Status};
pub use weights::WeightInfo;

use millrace_primitives_dpos::{AccountId, Balance, BlockNumber, EraIndex, Hash};
use offices::{ActiveSet, Attendance, Election, UnappliedSlash};
use polkadot_sdk::frame_support;
use types::{Delegation, Departures, EndedGeneration, EraStart, Payday, PendingSlashes, Portfolio};

/// The pallet.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use millrace_primitives_dpos::election::{Seats, Tally};
    use polkadot_sdk::{
        frame_support::{
            PalletId,
            pallet_prelude::*,
            traits::{
                OnUnbalanced, Randomness, UnixTime, ValidatorRegistration,
                fungible::{self, Credit},
            },
        },
        frame_system::pallet_prelude::*,
        sp_runtime::Perbill,
        sp_staking::SessionIndex,
    };

    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash>
    {
        /// The native token.
        type Currency: fungible::Inspect<AccountId, Balance = Balance>
            + fungible::Mutate<AccountId>
            + fungible::Balanced<AccountId>;

        /// Names the pot: the account in which all stake lies.
        #[pallet::constant]
        type PalletId: Get<PalletId>;

        /// Who sets parameters and invulnerables, cancels slashes and forces eras.
        type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// Where slashed stake goes.
        type Slashed: OnUnbalanced<Credit<AccountId, Self::Currency>>;

        /// Knows whose session keys are there.
        type ValidatorRegistration: ValidatorRegistration<AccountId>;

        /// Randomness for the draw, and the block since which it could be known.
        type Randomness: Randomness<Option<Hash>, BlockNumberFor<Self>>;

        /// The time, by which rewards are measured.
        type UnixTime: UnixTime;

        /// How many blocks a session has if no slot is missed.
        #[pallet::constant]
        type SessionBlocks: Get<BlockNumber>;

        /// The time between two slots, in milliseconds.
        #[pallet::constant]
        type SlotMillis: Get<u64>;

        /// The most candidates.
        #[pallet::constant]
        type MaxCandidates: Get<u32>;

        /// The most validators.
        #[pallet::constant]
        type MaxValidators: Get<u32>;

        /// The most validators whom governance seats whatever their stake.
        #[pallet::constant]
        type MaxInvulnerables: Get<u32>;

        /// For how many eras validator sets are remembered.
        #[pallet::constant]
        type HistoryEras: Get<EraIndex>;

        /// How many candidates an election counts with each block.
        #[pallet::constant]
        type ScanPerBlock: Get<u32>;

        /// How many validators are paid with each block.
        #[pallet::constant]
        type PaydayPerBlock: Get<u32>;

        /// How many slashes are applied with each block.
        #[pallet::constant]
        type SlashesPerBlock: Get<u32>;

        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What governance has set.
    #[pallet::storage]
    pub type Parameters<T: Config> = StorageValue<_, Params, ValueQuery>;

    /// All candidates.
    #[pallet::storage]
    pub type Candidates<T: Config> =
        CountedStorageMap<_, Blake2_128Concat, AccountId, Candidate, OptionQuery>;

    /// All stake with each candidate, as long as anybody has a delegation there.
    #[pallet::storage]
    pub type Pools<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Pool, OptionQuery>;

    /// What each account (first key) has with each candidate. A candidate's own stake is its
    /// delegation to itself.
    #[pallet::storage]
    pub type Delegations<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        AccountId,
        Blake2_128Concat,
        AccountId,
        Delegation,
        OptionQuery,
    >;

    /// What each account has staked, over all candidates.
    #[pallet::storage]
    pub type Portfolios<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId, Portfolio, ValueQuery>;

    /// Stake that left a candidate in an era, as long as anything of it is unbonding or answers for
    /// the candidate elsewhere.
    #[pallet::storage]
    pub type Departed<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        AccountId,
        Twox64Concat,
        EraIndex,
        Departures,
        OptionQuery,
    >;

    /// Generations of payout shares that a slash ended, by candidate, as long as somebody has not
    /// settled what it earned before.
    #[pallet::storage]
    pub type EndedGenerations<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        AccountId,
        Twox64Concat,
        u32,
        EndedGeneration,
        OptionQuery,
    >;

    /// Rewards that belong to an account and are not claimed yet.
    #[pallet::storage]
    pub type Owed<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, Balance, ValueQuery>;

    /// All stake in all pools.
    #[pallet::storage]
    pub type TotalStaked<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// The current era.
    #[pallet::storage]
    pub type CurrentEra<T: Config> = StorageValue<_, EraIndex, ValueQuery>;

    /// When it began.
    #[pallet::storage]
    pub type CurrentEraStart<T: Config> = StorageValue<_, EraStart, ValueQuery>;

    /// The era to which each session belongs, as far back as an offence can be reported.
    #[pallet::storage]
    pub type SessionEras<T: Config> =
        StorageMap<_, Twox64Concat, SessionIndex, EraIndex, OptionQuery>;

    /// What validators earned in an era that is not yet paid.
    #[pallet::storage]
    pub type Points<T: Config> =
        StorageDoubleMap<_, Twox64Concat, EraIndex, Blake2_128Concat, AccountId, u32, ValueQuery>;

    /// The sum of all points of the current era.
    #[pallet::storage]
    pub type EraPoints<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Authors' fees of the current era.
    #[pallet::storage]
    pub type EraFees<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// What roundings and empty pools left over. Part of the next era's rewards.
    #[pallet::storage]
    pub type Remainder<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// Rewards of past eras that are not all in the pools yet.
    #[pallet::storage]
    pub type Paydays<T: Config> = StorageMap<_, Twox64Concat, EraIndex, Payday, OptionQuery>;

    /// The first era whose rewards are not all in the pools.
    #[pallet::storage]
    pub type SettleCursor<T: Config> = StorageValue<_, EraIndex, ValueQuery>;

    /// How many slashes of each candidate wait to be applied.
    #[pallet::storage]
    pub type Pending<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId, PendingSlashes, OptionQuery>;

    /// Slashes by the era in which they are applied, then by validator and era of the offence.
    #[pallet::storage]
    pub type UnappliedSlashes<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        EraIndex,
        Blake2_128Concat,
        (AccountId, EraIndex),
        UnappliedSlash,
        OptionQuery,
    >;

    /// The election under way.
    #[pallet::storage]
    pub type CurrentElection<T: Config> = StorageValue<_, Election, OptionQuery>;

    /// What the election under way has counted.
    #[pallet::storage]
    pub type ElectionTally<T: Config> = StorageValue<_, Tally, OptionQuery>;

    /// The set that takes office with the next era.
    #[pallet::storage]
    pub type NextSet<T: Config> = StorageValue<_, Seats, OptionQuery>;

    /// The sets of this and of past eras.
    #[pallet::storage]
    pub type ActiveSets<T: Config> = StorageMap<_, Twox64Concat, EraIndex, ActiveSet, OptionQuery>;

    /// Validators whom governance seats whatever their stake.
    #[pallet::storage]
    pub type Invulnerables<T: Config> =
        StorageValue<_, BoundedVec<AccountId, T::MaxInvulnerables>, ValueQuery>;

    /// What validators did in the slots of the current era that were their own.
    #[pallet::storage]
    pub type Liveness<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId, Attendance, ValueQuery>;

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
    }

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
        /// An invulnerable is named twice.
        DuplicateInvulnerable,
        /// What the chain should remember is missing or contradicts itself. Reports a mistake of the
        /// chain.
        RecordMissing,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Seats validators whatever their stake, as long as they are candidates with keys.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// `invulnerables`: replaces the earlier list; none twice.
        /// Errors: `DuplicateInvulnerable`.
        /// Emits [`Event::InvulnerablesSet`].
        #[pallet::call_index(18)]
        #[pallet::weight(T::WeightInfo::set_invulnerables())]
        pub fn set_invulnerables(
            origin: OriginFor<T>,
            invulnerables: BoundedVec<AccountId, T::MaxInvulnerables>,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            for (at, account) in invulnerables.iter().enumerate() {
                let mut later = invulnerables.iter().skip(at.saturating_add(1));
                ensure!(later.all(|it| it != account), Error::<T>::DuplicateInvulnerable);
            }
            Invulnerables::<T>::put(&invulnerables);
            Self::deposit_event(Event::InvulnerablesSet { invulnerables: invulnerables.into() });
            Ok(())
        }
    }
}
