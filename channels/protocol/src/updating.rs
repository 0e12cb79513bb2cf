// SPDX-License-Identifier: Apache-2.0

//! Paying: from a wish to a state that everybody signed.

use crate::{
    agreement::CoSignedState,
    channel::{Channel, Effect, HalfSigned, Record},
    error::{ChannelError, PaymentError, ProposalError},
    message::{Acceptance, Message, Proposal, Request},
    payments::{MAX_PAYMENTS, Payment, Payments, balances_after, paid_by},
    proposal::{ValidatedAcceptance, ValidatedProposal, ValidatedRequest},
    signing::Signer,
};
use millrace_primitives_channels::{Balance, ChannelState};

impl<S: Signer> Channel<S> {
    /// Pays `amount` to the participant at `payee` with the next version that can carry it.
    ///
    /// The payment is made once [`Effect::Agreed`] names it. Errors when the amount is zero or
    /// exceeds [`Channel::spendable`], when the channel is closing, final or disputed, and when too
    /// many payments wait.
    pub fn pay(&mut self, payee: u8, amount: Balance) -> Result<Vec<Effect>, ChannelError> {
        self.verify_updatable()?;
        let payer = u8::try_from(self.me).unwrap_or(u8::MAX);
        let payment = Payment { payer, payee, amount };
        payment.verify(self.agreement.size())?;
        let available = self.spendable();
        if amount > available {
            return Err(PaymentError::Insufficient { needed: amount, available }.into());
        }
        let waiting = self.asked.as_ref().map_or(0, |asked| asked.payments.len());
        let limit = MAX_PAYMENTS as usize;
        if self.queue.len().saturating_add(waiting) >= limit {
            return Err(ChannelError::QueueFull { limit });
        }
        self.queue.push(payment);
        self.advance().inspect_err(|_| {
            self.queue.pop();
        })
    }

    /// Whether this party may still ask for updates.
    pub(crate) fn verify_updatable(&self) -> Result<(), ChannelError> {
        self.verify_signable()?;
        let final_in_flight = self.in_flight.as_ref().is_some_and(|half| half.state.is_final);
        let close_asked = self.asked.as_ref().is_some_and(|asked| asked.close);
        if self.close_wanted || close_asked || final_in_flight {
            return Err(ChannelError::Closing);
        }
        Ok(())
    }

    /// Whether a later state may be signed at all (CP-5).
    fn verify_signable(&self) -> Result<(), ChannelError> {
        if self.agreed.state().is_final {
            return Err(ChannelError::Final { version: self.agreed.version() });
        }
        if self.disputed.is_some() {
            return Err(ChannelError::Disputed);
        }
        Ok(())
    }

    /// Starts the next version if there is a reason and nothing is in the way: proposes it if it is
    /// this party's turn, else asks the one whose turn it is.
    pub(crate) fn advance(&mut self) -> Result<Vec<Effect>, ChannelError> {
        if self.in_flight.is_some() || self.verify_signable().is_err() {
            return Ok(Vec::new());
        }
        let Some(next) = self.agreed.version().checked_add(1) else {
            return Ok(Vec::new());
        };
        let proposer = self.agreement.proposer(next);
        if proposer == self.me { self.propose(next) } else { Ok(self.ask(next, proposer)) }
    }

    /// Signs and sends the next version with all that waits for it.
    fn propose(&mut self, next: u64) -> Result<Vec<Effect>, ChannelError> {
        let mut balances = self.agreed.state().balances.clone();
        let mut payments = Payments::new();
        let mut own = 0usize;
        for payment in &self.queue {
            if payments.try_push(*payment).is_err() {
                break;
            }
            // Covered, because `pay` took no more than was spendable.
            payment.apply(&mut balances)?;
            own = own.saturating_add(1);
        }
        let mut close = self.close_wanted && own == self.queue.len();
        for request in self.requests.iter().flatten().filter(|request| request.version == next) {
            let room = (MAX_PAYMENTS as usize).saturating_sub(payments.len());
            if request.payments.len() > room {
                continue;
            }
            // A request that its sender cannot cover is left out as a whole.
            if let Ok(after) = balances_after(&balances, &request.payments) {
                balances = after;
                for payment in &request.payments {
                    let _ = payments.try_push(*payment);
                }
                close |= request.close;
            }
        }
        if payments.is_empty() && !close {
            return Ok(Vec::new());
        }
        let state = ChannelState {
            version: next,
            balances,
            is_final: close,
            ..self.agreed.state().clone()
        };
        let payload = self.agreement.state_payload(&state);
        let signature = self.pen.sign(next, payload)?;
        self.queue.drain(..own);
        self.close_wanted &= !close;
        let mut signatures = vec![None; self.agreement.size()];
        if let Some(slot) = signatures.get_mut(self.me) {
            *slot = Some(signature.clone());
        }
        let proposal = Proposal { state: state.clone(), payments: payments.clone(), signature };
        self.in_flight = Some(HalfSigned { state: state.clone(), payments, payload, signatures });
        let mut effects = vec![Effect::Persist(Record::Signed(state))];
        effects.extend(self.to_others(&Message::Proposal(proposal)));
        Ok(effects)
    }

