// SPDX-License-Identifier: Apache-2.0

//! Untrusted messages become `Validated…` values here, and only these reach the machine.
//!
//! A check that needs nothing but the channel's terms belongs here; one that compares with what
//! was agreed before belongs to the machine.

use crate::{
    agreement::Agreement,
    changes::{Change, Changes},
    error::ProposalError,
    message::{Acceptance, Proposal, Request},
    verifying::Claim,
};
use millrace_primitives_channels::{ChannelState, Hash, verify_signer};
use polkadot_sdk::sp_runtime::MultiSignature;

/// A proposal that is well-formed, conserves the deposits and is signed by whose turn it is.
#[derive(Clone, Debug)]
pub struct ValidatedProposal {
    pub(crate) state: ChannelState,
    pub(crate) changes: Changes,
    pub(crate) signature: MultiSignature,
    pub(crate) payload: Hash,
    pub(crate) sender: usize,
}

impl Proposal {
    /// Checks everything that the channel's terms alone decide. `sender`: position of who sent it.
    /// `verified`: what is known to be signed already.
    pub fn verify(
        self,
        agreement: &Agreement,
        sender: usize,
        verified: Option<&Claim>,
    ) -> Result<ValidatedProposal, ProposalError> {
        let version = self.state.version;
        let expected = agreement.proposer(version);
        if sender != expected {
            return Err(ProposalError::NotItsTurn { version, sender, expected });
        }
        if self.state.app.is_some() {
            return Err(ProposalError::CarriesApplication { version });
        }
        if self.state.is_final && !self.state.is_plain() {
            return Err(ProposalError::FinalNotPlain { version });
        }
        self.state
            .verify_conservation(agreement.size(), agreement.total())
            .map_err(|reason| ProposalError::NotConserved { version, reason })?;
        let payload = agreement.state_payload(&self.state);
        verify_by(agreement, sender, version, &self.signature, &payload, verified)?;
        let Proposal { state, changes, signature } = self;
        Ok(ValidatedProposal { state, changes, signature, payload, sender })
    }
}

/// An acceptance whose signature is the sender's, under the very state that is in flight.
#[derive(Clone, Debug)]
pub struct ValidatedAcceptance {
    pub(crate) signature: MultiSignature,
    pub(crate) sender: usize,
}

impl Acceptance {
    /// Checks the signature. `payload`: of the state that the sender should have signed. `verified`:
    /// what is known to be signed already.
    pub fn verify(
        self,
        agreement: &Agreement,
        sender: usize,
        payload: &Hash,
        verified: Option<&Claim>,
    ) -> Result<ValidatedAcceptance, ProposalError> {
        verify_by(agreement, sender, self.version, &self.signature, payload, verified)?;
        Ok(ValidatedAcceptance { signature: self.signature, sender })
    }
}

/// A request whose changes are the sender's own, as far as they name whose they are.
#[derive(Clone, Debug)]
pub struct ValidatedRequest {
    pub(crate) request: Request,
    pub(crate) sender: usize,
}

impl Request {
    /// Checks changes one by one; whether they are possible shows when they are proposed, and so
    /// does whose transfers they decide.
    pub fn verify(
        self,
        agreement: &Agreement,
        sender: usize,
    ) -> Result<ValidatedRequest, ProposalError> {
        for change in &self.changes {
            let author = match change {
                Change::Pay(payment) => {
                    payment.verify(agreement.size()).map_err(|reason| ProposalError::Change {
                        version: self.version,
                        reason: reason.into(),
                    })?;
                    payment.payer
                }
                Change::Offer(transfer) => transfer.payer,
                Change::OpenStream(stream) => stream.payer,
                Change::FoldStream(fold) => fold.stream.payer,
                Change::Fold { .. } | Change::Fail { .. } => continue,
            };
            if usize::from(author) != sender {
                return Err(ProposalError::NotItsMoney { sender, author });
            }
        }
        Ok(ValidatedRequest { request: self, sender })
    }
}

/// Checks that `signature` is by the signer of the participant at `sender`, unless just that is known.
pub(crate) fn verify_by(
    agreement: &Agreement,
    sender: usize,
    version: u64,
    signature: &MultiSignature,
    payload: &Hash,
    verified: Option<&Claim>,
) -> Result<(), ProposalError> {
    match agreement.signer(sender) {
        Some(signer) if verified.is_some_and(|it| it.says(signer, payload, signature)) => Ok(()),
        Some(signer) if verify_signer(signature, signer, payload) => Ok(()),
        _ => Err(ProposalError::WrongSignature { version, sender }),
    }
}
