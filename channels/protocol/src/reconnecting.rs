// SPDX-License-Identifier: Apache-2.0

//! Finding out who lacks what after messages, or memory, were lost.
//!
//! A party that may have forgotten what it signed is *lagging*: one restored from a backup whose
//! owner says so, or one that is handed a state with its own signature that it does not know. It
//! signs nothing until every other party has answered its question: what it has, and under which
//! version it holds a signature of the asking party's. It is handed what it lacks, its own half-signed
//! words included ([`Recall`]).
//!
//! The answers have to come over connections that were opened after the loss, so that nothing sent
//! before it is still on its way. A peer that lies can make a party that restored an old backup sign
//! one version twice; nobody can help against that who has forgotten what it signed. That is why a
//! backup has to be taken for lagging unless it is known to be complete.

use crate::{
    adopting::Made,
    agreement::CoSignedState,
    changes::MAX_CHANGES,
    channel::{Channel, HalfSigned},
    effect::{Effect, Record},
    error::{ChannelError, ProposalError},
    ledger::Ledger,
    message::{Acceptance, Leaves, Message, Newest, Proposal, Recall, SignedResize, Status},
    proposal::verify_by,
    signing::Signer,
};

/// Whom a party that may have forgotten something has heard.
#[derive(Clone, Debug)]
pub(crate) struct Lagging {
    /// Answers repeat it.
    question: u64,
    /// By position.
    heard: Vec<bool>,
}

impl Lagging {
    /// The question that it asks.
    pub(crate) fn question(&self) -> u64 {
        self.question
    }
}

impl<S: Signer> Channel<S> {
    /// Tells everybody which version this party has, and repeats what nobody answered. Each answers
    /// with what is missing here.
    pub fn reconnected(&self) -> Vec<Effect> {
        let mut effects = self.need_base();
        effects.extend(self.ask_all());
        if !self.chain.is_open() {
            return effects;
        }
        for to in self.others() {
            effects.extend(self.shown_to(to));
            effects.extend(self.marks_for(to));
        }
        effects.extend(self.unanswered());
        effects.extend(self.closing_messages());
        effects.extend(self.resize_messages());
        effects
    }

    /// Preimages that this party has shown to a payer who has not folded their transfers, once more.
    fn shown_to(&self, payer: usize) -> Vec<Effect> {
        let (me, transfers) = (self.my_position(), self.ledger.transfers().list().iter());
        let owed = transfers.filter(|it| it.payee == me && usize::from(it.payer) == payer);
        let shown = owed.filter_map(|it| Some((it, self.preimages.get(it.id)?.preimage)));
        shown.map(|(transfer, preimage)| self.fulfil_message(transfer, preimage)).collect()
    }

    /// What this party signed or asked for and was not answered. Whoever never heard it has no reason
    /// to ask for it.
    fn unanswered(&self) -> Vec<Effect> {
        // What was asked for in the version after the one in flight goes first.
        let mut effects: Vec<_> = self.asked_beyond_flight().into_iter().collect();
        if let Some(half) = &self.in_flight {
            let silent = self.others().filter(|to| half.signature(*to).is_none());
            let own = self.own_part(half);
            effects
                .extend(silent.filter_map(|to| Some(Effect::Send { to, message: own.clone()? })));
        }
        effects
    }

    /// The request of this party's that the version in flight does not decide.
    fn asked_beyond_flight(&self) -> Option<Effect> {
        let in_flight = self.version_in_flight();
        let asked = self.outbox.asked.as_ref();
        asked.filter(|asked| in_flight.is_none_or(|version| asked.version > version)).map(|asked| {
            let to = self.agreement.proposer(asked.version);
            Effect::Send { to, message: Message::Request(asked.clone()) }
        })
    }

    fn status_for(&self, to: usize, answer: Option<u64>) -> Effect {
        let in_flight = self.in_flight.as_ref();
        let held = in_flight.filter(|half| half.signature(to).is_some());
        let agreed = self.agreed.version();
        let status = Status {
            channel: self.agreement.id(),
            agreed,
            holds: held.map_or(agreed, |half| half.state.version),
            // An answer asks nothing, so that two who ask come to an end.
            question: self.lagging.as_ref().map(|it| it.question).filter(|_| answer.is_none()),
            answer,
        };
        Effect::Send { to, message: Message::Status(status) }
    }

    /// From here on this party signs nothing before it has heard from everybody.
    pub(crate) fn begin_lagging(&mut self, question: u64) -> Vec<Effect> {
        self.start_lagging(question);
        self.ask_all()
    }

    /// Tells everybody what this party has, with its question if it has one.
    pub(crate) fn ask_all(&self) -> Vec<Effect> {
        self.others().map(|to| self.status_for(to, None)).collect()
    }

