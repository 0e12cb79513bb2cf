// SPDX-License-Identifier: Apache-2.0

//! The channel's terms, the consent that opens it, and states that everybody signed.

use crate::error::AgreementError;
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    Balance, ChannelId, ChannelParams, ChannelState, Hash, channel_id, open_payload,
    params::Amounts, state::Signatures, state_payload, verify_account, verify_signer,
};
use polkadot_sdk::sp_runtime::{MultiSignature, MultiSigner};

/// What the parties of a channel agreed on before they opened it: chain, parameters and deposits.
///
/// It exists only in a valid form, so that nothing built on it has to check the terms again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    genesis: Hash,
    params: ChannelParams,
    deposits: Amounts,
    id: ChannelId,
    total: Balance,
}

impl Agreement {
    /// Checks terms and derives the channel's id from them.
    ///
    /// `genesis`: genesis hash of the chain that will judge. `deposits`: one amount per
    /// participant, in the order of the parameters.
    pub fn verify(
        genesis: Hash,
        params: ChannelParams,
        deposits: Amounts,
    ) -> Result<Self, AgreementError> {
        params.verify().map_err(AgreementError::Params)?;
        if deposits.len() != params.participants.len() {
            return Err(AgreementError::WrongDepositCount {
                deposits: deposits.len(),
                participants: params.participants.len(),
            });
        }
        let total = deposits
            .iter()
            .try_fold(0, |sum: Balance, deposit| sum.checked_add(*deposit))
            .ok_or(AgreementError::DepositOverflow)?;
        if total == 0 {
            return Err(AgreementError::NothingDeposited);
        }
        let id = channel_id(&genesis, &params);
        Ok(Self { genesis, params, deposits, id, total })
    }

    /// Genesis hash of the chain that judges the channel.
    pub fn genesis(&self) -> &Hash {
        &self.genesis
    }

    /// The channel's parameters.
    pub fn params(&self) -> &ChannelParams {
        &self.params
    }

    /// What each participant deposits, in the order of the parameters.
    pub fn deposits(&self) -> &Amounts {
        &self.deposits
    }

    /// The channel's id.
    pub fn id(&self) -> ChannelId {
        self.id
    }

    /// Sum of all that is in the channel now: of the deposits, and of what resizes changed.
    pub fn total(&self) -> Balance {
        self.total
    }

    /// The channel has another sum in it since the chain took a resize.
    pub(crate) fn set_total(&mut self, total: Balance) {
        self.total = total;
    }

    /// Number of participants.
    pub fn size(&self) -> usize {
        self.params.participants.len()
    }

    /// The key that signs states for the participant at `position`.
    pub fn signer(&self, position: usize) -> Option<&MultiSigner> {
        self.params.participants.get(position).map(|participant| &participant.signer)
    }

    /// Position of the only participant that may propose `version`.
    ///
    /// The right goes round. One proposer per version means that proposals never compete.
    pub fn proposer(&self, version: u64) -> usize {
        let size = u64::try_from(self.size()).unwrap_or(u64::MAX);
        usize::try_from(version.checked_rem(size).unwrap_or(0)).unwrap_or(0)
    }

    /// What each **account** signs to lock its deposit and open the channel.
    pub fn open_payload(&self) -> Hash {
        open_payload(&self.genesis, &self.params, &self.deposits)
    }

    /// What each **signer** signs to agree to `state`.
    pub fn state_payload(&self, state: &ChannelState) -> Hash {
        state_payload(&self.genesis, state)
    }

    /// Checks that every account signed the opening, before fees are paid for it.
    pub fn verify_consent(&self, signatures: &[MultiSignature]) -> Result<(), AgreementError> {
        let participants = &self.params.participants;
        if signatures.len() != participants.len() {
            return Err(AgreementError::WrongSignatureCount {
                signatures: signatures.len(),
                participants: participants.len(),
            });
        }
        let payload = self.open_payload();
        for (position, (participant, signature)) in
            participants.iter().zip(signatures.iter()).enumerate()
        {
            if !verify_account(signature, &participant.account, &payload) {
                return Err(AgreementError::WrongSignature { position });
            }
        }
        Ok(())
    }
}

/// A state that every participant signed: enough to settle, to dispute or to answer.
///
/// A base state is the exception: the chain knows the opening state, version 0, and the state of the
/// last resize by itself, and nobody signs them.
///
/// It decodes from what this party wrote itself; what others send goes through
/// [`CoSignedState::verify`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CoSignedState {
    state: ChannelState,
    signatures: Signatures,
}

impl CoSignedState {
    /// The opening state: everybody owns what it deposited.
    pub fn opening(agreement: &Agreement) -> Self {
        Self {
            state: ChannelState::opening(agreement.id(), agreement.deposits().clone()),
            signatures: Signatures::new(),
        }
    }

    /// Checks a state and all signatures under it.
    pub fn verify(
        agreement: &Agreement,
        state: ChannelState,
        signatures: Signatures,
    ) -> Result<Self, AgreementError> {
        if state.channel != agreement.id() {
            return Err(AgreementError::OtherChannel {
                received: state.channel,
                expected: agreement.id(),
            });
        }
        state.verify_shape(agreement.size()).map_err(AgreementError::State)?;
        state
            .verify_conservation(agreement.size(), agreement.total())
            .map_err(AgreementError::State)?;
        if signatures.len() != agreement.size() {
            return Err(AgreementError::WrongSignatureCount {
                signatures: signatures.len(),
                participants: agreement.size(),
            });
        }
        let payload = agreement.state_payload(&state);
        for (position, (participant, signature)) in
            agreement.params().participants.iter().zip(signatures.iter()).enumerate()
        {
            if !verify_signer(signature, &participant.signer, &payload) {
                return Err(AgreementError::WrongSignature { position });
            }
        }
        Ok(Self { state, signatures })
    }

    /// The state of a resize that the chain has taken.
    pub(crate) fn base(state: ChannelState) -> Self {
        Self { state, signatures: Signatures::new() }
    }

    /// Joins a state with signatures that were each verified when they arrived.
    pub(crate) fn assembled(state: ChannelState, signatures: Signatures) -> Self {
        Self { state, signatures }
    }

    /// The state.
    pub fn state(&self) -> &ChannelState {
        &self.state
    }

    /// One signature per participant, in their order; none for a base state.
    pub fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// The state's version.
    pub fn version(&self) -> u64 {
        self.state.version
    }

    /// What the state pays the participant at `position`; nothing if there is none.
    pub fn balance(&self, position: usize) -> Balance {
        self.state.balances.get(position).copied().unwrap_or(0)
    }
}
