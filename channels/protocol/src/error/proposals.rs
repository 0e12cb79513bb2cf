// SPDX-License-Identifier: Apache-2.0

//! Proposals, acceptances and requests that no honest party would have sent.

use super::{ChangeError, terms::explain_state};
use millrace_primitives_channels::StateError;
use thiserror::Error;

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
    /// The state carries an application, which this version of the engine does not support.
    #[error("version {version} carries an application")]
    CarriesApplication {
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
    /// A change in it is not possible.
    #[error("a change of version {version} is not possible: {reason}")]
    Change {
        /// The proposed version.
        version: u64,
        /// Why.
        reason: ChangeError,
    },
    /// The balances are not those that the changes lead to.
    #[error("the balances of version {version} are not what its changes lead to")]
    BalancesDiffer {
        /// The proposed version.
        version: u64,
    },
    /// Transfers or streams are not those that the changes lead to.
    #[error("transfers or streams of version {version} are not what its changes lead to")]
    ContentsDiffer {
        /// The proposed version.
        version: u64,
    },
    /// A final state with something undecided in it, which the chain would not settle.
    #[error("version {version} is final, but transfers or streams are under way")]
    FinalNotPlain {
        /// The proposed version.
        version: u64,
    },
    /// It makes changes in this party's name that this party did not ask for.
    #[error("version {version} makes {taken} changes in this party's name, it asked for {asked}")]
    Unrequested {
        /// The proposed version.
        version: u64,
        /// How many changes of this party's the proposal makes.
        taken: usize,
        /// How many this party asked for; if as many, then others.
        asked: usize,
    },
    /// A second state for a version that is half-signed already.
    #[error("participant {sender} proposed two states for version {version}")]
    Equivocation {
        /// The version.
        version: u64,
        /// Who proposed both.
        sender: usize,
    },
    /// A change in a request is not the sender's own.
    #[error("participant {sender} asked for a change that is participant {author}'s")]
    NotItsMoney {
        /// Who asked.
        sender: usize,
        /// Whose change it is.
        author: u8,
    },
    /// Something that is said to be this party's word, and is not.
    #[error("the recalled version {version} does not carry this party's signature")]
    NotOurs {
        /// The version.
        version: u64,
    },
}
