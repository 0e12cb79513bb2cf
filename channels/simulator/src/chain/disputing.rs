// SPDX-License-Identifier: Apache-2.0

//! States that are shown: settled, disputed, answered; and deposits that change.

use super::*;
use crate::settings::{BOND, CHALLENGE_BLOCKS};
use millrace_primitives_channels::{
    resize_payload, state::Signatures, verify_account, verify_signer,
};

impl Chain {
    /// Carries out one call.
    pub(super) fn apply(&mut self, submission: &Submission) -> Result<(), Refusal> {
        let by = submission.by;
        match &submission.call {
            Call::Resize(signed) => self.resize(signed),
            Call::Settle(state) => self.settle(state),
            Call::Dispute(state) => self.dispute(by, state),
            Call::Answer(state) => self.answer(by, state),
            Call::Reveal(preimage) => self.reveal(*preimage),
            Call::Claim { channel, transfer, proof } => self.claim(*channel, transfer, proof),
            Call::Refund { channel, transfer, proof } => self.refund(*channel, transfer, proof),
            Call::ClaimStream { channel, position, link, depth, proof } => {
                self.claim_stream(*channel, *position, *link, *depth, proof)
            }
        }
    }

    /// Whether a state is the truth about a channel at its version.
    fn verify_state(
        &self,
        channel: usize,
        state: &ChannelState,
        signatures: &Signatures,
    ) -> Result<(), Refusal> {
        let (on_chain, terms) = (&self.channels[channel], &self.terms[channel]);
        if state.version < on_chain.base.0 {
            return Err(Refusal::Stale);
        }
        let size = terms.size();
        state
            .verify_shape(size)
            .and_then(|()| state.verify_conservation(size, on_chain.deposit))
            .map_err(|_| Refusal::BadShape)?;
        let payload = state_payload(&self.genesis, state);
        if state.version == on_chain.base.0 {
            let is_base = payload == on_chain.base.1 && signatures.is_empty();
            return if is_base { Ok(()) } else { Err(Refusal::NotTheBase) };
        }
        if signatures.len() != size {
            return Err(Refusal::BadSignature);
        }
        let participants = &terms.params().participants;
        let are_right = participants.iter().zip(signatures).all(|(participant, signature)| {
            verify_signer(signature, &participant.signer, &payload)
        });
        if are_right { Ok(()) } else { Err(Refusal::BadSignature) }
    }

    fn settle(&mut self, shown: &CoSignedState) -> Result<(), Refusal> {
        let state = shown.state();
        let channel = self.find(&state.channel)?;
        let disputed = match &self.channels[channel].phase {
            Phase::Open => None,
            Phase::Disputed(dispute) => Some((**dispute).clone()),
            Phase::Resolving(_) | Phase::Over => return Err(Refusal::WrongPhase),
        };
        if !state.is_final || !state.is_plain() {
            return Err(Refusal::NotFinal);
        }
        self.verify_state(channel, state, shown.signatures())?;
        if let Some(dispute) = disputed {
            if state.version < dispute.state.version {
                return Err(Refusal::Stale);
            }
            self.decide_bond(channel, &dispute);
        }
        self.tell(News::Settled { channel, state: Box::new(state.clone()) });
        self.end(channel, &state.balances)
    }

    fn dispute(&mut self, by: usize, shown: &CoSignedState) -> Result<(), Refusal> {
        let state = shown.state();
        let channel = self.find(&state.channel)?;
        let size = self.terms[channel].size();
        let is_participant = (0..size).any(|position| self.account_at(channel, position) == Ok(by));
        if !is_participant {
            return Err(Refusal::NotParticipant);
        }
        if !matches!(self.channels[channel].phase, Phase::Open) {
            return Err(Refusal::WrongPhase);
        }
        self.verify_state(channel, state, shown.signatures())?;
        if self.accounts[by].free < BOND {
            return Err(Refusal::NoFunds);
        }
        let money = self.money(by);
        money.free -= BOND;
        money.bonds += BOND;
        let dispute = Dispute {
            by,
            reward_to: None,
            first: state.version,
            deadline: self.height + CHALLENGE_BLOCKS,
            state: state.clone(),
        };
        self.change(channel).phase = Phase::Disputed(Box::new(dispute));
        self.closing.insert(channel);
        self.tell(News::Disputed { channel, version: state.version });
        Ok(())
    }