    /// Asks the proposer of the next version to include this party's payments, once per version.
    fn ask(&mut self, next: u64, proposer: usize) -> Vec<Effect> {
        if self.asked.is_some() || (self.queue.is_empty() && !self.close_wanted) {
            return Vec::new();
        }
        let count = self.queue.len().min(MAX_PAYMENTS as usize);
        let payments = Payments::truncate_from(self.queue.drain(..count).collect());
        let close = self.close_wanted && self.queue.is_empty();
        self.close_wanted &= !close;
        let request = Request { channel: self.agreement.id(), version: next, payments, close };
        self.asked = Some(request.clone());
        vec![Effect::Send { to: proposer, message: Message::Request(request) }]
    }

    /// Takes note of what another party wants in a version that this one proposes.
    pub(crate) fn receive_request(
        &mut self,
        from: usize,
        request: Request,
    ) -> Result<Vec<Effect>, ChannelError> {
        let agreed = self.agreed.version();
        if request.version <= agreed {
            return Ok(Vec::new());
        }
        let size = u64::try_from(self.agreement.size()).unwrap_or(u64::MAX);
        if request.version > agreed.saturating_add(size) {
            let missing = agreed.saturating_add(1);
            return Err(ChannelError::TooEarly { received: request.version, missing });
        }
        let proposer = self.agreement.proposer(request.version);
        if proposer != self.me {
            return Err(ChannelError::NotOurTurn { version: request.version, proposer });
        }
        let valid = request.verify(&self.agreement, from)?;
        self.on_request(valid)
    }

    fn on_request(&mut self, valid: ValidatedRequest) -> Result<Vec<Effect>, ChannelError> {
        let ValidatedRequest { request, sender } = valid;
        let Some(slot) = self.requests.get_mut(sender) else {
            return Err(ChannelError::UnknownSender { sender });
        };
        // The first request for a version stands, whatever comes after it.
        if slot.as_ref().is_none_or(|known| known.version < request.version) {
            *slot = Some(request);
        }
        self.advance()
    }

    /// Takes a proposal: a duplicate is answered again, anything else is verified first.
    pub(crate) fn receive_proposal(
        &mut self,
        from: usize,
        proposal: Proposal,
    ) -> Result<Vec<Effect>, ChannelError> {
        let version = proposal.state.version;
        let agreed = self.agreed.version();
        let missing = agreed.saturating_add(1);
        if version < agreed {
            return Ok(Vec::new());
        }
        if version > missing {
            return Err(ChannelError::TooEarly { received: version, missing });
        }
        let known = if version == agreed {
            Some((self.agreed.state(), self.agreed.signatures().get(self.me)))
        } else {
            self.in_flight
                .as_ref()
                .map(|half| (&half.state, half.signatures.get(self.me).and_then(Option::as_ref)))
        };
        match known {
            Some((state, Some(signature))) if *state == proposal.state => {
                let (channel, signature) = (self.agreement.id(), signature.clone());
                let acceptance = Acceptance { channel, version, signature };
                Ok(vec![Effect::Send { to: from, message: Message::Acceptance(acceptance) }])
            }
            Some(_) => {
                let valid = proposal.verify(&self.agreement, from)?;
                Err(ProposalError::Equivocation { version, sender: valid.sender }.into())
            }
            None => {
                self.verify_signable()?;
                let valid = proposal.verify(&self.agreement, from)?;
                self.on_proposal(valid)
            }
        }
    }

