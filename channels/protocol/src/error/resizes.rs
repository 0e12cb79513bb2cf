// SPDX-License-Identifier: Apache-2.0

//! Resizes that cannot be made.

use millrace_primitives_channels::BlockNumber;
use thiserror::Error;

/// A change of deposits that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ResizeError {
    /// One change per participant is needed.
    #[error("{deltas} changes for {participants} participants: give one each, zero is allowed")]
    WrongDeltaCount {
        /// Changes given.
        deltas: usize,
        /// Participants of the channel.
        participants: usize,
    },
    /// Nothing would change.
    #[error("nobody adds or takes out anything")]
    Nothing,
    /// Somebody would take out more than it owns outright, or a sum leaves its range.
    #[error("a participant would take out more than it owns, or the channel would be empty")]
    NotCovered,
    /// The last block is over, or too far away.
    #[error("the resize is valid until block {valid_until}; allowed now are {from} to {to}")]
    BadEnd {
        /// Its last block.
        valid_until: BlockNumber,
        /// The first that is allowed.
        from: BlockNumber,
        /// The last that is allowed.
        to: BlockNumber,
    },
    /// The state in it is not what the changes lead to.
    #[error("the state of the resize to version {version} is not what its changes lead to")]
    StateDiffers {
        /// Its version.
        version: u64,
    },
    /// The state that was handed over is not the one that the chain keeps the digest of.
    #[error("the state of version {version} is not the base that the chain knows")]
    NotTheBase {
        /// Its version.
        version: u64,
    },
    /// Another resize is under way.
    #[error("another resize is under way")]
    UnderWay,
    /// No such resize is under way.
    #[error("no resize to version {version} is under way")]
    Unknown {
        /// The version asked for.
        version: u64,
    },
    /// A signature is not by the key that the resize needs.
    #[error("the signature of participant {signer} under the resize is not by the key it needs")]
    WrongSignature {
        /// Its position.
        signer: usize,
    },
}