    fn answer(&mut self, by: usize, shown: &CoSignedState) -> Result<(), Refusal> {
        let state = shown.state();
        let channel = self.find(&state.channel)?;
        let Phase::Disputed(dispute) = &self.channels[channel].phase else {
            return Err(Refusal::WrongPhase);
        };
        let mut dispute = dispute.clone();
        // Half-open: the block in which a dispute can be concluded accepts no answer.
        if self.height >= dispute.deadline {
            return Err(Refusal::TooLate);
        }
        let takes_any = self.mutant == Some(Mutant::JudgeTakesStaleAnswers);
        if state.version <= dispute.state.version && !takes_any {
            return Err(Refusal::Stale);
        }
        self.verify_state(channel, state, shown.signatures())?;
        // A gap of one is innocent, a gap of two proves a stale claim.
        if state.version.saturating_sub(dispute.first) >= 2 {
            dispute.reward_to = Some(by);
        }
        dispute.state = state.clone();
        self.change(channel).phase = Phase::Disputed(dispute);
        self.tell(News::Answered { channel, version: state.version });
        Ok(())
    }

    fn resize(&mut self, signed: &SignedResize) -> Result<(), Refusal> {
        let SignedResize { resize, signatures, .. } = signed;
        let state = &resize.state;
        let channel = self.find(&state.channel)?;
        let on_chain = &self.channels[channel];
        if !matches!(on_chain.phase, Phase::Open) {
            return Err(Refusal::WrongPhase);
        }
        if self.height > resize.valid_until {
            return Err(Refusal::TooLate);
        }
        if state.version <= on_chain.base.0 {
            return Err(Refusal::Stale);
        }
        let size = self.terms[channel].size();
        let deposit = resize.deposit_after(on_chain.deposit).filter(|deposit| *deposit > 0);
        let deposit = deposit.filter(|_| resize.deltas.len() == size).ok_or(Refusal::BadShape)?;
        state
            .verify_shape(size)
            .and_then(|()| state.verify_conservation(size, deposit))
            .map_err(|_| Refusal::BadShape)?;
        self.verify_resize(channel, signed)?;
        if signatures.len() != size {
            return Err(Refusal::BadSignature);
        }
        let mut parties = Vec::new();
        for (position, delta) in resize.deltas.iter().enumerate() {
            let party = self.account_at(channel, position)?;
            if *delta > 0 && self.accounts[party].free < delta.unsigned_abs() {
                return Err(Refusal::NoFunds);
            }
            parties.push(party);
        }
        for (party, delta) in parties.into_iter().zip(&resize.deltas) {
            let money = self.money(party);
            if *delta > 0 {
                money.free -= delta.unsigned_abs();
            } else {
                money.free += delta.unsigned_abs();
            }
        }
        let base = (state.version, state_payload(&self.genesis, state));
        let on_chain = self.change(channel);
        (on_chain.deposit, on_chain.held, on_chain.base) = (deposit, deposit, base);
        let (version, deltas) = (state.version, resize.deltas.clone());
        self.tell(News::Resized { channel, version, deposit, deltas });
        Ok(())
    }

    /// Whoever adds funds has signed with its account, everybody else with its signer.
    fn verify_resize(&self, channel: usize, signed: &SignedResize) -> Result<(), Refusal> {
        let SignedResize { resize, signatures, .. } = signed;
        let payload = resize_payload(&self.genesis, resize);
        let participants = &self.terms[channel].params().participants;
        let mut all = participants.iter().zip(signatures).zip(&resize.deltas);
        let are_right = all.all(|((participant, signature), delta)| {
            if *delta > 0 {
                verify_account(signature, &participant.account, &payload)
            } else {
                verify_signer(signature, &participant.signer, &payload)
            }
        });
        if are_right { Ok(()) } else { Err(Refusal::BadSignature) }
    }

    /// Gives the bond of a dispute that ends to whoever deserves it: half of a lost one is the reward.
    pub(super) fn decide_bond(&mut self, channel: usize, dispute: &Dispute) {
        let by = dispute.by;
        let money = self.money(by);
        money.bonds -= BOND;
        let Some(to) = dispute.reward_to else {
            money.free += BOND;
            return;
        };
        let reward = BOND / 2;
        self.money(to).free += reward;
        self.current.undo.push(Undo::Treasury(self.treasury));
        self.treasury += BOND - reward;
        self.tell(News::Forfeited { channel, by });
    }
}
