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
//! | `resizing` | funds are added or taken out while the channel lives |
//! | `settling` | a co-signed final state pays out at once |
//! | `disputing` | a participant closes alone; newer states answer |
//! | `bonding` | whoever disputes with a stale state loses a bond |
//! | `progressing` | a participant forces its move in an application |
//! | `concluding` | after the deadline the recorded state is paid out |
//! | `revealing` | preimages are made public, and the chain remembers when |
//! | `resolving` | conditional transfers are decided one by one |
//! | `streaming` | hash links prove what a stream has paid |
//! | `agenda` | what happens by itself, in a bounded queue |
//! | `retiring` | ids of closed channels are remembered as long as they could be used again |
//! | `viewing` | what the runtime API shows |
//! | `judging` | the checks that every state has to pass |
//! | `weighing` | what a call is charged, and what it gets back |
//! | `invariants` | the numbered rules and their check |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod bonding;
mod concluding;
mod disputing;
pub mod invariants;
mod judging;
mod opening;
mod progressing;
mod resizing;
mod resolving;
mod retiring;
mod revealing;
mod settling;
mod streaming;
pub mod types;
mod viewing;
mod weighing;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{
    Base, Channel, Dispute, Due, Phase, Resolution, RetiredChannel, Reveal, StreamResolution,
};
pub use weights::WeightInfo;

use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelApps, ChannelBonds, ChannelFunds, ChannelId,
    ChannelParams, ChannelState, Hash, MAX_PARTICIPANTS, MerkleProof, Resize, Transfer,
    params::Amounts,
    resize::Deltas,
    state::{MAX_STREAM_LINKS, Signatures},
    stream::Link,
    transfer::Preimage,
};
use polkadot_sdk::{
    frame_support::{
        self,
        traits::{Consideration, ConstU32, Footprint},
        weights::Weight,
    },
    sp_runtime::{BoundedVec, MultiSignature, Perbill},
};

/// The largest number of channels that one call settles.
pub const MAX_SETTLEMENTS: u32 = 16;

/// Co-signed final states of several channels.
pub type Settlements = BoundedVec<(ChannelState, Signatures), ConstU32<MAX_SETTLEMENTS>>;

/// A channel on the chain with this configuration.
pub type ChannelOf<T> = Channel<<T as Config>::ChannelTicket>;

