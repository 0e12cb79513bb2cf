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
//! | `calls`, `events`, `errors` | what can be asked for, what is told, and why calls fail |
//! | `viewing` | what the runtime API shows |
//! | `weighing`, [`weights`] | what calls and hooks cost, and what is given back |
//! | `invariants`, `ordering` | the numbered rules of stake and of offices, and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answering;
mod banking;
#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod calls;
mod candidates;
mod delegating;
mod electing;
mod errors;
mod events;
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
use polkadot_sdk::frame_support::{self, pallet_macros::import_section};
use types::{Delegation, Departures, EndedGeneration, EraStart, Payday, PendingSlashes, Portfolio};

/// The pallet.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
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
}
