// SPDX-License-Identifier: Apache-2.0

//! What can be wrong, with the values that were compared.

use millrace_primitives_channels::{Balance, ChannelId, Hash, ParamsError, StateError};
use polkadot_sdk::sp_runtime::MultiSigner;
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

/// A payment that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PaymentError {
    /// No participant has this position.
    #[error("no participant {position}: the channel has {participants}, counted from 0")]
    UnknownParticipant {
        /// Position asked for.
        position: u8,
        /// Participants of the channel.
        participants: usize,
    },
    /// Payer and payee are the same.
    #[error("participant {position} cannot pay itself")]
    ToItself {
        /// Position of both.
        position: u8,
    },
    /// A payment of zero.
    #[error("a payment must move something: the amount is 0")]
    Nothing,
    /// The payer has less than it wants to pay.
    #[error("payment needs {needed}, only {available} is left on this side of the channel")]
    Insufficient {
        /// Amount asked for.
        needed: Balance,
        /// What the payer can spend.
        available: Balance,
    },
    /// The payee's balance would leave its range.
    #[error("the payee's balance would exceed 2^128 - 1")]
    Overflow,
}

/// Bytes that are no message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// Nothing at all.
    #[error("the message is empty")]
    Empty,
    /// More bytes than any message has.
    #[error("the message has {bytes} bytes, at most {limit} are allowed")]
    TooLong {
        /// Length received.
        bytes: usize,
        /// Length allowed.
        limit: usize,
    },
    /// The peer speaks another version of the protocol.
    #[error("the peer speaks protocol version {received}, this side {spoken}: upgrade the older")]
    UnknownVersion {
        /// Version received.
        received: u8,
        /// Version of this crate.
        spoken: u8,
    },
    /// The bytes do not decode.
    #[error("the message does not decode: {0}")]
    Malformed(codec::Error),
}

/// A proposal or acceptance that no honest party would have sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProposalError {
    /// Another party's turn.
    #[error("version {version} is proposed by participant {expected}, not by {sender}")]
    NotItsTurn {
        /// The proposed version.
        version: u64,
        /// Who sent it.
        sender: usize,
        /// Whose turn it is.
        expected: usize,
    },
    /// The state carries something that this version of the engine does not support.
    #[error("version {version} carries pending transfers, streams or an application")]
    NotPlain {
        /// The proposed version.
        version: u64,
    },
    /// The amounts do not add up.
    #[error("version {version} does not distribute the deposits: {}", explain_state(.reason))]
    NotConserved {
        /// The proposed version.
        version: u64,
        /// What is wrong with it.
        reason: StateError,
    },
    /// The signature under the state is not the sender's.
    #[error("the signature under version {version} is not by participant {sender}'s signer")]
    WrongSignature {
        /// The proposed version.
        version: u64,
        /// Who sent it.
        sender: usize,
    },
    /// A payment in it is not possible.
    #[error("a payment of version {version} is not possible: {reason}")]
    Payment {
        /// The proposed version.
        version: u64,
        /// Why.
        reason: PaymentError,
    },
    /// The balances are not those that the payments lead to.
    #[error("the balances of version {version} are not what its payments lead to")]
    BalancesDiffer {
        /// The proposed version.
        version: u64,
    },
    /// It spends this party's money without having been asked to.
    #[error("version {version} makes this party pay {taken}, it asked to pay {asked}")]
    Unrequested {
        /// The proposed version.
        version: u64,
        /// What the proposal takes.
        taken: Balance,
        /// What this party asked for.
        asked: Balance,
    },
    /// A second state for a version that is half-signed already.
    #[error("participant {sender} proposed two states for version {version}")]
    Equivocation {
        /// The version.
        version: u64,
        /// Who proposed both.
        sender: usize,
    },
    /// A payment in a request is not the sender's own.
    #[error("participant {sender} asked for a payment by participant {payer}")]
    NotItsMoney {
        /// Who asked.
        sender: usize,
        /// Whose money it is.
        payer: u8,
    },
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
}

/// Why a [`crate::Channel`] refuses an event. The channel stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChannelError {
    /// The signer is no participant's.
    #[error("key {public:?} is no participant's signer in channel {channel:?}")]
    NotAParticipant {
        /// The key.
        public: Box<MultiSigner>,
        /// The channel.
        channel: ChannelId,
    },
    /// A message about another channel.
    #[error("the message is about channel {received:?}, this is {expected:?}")]
    OtherChannel {
        /// Channel of the message.
        received: ChannelId,
        /// This channel.
        expected: ChannelId,
    },
    /// A message from nobody in the channel, or from this party itself.
    #[error("no other participant has position {sender}")]
    UnknownSender {
        /// Position given.
        sender: usize,
    },
    /// A request for a version that another party proposes.
    #[error("version {version} is proposed by participant {proposer}: send the request there")]
    NotOurTurn {
        /// Version of the request.
        version: u64,
        /// Who proposes it.
        proposer: usize,
    },
    /// A party asked to settle.
    #[error("the channel is being closed: open a new one to pay on")]
    Closing,
    /// The parties agreed to settle.
    #[error("the final state, version {version}, is signed: open a new channel to pay on")]
    Final {
        /// Version of the final state.
        version: u64,
    },
    /// The chain judges the channel.
    #[error("the channel is disputed on chain: wait for its conclusion")]
    Disputed,
    /// Too many payments wait for the next version.
    #[error("{limit} payments wait for the next version: wait until they are agreed")]
    QueueFull {
        /// The most that can wait.
        limit: usize,
    },
    /// The message comes too early: something before it is missing.
    #[error("version {received} came before version {missing}: ask the sender for its status")]
    TooEarly {
        /// Version of the message.
        received: u64,
        /// Version that is missing here.
        missing: u64,
    },
    /// The payment cannot be made.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// The message is no honest party's.
    #[error(transparent)]
    Proposal(#[from] ProposalError),
    /// A co-signed state does not hold.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// The pen refused.
    #[error(transparent)]
    Pen(#[from] PenError),
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

fn explain_state(error: &StateError) -> &'static str {
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
