// SPDX-License-Identifier: Apache-2.0

//! Untrusted messages become `Validated…` values here, and only these reach the machine.
//!
//! A check that needs nothing but the channel's terms belongs here; one that compares with what
//! was agreed before belongs to the machine.

use crate::{
    agreement::Agreement,
    error::ProposalError,
    message::{Acceptance, Proposal, Request},
    payments::Payments,
};
use millrace_primitives_channels::{ChannelState, Hash, verify_signer};
use polkadot_sdk::sp_runtime::MultiSignature;

/// A proposal that is well-formed, conserves the deposits and is signed by whose turn it is.
#[derive(Clone, Debug)]
pub struct ValidatedProposal {
    pub(crate) state: ChannelState,
    pub(crate) payments: Payments,
    pub(crate) signature: MultiSignature,
    pub(crate) payload: Hash,
    pub(crate) sender: usize,
}

impl Proposal {
    /// Checks everything that the channel's terms alone decide. `sender`: position of who sent it.
    pub fn verify(
        self,
        agreement: &Agreement,
        sender: usize,
    ) -> Result<ValidatedProposal, ProposalError> {
        let version = self.state.version;
        let expected = agreement.proposer(version);
        if sender != expected {
            return Err(ProposalError::NotItsTurn { version, sender, expected });
        }
        if !self.state.is_plain() {
            return Err(ProposalError::NotPlain { version });
        }
        self.state
            .verify_conservation(agreement.size(), agreement.total())
            .map_err(|reason| ProposalError::NotConserved { version, reason })?;
        let payload = agreement.state_payload(&self.state);
        verify_by(agreement, sender, version, &self.signature, &payload)?;
        let Proposal { state, payments, signature } = self;
        Ok(ValidatedProposal { state, payments, signature, payload, sender })
    }
}

/// An acceptance whose signature is the sender's, under the very state that is in flight.
#[derive(Clone, Debug)]
pub struct ValidatedAcceptance {
    pub(crate) signature: MultiSignature,
    pub(crate) sender: usize,
}

impl Acceptance {
    /// Checks the signature. `payload`: of the state that the sender should have signed.
    pub fn verify(
        self,
        agreement: &Agreement,
        sender: usize,
        payload: &Hash,
    ) -> Result<ValidatedAcceptance, ProposalError> {
        verify_by(agreement, sender, self.version, &self.signature, payload)?;
        Ok(ValidatedAcceptance { signature: self.signature, sender })
    }
}

/// A request whose payments are possible in themselves and the sender's own.
#[derive(Clone, Debug)]
pub struct ValidatedRequest {
    pub(crate) request: Request,
    pub(crate) sender: usize,
}

impl Request {
    /// Checks payments one by one; whether they are covered shows when they are proposed.
    pub fn verify(
        self,
        agreement: &Agreement,
        sender: usize,
    ) -> Result<ValidatedRequest, ProposalError> {
        for payment in &self.payments {
            if usize::from(payment.payer) != sender {
                return Err(ProposalError::NotItsMoney { sender, payer: payment.payer });
            }
            payment
                .verify(agreement.size())
                .map_err(|reason| ProposalError::Payment { version: self.version, reason })?;
        }
        Ok(ValidatedRequest { request: self, sender })
    }
}

/// Checks that `signature` is by the signer of the participant at `sender`.
fn verify_by(
    agreement: &Agreement,
    sender: usize,
    version: u64,
    signature: &MultiSignature,
    payload: &Hash,
) -> Result<(), ProposalError> {
    match agreement.signer(sender) {
        Some(signer) if verify_signer(signature, signer, payload) => Ok(()),
        _ => Err(ProposalError::WrongSignature { version, sender }),
    }
}