/// The pallet.
// The macros below write undocumented items of their own.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use polkadot_sdk::{
        frame_support::{
            dispatch::{DispatchResultWithPostInfo, PostDispatchInfo},
            pallet_prelude::*,
        },
        frame_system::pallet_prelude::*,
    };

    #[pallet::config]
    pub trait Config:
        polkadot_sdk::frame_system::Config<AccountId = AccountId, Hash = Hash>
    {
        /// Keeps deposits and pays them out.
        type Funds: ChannelFunds;

        /// Keeps the bonds of disputes.
        type Bonds: ChannelBonds;

        /// The applications by which forced moves are judged.
        type Apps: ChannelApps;

        /// What it costs to keep a channel, until it is forgotten. Paid by whoever opens it.
        type ChannelTicket: Consideration<AccountId, Footprint>;

        /// What it costs to keep a preimage, until it is forgotten. Paid by whoever reveals it.
        type RevealTicket: Consideration<AccountId, Footprint>;

        /// What a participant stakes on its state when it disputes, in the native token.
        #[pallet::constant]
        type DisputeBond: Get<Balance>;

        /// The share of a forfeited bond that whoever proved the claim stale gets; the rest goes to
        /// the public purse.
        ///
        /// Below one: the rest is what trying an old state costs even if the cheat answers itself.
        /// Above zero: the reward is what watchtowers live on. It has to be large enough, of the
        /// smallest bond, to be paid to an account that does not exist yet.
        #[pallet::constant]
        type RewardShare: Get<Perbill>;

        /// How long a revealed preimage is remembered, in blocks.
        ///
        /// Longer than two of the longest challenge windows: then whoever reveals as a dispute
        /// starts needs to do so only once.
        #[pallet::constant]
        type RevealBlocks: Get<BlockNumber>;

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
        #[cfg(any(feature = "runtime-benchmarks", test))]
        type BenchmarkHelper: crate::benchmarking::BenchmarkHelper;

        /// What calls cost.
        type WeightInfo: WeightInfo;
    }

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Channels that have not ended.
    #[pallet::storage]
    pub type Channels<T: Config> = StorageMap<_, Identity, ChannelId, ChannelOf<T>, OptionQuery>;

    /// The newest state shown in each dispute.
    #[pallet::storage]
    pub type Recorded<T: Config> = StorageMap<_, Identity, ChannelId, ChannelState, OptionQuery>;

    /// What is still being decided of channels whose balances are paid.
    #[pallet::storage]
    pub type Resolutions<T: Config> = StorageMap<_, Identity, ChannelId, Resolution, OptionQuery>;

    /// Preimages that were made public, by their hash locks.
    #[pallet::storage]
    pub type Reveals<T: Config> =
        StorageMap<_, Identity, Hash, Reveal<T::RevealTicket>, OptionQuery>;

    /// What happens by itself, by the first block in which it may.
    #[pallet::storage]
    pub type Agenda<T: Config> =
        StorageDoubleMap<_, Twox64Concat, BlockNumber, Identity, Due, (), OptionQuery>;

    /// The first block whose entries of the agenda may still be there.
    #[pallet::storage]
    pub type NextDue<T: Config> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Ids of channels that ended before their last opening block, by that block.
    #[pallet::storage]
    pub type Retired<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        BlockNumber,
        Identity,
        ChannelId,
        RetiredChannel<T::ChannelTicket>,
        OptionQuery,
    >;

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
        /// A participant wants to close alone with the state of this version, and staked a bond.
        ChannelDisputed {
            channel: ChannelId,
            by: AccountId,
            version: u64,
            deadline: BlockNumber,
            bond: Balance,
        },
        /// A later state replaced the recorded one.
        DisputeAnswered { channel: ChannelId, by: AccountId, version: u64 },
        /// A dispute ended; its recorded state paid these balances. The channel is over, or its
        /// transfers and streams can be claimed before the block `until`.
        ChannelConcluded {
            channel: ChannelId,
            version: u64,
            payouts: Amounts,
            until: Option<BlockNumber>,
        },
        /// Of several channels to settle, this one was not, for this reason.
        SettlementFailed { channel: ChannelId, error: DispatchError },
        /// Participants added (positive) or took out (negative) these amounts. The deposit is the
        /// sum after that.
        ChannelResized { channel: ChannelId, version: u64, deltas: Deltas, deposit: Balance },
        /// A preimage was made public, in the block `at` for the first time.
        PreimageRevealed {
            hashlock: Hash,
            preimage: Preimage,
            by: AccountId,
            at: BlockNumber,
            until: BlockNumber,
        },
        /// The chain forgot a preimage.
        PreimageForgotten { hashlock: Hash },
        /// The conditional transfer with this id, at this place, paid its payee.
        TransferClaimed { channel: ChannelId, index: u32, transfer: u64, amount: Balance },
        /// The conditional transfer with this id, at this place, went back to its payer.
        TransferRefunded { channel: ChannelId, index: u32, transfer: u64, amount: Balance },
        /// So many units of a stream are proven by now; the new ones paid this amount.
        StreamClaimed { channel: ChannelId, stream: u8, units: u64, amount: Balance },
        /// Everything is decided or the time for it is up. The channel is over; the last of it paid
        /// these amounts.
        ChannelResolved { channel: ChannelId, payouts: Amounts },
        /// A participant forced its move. Later co-signed states count before the deadline.
        MoveForced {
            channel: ChannelId,
            by: AccountId,
            mover: u8,
            version: u64,
            deadline: BlockNumber,
        },
        /// The bond of a dispute went back.
        BondReturned { channel: ChannelId, by: AccountId, amount: Balance },
        /// A dispute began with a stale state; `reward` of its bond `amount` went to whoever proved
        /// it, the rest to the public purse.
        BondForfeited {
            channel: ChannelId,
            by: AccountId,
            amount: Balance,
            to: AccountId,
            reward: Balance,
        },
        /// A channel that is due could not be concluded, and is tried again in the block `until`.
        ConclusionPostponed { channel: ChannelId, until: BlockNumber, error: DispatchError },
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
        /// Pending transfers, streams and applications do not settle at once: fold them into the
        /// balances first, or dispute.
        NotPlain,
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
        /// The chain knows the state of this version, and it is another one: the opening state, or
        /// that of the last resize. Send that, without signatures, or a later one.
        NotTheBaseState,
        /// A signer is of a kind that cannot sign states: use sr25519, ed25519 or ecdsa.
        UnsupportedSigner,
        /// The dispute is over and its balances are paid: claim what is pending.
        AlreadyConcluded,
        /// There must be one pending transfer to 1,024, and one total for each participant.
        BadPending,
        /// A stream needs two different participants, a unit above zero, and chains and links
        /// within their bounds.
        BadStream,
        /// None of the channels could be settled; the event of each would have said why. Settle
        /// one of them alone to learn it.
        NothingSettled,
        /// There must be exactly one change for each participant.
        WrongDeltaCount,
        /// The last block for this resize is over: agree on a new one.
        ResizeExpired,
        /// The channel is not resolving: it has to be disputed and concluded first.
        NotResolving,
        /// The time for claims is over: what is left goes back to the payers.
        ResolutionOver,
        /// The proof does not lead to the recorded root: check the state's version, the place and
        /// every byte of what is proven.
        InvalidProof,
        /// This transfer was claimed or refunded before.
        AlreadyDecided,
        /// The transfer has no amount, its parties are not two participants, or it expires later
        /// than the state says. It cannot be carried out.
        BadTransfer,
        /// The state set aside less for this payer than its transfers amount to.
        TotalExceeded,
        /// The preimage was not revealed before the transfer expired: reveal it in time, or refund.
        NotRevealedInTime,
        /// The preimage was revealed in time: the transfer can only be claimed.
        RevealedInTime,
        /// The transfer has not expired yet: refund it in the block of its expiry or later.
        NotExpired,
        /// The state has no stream at this place.
        StreamNotFound,
        /// As much of the stream was claimed before: show a deeper link.
        NothingNew,
        /// There is no application whose next move can be forced.
        NobodysMove,
        /// A move has the version after the recorded one.
        NotTheNextVersion,
        /// A move leaves pending transfers and streams alone and is not final.
        NotAMove,
        /// The application does not allow this move.
        MoveRefused,
        /// What the chain should remember of the channel is missing. Reports a mistake of the
        /// chain.
        RecordMissing,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let served = Self::serve_agenda(remaining);
            served.saturating_add(Self::forget_expired(remaining.saturating_sub(served)))
        }

        #[cfg(feature = "std")]
        fn integrity_test() {
            assert!(T::MaxOpenDelay::get() > 0, "no channel could ever be opened");
            assert!(T::RevealBlocks::get() > 0, "no preimage would ever be remembered");
            assert!(
                T::RewardShare::get() < Perbill::one(),
                "who answers itself would lose nothing"
            );
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
        /// Origin: any signed account; authority lies in the signatures. It pays the storage
        /// deposit, and gets it back when the channel is forgotten.
        /// `params`: participants and rules. `deposits`: one amount each, in the smallest unit, in
        /// the order of the participants. `signatures`: one each, by the key of the participant's
        /// **account**, over the digest `millrace/open/1` of parameters and deposits; a participant
        /// who opens may leave its own out.
        /// Errors name what to change; nothing is locked then.
        /// Emits [`Event::ChannelOpened`]. Upholds CH-2, CH-5.
        #[pallet::call_index(0)]
        #[pallet::weight(weighing::open::<T>(params, signatures))]
        pub fn open(
            origin: OriginFor<T>,
            params: ChannelParams,
            deposits: Amounts,
            signatures: Signatures,
        ) -> DispatchResultWithPostInfo {
            let opener = ensure_signed(origin)?;
            let weight = weighing::open::<T>(&params, &signatures);
            let spared = Self::do_open(opener, params, deposits, signatures)?;
            Ok(Some(weight.saturating_sub(spared)).into())
        }

        /// Ends a channel at once with a co-signed final state.
        ///
        /// Origin: any signed account; authority lies in the signatures.
        /// `state`: marked final, with nothing pending. `signatures`: one for each participant, by
        /// its **signer**, over the digest `millrace/state/1`; a participant who settles may leave
        /// its own out. Also ends a disputed channel, if the version is not below the recorded one.
        /// Errors: `NotFinal`, `StaleVersion`, `InvalidSignature`, `SumMismatch` and others that name
        /// what to change; the channel stays as it was then.
        /// Emits [`Event::ChannelSettled`]. Upholds CH-1, CH-3.
        #[pallet::call_index(1)]
        #[pallet::weight(
            weighing::settle::<T>(state, signatures).saturating_add(T::WeightInfo::end_dispute())
        )]
        pub fn settle(
            origin: OriginFor<T>,
            state: ChannelState,
            signatures: Signatures,
        ) -> DispatchResultWithPostInfo {
            let sender = ensure_signed(origin)?;
            let alone = weighing::settle::<T>(&state, &signatures);
            let (was_disputed, spared) = Self::do_settle(&sender, state, signatures)?;
            let more = if was_disputed { T::WeightInfo::end_dispute() } else { Weight::zero() };
            Ok(Some(alone.saturating_add(more).saturating_sub(spared)).into())
        }

        /// Starts closing a channel alone, with the newest state the sender has.
        ///
        /// Origin: a participant's account, which stakes [`Config::DisputeBond`] on the state: the
        /// bond is lost if somebody answers with a version higher by two or more.
        /// `state`: co-signed, or the one that the chain knows by itself (of the opening or of the
        /// last resize), which needs no signatures. The challenge window starts now; no answer
        /// extends it.
        /// Errors: `NotParticipant`, `AlreadyDisputed` and those of a bad state.
        /// Emits [`Event::ChannelDisputed`] with the deadline. Upholds CH-1, CH-4, CH-10.
        #[pallet::call_index(2)]
        #[pallet::weight(weighing::dispute::<T>(state, signatures))]
        pub fn dispute(
            origin: OriginFor<T>,
            state: ChannelState,
            signatures: Signatures,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let weight = weighing::dispute::<T>(&state, &signatures);
            let spared = Self::do_dispute(who, state, signatures)?;
            Ok(Some(weight.saturating_sub(spared)).into())
        }

        /// Answers a dispute with a later co-signed state.
        ///
        /// Origin: any signed account; authority lies in the signatures. Operational, so that it
        /// finds room in full blocks; the first [`Config::MaxFreeAnswers`] successful answers to a
        /// dispute get their fee back.
        /// `state.version`: above the recorded one. Only while the current block is below the
        /// deadline. `reward_to`: who gets [`Config::RewardShare`] of the bond, if this answer
        /// proves that the dispute began with a stale state and no higher one follows.
        /// Errors: `StaleVersion`: read the recorded version, send a later one. `DeadlinePassed`,
        /// `NotDisputed` and those of a bad state.
        /// Emits [`Event::DisputeAnswered`]. Upholds CH-1, CH-3, CH-4.
        #[pallet::call_index(3)]
        #[pallet::weight((weighing::answer::<T>(state, signatures), DispatchClass::Operational))]
        pub fn answer(
            origin: OriginFor<T>,
            state: ChannelState,
            signatures: Signatures,
            reward_to: AccountId,
        ) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let weight = weighing::answer::<T>(&state, &signatures);
            let (pays_fee, spared) = Self::do_answer(who, state, signatures, reward_to)?;
            let actual_weight = Some(weight.saturating_sub(spared));
            Ok(PostDispatchInfo { actual_weight, pays_fee })
        }

        /// Pays out the recorded state of a disputed channel after its deadline, or gives back what
        /// nobody claimed of a resolving one when the time is up. The agenda does so by itself; this
        /// is for whoever does not want to wait for it.
        ///
        /// Origin: any signed account.
        /// If it is a participant's move in an application, a dispute can be concluded only when its
        /// time for the move is up too.
        /// Errors: `NotDisputed`, `DeadlineNotReached`, `ChannelNotFound`.
        /// Emits [`Event::ChannelConcluded`] or [`Event::ChannelResolved`]. Upholds CH-1, CH-8.
        #[pallet::call_index(4)]
        #[pallet::weight(Pallet::<T>::conclude_weight(MAX_PARTICIPANTS))]
        pub fn conclude(origin: OriginFor<T>, channel: ChannelId) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let participants = Self::do_conclude(channel)?;
            Ok(Some(Self::conclude_weight(participants)).into())
        }

        /// Settles several channels, as far as it goes: a failure stops none of the others.
        ///
        /// Origin: any signed account; authority lies in the signatures.
        /// `settlements`: as in [`Pallet::settle`].
        /// Errors: `NothingSettled` if all of them fail.
        /// Emits [`Event::ChannelSettled`] or [`Event::SettlementFailed`] for each. Upholds CH-1,
        /// CH-3.
        #[pallet::call_index(5)]
        #[pallet::weight(weighing::settle_many::<T>(settlements, settlements.len() as u32))]
        pub fn settle_many(
            origin: OriginFor<T>,
            settlements: Settlements,
        ) -> DispatchResultWithPostInfo {
            let sender = ensure_signed(origin)?;
            let alone = weighing::settle_many::<T>(&settlements, 0);
            let (disputes, spared) = Self::do_settle_many(&sender, settlements)?;
            let more = T::WeightInfo::end_dispute().saturating_mul(disputes.into());
            Ok(Some(alone.saturating_add(more).saturating_sub(spared)).into())
        }

        /// Adds funds to an open channel or takes some out, by everybody's consent.
        ///
        /// Origin: any signed account; authority lies in the signatures.
        /// `resize`: the changes, the last block that accepts them, and the first state under the
        /// new deposits, with a version above all that were signed before. `signatures`: one each
        /// over the digest `millrace/resize/1`: by the **account** of who adds, by the **signer** of
        /// everybody else; a participant who sends this may leave its own out.
        /// Errors: `ResizeExpired`, `StaleVersion`, `AlreadyDisputed`, and those of bad states,
        /// signatures and funds; nothing has moved then.
        /// Emits [`Event::ChannelResized`]. Upholds CH-1, CH-2, CH-3.
        #[pallet::call_index(6)]
        #[pallet::weight(weighing::resize::<T>(resize, signatures))]
        pub fn resize(
            origin: OriginFor<T>,
            resize: Resize,
            signatures: Signatures,
        ) -> DispatchResultWithPostInfo {
            let sender = ensure_signed(origin)?;
            let weight = weighing::resize::<T>(&resize, &signatures);
            let spared = Self::do_resize(&sender, resize, signatures)?;
            Ok(Some(weight.saturating_sub(spared)).into())
        }

        /// Makes a preimage public. Every transfer with its hash lock that has not expired before
        /// this block can be claimed, in every channel.
        ///
        /// Origin: any signed account. It pays a storage deposit, and gets it back when the chain
        /// forgets the preimage, after [`Config::RevealBlocks`], or when somebody reveals it anew.
        /// Revealing again keeps the first block and starts the time anew.
        /// Emits [`Event::PreimageRevealed`]. Upholds CH-9.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::reveal())]
        pub fn reveal(origin: OriginFor<T>, preimage: Preimage) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_reveal(who, preimage)
        }

        /// Pays a conditional transfer of a resolving channel to its payee, because its preimage was
        /// revealed in a block below its expiry.
        ///
        /// Origin: any signed account.
        /// `proof`: the transfer's place among those of the recorded state.
        /// Errors: `NotResolving`, `ResolutionOver`, `InvalidProof`, `AlreadyDecided`,
        /// `BadTransfer`, `TotalExceeded`, `NotRevealedInTime`.
        /// Emits [`Event::TransferClaimed`], and [`Event::ChannelResolved`] if it was the last thing
        /// to decide. Upholds CH-11.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::claim(MAX_PARTICIPANTS, proof.siblings.len() as u32))]
        pub fn claim(
            origin: OriginFor<T>,
            channel: ChannelId,
            transfer: Transfer,
            proof: MerkleProof,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let depth = proof.siblings.len() as u32;
            let participants = Self::do_claim(channel, transfer, proof)?;
            Ok(Some(T::WeightInfo::claim(participants, depth)).into())
        }

        /// Gives a conditional transfer of a resolving channel back to its payer, because it expired
        /// and its preimage was not revealed in time.
        ///
        /// Origin: any signed account.
        /// Errors: as [`Pallet::claim`], and `NotExpired`, `RevealedInTime`.
        /// Emits [`Event::TransferRefunded`], and [`Event::ChannelResolved`] if it was the last
        /// thing to decide. Upholds CH-11.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::refund(MAX_PARTICIPANTS, proof.siblings.len() as u32))]
        pub fn refund(
            origin: OriginFor<T>,
            channel: ChannelId,
            transfer: Transfer,
            proof: MerkleProof,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let depth = proof.siblings.len() as u32;
            let participants = Self::do_refund(channel, transfer, proof)?;
            Ok(Some(T::WeightInfo::refund(participants, depth)).into())
        }

        /// Pays what a link proves of a stream of a resolving channel, beyond what was paid before.
        ///
        /// Origin: any signed account.
        /// `stream`: its place in the recorded state. `link`: the deepest that the payer released.
        /// `depth`: its steps from the tip, from 1. `proof`: the place of its chain's tip.
        /// Errors: `NotResolving`, `ResolutionOver`, `StreamNotFound`, `InvalidProof`, `NothingNew`.
        /// Emits [`Event::StreamClaimed`], and [`Event::ChannelResolved`] if it was the last thing to
        /// decide. Upholds CH-11.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::claim_stream(
            MAX_PARTICIPANTS,
            (*depth).min(MAX_STREAM_LINKS),
            proof.siblings.len() as u32,
        ))]
        pub fn claim_stream(
            origin: OriginFor<T>,
            channel: ChannelId,
            stream: u8,
            link: Link,
            depth: u32,
            proof: MerkleProof,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            let siblings = proof.siblings.len() as u32;
            let participants = Self::do_claim_stream(channel, stream, link, depth, proof)?;
            let steps = depth.min(MAX_STREAM_LINKS);
            Ok(Some(T::WeightInfo::claim_stream(participants, steps, siblings)).into())
        }

        /// Forces a move in the application of a disputed channel.
        ///
        /// Origin: any signed account; authority lies in the signature. Operational, so that it
        /// finds room in full blocks.
        /// `state`: the recorded one after the move, with the next version. `signature`: by the
        /// **signer** of the participant whose move it is, over the digest `millrace/state/1`. From
        /// the deadline of the dispute on, for as long as the challenge window.
        /// Errors: `NobodysMove`, `DeadlineNotReached`, `DeadlinePassed`, `NotTheNextVersion`,
        /// `NotAMove`, `MoveRefused` and those of a bad state.
        /// Emits [`Event::MoveForced`] with the new deadline. Upholds CH-1, CH-3, CH-4.
        #[pallet::call_index(11)]
        #[pallet::weight((
            T::WeightInfo::progress(state.balances.len() as u32)
                .saturating_add(T::Apps::max_weight().saturating_mul(2))
                .saturating_add(weighing::dearer_looks::<T>(core::slice::from_ref(signature))),
            DispatchClass::Operational,
        ))]
        pub fn progress(
            origin: OriginFor<T>,
            state: ChannelState,
            signature: MultiSignature,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_progress(who, state, signature)
        }
    }
}
