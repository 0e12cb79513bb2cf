// SPDX-License-Identifier: Apache-2.0

//! Terms, consent, co-signed states and signatures that do not hold.

use millrace_primitives_channels::{ChannelId, Hash, ParamsError, StateError};
use thiserror::Error;

/// Terms, consent or a co-signed state that do not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AgreementError {
    /// The parameters themselves are not valid.
    #[error("the channel's parameters are not valid: {}", explain_params(.0))]
    Params(ParamsError),
    /// One deposit per participant is needed.
    #[error("{deposits} deposits for {participants} participants: give one each, zero is allowed")]
    WrongDepositCount {
        /// Deposits given.
        deposits: usize,
        /// Participants named.
        participants: usize,
    },
    /// The sum of all deposits is too large to count.
    #[error("the deposits add up to more than 2^128 - 1: deposit less")]
    DepositOverflow,
    /// Nobody deposits anything.
    #[error("no participant deposits anything: a channel needs funds")]
    NothingDeposited,
    /// One signature per participant is needed.
    #[error("{signatures} signatures for {participants} participants: everybody has to sign")]
    WrongSignatureCount {
        /// Signatures given.
        signatures: usize,
        /// Participants of the channel.
        participants: usize,
    },
    /// A signature is not by the participant at this position.
    #[error(
        "signature {position} does not fit: check the order of signatures, the chain's genesis \
         hash, and that the account signs openings and the signer signs states"
    )]
    WrongSignature {
        /// Position among the participants.
        position: usize,
    },
    /// A state of another channel.
    #[error("the state belongs to channel {received:?}, expected {expected:?}")]
    OtherChannel {
        /// Channel of the state.
        received: ChannelId,
        /// This channel.
        expected: ChannelId,
    },
    /// The chain would refuse the state.
    #[error("the state is not valid: {}", explain_state(.0))]
    State(StateError),
}

/// A signature that must not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PenError {
    /// A higher version was signed already.
    #[error("refused to sign version {asked}: version {newest} is signed already")]
    OlderVersion {
        /// Version asked for.
        asked: u64,
        /// Version signed.
        newest: u64,
    },
    /// Another state of the same version was signed already.
    #[error("refused to sign a second state {asked:?} of version {version}, signed is {signed:?}")]
    SecondState {
        /// The version.
        version: u64,
        /// Payload of the state that is signed.
        signed: Hash,
        /// Payload of the state asked for.
        asked: Hash,
    },
    /// A resize was signed, and nothing else may be until it is taken or void.
    #[error("refused to sign version {asked}: a resize to version {resize} is signed")]
    ResizeSigned {
        /// Version asked for.
        asked: u64,
        /// Version of the resize.
        resize: u64,
    },
}

fn explain_params(error: &ParamsError) -> &'static str {
    match error {
        ParamsError::TooFewParticipants => "name at least two participants",
        ParamsError::ParticipantsNotAscending => {
            "sort the participants by account and name each only once"
        }
        ParamsError::DuplicateSigner => "give each participant a signer of its own",
        ParamsError::UnsupportedSigner => "sign states with an sr25519, ed25519 or ecdsa key",
    }
}

pub(super) fn explain_state(error: &StateError) -> &'static str {
    match error {
        StateError::WrongBalanceCount => "one balance per participant is needed",
        StateError::Overflow => "a sum exceeds 2^128 - 1",
        StateError::SumMismatch => "the amounts do not add up to the deposits",
        StateError::BadPending => {
            "pending transfers are 1 to 1024, and have one total per participant"
        }
        StateError::BadStream => {
            "a stream has two parties of the channel, a unit, 1 to 65536 chains, 1 to 256 links"
        }
    }
}