    /// Signs a proposed state after comparing it with the agreed one (CP-2).
    fn on_proposal(&mut self, valid: ValidatedProposal) -> Result<Vec<Effect>, ChannelError> {
        self.verify_transition(&valid)?;
        let ValidatedProposal { state, payments, signature, payload, sender } = valid;
        let version = state.version;
        let own = self.pen.sign(version, payload)?;
        let mut signatures = vec![None; self.agreement.size()];
        for (position, signature) in [(sender, signature), (self.me, own.clone())] {
            if let Some(slot) = signatures.get_mut(position) {
                *slot = Some(signature);
            }
        }
        let acceptance = Acceptance { channel: self.agreement.id(), version, signature: own };
        let mut effects = vec![Effect::Persist(Record::Signed(state.clone()))];
        effects.extend(self.to_others(&Message::Acceptance(acceptance)));
        self.in_flight = Some(HalfSigned { state, payments, payload, signatures });
        effects.extend(self.try_complete());
        Ok(effects)
    }

    /// Whether a proposal does to the agreed state what its payments say, and takes from this party
    /// what it asked to pay or nothing.
    fn verify_transition(&self, valid: &ValidatedProposal) -> Result<(), ProposalError> {
        let version = valid.state.version;
        let expected = balances_after(&self.agreed.state().balances, &valid.payments)
            .map_err(|reason| ProposalError::Payment { version, reason })?;
        if valid.state.balances != expected {
            return Err(ProposalError::BalancesDiffer { version });
        }
        let asked: &[Payment] = match &self.asked {
            Some(asked) if asked.version == version => &asked.payments,
            _ => &[],
        };
        let mine: Vec<&Payment> =
            valid.payments.iter().filter(|payment| usize::from(payment.payer) == self.me).collect();
        if !mine.is_empty() && !mine.iter().copied().eq(asked) {
            return Err(ProposalError::Unrequested {
                version,
                taken: paid_by(&valid.payments, self.me),
                asked: paid_by(asked, self.me),
            });
        }
        Ok(())
    }

    /// Takes a signature for the state in flight.
    pub(crate) fn receive_acceptance(
        &mut self,
        from: usize,
        acceptance: Acceptance,
    ) -> Result<Vec<Effect>, ChannelError> {
        let version = acceptance.version;
        let agreed = self.agreed.version();
        if version <= agreed {
            return Ok(Vec::new());
        }
        let payload = match &self.in_flight {
            Some(half) if half.state.version == version => half.payload,
            _ => {
                let missing = agreed.saturating_add(1);
                return Err(ChannelError::TooEarly { received: version, missing });
            }
        };
        let valid = acceptance.verify(&self.agreement, from, &payload)?;
        Ok(self.on_acceptance(valid))
    }

    fn on_acceptance(&mut self, valid: ValidatedAcceptance) -> Vec<Effect> {
        let ValidatedAcceptance { signature, sender } = valid;
        if let Some(slot) = self.in_flight.as_mut().and_then(|half| half.signatures.get_mut(sender))
        {
            *slot = Some(signature);
        }
        self.try_complete()
    }

    /// Agrees to the state in flight once no signature is missing.
    fn try_complete(&mut self) -> Vec<Effect> {
        let Some(signatures) = self.in_flight.as_ref().and_then(HalfSigned::complete) else {
            return Vec::new();
        };
        match self.in_flight.take() {
            Some(half) => {
                self.adopt(CoSignedState::assembled(half.state, signatures), Some(half.payments))
            }
            None => Vec::new(),
        }
    }

    /// Makes a co-signed state the agreed one and goes on from there.
    pub(crate) fn adopt(
        &mut self,
        newest: CoSignedState,
        payments: Option<Payments>,
    ) -> Vec<Effect> {
        let version = newest.version();
        self.agreed = newest;
        self.in_flight = None;
        if let Some(asked) = self.asked.take_if(|asked| asked.version <= version) {
            self.take_back(asked, payments.as_ref());
        }
        for slot in &mut self.requests {
            slot.take_if(|request| request.version <= version);
        }
        let mut effects = vec![
            Effect::Persist(Record::Agreed(self.agreed.clone())),
            Effect::Agreed { version, payments },
        ];
        effects.extend(self.end());
        // Only the pen can refuse here, and then nothing may be signed: the next payment will say
        // so, while what was just agreed must not be lost.
        effects.extend(self.advance().unwrap_or_default());
        effects
    }

    /// Puts a request that its version did not carry back to the front of the queue.
    fn take_back(&mut self, asked: Request, payments: Option<&Payments>) {
        // Without the list of payments nobody knows what was paid: rather pay once than twice.
        let is_unpaid = payments.is_some_and(|payments| paid_by(payments, self.me) == 0);
        if is_unpaid {
            self.queue.splice(..0, asked.payments);
        }
        self.close_wanted |= asked.close && !self.agreed.state().is_final;
    }
}
