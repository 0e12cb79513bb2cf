// SPDX-License-Identifier: Apache-2.0

//! The machine: one party's view of one channel.

use crate::{
    agreement::{Agreement, CoSignedState},
    error::ChannelError,
    message::{Message, Request},
    payments::{Payment, Payments, paid_by},
    signing::{Pen, Signer},
};
use millrace_primitives_channels::{Balance, ChannelState, Hash, state::Signatures};
use polkadot_sdk::sp_runtime::MultiSignature;

/// Something that happens to a party.
#[derive(Clone, Debug)]
pub enum Event {
    /// The party wants to pay.
    Pay {
        /// Position of who is paid.
        payee: u8,
        /// In the smallest unit of the channel's asset.
        amount: Balance,
    },
    /// The party wants to settle together.
    Close,
    /// A message came in over a connection that authenticates its sender.
    Received {
        /// Position of the sender.
        from: usize,
        /// What it sent.
        message: Box<Message>,
    },
    /// The connection is back, or an answer is overdue: find out who lacks what.
    Reconnected,
    /// The chain shows a dispute.
    Disputed {
        /// The newest version shown there.
        version: u64,
    },
}

/// What the owner of a [`Channel`] has to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write this down durably before any later effect leaves the machine.
    Persist(Record),
    /// Send a message.
    Send {
        /// Position of the receiver.
        to: usize,
        /// What to send.
        message: Message,
    },
    /// A new state is agreed; its payments are made.
    Agreed {
        /// Its version.
        version: u64,
        /// The payments it made; nothing if a peer handed over the state after a loss of memory.
        payments: Option<Payments>,
    },
    /// The channel ended before these payments could be made.
    Unpaid(Vec<Payment>),
    /// Submit `settle` with this final state; one party's submission is enough.
    Settle(CoSignedState),
    /// Submit `answer` with this state, which is newer than the one in the dispute.
    Answer(CoSignedState),
}

/// What has to survive a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// This party signed this state, and must never sign another one of its version.
    Signed(ChannelState),
    /// Everybody signed this state. It replaces all that was persisted before.
    Agreed(CoSignedState),
}

/// The successor of the agreed state, signed by this party and not yet by all (CP-3).
#[derive(Clone, Debug)]
pub(crate) struct HalfSigned {
    pub(crate) state: ChannelState,
    pub(crate) payments: Payments,
    pub(crate) payload: Hash,
    /// By position; nothing where a signature is missing.
    pub(crate) signatures: Vec<Option<MultiSignature>>,
}

impl HalfSigned {
    /// All signatures, if none is missing.
    pub(crate) fn complete(&self) -> Option<Signatures> {
        let all: Option<Vec<_>> = self.signatures.iter().cloned().collect();
        Signatures::try_from(all?).ok()
    }
}

/// One party's view of one channel: events in, effects out.
///
/// Every method that takes an event either applies all of it or returns an error and leaves the
/// channel as it was.
#[derive(Clone)]
pub struct Channel<S> {
    pub(crate) agreement: Agreement,
    pub(crate) me: usize,
    pub(crate) pen: Pen<S>,
    pub(crate) agreed: CoSignedState,
    pub(crate) in_flight: Option<HalfSigned>,
    /// This party's payments that no version carries yet.
    pub(crate) queue: Vec<Payment>,
    /// Whether this party wants to settle and has not asked for it yet.
    pub(crate) close_wanted: bool,
    /// What this party asked another proposer to include.
    pub(crate) asked: Option<Request>,
    /// What others asked this party to include, by position.
    pub(crate) requests: Vec<Option<Request>>,
    /// Newest version that a dispute on chain shows, if there is one.
    pub(crate) disputed: Option<u64>,
}

impl<S: Signer> Channel<S> {
    /// A channel that was just opened on chain: version 0 is agreed.
    ///
    /// `signer`: the key that the parameters name for this party.
    pub fn new(agreement: Agreement, signer: S) -> Result<Self, ChannelError> {
        let public = signer.public_key();
        let me = (0..agreement.size())
            .find(|position| agreement.signer(*position) == Some(&public))
            .ok_or(ChannelError::NotAParticipant {
                public: Box::new(public),
                channel: agreement.id(),
            })?;
        Ok(Self {
            me,
            pen: Pen::new(signer),
            agreed: CoSignedState::opening(&agreement),
            in_flight: None,
            queue: Vec::new(),
            close_wanted: false,
            asked: None,
            requests: vec![None; agreement.size()],
            disputed: None,
            agreement,
        })
    }

    /// Takes an event and returns what has to be done about it.
    pub fn handle(&mut self, event: Event) -> Result<Vec<Effect>, ChannelError> {
        match event {
            Event::Pay { payee, amount } => self.pay(payee, amount),
            Event::Close => self.close(),
            Event::Received { from, message } => self.receive(from, *message),
            Event::Reconnected => Ok(self.reconnected()),
            Event::Disputed { version } => Ok(self.disputed(version)),
        }
    }

    /// Takes a message from the participant at `from`, whom the connection authenticates.
    pub fn receive(&mut self, from: usize, message: Message) -> Result<Vec<Effect>, ChannelError> {
        if from == self.me || from >= self.agreement.size() {
            return Err(ChannelError::UnknownSender { sender: from });
        }
        let (received, expected) = (message.channel(), self.agreement.id());
        if received != expected {
            return Err(ChannelError::OtherChannel { received, expected });
        }
        match message {
            Message::Request(request) => self.receive_request(from, request),
            Message::Proposal(proposal) => self.receive_proposal(from, proposal),
            Message::Acceptance(acceptance) => self.receive_acceptance(from, acceptance),
            Message::Status(status) => Ok(self.receive_status(from, &status)),
            Message::Newest(newest) => self.receive_newest(newest),
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

    /// The newest state that everybody signed: what to settle, dispute or answer with.
    pub fn newest(&self) -> &CoSignedState {
        &self.agreed
    }

    /// Version of the half-signed successor, if an update is under way.
    pub fn version_in_flight(&self) -> Option<u64> {
        self.in_flight.as_ref().map(|half| half.state.version)
    }

    /// Whether nothing is under way or waiting on this side.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_none()
            && self.queue.is_empty()
            && self.asked.is_none()
            && !self.close_wanted
    }

    /// What this party can still pay: its agreed balance minus all that it already promised. Money
    /// on its way to this party counts once it is agreed.
    pub fn spendable(&self) -> Balance {
        let in_flight = self.in_flight.as_ref().map_or(0, |half| paid_by(&half.payments, self.me));
        let asked = match (&self.asked, &self.in_flight) {
            (Some(asked), Some(half)) if in_flight > 0 && half.state.version == asked.version => 0,
            (Some(asked), _) => paid_by(&asked.payments, self.me),
            (None, _) => 0,
        };
        self.agreed
            .balance(self.me)
            .saturating_sub(in_flight)
            .saturating_sub(asked)
            .saturating_sub(paid_by(&self.queue, self.me))
    }

    /// Positions of everybody else.
    pub(crate) fn others(&self) -> impl Iterator<Item = usize> + use<S> {
        let me = self.me;
        (0..self.agreement.size()).filter(move |position| *position != me)
    }

    /// Sends one message to everybody else.
    pub(crate) fn to_others(&self, message: &Message) -> Vec<Effect> {
        self.others().map(|to| Effect::Send { to, message: message.clone() }).collect()
    }
}
