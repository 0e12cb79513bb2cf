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
//! | [`pools`] | the arithmetic of shared stake |
//! | [`types`] | what is remembered of stakes |
//! | [`offices`] | what is remembered of elections and of those in office |
//! | `banking` | the pot: what comes in, goes out, and is left over |
//! | `pooling` | pools are opened, changed and closed |
//! | `candidates` | registering, commissions, caps, chilling, leaving |
//! | `delegating` | stake joins a pool, rewards are settled |
//! | `unbonding` | stake leaves a pool, waits and is paid |
//! | `redelegating` | stake moves on at once |
//! | `answering` | stake answers for where it was |
//! | `rewarding` | what an era has earned drips into the pools of the next |
//! | `slashing` | a fraction is taken from everybody who had stake |
//! | `founding` | candidates and delegators of the genesis block |
//! | `electing` | the next era's validators are counted out, a few candidates with each block |
//! | [`seating`] | sessions and eras, and who is in office |
//! | [`liveness`] | who was there in the slots that were its own |
//! | [`offending`] | validators that contradict themselves are jailed, and slashed later |
//! | `viewing` | what the runtime API shows |
//! | `weighing`, [`weights`] | what calls and hooks cost, and what is given back |
//! | `invariants`, `ordering` | the numbered rules of stake and of offices, and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answering;
mod banking;
#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod candidates;
mod delegating;
mod electing;
mod founding;
pub mod invariants;
pub mod liveness;
pub mod offending;
pub mod offices;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod ordering;
mod pooling;
pub mod pools;
mod redelegating;
mod rewarding;
pub mod seating;
mod slashing;
pub mod types;
mod unbonding;
mod viewing;
mod weighing;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use banking::FeesToEra;
pub use millrace_primitives_dpos::params::{self, Params};
pub use pallet::*;
pub use rewarding::AUTHOR_POINTS;
pub use types::{Candidate, Mode, Pool, Status};
pub use weights::WeightInfo;

