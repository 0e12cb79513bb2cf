// SPDX-License-Identifier: Apache-2.0

//! The simulated chain: the judge's rules written a second time, from their description and not from
//! the pallet, over a plain table.
//!
//! What is left out: fees (they only decide who is included first), storage deposits, applications,
//! other assets, and the forgetting of old reveals, which takes longer than any world here.

mod blocks;
mod checks;
mod disputing;
mod resolving;

use crate::settings::{Mutant, POCKET};
use millrace_channels_protocol::{Agreement, CoSignedState, message::SignedResize};
use millrace_primitives_channels::{
    AccountId, Balance, BlockNumber, ChannelId, ChannelState, Hash, MerkleProof, PendingTransfers,
    Stream, Transfer,
    resize::Deltas,
    state_payload,
    stream::Link,
    transfer::{Preimage, hashlock},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use thiserror::Error;

/// What somebody asks the chain for.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Resize(Box<SignedResize>),
    Settle(CoSignedState),
    Dispute(CoSignedState),
    Answer(CoSignedState),
    Reveal(Preimage),
    Claim { channel: usize, transfer: Transfer, proof: MerkleProof },
    Refund { channel: usize, transfer: Transfer, proof: MerkleProof },
    ClaimStream { channel: usize, position: u8, link: Link, depth: u32, proof: MerkleProof },
}

/// A call that waits for a block.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    /// The party that sends it.
    pub(crate) by: usize,
    pub(crate) call: Call,
    /// What it offers to be included; its owner doubles it with every block that leaves it out.
    tip: u64,
}

/// Why the chain refuses a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("the channel is over or was never there")]
    Gone,
    #[error("the channel is not in the phase that the call needs")]
    WrongPhase,
    #[error("a state of this or a higher version is known already")]
    Stale,
    #[error("the time for it is over")]
    TooLate,
    #[error("the time for it has not come")]
    TooEarly,
    #[error("the state is not final, or not plain")]
    NotFinal,
    #[error("the amounts do not add up")]
    BadShape,
    #[error("a signature is missing or wrong")]
    BadSignature,
    #[error("the state is not the base that the chain knows")]
    NotTheBase,
    #[error("the sender is no participant")]
    NotParticipant,
    #[error("the account has not enough")]
    NoFunds,
    #[error("the proof does not fit")]
    BadProof,
    #[error("it is decided already")]
    Decided,
    #[error("no preimage was revealed in time")]
    NotRevealed,
    #[error("the preimage was revealed in time")]
    WasRevealed,
}

impl Refusal {
    /// Whether an honest party may run into it: others, or itself before a crash, were faster.
    pub(crate) fn is_a_race(self) -> bool {
        matches!(self, Self::Gone | Self::WrongPhase | Self::Stale | Self::TooLate | Self::Decided)
    }
}

/// What a block shows.
#[derive(Clone, Debug)]
pub(crate) enum News {
    Resized { channel: usize, version: u64, deposit: Balance, deltas: Deltas },
    Disputed { channel: usize, version: u64 },
    Answered { channel: usize, version: u64 },
    Settled { channel: usize, state: Box<ChannelState> },
    Concluded { channel: usize, state: Box<ChannelState>, until: Option<BlockNumber> },
    Claimed { channel: usize, id: u64 },
    Refunded { channel: usize, id: u64 },
    Forfeited { channel: usize, by: usize },
    Over { channel: usize },
    Revealed { preimage: Preimage, lock: Hash, at: BlockNumber },
}

impl News {
    /// The channel it is about.
    pub(crate) fn channel(&self) -> Option<usize> {
        match self {
            Self::Resized { channel, .. }
            | Self::Disputed { channel, .. }
            | Self::Answered { channel, .. }
            | Self::Settled { channel, .. }
            | Self::Concluded { channel, .. }
            | Self::Claimed { channel, .. }
            | Self::Refunded { channel, .. }
            | Self::Forfeited { channel, .. }
            | Self::Over { channel } => Some(*channel),
            Self::Revealed { .. } => None,
        }
    }
}

/// What an account has outside of channels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Money {
    pub(crate) free: Balance,
    pub(crate) bonds: Balance,
}

/// A channel as the chain sees it.
#[derive(Clone, Debug)]
pub(crate) struct OnChain {
    /// What states distribute.
    pub(crate) deposit: Balance,
    /// What of it has not been paid out.
    pub(crate) held: Balance,
    /// Version and digest of the state that needs no signatures.
    pub(crate) base: (u64, Hash),
    /// What each participant was paid by the channel's end.
    pub(crate) paid: Vec<Balance>,
    pub(crate) phase: Phase,
}

/// Where a channel stands.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    Open,
    Disputed(Box<Dispute>),
    Resolving(Box<Resolution>),
    Over,
}

/// The newest state shown, and who has to answer for the first one.
#[derive(Clone, Debug)]
pub(crate) struct Dispute {
    by: usize,
    reward_to: Option<usize>,
    first: u64,
    deadline: BlockNumber,
    pub(crate) state: ChannelState,
}

/// What is being decided after the balances were paid.
#[derive(Clone, Debug)]
pub(crate) struct Resolution {
    until: BlockNumber,
    pending: Option<PendingTransfers>,
    decided: BTreeSet<u32>,
    /// Each stream, and how many of its units were claimed.
    pub(crate) streams: Vec<(Stream, u64)>,
}

/// How to take back what a block did.
#[derive(Debug)]
enum Undo {
    Channel(usize, Box<OnChain>),
    Account(usize, Money),
    Reveal(Hash),
    Treasury(Balance),
}

/// A block that may still be taken back.
#[derive(Debug)]
struct Block {
    number: BlockNumber,
    undo: Vec<Undo>,
    included: Vec<Submission>,
    news: Vec<News>,
}

