// SPDX-License-Identifier: Apache-2.0

//! Finding out who lacks what after messages were lost.

use crate::{
    agreement::CoSignedState,
    channel::{Channel, Effect, HalfSigned},
    error::{ChannelError, ProposalError},
    message::{Acceptance, Message, Newest, Proposal, Status},
    signing::Signer,
};

impl<S: Signer> Channel<S> {
    /// Tells everybody which version this party has. Each answers with what is missing here.
    pub fn reconnected(&self) -> Vec<Effect> {
        self.to_others(&self.status())
    }

    fn status(&self) -> Message {
        Message::Status(Status { channel: self.agreement.id(), agreed: self.agreed.version() })
    }

    /// Sends what the sender of a status lacks. No answer to an answer is ever a status of the same
    /// version, so the exchange ends.
    pub(crate) fn receive_status(&self, from: usize, status: &Status) -> Vec<Effect> {
        let agreed = self.agreed.version();
        let message = if status.agreed > agreed {
            Some(self.status())
        } else if status.agreed < agreed {
            Some(Message::Newest(Newest {
                state: self.agreed.state().clone(),
                signatures: self.agreed.signatures().clone(),
            }))
        } else if let Some(half) = &self.in_flight {
            self.own_part(half)
        } else {
            self.asked
                .as_ref()
                .filter(|asked| self.agreement.proposer(asked.version) == from)
                .map(|asked| Message::Request(asked.clone()))
        };
        message.map(|message| Effect::Send { to: from, message }).into_iter().collect()
    }

    /// What this party said about the state in flight: its proposal or its acceptance.
    fn own_part(&self, half: &HalfSigned) -> Option<Message> {
        let signature = half.signatures.get(self.me).cloned().flatten()?;
        let version = half.state.version;
        Some(if self.agreement.proposer(version) == self.me {
            Message::Proposal(Proposal {
                state: half.state.clone(),
                payments: half.payments.clone(),
                signature,
            })
        } else {
            Message::Acceptance(Acceptance { channel: self.agreement.id(), version, signature })
        })
    }

    /// Adopts a newer co-signed state: this party's own signature under it proves that it agreed.
    pub(crate) fn receive_newest(&mut self, newest: Newest) -> Result<Vec<Effect>, ChannelError> {
        let version = newest.state.version;
        if version <= self.agreed.version() {
            return Ok(Vec::new());
        }
        if !newest.state.is_plain() {
            return Err(ProposalError::NotPlain { version }.into());
        }
        let newest = CoSignedState::verify(&self.agreement, newest.state, newest.signatures)?;
        let payments = match &self.in_flight {
            Some(half) if half.state == *newest.state() => Some(half.payments.clone()),
            Some(half) if half.state.version == version => {
                let sender = self.agreement.proposer(version);
                return Err(ProposalError::Equivocation { version, sender }.into());
            }
            _ => None,
        };
        self.pen.note(version, self.agreement.state_payload(newest.state()));
        Ok(self.adopt(newest, payments))
    }
}
