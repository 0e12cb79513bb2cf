// SPDX-License-Identifier: Apache-2.0

//! What the chain remembers of channels and of revealed preimages.

use alloc::{vec, vec::Vec};
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelAsset, ChannelId, ChannelState, Hash, Participant,
    Stream,
    params::{Amounts, MaxParticipants},
    state::{MAX_STREAMS, PendingTransfers},
};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use scale_info::TypeInfo;

/// A channel that has not ended.
///
/// Kept small, because opening and settling is what most channels are about: what a dispute adds
/// lies in storage items of its own.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Channel<Ticket> {
    /// Its parties, in strictly ascending order of their accounts.
    pub participants: BoundedVec<Participant, MaxParticipants>,
    /// What it is denominated in.
    pub asset: ChannelAsset,
    /// What states distribute. Once the channel resolves, only a part of it is left.
    pub deposit: Balance,
    /// How long a dispute can be answered, in blocks.
    pub challenge_blocks: BlockNumber,
    /// The block that opened it.
    pub opened_at: BlockNumber,
    /// The last block in which it could have been opened.
    pub open_by: BlockNumber,
    /// The state that the chain knows by itself.
    pub base: Base,
    /// Who opened it and gets the storage deposit back.
    pub opener: AccountId,
    /// The storage deposit.
    pub ticket: Ticket,
    /// Where it stands.
    pub phase: Phase,
}

/// The newest state that the chain knows without having been shown it in a dispute: the opening
/// state or that of the last resize. It needs no signatures, and no earlier state counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Base {
    /// Its version.
    pub version: u64,
    /// Its payload: [`millrace_primitives_channels::state_payload`].
    pub digest: Hash,
}

/// Where a channel stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
    /// Payments go on off chain.
    Open,
    /// A participant wants to close alone. The newest state that was shown is in `Recorded`.
    Disputed(Dispute),
    /// Balances are paid; what is still being decided is in `Resolutions`.
    Resolving,
}

/// What the chain remembers of a dispute, besides the state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Dispute {
    /// Who disputes.
    pub by: AccountId,
    /// What it staked on the truth of its state.
    pub bond: Balance,
    /// Who gets a share of the bond, because the claim was proven stale; else the bond goes back.
    pub reward_to: Option<AccountId>,
    /// The version that the dispute began with.
    pub disputed_version: u64,
    /// Answers count before this block.
    pub deadline: BlockNumber,
    /// How many more answers get their fee back.
    pub free_answers: u8,
    /// Whether a participant has forced a move.
    pub has_moved: bool,
    /// Position of the participant who may force the next move, from the deadline for as long as
    /// the challenge window.
    pub mover: Option<u8>,
    /// Where the agenda has this dispute.
    pub due: BlockNumber,
}

impl Dispute {
    /// The first block in which the dispute can be concluded.
    pub fn concludable_from(&self, challenge_blocks: BlockNumber) -> BlockNumber {
        match self.mover {
            Some(_) => self.deadline.saturating_add(challenge_blocks),
            None => self.deadline,
        }
    }

    /// Whether the state of this version proves that the dispute began with a stale one.
    ///
    /// A participant may hold one state less than the others, because the last signature may be on
    /// its way or withheld. Two less it cannot hold in good faith. A forced move makes versions by
    /// itself, so after one nothing is proven.
    pub fn is_proven_stale_by(&self, version: u64) -> bool {
        !self.has_moved && version.saturating_sub(self.disputed_version) >= 2
    }
}

/// One bit per transfer: whether it is decided.
pub type Decided =
    BoundedVec<u8, ConstU32<{ millrace_primitives_channels::state::MAX_PENDING / 8 }>>;

/// Conditional transfers that are being decided one by one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingResolution {
    /// What the state says of them; its totals shrink with each decision.
    pub transfers: PendingTransfers,
    /// Which of them are decided.
    pub decided: Decided,
}

impl PendingResolution {
    /// All undecided.
    pub fn new(transfers: PendingTransfers) -> Self {
        let bytes = vec![0; transfers.count.div_ceil(8) as usize];
        Self { transfers, decided: BoundedVec::truncate_from(bytes) }
    }

    /// Byte and bit of the transfer at `index`.
    fn place(index: u32) -> (usize, u8) {
        ((index / 8) as usize, 1 << (index % 8))
    }