use liveness::Slots;
use millrace_primitives_dpos::{AccountId, Balance, BlockNumber, EraIndex, Hash, SlotNumber};
use offending::ShutOut;
use offices::{
    ActiveSet, Attendance, Election, Load, OffenceRecord, PostponeReason, UnappliedSlash,
};
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
            weights::WeightMeter,
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

        /// Knows slots, epochs and authors of blocks.
        type Slots: Slots;

        /// Shuts offenders out of a session.
        type ShutOut: ShutOut;

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

        /// Gives benchmarks validators with keys, slots and randomness.
        #[cfg(any(feature = "runtime-benchmarks", test))]
        type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;
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

    /// The current session.
    #[pallet::storage]
    pub type CurrentSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

    /// The first session of the next era.
    #[pallet::storage]
    pub type NextEraSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

    /// The first session whose era may still be remembered.
    #[pallet::storage]
    pub type OldestSession<T: Config> = StorageValue<_, SessionIndex, ValueQuery>;

    /// The number of seats that the last election had to fill.
    #[pallet::storage]
    pub type SeatCount<T: Config> = StorageValue<_, u32, OptionQuery>;

    /// How full blocks were since the number of seats was last chosen.
    #[pallet::storage]
    pub type EraLoad<T: Config> = StorageValue<_, Load, ValueQuery>;

    /// The slot of the last block.
    #[pallet::storage]
    pub type LastSlot<T: Config> = StorageValue<_, SlotNumber, OptionQuery>;

    /// How many validators were jailed for absence in the current era.
    #[pallet::storage]
    pub type AbsentJailed<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Validators in office that offended, and how badly.
    #[pallet::storage]
    pub type Offenders<T: Config> =
        StorageValue<_, BoundedVec<(AccountId, Perbill), T::MaxValidators>, ValueQuery>;

    /// What was reported about validators, by the era of the offence.
    #[pallet::storage]
    pub type OffenceRecords<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        EraIndex,
        Blake2_128Concat,
        AccountId,
        OffenceRecord,
        OptionQuery,
    >;

    /// The first era of which slashes may wait to be applied.
    #[pallet::storage]
    pub type SlashCursor<T: Config> = StorageValue<_, EraIndex, ValueQuery>;

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

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// What governance would set.
        pub params: Params,
        /// Candidates with their own stake and their commission, in parts of a billion. Their keys
        /// are the session pallet's business.
        pub candidates: Vec<(AccountId, Balance, Perbill)>,
        /// Delegators, their candidates, their stake, and what happens to their rewards.
        pub delegations: Vec<(AccountId, AccountId, Balance, Mode)>,
        /// Validators whatever their stake.
        pub invulnerables: Vec<AccountId>,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::found(self);
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            Self::count_last_slots()
        }

        fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
            Self::apply_due_slashes(meter);
            Self::pay_some(meter);
            Self::advance_election(meter);
        }

        fn on_finalize(_: BlockNumberFor<T>) {
            Self::count_slots();
            Self::note_load();
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            assert!(T::SessionBlocks::get() > 0, "no era would ever end");
            assert!(T::SlotMillis::get() > 0, "no era would earn anything");
            assert!(T::PaydayPerBlock::get() > 0, "no validator would ever be paid");
            assert!(T::MaxValidators::get() > 0, "nobody could ever be elected");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(
            _: BlockNumberFor<T>,
        ) -> Result<(), polkadot_sdk::sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Makes the sender a candidate, with stake of its own.
        ///
        /// Origin: a signed account whose session keys are set. One that has given up may register
        /// anew, with no higher a commission than before.
        /// `self_bond`: its stake, in the smallest unit; at least `min_self_bond`. It leaves the
        /// account for the pot. `commission`: its share of rewards, in parts of a billion; at most
        /// `max_commission`. `mode`: what happens to the rewards of its stake.
        /// Errors: `NoSessionKeys`: set them first. `AlreadyCandidate`: use `bond_extra`.
        /// `SelfBondTooSmall`, `CommissionTooHigh`, `CommissionStepTooLarge`, `SlashPending`,
        /// `StillJailed`, `PaydayUnfinished` and `TooManyCandidates` name what to change or to wait for; missing
        /// funds are the currency's errors.
        /// Emits [`Event::Registered`], [`Event::Delegated`]. Upholds DP-1, DP-10.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register())]
        pub fn register(
            origin: OriginFor<T>,
            #[pallet::compact] self_bond: Balance,
            commission: Perbill,
            mode: Mode,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(T::ValidatorRegistration::is_registered(&who), Error::<T>::NoSessionKeys);
            Self::do_register(who, self_bond, commission, mode)
        }

        /// Adds to a candidate's own stake.
        ///
        /// Origin: the candidate.
        /// `amount`: in the smallest unit. Its own stake must reach `min_self_bond` by it.
        /// Errors: `NotCandidate`, `CandidateLeaving`, `SlashPending`, `SelfBondTooSmall`.
        /// Emits [`Event::Delegated`]. Upholds DP-1.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::delegate(weighing::ONE_DELEGATION))]
        pub fn bond_extra(
            origin: OriginFor<T>,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &who);
            let outcome = Self::do_bond_extra(who, amount);
            weighing::weighed(outcome, T::WeightInfo::delegate(references))
        }

        /// Changes a candidate's commission. A lower one holds at once, a higher one after
        /// `commission_cooldown` eras, so that delegators can leave before.
        ///
        /// Origin: the candidate.
        /// `commission`: in parts of a billion; at most `max_commission`, and at most
        /// `commission_step` above the current one. Lowering takes back a rise that waits.
        /// Errors: `CommissionTooHigh`, `CommissionStepTooLarge`: choose a lower one.
        /// `CommissionCooldown`: wait. `PaydayUnfinished`: try again in a few blocks.
        /// Emits [`Event::CommissionSet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_commission())]
        pub fn set_commission(origin: OriginFor<T>, commission: Perbill) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_commission(who, commission)
        }

        /// Sets the largest stake that a candidate accepts. What is there already stays; its own
        /// stake and rewards may exceed it.
        ///
        /// Origin: the candidate.
        /// `cap`: in the smallest unit; none lifts it.
        /// Errors: `NotCandidate`.
        /// Emits [`Event::CapSet`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn set_cap(origin: OriginFor<T>, cap: Option<Balance>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_cap(who, cap)
        }

        /// Refuses delegations from others, or accepts them again. What is there already stays.
        ///
        /// Origin: the candidate.
        /// Errors: `NotCandidate`.
        /// Emits [`Event::BlockedSet`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn set_blocked(origin: OriginFor<T>, blocked: bool) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_blocked(who, blocked)
        }

        /// Stands for no further election. All stake stays.
        ///
        /// Origin: the candidate.
        /// Errors: `AlreadyIdle`, `CandidateJailed`, `CandidateLeaving`, `NotCandidate`.
        /// Emits [`Event::Chilled`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::set_cap())]
        pub fn chill(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_chill(who)
        }

        /// Stands for election again.
        ///
        /// Origin: the candidate, with session keys and at least `min_self_bond` of its own.
        /// Errors: `AlreadyActive`, `CandidateJailed`: use `unjail`. `CandidateLeaving`: register
        /// anew. `NoSessionKeys`, `SelfBondTooSmall`.
        /// Emits [`Event::Resumed`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::unjail())]
        pub fn resume(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_resume(who)
        }

        /// Stands for election again after a jail term.
        ///
        /// Origin: the candidate, with session keys and at least `min_self_bond` of its own.
        /// Errors: `NotJailed`. `StillJailed`: wait. `NoSessionKeys`, `SelfBondTooSmall`: set or
        /// stake what is missing.
        /// Emits [`Event::Unjailed`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::unjail())]
        pub fn unjail(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_unjail(who)
        }

        /// Gives up the candidacy and unbonds all of the candidate's own stake. What others have
        /// with it stays until they unbond or redelegate it.
        ///
        /// Origin: the candidate.
        /// Errors: `NotCandidate`, `CandidateLeaving`. `TooManyUnbonding`: withdraw first.
        /// Emits [`Event::Unbonded`], [`Event::Left`]. Upholds DP-1, DP-3.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::leave(weighing::ONE_DELEGATION))]
        pub fn leave(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &who);
            let outcome = Self::do_leave(who);
            weighing::weighed(outcome, T::WeightInfo::leave(references))
        }

        /// Delegates stake to a candidate, or adds to a delegation.
        ///
        /// Origin: any signed account.
        /// `amount`: in the smallest unit; it leaves the account for the pot. The whole delegation
        /// must reach `min_delegation`, or `min_self_bond` if it is a candidate's own. `mode`: what
        /// happens to its rewards; that of the delegation, if there is one.
        /// Errors: `NotCandidate`, `CandidateLeaving`, `CandidateBlocked`, `CapExceeded`: choose
        /// another one. `SlashPending`: wait. `DelegationTooSmall`: stake more. `ModeMismatch`:
        /// name the delegation's mode. `TooManyDelegations`: unbond one first.
        /// Emits [`Event::Delegated`]. Upholds DP-1, DP-2.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::delegate(weighing::ONE_DELEGATION))]
        pub fn delegate(
            origin: OriginFor<T>,
            candidate: AccountId,
            #[pallet::compact] amount: Balance,
            mode: Mode,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_delegate(who, candidate, amount, mode);
            weighing::weighed(outcome, T::WeightInfo::delegate(references))
        }

        /// Changes what happens to a delegation's rewards from now on.
        ///
        /// Origin: the delegator.
        /// Errors: `NotDelegated`. `ModeMismatch`: it is in this mode already.
        /// Emits [`Event::ModeSet`]. Upholds DP-2.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::set_compound(weighing::ONE_DELEGATION))]
        pub fn set_compound(
            origin: OriginFor<T>,
            candidate: AccountId,
            mode: Mode,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_set_compound(who, candidate, mode);
            weighing::weighed(outcome, T::WeightInfo::set_compound(references))
        }

        /// Takes stake away from a candidate. It can be withdrawn `bonding_eras` eras later; until
        /// then it can be slashed for what the candidate did while it was there.
        ///
        /// Origin: the delegator.
        /// `amount`: in the smallest unit; if the delegation is worth no more, all of it. What
        /// remains must reach `min_delegation`, or `min_self_bond` if it is a candidate's own.
        /// Errors: `NotDelegated`. `RemainderTooSmall`: unbond all, or less. `SelfBondTooSmall`:
        /// leave instead. `TooManyUnbonding`: withdraw or rebond first.
        /// Emits [`Event::Unbonded`] for each part. Upholds DP-1, DP-3.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::unbond(weighing::ONE_DELEGATION))]
        pub fn unbond(
            origin: OriginFor<T>,
            candidate: AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_unbond(who, candidate, amount);
            weighing::weighed(outcome, T::WeightInfo::unbond(references))
        }

        /// Puts stake that is unbonding from a candidate back into its pool, the last that left
        /// first.
        ///
        /// Origin: the delegator. A delegation that has to be made anew is paid out; see
        /// `set_compound`.
        /// `amount`: in the smallest unit, or as much as is unbonding.
        /// Errors: `NotUnbonding`, `NotCandidate`, `CandidateLeaving`, `SlashPending`,
        /// `DelegationTooSmall`, `TooManyRedelegations`.
        /// Emits [`Event::Rebonded`]. Upholds DP-1, DP-3.
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::rebond(weighing::UNBONDING_AND_DELEGATION))]
        pub fn rebond(
            origin: OriginFor<T>,
            candidate: AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_unbonding(&who, |chunk| chunk.candidate == candidate)
                .saturating_add(Self::references_of(&who, &candidate));
            let outcome = Self::do_rebond(who, candidate, amount);
            weighing::weighed(outcome, T::WeightInfo::rebond(references))
        }

        /// Moves stake to another candidate at once. For `bonding_eras` eras it still answers for
        /// what the first one did while it was there.
        ///
        /// Origin: the delegator.
        /// `amount`: in the smallest unit; if the delegation is worth no more, all of it. What
        /// remains and what results must reach the minimums.
        /// Errors: those of `unbond` and of `delegate`, `SameCandidate`, and
        /// `TooManyRedelegations` or `TooManyLiabilities`: wait until a liability ends.
        /// Emits [`Event::Redelegated`]. Upholds DP-1, DP-3.
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::redelegate(weighing::TWO_DELEGATIONS))]
        pub fn redelegate(
            origin: OriginFor<T>,
            from: AccountId,
            to: AccountId,
            #[pallet::compact] amount: Balance,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references =
                Self::references_of(&who, &from).saturating_add(Self::references_of(&who, &to));
            let outcome = Self::do_redelegate(who, from, to, amount);
            weighing::weighed(outcome, T::WeightInfo::redelegate(references))
        }

        /// Pays all stake whose time of unbonding is over.
        ///
        /// Origin: the delegator.
        /// Errors: `NothingToWithdraw`: wait for the release era, or for a pending slash to be
        /// decided. If the account is gone and the amount is below the existential deposit, the
        /// currency's error: fund the account first.
        /// Emits [`Event::Withdrawn`]. Upholds DP-1, DP-3.
        #[pallet::call_index(14)]
        #[pallet::weight(T::WeightInfo::withdraw(weighing::UNBONDING))]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let era = CurrentEra::<T>::get();
            let references = Self::references_unbonding(&who, |chunk| chunk.release_era <= era);
            let outcome = Self::do_withdraw(who);
            weighing::weighed(outcome, T::WeightInfo::withdraw(references))
        }

        /// Pays what the sender has earned with a candidate by now, and whatever else it is owed:
        /// commissions, and what earlier calls settled.
        ///
        /// Origin: any signed account.
        /// `candidate`: with whom the sender has, or had, a delegation.
        /// Errors: `NothingToClaim`.
        /// Emits [`Event::Claimed`]. Upholds DP-1, DP-7.
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::claim(weighing::ONE_DELEGATION))]
        pub fn claim(origin: OriginFor<T>, candidate: AccountId) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let references = Self::references_of(&who, &candidate);
            let outcome = Self::do_claim(who, candidate);
            weighing::weighed(outcome, T::WeightInfo::claim(references))
        }

        /// Brings a delegation up to date: notes what it earned, takes what it has to answer for,
        /// and forgets what is worth nothing. Also forgets a candidate of whom nothing is left.
        ///
        /// Origin: any signed account.
        /// Errors: `NotDelegated`: there is neither.
        /// Emits [`Event::LiabilityPaid`], [`Event::WorthlessRemoved`], [`Event::Forgotten`] as it
        /// happens. Upholds DP-1, DP-3.
        #[pallet::call_index(16)]
        #[pallet::weight(T::WeightInfo::sync(weighing::ONE_DELEGATION))]
        pub fn sync(
            origin: OriginFor<T>,
            delegator: AccountId,
            candidate: AccountId,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let references = Self::references_of(&delegator, &candidate);
            let outcome = Self::do_sync(delegator, candidate);
            weighing::weighed(outcome, T::WeightInfo::sync(references))
        }

        /// Sets the pallet's parameters.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// `params`: all of them; each within its bounds, see [`params`](crate::params). Stake that
        /// is unbonding keeps its release era.
        /// Errors: one for each bound, naming it.
        /// Emits [`Event::ParametersSet`].
        #[pallet::call_index(17)]
        #[pallet::weight(T::WeightInfo::set_params())]
        pub fn set_params(origin: OriginFor<T>, params: Params) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_set_params(params)
        }

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

        /// Cancels a slash that is not applied yet, and lets the validator ask for its release at
        /// once. Later reports of the same offence count only with what they add.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// `offence_era`: the era of the offence, not that in which the slash is due.
        /// Errors: `NoSuchSlash`.
        /// Emits [`Event::SlashCancelled`].
        #[pallet::call_index(19)]
        #[pallet::weight(T::WeightInfo::cancel_slash())]
        pub fn cancel_slash(
            origin: OriginFor<T>,
            offence_era: EraIndex,
            validator: AccountId,
        ) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_cancel_slash(offence_era, &validator)
        }

        /// Ends the era as soon as an election can be held, which takes three sessions.
        ///
        /// Origin: [`Config::AdminOrigin`].
        /// Emits [`Event::NewEraForced`].
        #[pallet::call_index(20)]
        #[pallet::weight(T::WeightInfo::force_new_era())]
        pub fn force_new_era(origin: OriginFor<T>) -> DispatchResult {
            T::AdminOrigin::ensure_origin(origin)?;
            Self::do_force_new_era();
            Ok(())
        }
    }
}
