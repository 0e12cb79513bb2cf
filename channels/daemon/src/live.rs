// SPDX-License-Identifier: Apache-2.0

//! A channel in memory: awake and ready for use, or asleep as a few hundred bytes.
//!
//! Most channels of a busy node are idle at any moment. A channel in which nothing is under way is
//! nothing but its terms and its snapshot, so it is kept as their bytes until somebody needs it.

use crate::{
    input::{CommandId, Millis, Ticket},
    keys::{ChannelKey, Keys},
    operation::OperationId,
    records::{Read, Written, snapshot},
    terms::{Stage, Terms},
    write::Write,
};
use codec::{DecodeAll, Encode};
use millrace_channels_protocol::{
    Change, Channel, ChannelError, Memory, Policy, Record, Snapshot, Source, StreamName,
};
use millrace_primitives_channels::{BlockNumber, ChannelId, Hash, Transfer, resize::Deltas};
use std::collections::{BTreeSet, VecDeque};

/// A channel in memory.
pub(crate) enum Slot {
    /// Ready for use.
    Awake(Box<Live>),
    /// As bytes: [`Terms`], then [`Snapshot`].
    Asleep(Box<[u8]>),
    /// Its records cannot be used, for this reason.
    Damaged(Box<str>),
    /// In somebody's hands: only while an event is handled.
    Taken,
}

/// What a command waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// Until this change is agreed.
    Change(Change),
    /// Until the resize is decided.
    Resize,
    /// Until the channel is over.
    Close,
}

/// A command that waits, or a named payment whose command is gone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) command: Option<CommandId>,
    pub(crate) operation: Option<OperationId>,
    pub(crate) wanted: Wanted,
    /// Whether somebody was asked for it, or this party has signed it: only then may it be made
    /// without this party's hearing of it.
    pub(crate) is_out: bool,
}

impl Waiting {
    /// A command without a name.
    pub(crate) fn new(command: CommandId, wanted: Wanted) -> Self {
        Self { command: Some(command), operation: None, wanted, is_out: false }
    }

    /// Whether a payment was wanted.
    pub(crate) fn is_payment(&self) -> bool {
        matches!(self.wanted, Wanted::Change(Change::Pay(_)))
    }
}

/// What waited when the channel was said to be over, and is in a state or a request that left: it is
/// made if the channel lives after all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Carried {
    /// Its command was answered.
    pub(crate) waiting: Waiting,
    /// Whether this party has signed it; otherwise it was only asked for.
    pub(crate) is_signed: bool,
}

impl Wanted {
    /// Whether an agreed change is what was wanted.
    pub(crate) fn is(&self, made: &Change) -> bool {
        match (self, made) {
            // How much a fold pays is decided when it is proposed.
            (Self::Change(Change::FoldStream(wanted)), Change::FoldStream(made)) => {
                wanted.stream == made.stream
            }
            (Self::Change(wanted), made) => wanted == made,
            _ => false,
        }
    }
}

/// Where a channel stands on chain, as far as the node has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    /// This party closes alone.
    ClosingAlone,
    /// A dispute is in sight.
    Disputed {
        /// The newest version shown there.
        version: u64,
    },
    /// What is conditional is being decided.
    Resolving,
    /// It is gone.
    Over,
}

