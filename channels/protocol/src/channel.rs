// SPDX-License-Identifier: Apache-2.0

//! The machine: one party's view of one channel.

use crate::{
    agreement::{Agreement, CoSignedState},
    changes::{Change, Changes, StreamName},
    conditions::Preimages,
    effect::{Effect, Event, Record},
    error::ChannelError,
    ledger::Ledger,
    message::{Message, Request},
    outbox::Outbox,
    policy::Policy,
    reconnecting::Lagging,
    resizing::Resizing,
    resolving::Chain,
    signing::{Pen, Signer},
    streaming::Streaming,
    verifying::Claim,
};
use millrace_primitives_channels::{
    Balance, BlockNumber, ChannelState, Hash, Stream, Transfer, state::Signatures,
};
use polkadot_sdk::sp_runtime::MultiSignature;

/// The successor of the agreed state, signed by this party and not yet by all (CP-3).
#[derive(Clone, Debug)]
pub(crate) struct HalfSigned {
    pub(crate) state: ChannelState,
    pub(crate) changes: Changes,
    /// What the state distributes.
    pub(crate) ledger: Ledger,
    /// What this party's own changes in it take from its balance.
    pub(crate) cost: Balance,
    /// Whether it carries changes of this party's own.
    pub(crate) carries_own: bool,
    pub(crate) payload: Hash,
    /// By position; nothing where a signature is missing.
    pub(crate) signatures: Vec<Option<MultiSignature>>,
}

impl HalfSigned {
    /// All signatures, if none is missing.
    pub(crate) fn complete(&self) -> Option<Signatures> {
        if self.signatures.iter().any(Option::is_none) {
            return None;
        }
        let all: Vec<_> = self.signatures.iter().flatten().cloned().collect();
        Signatures::try_from(all).ok()
    }

    /// The signature of the participant at `position`.
    pub(crate) fn signature(&self, position: usize) -> Option<&MultiSignature> {
        self.signatures.get(position).and_then(Option::as_ref)
    }
}

/// One party's view of one channel: events in, effects out.
///
/// Every method that takes an event either applies all of it or returns an error and leaves the
/// channel as it was.
#[derive(Clone)]
pub struct Channel<S> {
    pub(crate) agreement: Agreement,
    pub(crate) policy: Policy,
    pub(crate) me: usize,
    pub(crate) pen: Pen<S>,
    pub(crate) agreed: CoSignedState,
    /// What the agreed state distributes.
    pub(crate) ledger: Ledger,
    pub(crate) in_flight: Option<HalfSigned>,
    pub(crate) outbox: Outbox,
    /// What others asked this party to include, by position.
    pub(crate) requests: Vec<Option<Request>>,
    /// Whether another party wants to settle.
    pub(crate) peer_closing: bool,
    /// Height of the newest block that the owner has told.
    pub(crate) now: BlockNumber,
    /// The highest block that was seen, final or not.
    pub(crate) best: BlockNumber,
    /// The lowest number that none of this party's transfers has had, without its position.
    pub(crate) next_transfer: u64,
    pub(crate) preimages: Preimages,
    pub(crate) streaming: Streaming,
    pub(crate) resizing: Resizing,
    pub(crate) chain: Chain,
    /// Set while this party may have forgotten what it signed.
    pub(crate) lagging: Option<Lagging>,
}

impl<S: Signer> Channel<S> {
    /// A channel that was just opened on chain, with the default [`Policy`]: version 0 is agreed.
    ///
    /// `signer`: the key that the parameters name for this party.
    pub fn new(agreement: Agreement, signer: S) -> Result<Self, ChannelError> {
        Self::with_policy(agreement, signer, Policy::default())
    }

    /// As [`Channel::new`], with this party's own limits of time.
    pub fn with_policy(
        agreement: Agreement,
        signer: S,
        policy: Policy,
    ) -> Result<Self, ChannelError> {
        let public = signer.public_key();
        let me = (0..agreement.size())
            .find(|position| agreement.signer(*position) == Some(&public))
            .ok_or(ChannelError::NotAParticipant {
                public: Box::new(public),
                channel: agreement.id(),
            })?;
        let agreed = CoSignedState::opening(&agreement);
        Ok(Self {
            me,
            policy,
            pen: Pen::new(signer),
            ledger: Ledger::of(agreed.state(), Vec::new())?,
            agreed,
            in_flight: None,
            outbox: Outbox::default(),
            requests: vec![None; agreement.size()],
            peer_closing: false,
            now: 0,
            best: 0,
            next_transfer: 0,
            preimages: Preimages::default(),
            streaming: Streaming::default(),
            resizing: Resizing::default(),
            chain: Chain::Open,
            lagging: None,
            agreement,
        })
    }

    /// Takes an event and returns what has to be done about it.
    pub fn handle(&mut self, event: Event) -> Result<Vec<Effect>, ChannelError> {
        match event {
            Event::Pay { payee, amount } => self.pay(payee, amount),
            Event::Offer { payee, amount, hashlock, expiry } => {
                self.offer(payee, amount, hashlock, expiry).map(|(_, effects)| effects)
            }
            Event::Fulfil { id, preimage } => self.fulfil(id, preimage),
            Event::Fail { id } => self.fail(id),
            Event::OpenStream(stream) => self.open_stream(stream),
            Event::FoldStream(name) => self.fold_stream(name),
            Event::Resize { deltas, valid_until } => self.resize(deltas, valid_until),
            Event::Consent { version, signature } => self.consent(version, signature),
            Event::Close => self.close(),
            Event::ForceClose => Ok(self.force_close()),
            Event::Received { from, message } => self.receive(from, *message),
            Event::Reconnected => Ok(self.reconnected()),
            Event::Block { number } => Ok(self.block(number)),
            Event::Revealed { preimage, at } => Ok(self.revealed(preimage, at)),
            Event::Resized { version, deposit } => self.resized(version, deposit),
            Event::Base { version, digest } => Ok(self.base_is(version, digest)),
            Event::Disputed { version } => Ok(self.disputed(version)),
            Event::Concluded { version, until } => self.concluded(version, until),
            Event::Over => Ok(self.over()),
        }
    }

