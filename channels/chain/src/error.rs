// SPDX-License-Identifier: Apache-2.0

//! What can go wrong between here and the chain, and what to do about it.

use crate::outcome::DispatchFailure;
use millrace_primitives_channels::Hash;
use thiserror::Error;

/// Why the chain did not do what it was asked to.
#[derive(Debug, Error)]
pub enum ChainError {
    /// Nobody answers at the address.
    #[error(
        "no node answers at {url}: {reason}\n  \
         Start one with ./scripts/dev, or name another address with --url."
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What the connection says.
        reason: String,
    },
    /// The chain has no channels.
    #[error(
        "the node at {url} serves \"{chain}\", which lacks {missing}\n  \
         Name the address of a Millrace node with --url, or upgrade the node."
    )]
    NotMillrace {
        /// The address.
        url: String,
        /// Name of the chain.
        chain: String,
        /// The pallet or runtime API that is missing.
        missing: &'static str,
    },
    /// A call has other arguments than this client knows.
    #[error(
        "the chain's call {call} does not take the arguments that this client encodes: {reason}\n  \
         Use a client of the same release as the node."
    )]
    OtherArguments {
        /// Pallet and call.
        call: String,
        /// What does not fit.
        reason: String,
    },
    /// The node did not accept the extrinsic into its pool.
    #[error("the node refused {call}: {reason}")]
    Refused {
        /// Pallet and call.
        call: String,
        /// What the node says.
        reason: String,
    },
    /// The node accepted the extrinsic and gave it up before it was final.
    #[error(
        "the node gave up {call} ({extrinsic:?}): {reason}\n  \
         Check whether the account's nonce was used by another extrinsic, then submit it again."
    )]
    GivenUp {
        /// Pallet and call.
        call: String,
        /// Hash of the extrinsic.
        extrinsic: Hash,
        /// What the node says.
        reason: String,
    },
    /// The extrinsic is in a block, and the runtime refused what it asks for.
    #[error("{0}")]
    Failed(Box<DispatchFailure>),
    /// Nothing happened for too long.
    #[error(
        "no {what} for {seconds} seconds\n  \
         Check the node's log: is it synchronised, and are enough validators online?"
    )]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        seconds: u64,
    },
    /// The node returned bytes that this client cannot read.
    #[error(
        "cannot read {what} as the chain encodes it: {reason}\n  \
         Use a client of the same release as the node."
    )]
    Unreadable {
        /// What was read.
        what: String,
        /// Why it failed.
        reason: String,
    },
    /// A request to the node failed.
    #[error("the node did not answer a request for {what}: {reason}")]
    Request {
        /// What was asked for.
        what: &'static str,
        /// Why it failed.
        reason: String,
    },
}

impl ChainError {
    /// A failed request for `what`.
    pub(crate) fn request<E: core::fmt::Display>(what: &'static str) -> impl Fn(E) -> Self {
        move |reason| Self::Request { what, reason: reason.to_string() }
    }

    /// The runtime's named refusal, if this is one.
    pub fn dispatch_failure(&self) -> Option<&DispatchFailure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}