/// A channel that is ready for use.
pub(crate) struct Live {
    pub(crate) id: ChannelId,
    pub(crate) terms: Terms,
    pub(crate) channel: Channel<ChannelKey>,
    pub(crate) written: Written,
    /// What is to be written with the next records, or by itself if there are none.
    pub(crate) writes: Vec<Write>,
    /// The newest ticket that something of this channel is written under.
    pub(crate) ticket: Ticket,
    /// The height that the machine was told last.
    pub(crate) height: BlockNumber,
    /// When it was used last.
    pub(crate) touched: Millis,
    /// When a peer was heard last, or the first thing that it has to answer was asked.
    pub(crate) heard: Millis,
    /// When its peers were asked last who lacks what.
    pub(crate) asked: Millis,
    /// Commands that wait, oldest first.
    pub(crate) waiting: VecDeque<Waiting>,
    /// Once it is said to be over: what goes on if it is not.
    pub(crate) carried: Vec<Carried>,
    /// Links of the streams that this party pays.
    pub(crate) sources: Vec<Source>,
    pub(crate) fate: Fate,
    /// While it is disputed: answers count in blocks below this one.
    pub(crate) deadline: Option<BlockNumber>,
    /// Transfers to this party that nobody has looked at.
    pub(crate) offers: VecDeque<Transfer>,
    /// The resize that the owner wants.
    pub(crate) resize: Option<(Deltas, BlockNumber)>,
    /// The last block of the newest resize of others that was refused, so that it is told once.
    pub(crate) refused: Option<BlockNumber>,
    /// The version by which the chain has taken it.
    pub(crate) taken: Option<u64>,
    /// Locks that the chain is watched for.
    pub(crate) locks: BTreeSet<Hash>,
}

impl Live {
    /// A channel that was just opened.
    pub(crate) fn new(
        terms: Terms,
        genesis: &Hash,
        keys: &Keys,
        policy: Policy,
    ) -> Result<Self, ChannelError> {
        let agreement = terms.agreement(genesis)?;
        let channel = Channel::with_policy(agreement, keys.signer().clone(), policy)?;
        Ok(Self::with(terms, channel, Written::new()))
    }

    fn with(terms: Terms, channel: Channel<ChannelKey>, written: Written) -> Self {
        Self {
            id: channel.agreement().id(),
            terms,
            channel,
            written,
            writes: Vec::new(),
            ticket: Ticket::default(),
            height: 0,
            touched: 0,
            heard: 0,
            asked: 0,
            waiting: VecDeque::new(),
            carried: Vec::new(),
            sources: Vec::new(),
            fate: Fate::Open,
            deadline: None,
            offers: VecDeque::new(),
            resize: None,
            refused: None,
            taken: None,
            locks: BTreeSet::new(),
        }
    }

    /// A channel as its records leave it. `question`: a number not used for it before, asked if the
    /// records come from a copy.
    pub(crate) fn restore(
        read: Read,
        snapshot: Snapshot,
        genesis: &Hash,
        keys: &Keys,
        policy: Policy,
        question: u64,
    ) -> Result<Self, ChannelError> {
        let Read { terms, later, written, .. } = read;
        let agreement = terms.agreement(genesis)?;
        let memory = match written.is_confirmed {
            true => Memory::Complete,
            false => Memory::Lagging { question },
        };
        let is_closing_alone = snapshot.is_closing_alone;
        let records = core::iter::once(Record::Snapshot(Box::new(snapshot))).chain(later);
        let channel = Channel::restore(agreement, keys.signer().clone(), policy, records, memory)?;
        let mut live = Self::with(terms, channel, written);
        if is_closing_alone {
            live.fate = Fate::ClosingAlone;
        }
        let me = live.terms.position;
        live.offers =
            live.channel.transfers().iter().filter(|it| it.payee == me).copied().collect();
        Ok(live)
    }

    /// Whether the machine has to hear of each final block.
    pub(crate) fn follows_blocks(&self) -> bool {
        self.fate != Fate::Open
            || self.resize.is_some()
            || self.channel.is_resizing()
            || !self.channel.transfers().is_empty()
    }

    /// Whether this party pays by a stream and does not know how far it has come: it was restarted,
    /// and what the payee said did not arrive.
    pub(crate) fn lacks_marks(&self) -> bool {
        let own = self.channel.streams().iter().filter(|it| it.payer == self.terms.position);
        own.map(StreamName::of).any(|name| self.channel.released(name).is_none())
    }