    /// As [`Channel::begin_lagging`], without asking yet.
    pub(crate) fn start_lagging(&mut self, question: u64) {
        let mut heard = vec![false; self.agreement.size()];
        if let Some(own) = heard.get_mut(self.me) {
            *own = true;
        }
        self.lagging = Some(Lagging { question, heard });
    }

    /// Sends what the sender of a status lacks. No answer to an answer is ever a status of the same
    /// version, so the exchange ends.
    pub(crate) fn receive_status(&mut self, from: usize, status: &Status) -> Vec<Effect> {
        let mut effects = Vec::new();
        // Whoever comes back may have lost what it was asked for, and goes on without having refused.
        self.resizing.ahead = None;
        if let Some(answer) = status.answer {
            effects.extend(self.hear(from, status, answer));
        }
        effects.extend(self.lacking(from, status));
        if status.question.is_some() {
            // Whoever may have forgotten what it asked for would refuse its own words.
            if let Some(slot) = self.requests.get_mut(from) {
                *slot = None;
            }
            // A status does not speak of resizes. One that the other may have forgotten to have signed
            // is over first, and then the next question is answered.
            if !self.is_resize_signed_by(from) {
                effects.push(self.status_for(from, status.question));
            }
        }
        effects
    }

    /// Takes an answer to this party's question.
    fn hear(&mut self, from: usize, status: &Status, answer: u64) -> Vec<Effect> {
        let (agreed, base) = (self.agreed.version(), self.resizing.base);
        let known = self.version_in_flight().unwrap_or(agreed);
        let Some(lagging) = self.lagging.as_mut().filter(|it| it.question == answer) else {
            return Vec::new();
        };
        // What the answer speaks of has to be here first, and so has the base; otherwise the next status
        // asks again.
        if status.agreed > agreed || status.holds > known || agreed < base {
            return Vec::new();
        }
        if let Some(slot) = lagging.heard.get_mut(from) {
            *slot = true;
        }
        if !lagging.heard.iter().all(|heard| *heard) {
            return Vec::new();
        }
        self.lagging = None;
        self.advance().unwrap_or_default()
    }

    /// What the sender of a status lacks. A base without all signatures under its resize is believed by
    /// what the chain keeps of it.
    fn lacking(&self, from: usize, status: &Status) -> Vec<Effect> {
        let agreed = self.agreed.version();
        let is_lagging = status.question.is_some();
        let mut effects = Vec::new();
        if status.agreed > agreed && status.answer.is_none() {
            effects.push(self.status_for(from, None));
        }
        let send = |message: Message| Effect::Send { to: from, message };
        // A state below the base counts no more.
        if status.agreed < agreed && !self.lacks_base() {
            if let Some(taken) = self.base_for_others() {
                effects.push(send(Message::Resized(taken)));
            } else {
                // Whoever signed the very next state has its transfers.
                let is_signed = !self.agreed.signatures().is_empty();
                let is_near = status.agreed.saturating_add(1) == agreed && !is_lagging && is_signed;
                let leaves = (!is_near)
                    .then(|| Leaves::truncate_from(self.ledger.transfers().list().to_vec()));
                effects.push(send(Message::Newest(Newest {
                    state: self.agreed.state().clone(),
                    signatures: self.agreed.signatures().clone(),
                    leaves,
                })));
            }
            // What it was shown before it knew the transfer meant nothing to it.
            effects.extend(self.shown_to(from));
        }
        if status.agreed == agreed {
            let asked = self.asked_beyond_flight();
            effects.extend(asked.filter(|it| matches!(it, Effect::Send { to, .. } if *to == from)));
        }
        // After all that has to be known first.
        effects.extend(self.resize_answer(from));
        let Some(half) = &self.in_flight else { return effects };
        if is_lagging && let Some(recall) = self.recall(half, from) {
            effects.push(send(Message::Recall(recall)));
        }
        if (status.agreed == agreed || is_lagging)
            && let Some(own) = self.own_part(half)
        {
            effects.push(send(own));
        }
        effects
    }

    /// The resize that made the agreed state, if that state is a base and not the opening.
    pub(crate) fn base_for_others(&self) -> Option<SignedResize> {
        let taken = self.resizing.taken.as_ref()?;
        (taken.resize.state.version == self.agreed.version()).then(|| taken.clone())
    }

    /// What the participant at `position` signed and all others have not.
    fn recall(&self, half: &HalfSigned, position: usize) -> Option<Recall> {
        let signature = half.signature(position)?.clone();
        Some(Recall { proposal: self.proposal_of(half)?, signature })
    }

    /// The state in flight as it was proposed.
    pub(crate) fn proposal_of(&self, half: &HalfSigned) -> Option<Proposal> {
        Some(Proposal {
            state: half.state.clone(),
            changes: half.changes.clone(),
            signature: half.signature(self.agreement.proposer(half.state.version))?.clone(),
        })
    }