    /// Takes a message from the participant at `from`, whom the connection authenticates.
    pub fn receive(&mut self, from: usize, message: Message) -> Result<Vec<Effect>, ChannelError> {
        self.receive_verified(from, message, None)
    }

    /// As [`Channel::receive`], if what [`Channel::claim`] told of the message was verified and found
    /// true before.
    pub fn receive_verified(
        &mut self,
        from: usize,
        message: Message,
        verified: Option<&Claim>,
    ) -> Result<Vec<Effect>, ChannelError> {
        if from == self.me || from >= self.agreement.size() {
            return Err(ChannelError::UnknownSender { sender: from });
        }
        let (received, expected) = (message.channel(), self.agreement.id());
        if received != expected {
            return Err(ChannelError::OtherChannel { received, expected });
        }
        match message {
            Message::Request(request) => self.receive_request(from, request),
            Message::Proposal(proposal) => self.receive_proposal(from, proposal, verified),
            Message::Acceptance(acceptance) => self.receive_acceptance(from, acceptance, verified),
            Message::Status(status) => Ok(self.receive_status(from, &status)),
            Message::Newest(newest) => self.receive_newest(newest),
            Message::Recall(recall) => self.receive_recall(recall),
            Message::Fulfil(fulfil) => self.receive_fulfil(from, &fulfil),
            Message::Closing(_) => Ok(self.receive_closing()),
            Message::Pulse(pulses) => self.receive_pulse(from, pulses),
            Message::ResizeProposal(proposal) => self.receive_resize_proposal(from, proposal),
            Message::ResizeAcceptance(acceptance) => {
                self.receive_resize_acceptance(from, acceptance)
            }
            Message::Resized(signed) => self.receive_resized(signed),
        }
    }

    /// The channel's terms.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// This party's position among the participants.
    pub fn position(&self) -> usize {
        self.me
    }

    /// This party's limits of time.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The newest state that everybody signed: what to settle, dispute or answer with.
    pub fn newest(&self) -> &CoSignedState {
        &self.agreed
    }

    /// The conditional transfers of the newest state, in the order of its Merkle tree.
    pub fn transfers(&self) -> &[Transfer] {
        self.ledger.transfers().list()
    }

    /// The streams of the newest state.
    pub fn streams(&self) -> &[Stream] {
        &self.ledger.streams
    }

    /// Version of the half-signed successor, if an update is under way.
    pub fn version_in_flight(&self) -> Option<u64> {
        self.in_flight.as_ref().map(|half| half.state.version)
    }

    /// Whether nothing is under way or waiting on this side. Transfers and streams that are agreed
    /// and not decided do not count.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_none()
            && self.outbox.is_empty()
            && self.outbox.asked.is_none()
            && !self.outbox.close_wanted
            && self.lagging.is_none()
    }

    /// What this party can still pay: its agreed balance minus all that it already promised. Money
    /// on its way to this party counts once it is agreed.
    pub fn spendable(&self) -> Balance {
        let in_flight = self.in_flight.as_ref().map_or(0, |half| half.cost);
        let asked = match (&self.outbox.asked, &self.in_flight) {
            // What the state in flight carries counts once.
            (Some(asked), Some(half))
                if half.carries_own && half.state.version == asked.version =>
            {
                0
            }
            (Some(asked), _) => crate::outbox::cost_of(&asked.changes),
            (None, _) => 0,
        };
        self.agreed
            .balance(self.me)
            .saturating_sub(in_flight)
            .saturating_sub(asked)
            .saturating_sub(self.outbox.promised())
    }

    /// This party's position as it stands in changes.
    pub(crate) fn my_position(&self) -> u8 {
        // At most eight take part.
        u8::try_from(self.me).unwrap_or(u8::MAX)
    }

    /// Whether a change for which `is` holds waits, was asked for or is in flight.
    pub(crate) fn is_under_way(&self, is: impl Fn(&Change) -> bool) -> bool {
        self.outbox.has(&is)
            || self.in_flight.as_ref().is_some_and(|half| half.changes.iter().any(&is))
    }

    /// The stream of this name that is agreed.
    pub(crate) fn agreed_stream(
        &self,
        name: StreamName,
    ) -> Result<Stream, crate::error::StreamError> {
        let unknown = crate::error::StreamError::Unknown { stream: name };
        self.ledger.stream(name).copied().ok_or(unknown)
    }

    /// Positions of everybody else.
    pub(crate) fn others(&self) -> impl Iterator<Item = usize> + use<S> {
        let me = self.me;
        (0..self.agreement.size()).filter(move |position| *position != me)
    }

    /// Sends one message to everybody else.
    pub(crate) fn to_others(&self, message: Message) -> Vec<Effect> {
        let mut others: Vec<_> = self.others().collect();
        let last = others.pop();
        let mut effects: Vec<_> =
            others.into_iter().map(|to| Effect::Send { to, message: message.clone() }).collect();
        effects.extend(last.map(|to| Effect::Send { to, message }));
        effects
    }

    /// Writes something down.
    pub(crate) fn persist(record: Record) -> Effect {
        Effect::Persist(record)
    }
}
