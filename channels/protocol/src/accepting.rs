// SPDX-License-Identifier: Apache-2.0

//! Taking a proposal: what is compared before it is signed, and how signatures come together.

use crate::{
    adopting::Made,
    agreement::CoSignedState,
    changes::Change,
    channel::{Channel, HalfSigned},
    effect::{Effect, Record},
    error::{ChangeError, ChannelError, ProposalError, StreamError, TransferError},
    ledger::Ledger,
    message::{Acceptance, Message, Proposal},
    outbox::cost_of,
    policy::furthest_expiry,
    proposal::{ValidatedAcceptance, ValidatedProposal},
    signing::Signer,
    verifying::Claim,
};
use millrace_primitives_channels::{Balance, ChannelState};
use polkadot_sdk::sp_runtime::MultiSignature;

/// What a proposal does, once it was compared with the agreed state.
struct Transition {
    ledger: Ledger,
    cost: Balance,
    carries_own: bool,
}

impl<S: Signer> Channel<S> {
    /// Takes a proposal: a duplicate is answered again, anything else is verified first.
    pub(crate) fn receive_proposal(
        &mut self,
        from: usize,
        proposal: Proposal,
        verified: Option<&Claim>,
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
            self.in_flight.as_ref().map(|half| (&half.state, half.signature(self.me)))
        };
        match known {
            Some((state, Some(signature))) if *state == proposal.state => {
                let (channel, signature) = (self.agreement.id(), signature.clone());
                let acceptance = Acceptance { channel, version, signature };
                Ok(vec![Effect::Send { to: from, message: Message::Acceptance(acceptance) }])
            }
            // The chain knows the base; what was once proposed in its place counts no more.
            Some((_, None)) if version == agreed => Ok(Vec::new()),
            Some(_) => {
                let valid = proposal.verify(&self.agreement, from, verified)?;
                Err(ProposalError::Equivocation { version, sender: valid.sender }.into())
            }
            None => {
                self.verify_signable()?;
                let valid = proposal.verify(&self.agreement, from, verified)?;
                self.on_proposal(valid)
            }
        }
    }

    /// Signs a proposed state after comparing it with the agreed one (CP-2).
    fn on_proposal(&mut self, valid: ValidatedProposal) -> Result<Vec<Effect>, ChannelError> {
        let asked = self.outbox.asked.as_ref();
        let asked = asked.filter(|asked| asked.version == valid.state.version);
        let asked: &[Change] = asked.map_or(&[], |asked| &asked.changes);
        let after = self.verify_transition(&valid.state, &valid.changes, Some(asked))?;
        let ValidatedProposal { state, changes, signature, payload, sender } = valid;
        let version = state.version;
        let own = self.pen.sign(version, payload)?;
        let record = Proposal {
            state: state.clone(),
            changes: changes.clone(),
            signature: signature.clone(),
        };
        let channel = self.agreement.id();
        let acceptance = Acceptance { channel, version, signature: own.clone() };
        let mut effects = vec![Self::persist(Record::Signed(record))];
        effects.extend(self.to_others(Message::Acceptance(acceptance)));
        self.in_flight = Some(HalfSigned {
            state,
            changes,
            ledger: after.ledger,
            cost: after.cost,
            carries_own: after.carries_own,
            payload,
            signatures: self.slots([(sender, signature), (self.me, own)]),
        });
        effects.extend(self.try_complete());
        Ok(effects)
    }

    /// A state that this party signed before, as it is in flight.
    ///
    /// For records and recalls: whether this party wanted it was decided when it signed.
    pub(crate) fn half_signed(
        &mut self,
        proposal: Proposal,
        own: Option<MultiSignature>,
    ) -> Result<HalfSigned, ChannelError> {
        let Proposal { state, changes, signature } = proposal;
        let after = self.verify_transition(&state, &changes, None)?;
        let payload = self.agreement.state_payload(&state);
        let proposer = self.agreement.proposer(state.version);
        let own = match own {
            Some(own) => {
                self.pen.verify_unsigned(state.version, payload)?;
                self.pen.note(state.version, payload);
                own
            }
            None => self.pen.sign(state.version, payload)?,
        };
        let signatures = self.slots([(self.me, own), (proposer, signature)]);
        Ok(HalfSigned {
            state,
            changes,
            ledger: after.ledger,
            cost: after.cost,
            carries_own: after.carries_own,
            payload,
            signatures,
        })
    }

    /// Whether a proposal does to the agreed state what its changes say, and in this party's name
    /// what it asked for or nothing. `asked`: nothing if that was decided before.
    fn verify_transition(
        &self,
        state: &ChannelState,
        changes: &[Change],
        asked: Option<&[Change]>,
    ) -> Result<Transition, ProposalError> {
        let version = state.version;
        let mut ledger = self.ledger.clone();
        let mut mine = Vec::new();
        for change in changes {
            let by =
                ledger.apply(change).map_err(|reason| ProposalError::Change { version, reason })?;
            if usize::from(by) == self.me {
                mine.push(change);
            } else if asked.is_some() {
                self.verify_foreign(change)
                    .map_err(|reason| ProposalError::Change { version, reason })?;
            }
        }
        let expected = ledger.state(self.agreed.state(), version, state.is_final);
        if state.balances != expected.balances {
            return Err(ProposalError::BalancesDiffer { version });
        }
        if *state != expected {
            return Err(ProposalError::ContentsDiffer { version });
        }
        if let Some(asked) = asked
            && !mine.is_empty()
            && !mine.iter().copied().eq(asked)
        {
            let (taken, asked) = (mine.len(), asked.len());
            return Err(ProposalError::Unrequested { version, taken, asked });
        }
        Ok(Transition { ledger, carries_own: !mine.is_empty(), cost: cost_of(mine) })
    }

    /// What this party has to say about a change of another one's.
    fn verify_foreign(&self, change: &Change) -> Result<(), ChangeError> {
        match change {
            Change::Offer(transfer) => {
                let limit = furthest_expiry(self.now);
                if transfer.expiry > limit {
                    let (id, expiry) = (transfer.id, transfer.expiry);
                    return Err(TransferError::TooFar { id, expiry, limit }.into());
                }
            }
            Change::FoldStream(fold) if usize::from(fold.stream.payee) == self.me => {
                let proven = self.received(fold.stream);
                if fold.units < proven {
                    let (stream, units) = (fold.stream, fold.units);
                    return Err(StreamError::BelowMark { stream, units, proven }.into());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes a signature for the state in flight.
    pub(crate) fn receive_acceptance(
        &mut self,
        from: usize,
        acceptance: Acceptance,
        verified: Option<&Claim>,
    ) -> Result<Vec<Effect>, ChannelError> {
        let version = acceptance.version;
        let agreed = self.agreed.version();
        if version <= agreed {
            return Ok(Vec::new());
        }
        let payload = match &self.in_flight {
            Some(half) if half.state.version == version => {
                // Once verified is enough.
                if half.signature(from) == Some(&acceptance.signature) {
                    return Ok(Vec::new());
                }
                half.payload
            }
            _ => {
                let missing = agreed.saturating_add(1);
                return Err(ChannelError::TooEarly { received: version, missing });
            }
        };
        let valid = acceptance.verify(&self.agreement, from, &payload, verified)?;
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
    pub(crate) fn try_complete(&mut self) -> Vec<Effect> {
        let Some(signatures) = self.in_flight.as_ref().and_then(HalfSigned::complete) else {
            return Vec::new();
        };
        match self.in_flight.take() {
            Some(half) => {
                let newest = CoSignedState::assembled(half.state, signatures);
                let made = Made { changes: half.changes, carries_own: half.carries_own };
                let record = Record::Agreed(newest.clone());
                self.adopt(newest, half.ledger, Some(made), Some(record))
            }
            None => Vec::new(),
        }
    }
}