    /// Whether nothing would be lost if only terms and snapshot were kept.
    fn is_quiet(&self) -> bool {
        self.fate == Fate::Open
            && self.written.is_confirmed
            && self.waiting.is_empty()
            && self.sources.is_empty()
            && self.offers.is_empty()
            && self.resize.is_none()
            && !self.channel.is_resizing()
            && self.channel.is_idle()
            && self.channel.transfers().is_empty()
            && self.channel.streams().is_empty()
            && !self.channel.newest().state().is_final
    }

    /// The channel as bytes, if it may sleep. What it wrote has to be durable.
    pub(crate) fn to_bytes(&self) -> Option<Box<[u8]>> {
        if !self.is_quiet() {
            return None;
        }
        let snapshot = snapshot(&self.channel);
        can_sleep(&snapshot).then(|| (&self.terms, snapshot).encode().into_boxed_slice())
    }

    /// The channel from its bytes.
    pub(crate) fn from_bytes(
        bytes: &[u8],
        genesis: &Hash,
        keys: &Keys,
        policy: Policy,
    ) -> Result<Self, String> {
        let (terms, snapshot) = asleep(bytes)?;
        let read = Read { terms, snapshot: None, later: Vec::new(), written: Written::new() };
        Self::restore(read, snapshot, genesis, keys, policy, 0).map_err(|error| error.to_string())
    }

    /// The payee that a command names, or the only other participant.
    pub(crate) fn payee(&self, named: Option<u8>) -> Option<u8> {
        named.or_else(|| self.terms.counterpart())
    }

    /// Notes that changes were signed or asked for. They come in the order in which they were
    /// wanted, so that each is found next to the one before.
    pub(crate) fn note_out<'a>(&mut self, changes: impl IntoIterator<Item = &'a Change>) {
        let mut from = 0_usize;
        for change in changes {
            let is_it = |it: &Waiting| !it.is_out && it.wanted.is(change);
            let place = self.waiting.iter().skip(from).position(is_it).map(|it| it + from);
            let place = place.or_else(|| self.waiting.iter().take(from).position(is_it));
            let Some(place) = place else { continue };
            if let Some(waiting) = self.waiting.get_mut(place) {
                waiting.is_out = true;
            }
            from = place.saturating_add(1);
        }
    }

    /// What waits longest for this change.
    pub(crate) fn take_waiting(&mut self, made: &Change) -> Option<Waiting> {
        let place = self.waiting.iter().position(|waiting| waiting.wanted.is(made))?;
        self.waiting.remove(place)
    }

    /// Everything that waits for which `is` holds.
    pub(crate) fn take_all_waiting(&mut self, is: impl Fn(&Waiting) -> bool) -> VecDeque<Waiting> {
        let all = core::mem::take(&mut self.waiting);
        let (taken, kept) = all.into_iter().partition(|waiting| is(waiting));
        self.waiting = kept;
        taken
    }
}

/// Whether a snapshot can stand for its channel.
pub(crate) fn can_sleep(snapshot: &Snapshot) -> bool {
    let state = snapshot.newest.state();
    state.is_plain()
        && !state.is_final
        && snapshot.signed.is_none()
        && snapshot.asked.is_none()
        && snapshot.resize.is_none()
        && snapshot.lagging.is_none()
        && !snapshot.is_closing_alone
        // The others may not have a base yet; only a machine that is awake can hand it over.
        && (snapshot.base == 0 || snapshot.base < snapshot.newest.version())
}

/// A channel that was read from the store, as bytes, if it may sleep at once.
pub(crate) fn sleeping(read: &Read) -> Option<Box<[u8]>> {
    let snapshot = read.snapshot.as_ref()?;
    let is_open = read.terms.stage == Stage::Open;
    let is_idle = read.later.is_empty() && read.written.is_confirmed;
    (is_open && is_idle && can_sleep(snapshot))
        .then(|| (&read.terms, snapshot).encode().into_boxed_slice())
}

/// Terms and snapshot of a channel that is asleep.
pub(crate) fn asleep(bytes: &[u8]) -> Result<(Terms, Snapshot), String> {
    <(Terms, Snapshot)>::decode_all(&mut &*bytes).map_err(|error| error.to_string())
}
