// SPDX-License-Identifier: Apache-2.0

//! The judge of state channels: opens them, settles them, and decides disputes.
//!
//! Participants lock deposits once, divide them off chain by co-signed states, and settle once.
//! Either side can close alone with the newest state it has; whoever has a newer one answers within
//! the challenge window. Money is moved by whatever implements [`ChannelFunds`].
//!
//! | chapter | what it holds |
//! |---|---|
//! | `opening` | every deposit is locked by one extrinsic |
//! | `settling` | a co-signed final state pays out at once |
//! | `disputing` | a participant closes alone; newer states answer |
//! | `concluding` | after the deadline anybody pays out the recorded state |
//! | `retiring` | ids of closed channels are remembered as long as they could be used again |
//! | `judging` | the checks that every co-signed state has to pass |
//! | `invariants` | the numbered rules and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod concluding;
mod disputing;
pub mod invariants;
mod judging;
mod opening;
mod retiring;
mod settling;
pub mod types;
mod viewing;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Channel, Dispute, Phase};
pub use weights::WeightInfo;

use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelFunds, ChannelId, ChannelParams, ChannelState, Hash,
    params::Amounts, state::Signatures,
};
use polkadot_sdk::frame_support;

/// The pallet.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use polkadot_sdk::{
        frame_support::{dispatch::DispatchResultWithPostInfo, pallet_prelude::*},
        frame_system::pallet_prelude::*,
    };

    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash>
    {
        /// Keeps deposits and pays them out.
        type Funds: ChannelFunds;

        /// The shortest challenge window of a new channel, in blocks.
        #[pallet::constant]
        type MinChallengeBlocks: Get<BlockNumber>;

        /// The longest challenge window of a new channel, in blocks.
        #[pallet::constant]
        type MaxChallengeBlocks: Get<BlockNumber>;

        /// How far ahead a channel's last opening block may lie, in blocks.
        #[pallet::constant]
        type MaxOpenDelay: Get<BlockNumber>;

        /// How many answers to one dispute get their fee back.
        #[pallet::constant]
        type MaxFreeAnswers: Get<u8>;

        /// Gives benchmarks accounts with money.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;

        /// What calls cost.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Channels that are open or disputed.
    #[pallet::storage]
    pub type Channels<T: Config> = StorageMap<_, Identity, ChannelId, Channel, OptionQuery>;

    /// Ids of channels that ended before their last opening block, by that block.
    #[pallet::storage]
    pub type Retired<T: Config> =
        StorageDoubleMap<_, Twox64Concat, BlockNumber, Identity, ChannelId, (), OptionQuery>;

    /// The first last opening block whose retired ids may still be there.
    #[pallet::storage]
    pub type NextToForget<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A channel was opened with this sum of deposits.
        ChannelOpened { channel: ChannelId, participants: Vec<AccountId>, deposit: Balance },
        /// A channel ended with a co-signed final state, which paid these amounts.
        ChannelSettled { channel: ChannelId, version: u64, payouts: Amounts },
        /// A participant wants to close alone with the state of this version.
        ChannelDisputed { channel: ChannelId, by: AccountId, version: u64, deadline: BlockNumber },
        /// A later state replaced the recorded one.
        DisputeAnswered { channel: ChannelId, by: AccountId, version: u64 },
        /// A dispute ended; its recorded state paid these amounts.
        ChannelConcluded { channel: ChannelId, version: u64, payouts: Amounts },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// A channel needs at least two participants.
        TooFewParticipants,
        /// Accounts are not in strictly ascending order: sort them, and name each only once.
        ParticipantsNotAscending,
        /// Two participants share one signer: give each a key of its own.
        DuplicateSigner,
        /// The challenge window is below the chain's minimum: choose a longer one.
        ChallengeTooShort,
        /// The challenge window is above the chain's maximum: choose a shorter one.
        ChallengeTooLong,
        /// The last block in which this channel may be opened is over: agree on a later one.
        OpeningExpired,
        /// The last opening block lies too far ahead: agree on an earlier one.
        OpeningTooFarAhead,
        /// A channel with these parameters is or was open: agree on another nonce.
        ChannelExists,
        /// There must be exactly one deposit for each participant.
        WrongDepositCount,
        /// All deposits are zero: a channel needs something to divide.
        EmptyChannel,
        /// There must be exactly one signature for each participant, in the same order.
        WrongSignatureCount,
        /// A signature does not fit its participant's key and these bytes: check the key, the
        /// genesis hash, the channel and the message.
        InvalidSignature,
        /// There is no open or disputed channel with this id: it may have ended.
        ChannelNotFound,
        /// There must be exactly one balance for each participant.
        WrongBalanceCount,
        /// The amounts add up to more than a balance can hold.
        AmountOverflow,
        /// The amounts do not add up to the channel's deposit: distribute all of it.
        SumMismatch,
        /// Only a state marked as final settles at once: agree on one, or dispute.
        NotFinal,
        /// Pending transfers, streams and applications cannot be judged yet: fold them into the
        /// balances first.
        ConditionsNotSupported,
        /// Only a participant's account may dispute.
        NotParticipant,
        /// The channel is disputed already: answer with a higher version.
        AlreadyDisputed,
        /// The channel is not disputed.
        NotDisputed,
        /// The recorded version is as high or higher: send a later state.
        StaleVersion,
        /// The deadline has come: the dispute can only be concluded.
        DeadlinePassed,
        /// The deadline has not come yet: conclude in that block or later.
        DeadlineNotReached,
        /// Version 0 is the opening state: its balances are the deposits, it carries nothing else,
        /// and it needs no signatures.
        NotTheOpeningState,
        /// A signer is of a kind that cannot sign states: use sr25519, ed25519 or ecdsa.
        UnsupportedSigner,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            Self::forget_expired(remaining)
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            assert!(T::MaxOpenDelay::get() > 0, "no channel could ever be opened");
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
        /// Opens a channel with every participant's deposit.
        ///
        /// Origin: any signed account; authority lies in the signatures.
        /// `params`: participants and rules. `deposits`: one amount each, in the smallest unit, in
        /// the order of the participants. `signatures`: one each, by the key of the participant's
        /// **account**, over the digest `millrace/open/1` of parameters and deposits.
        /// Errors name what to change; nothing is locked then.
        /// Emits [`Event::ChannelOpened`]. Upholds CH-2, CH-5.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::open(params.participants.len() as u32))]
        pub fn open(
            origin: OriginFor<T>,
            params: ChannelParams,
            deposits: Amounts,
            signatures: Signatures,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_open(params, deposits, signatures)
        }

        /// Ends a channel at once with a co-signed final state.
        ///
        /// Origin: any signed account; authority lies in the signatures.
        /// `state`: marked final. `signatures`: one for each participant, by its **signer**, over the
        /// digest `millrace/state/1`. Also ends a disputed channel, if the version is not below the
        /// recorded one.
        /// Errors: `NotFinal`, `StaleVersion`, `InvalidSignature`, `SumMismatch` and others that name
        /// what to change; the channel stays as it was then.
        /// Emits [`Event::ChannelSettled`]. Upholds CH-1, CH-3.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::settle(state.balances.len() as u32))]
        pub fn settle(
            origin: OriginFor<T>,
            state: ChannelState,
            signatures: Signatures,
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_settle(state, signatures)
        }

        /// Starts closing a channel alone, with the newest state the sender has.
        ///
        /// Origin: a participant's account.
        /// `state`: co-signed, or version 0, which needs no signatures. The challenge window starts
        /// now and is never extended.
        /// Errors: `NotParticipant`, `AlreadyDisputed` and those of a bad state.
        /// Emits [`Event::ChannelDisputed`] with the deadline. Upholds CH-1, CH-4.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::dispute(state.balances.len() as u32))]
        pub fn dispute(
            origin: OriginFor<T>,
            state: ChannelState,
            signatures: Signatures,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_dispute(who, state, signatures)
        }

        /// Answers a dispute with a later co-signed state.
        ///
        /// Origin: any signed account; authority lies in the signatures. Operational, so that it
        /// finds room in full blocks; the first [`Config::MaxFreeAnswers`] successful answers to a
        /// dispute get their fee back.
        /// `state.version`: above the recorded one. Only while the current block is below the
        /// deadline.
        /// Errors: `StaleVersion`: read the recorded version, send a later one. `DeadlinePassed`,
        /// `NotDisputed` and those of a bad state.
        /// Emits [`Event::DisputeAnswered`]. Upholds CH-1, CH-3, CH-4.
        #[pallet::call_index(3)]
        #[pallet::weight((
            T::WeightInfo::answer(state.balances.len() as u32),
            DispatchClass::Operational,
        ))]
        pub fn answer(
            origin: OriginFor<T>,
            state: ChannelState,
            signatures: Signatures,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let pays_fee = Self::do_answer(who, state, signatures)?;
            Ok(pays_fee.into())
        }

        /// Ends a disputed channel after its deadline: pays out the recorded state.
        ///
        /// Origin: any signed account.
        /// Errors: `NotDisputed`, `DeadlineNotReached`, `ChannelNotFound`.
        /// Emits [`Event::ChannelConcluded`]. Upholds CH-1.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::conclude(millrace_primitives_channels::MAX_PARTICIPANTS,))]
        pub fn conclude(origin: OriginFor<T>, channel: ChannelId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let participants = Self::do_conclude(channel)?;
            Ok(Some(T::WeightInfo::conclude(participants)).into())
        }
    }
}