/// The chain.
#[derive(Debug)]
pub(crate) struct Chain {
    genesis: Hash,
    mutant: Option<Mutant>,
    pub(crate) height: BlockNumber,
    pub(crate) finalised: BlockNumber,
    terms: Vec<Agreement>,
    by_id: BTreeMap<ChannelId, usize>,
    pub(crate) channels: Vec<OnChain>,
    pub(crate) accounts: Vec<Money>,
    by_account: BTreeMap<AccountId, usize>,
    treasury: Balance,
    issuance: Balance,
    reveals: BTreeMap<Hash, (Preimage, BlockNumber)>,
    /// Channels that a deadline waits for.
    closing: BTreeSet<usize>,
    pool: Vec<Submission>,
    /// What a submission has to offer at least, up to and including this block.
    bidding: (u64, BlockNumber),
    recent: VecDeque<Block>,
    current: Block,
    /// What each final block shows, by height.
    news: Vec<Vec<News>>,
    /// What happened to each channel in final blocks.
    pub(crate) history: Vec<Vec<(BlockNumber, News)>>,
    /// Reveals in final blocks.
    pub(crate) known: BTreeMap<Hash, (Preimage, BlockNumber)>,
    /// Calls that were refused, until somebody looks.
    pub(crate) refused: Vec<(Submission, Refusal)>,
    /// Channels that blocks have touched since the last check.
    touched: BTreeSet<usize>,
}

impl Chain {
    /// A chain on which these accounts have their pocket money and nothing else.
    pub(crate) fn new(genesis: Hash, accounts: &[AccountId], mutant: Option<Mutant>) -> Self {
        let by_account = accounts.iter().cloned().zip(0..).collect();
        let money = Money { free: POCKET, bonds: 0 };
        Self {
            genesis,
            mutant,
            height: 0,
            finalised: 0,
            terms: Vec::new(),
            by_id: BTreeMap::new(),
            channels: Vec::new(),
            accounts: vec![money; accounts.len()],
            by_account,
            treasury: 0,
            issuance: POCKET * accounts.len() as Balance,
            reveals: BTreeMap::new(),
            closing: BTreeSet::new(),
            pool: Vec::new(),
            bidding: (0, 0),
            recent: VecDeque::new(),
            current: Block { number: 0, undo: Vec::new(), included: Vec::new(), news: Vec::new() },
            news: vec![Vec::new()],
            history: Vec::new(),
            known: BTreeMap::new(),
            refused: Vec::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Opens a channel in the first block. Everybody brings the deposit along, on top of the pocket
    /// money.
    pub(crate) fn open(&mut self, terms: &Agreement) -> usize {
        let channel = self.channels.len();
        let opening = CoSignedState::opening(terms);
        self.channels.push(OnChain {
            deposit: terms.total(),
            held: terms.total(),
            base: (0, state_payload(&self.genesis, opening.state())),
            paid: vec![0; terms.size()],
            phase: Phase::Open,
        });
        self.issuance += terms.total();
        self.by_id.insert(terms.id(), channel);
        self.terms.push(terms.clone());
        self.history.push(Vec::new());
        self.touched.insert(channel);
        channel
    }

    /// Takes a call into the pool.
    pub(crate) fn submit(&mut self, by: usize, call: Call) {
        self.pool.push(Submission { by, call, tip: 1 });
    }

    /// What a final block shows.
    pub(crate) fn news_of(&self, block: BlockNumber) -> &[News] {
        self.news.get(block as usize).map_or(&[], Vec::as_slice)
    }

    /// The party whose account takes part in a channel at a position.
    fn account_at(&self, channel: usize, position: usize) -> Result<usize, Refusal> {
        let participants = &self.terms[channel].params().participants;
        let participant = participants.get(position).ok_or(Refusal::NotParticipant)?;
        self.by_account.get(&participant.account).copied().ok_or(Refusal::NotParticipant)
    }

    /// The channel with this id, unless it is over.
    fn find(&self, id: &ChannelId) -> Result<usize, Refusal> {
        let channel = *self.by_id.get(id).ok_or(Refusal::Gone)?;
        match self.channels[channel].phase {
            Phase::Over => Err(Refusal::Gone),
            _ => Ok(channel),
        }
    }

    /// A channel that is going to be changed.
    fn change(&mut self, channel: usize) -> &mut OnChain {
        let before = Box::new(self.channels[channel].clone());
        self.current.undo.push(Undo::Channel(channel, before));
        self.touched.insert(channel);
        &mut self.channels[channel]
    }

    /// An account that is going to be changed.
    fn money(&mut self, party: usize) -> &mut Money {
        self.current.undo.push(Undo::Account(party, self.accounts[party]));
        &mut self.accounts[party]
    }

    fn tell(&mut self, news: News) {
        self.current.news.push(news);
    }

    /// Whether the preimage of a transfer was revealed in time.
    fn is_unlocked(&self, transfer: &Transfer) -> bool {
        let ignores_expiry = self.mutant == Some(Mutant::JudgeIgnoresExpiry);
        self.reveals
            .get(&transfer.hashlock)
            .is_some_and(|(_, at)| ignores_expiry || *at < transfer.expiry)
    }

    /// Records a reveal; the first block counts.
    fn reveal(&mut self, preimage: Preimage) -> Result<(), Refusal> {
        let lock = hashlock(&preimage);
        if self.reveals.contains_key(&lock) {
            return Err(Refusal::Decided);
        }
        let at = self.height;
        self.reveals.insert(lock, (preimage, at));
        self.current.undo.push(Undo::Reveal(lock));
        self.tell(News::Revealed { preimage, lock, at });
        Ok(())
    }
}