    /// Whether the transfer at `index` is decided; what does not exist is.
    pub fn is_decided(&self, index: u32) -> bool {
        let (byte, bit) = Self::place(index);
        index >= self.transfers.count || self.decided.get(byte).is_none_or(|it| it & bit != 0)
    }

    /// Marks the transfer at `index` as decided.
    pub fn mark(&mut self, index: u32) {
        let (byte, bit) = Self::place(index);
        if let Some(byte) = self.decided.get_mut(byte) {
            *byte |= bit;
        }
    }

    /// How many transfers are not decided.
    pub fn undecided(&self) -> u32 {
        let decided = self.decided.iter().fold(0u32, |sum, it| sum.saturating_add(it.count_ones()));
        self.transfers.count.saturating_sub(decided)
    }
}

/// A stream and how much of it was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StreamResolution {
    /// The stream.
    pub stream: Stream,
    /// Units that were proven and paid.
    pub paid: u64,
}

impl StreamResolution {
    /// What is left of the reserve; nothing on overflow, which no recorded stream has.
    pub fn left(&self) -> Option<Balance> {
        let units = self.stream.capacity().checked_sub(self.paid)?;
        self.stream.unit.checked_mul(units.into())
    }
}

/// What is still being decided of a channel whose balances are paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Resolution {
    /// The version of the state that is carried out.
    pub version: u64,
    /// Claims count before this block. From it on, what is left goes back to its payers.
    pub until: BlockNumber,
    /// Where the agenda has this resolution.
    pub due: BlockNumber,
    /// Conditional transfers, if there are any.
    pub pending: Option<PendingResolution>,
    /// Streams.
    pub streams: BoundedVec<StreamResolution, ConstU32<MAX_STREAMS>>,
}

impl Resolution {
    /// Everything that `state` leaves to be decided until the block `until`.
    pub fn new(state: ChannelState, until: BlockNumber, due: BlockNumber) -> Self {
        let streams: Vec<_> = state
            .streams
            .iter()
            .map(|stream| StreamResolution { stream: *stream, paid: 0 })
            .collect();
        Self {
            version: state.version,
            until,
            due,
            pending: state.pending.map(PendingResolution::new),
            streams: BoundedVec::truncate_from(streams),
        }
    }

    /// Whether nothing is left that anybody could claim.
    pub fn is_done(&self) -> bool {
        self.pending.as_ref().is_none_or(|it| it.undecided() == 0)
            && self.streams.iter().all(|it| it.paid >= it.stream.capacity())
    }

    /// What goes back to each of `participants` payers if nobody claims anything more. Nothing on
    /// overflow, which no recorded state has.
    pub fn leftovers(&self, participants: usize) -> Option<Amounts> {
        let mut left = Amounts::truncate_from(match &self.pending {
            Some(pending) => pending.transfers.totals.to_vec(),
            None => vec![0; participants],
        });
        for entry in &self.streams {
            let share = left.get_mut(usize::from(entry.stream.payer))?;
            *share = share.checked_add(entry.left()?)?;
        }
        Some(left)
    }
}

/// That a preimage was made public.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reveal<Ticket> {
    /// The first block in which it was.
    pub at: BlockNumber,
    /// The block in which the chain forgets it.
    pub until: BlockNumber,
    /// Who revealed it last and gets the storage deposit back.
    pub by: AccountId,
    /// The storage deposit.
    pub ticket: Ticket,
}

/// That an id was used, though a channel could still be opened with it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RetiredChannel<Ticket> {
    /// Who opened the channel and gets the storage deposit back.
    pub opener: AccountId,
    /// The storage deposit.
    pub ticket: Ticket,
}

/// Something that happens by itself in a certain block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Due {
    /// A dispute is concluded, or a resolution ends.
    #[codec(index = 0)]
    Channel(ChannelId),
    /// The preimage of this hash lock is forgotten.
    #[codec(index = 1)]
    Reveal(Hash),
}

impl<Ticket> Channel<Ticket> {
    /// Whether `account` is one of the participants.
    pub fn has_participant(&self, account: &AccountId) -> bool {
        self.participants.iter().any(|participant| participant.account == *account)
    }

    /// One amount for each participant, with its account.
    pub fn payouts(&self, amounts: &[Balance]) -> Vec<(AccountId, Balance)> {
        self.participants
            .iter()
            .map(|participant| participant.account.clone())
            .zip(amounts.iter().copied())
            .collect()
    }

    /// Number of participants, at most eight.
    pub fn size(&self) -> u32 {
        self.participants.len() as u32
    }
}