    /// What this party said about the state in flight: its proposal or its acceptance.
    fn own_part(&self, half: &HalfSigned) -> Option<Message> {
        let signature = half.signature(self.me)?.clone();
        let version = half.state.version;
        Some(if self.agreement.proposer(version) == self.me {
            Message::Proposal(self.proposal_of(half)?)
        } else {
            Message::Acceptance(Acceptance { channel: self.agreement.id(), version, signature })
        })
    }

    /// Adopts a newer co-signed state: this party's own signature under it proves that it agreed.
    pub(crate) fn receive_newest(&mut self, newest: Newest) -> Result<Vec<Effect>, ChannelError> {
        let Newest { state, signatures, leaves } = newest;
        let version = state.version;
        if version <= self.agreed.version() {
            return Ok(Vec::new());
        }
        if version == self.resizing.base && signatures.is_empty() {
            return self.receive_base(Newest { state, signatures, leaves });
        }
        // What was signed below the base or in its place counts no more.
        if version <= self.resizing.base {
            return Ok(Vec::new());
        }
        if state.app.is_some() {
            return Err(ProposalError::CarriesApplication { version }.into());
        }
        let newest = CoSignedState::verify(&self.agreement, state, signatures)?;
        if let Some(half) = self.in_flight.take_if(|half| half.state == *newest.state()) {
            let made = Made { changes: half.changes, carries_own: half.carries_own };
            let record = Record::Agreed(newest.clone());
            return Ok(self.adopt(newest, half.ledger, Some(made), Some(record)));
        }
        if self.version_in_flight() == Some(version) {
            let sender = self.agreement.proposer(version);
            return Err(ProposalError::Equivocation { version, sender }.into());
        }
        // This party signed that state and does not know it.
        let leaves = match (leaves, &newest.state().pending) {
            (Some(leaves), _) => leaves,
            (None, None) => Leaves::new(),
            (None, Some(_)) => return Ok(self.begin_lagging(version)),
        };
        let ledger = Ledger::of(newest.state(), leaves.into_inner())?;
        self.pen.note(version, self.agreement.state_payload(newest.state()));
        Ok(self.adopt_foreign(newest, ledger))
    }

    /// Makes a state that this party does not remember the agreed one.
    pub(crate) fn adopt_foreign(&mut self, newest: CoSignedState, ledger: Ledger) -> Vec<Effect> {
        let version = newest.version();
        self.in_flight = None;
        self.streaming.is_forgetful = true;
        let asks = if self.lagging.is_none() { self.begin_lagging(version) } else { Vec::new() };
        for transfer in ledger.transfers().list() {
            self.note_transfer(transfer);
        }
        // Others may have been offered and decided meanwhile: a version carries so many at the most.
        self.next_transfer = self.next_transfer.max(version.saturating_mul(MAX_CHANGES.into()));
        // Everything is written down anew, as the records so far do not lead here.
        let mut effects = self.adopt(newest, ledger, None, None);
        self.streaming.is_forgetful = false;
        effects.extend(asks);
        effects
    }

    /// Takes back what this party signed and forgot.
    pub(crate) fn receive_recall(&mut self, recall: Recall) -> Result<Vec<Effect>, ChannelError> {
        let Recall { proposal, signature } = recall;
        let version = proposal.state.version;
        let missing = self.agreed.version().max(self.resizing.base).saturating_add(1);
        if version < missing {
            return Ok(Vec::new());
        }
        if version > missing || self.lacks_base() {
            return Err(ChannelError::TooEarly { received: version, missing });
        }
        if let Some(half) = &self.in_flight {
            if half.state == proposal.state {
                return Ok(Vec::new());
            }
            let sender = self.agreement.proposer(version);
            return Err(ProposalError::Equivocation { version, sender }.into());
        }
        let payload = self.agreement.state_payload(&proposal.state);
        verify_by(&self.agreement, self.me, version, &signature, &payload, None)
            .map_err(|_| ProposalError::NotOurs { version })?;
        let proposer = self.agreement.proposer(version);
        let valid = proposal.clone().verify(&self.agreement, proposer, None)?;
        let half = self.half_signed(proposal.clone(), Some(signature))?;
        debug_assert_eq!(valid.payload, half.payload);
        for change in &proposal.changes {
            self.note_change(change);
        }
        let own = self.own_part(&half);
        self.in_flight = Some(half);
        let mut effects = vec![Self::persist(Record::Signed(proposal))];
        effects.extend(own.map(|own| self.to_others(own)).unwrap_or_default());
        if self.lagging.is_none() {
            effects.extend(self.begin_lagging(version));
        }
        effects.extend(self.try_complete());
        Ok(effects)
    }
}
