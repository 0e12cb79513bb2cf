// SPDX-License-Identifier: Apache-2.0

//! What can go wrong between here and the chain, and what to do about it.

use crate::{outcome::DispatchFailure, trust::Distrust};
use core::fmt;
use millrace_primitives_channels::Hash;
use thiserror::Error;

/// Why the chain did not do what it was asked to.
#[derive(Debug, Error)]
pub enum ChainError {
    /// Nobody answers at the address.
    #[error(
        "no node answers at {url}: {reason}\n  \
         Start one with ./scripts/dev, or name another address (`--node` of millrace-channeld, `--url` of the others)."
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
         Name the address of a Millrace node (`--node` of millrace-channeld, `--url` of the others), or upgrade the node."
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
    /// The node is not to be believed.
    #[error(transparent)]
    Distrusted(#[from] Distrust),
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
    #[error(
        "the node did not answer a request for {what}: {reason}\n  \
         Check that it still runs, then try again."
    )]
    Request {
        /// What was asked for.
        what: &'static str,
        /// Why it failed.
        reason: String,
    },
}

impl ChainError {
    /// A failed request for `what`.
    pub(crate) fn request<E: fmt::Display>(what: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::Request { what, reason: reason_of(&error) }
    }

    /// The runtime's named refusal, if this is one.
    pub fn dispatch_failure(&self) -> Option<&DispatchFailure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// What the client library says, without the names of the layers that it passed through.
pub(crate) fn reason_of(error: &impl fmt::Display) -> String {
    const LAYERS: [&str; 4] =
        ["Cannot construct OnlineClient: ", "Backend error: ", "RPC error: ", "client error: "];
    let mut reason = error.to_string();
    // How the library says that its connection is gone.
    if reason.contains("restart required") {
        return "the connection was lost".to_owned();
    }
    while let Some(rest) = LAYERS.iter().find_map(|layer| reason.strip_prefix(layer)) {
        reason = rest.to_owned();
    }
    reason
}

/// How a node says that it has thrown the state of an old block away.
const DISCARDED: [&str; 2] = ["State already discarded", "UnknownBlock"];

/// Whether the node lacks the state of an old block, which no other attempt will change.
pub(crate) fn is_discarded(reason: &str) -> bool {
    DISCARDED.iter().any(|sign| reason.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_names_the_cause_and_no_layers() {
        let refused = "RPC error: client error: RPC error: client error: Connection refused";
        assert_eq!(reason_of(&refused), "Connection refused");
        let lost = "RPC error: client error: The background task closed; restart required";
        assert_eq!(reason_of(&lost), "the connection was lost");
    }
}
