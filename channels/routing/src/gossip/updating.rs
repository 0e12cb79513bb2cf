// SPDX-License-Identifier: Apache-2.0

//! On which terms one end of a channel forwards over it.

use crate::{
    fees::{Terms, TermsError},
    names::{CHANNEL_UPDATE_TAG, Direction, Moment, NodeId, NodeSignature, NodeSigner, digest},
};
use codec::{Decode, Encode, MaxEncodedLen};
use millrace_primitives_channels::{ChannelId, Hash};
use thiserror::Error;

/// How far in the future a sequence may lie, in milliseconds: clocks differ.
pub const MAX_AHEAD: u64 = 10 * 60 * 1_000;

/// By how much an update must be later than the one it replaces, in milliseconds. With
/// [`MAX_AHEAD`] this bounds how often anybody has to verify and pass on news of one direction.
pub const MIN_SPACING: u64 = 30 * 1_000;

/// For how long an update counts, in milliseconds: two weeks. Who is there says so in time.
pub const MAX_AGE: u64 = 14 * 24 * 60 * 60 * 1_000;

/// What is signed of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Offer {
    /// The channel.
    pub channel: ChannelId,
    /// The direction in which these terms count; its start is whose terms they are.
    pub direction: Direction,
    /// When they were set, in milliseconds since 1970. The latest counts.
    pub sequence: u64,
    /// The terms.
    pub terms: Terms,
}

impl Offer {
    /// Signs the terms as the node at the direction's start.
    pub fn sign(self, genesis: &Hash, node: &impl NodeSigner) -> ChannelUpdate {
        let payload = digest(CHANNEL_UPDATE_TAG, genesis, &self);
        ChannelUpdate { offer: self, signature: node.sign_payload(&payload) }
    }
}

/// Terms, as they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct ChannelUpdate {
    /// What is signed.
    pub offer: Offer,
    /// By the node at the direction's start.
    pub signature: NodeSignature,
}

/// Why an update is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UpdateError {
    /// Nobody could pay by these terms.
    #[error("nobody could pay by these terms: {0}")]
    BadTerms(#[from] TermsError),
    /// The update comes from the future.
    #[error(
        "set at {sequence} ms, which is more than {MAX_AHEAD} ms ahead of {now} ms: compare clocks"
    )]
    FromTheFuture {
        /// When it claims to have been set.
        sequence: u64,
        /// The owner's time.
        now: u64,
    },
    /// The update is too old to count.
    #[error("set at {sequence} ms, more than {MAX_AGE} ms before {now} ms: its node must renew it")]
    TooOld {
        /// When it was set.
        sequence: u64,
        /// The owner's time.
        now: u64,
    },
    /// Newer terms are known, or ones that are as new.
    #[error("set at {received} ms, and terms of {known} ms are known")]
    NotNewer {
        /// The sequence that was received.
        received: u64,
        /// The sequence that is known.
        known: u64,
    },
    /// The node changes its terms too often.
    #[error(
        "set at {received} ms, less than {MIN_SPACING} ms after the terms of {known} ms: \
         wait before changing terms again"
    )]
    TooOften {
        /// The sequence that was received.
        received: u64,
        /// The sequence that is known.
        known: u64,
    },
    /// The signature does not fit.
    #[error("node {node} did not sign these terms")]
    BadSignature {
        /// Whose terms they would be.
        node: NodeId,
    },
    /// No such channel is in the graph.
    #[error("channel {channel:?} is not in the graph: wait for its announcement")]
    UnknownChannel {
        /// The channel.
        channel: ChannelId,
    },
}

/// Terms that their node signed, and that nobody else could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatedUpdate(ChannelUpdate);

impl ChannelUpdate {
    /// Checks the update. Cheap tests come first, so that an old one costs no signature.
    ///
    /// `node`: who is at the direction's start. `known`: the sequence of the terms that it would
    /// replace.
    pub fn verify(
        self,
        genesis: &Hash,
        node: &NodeId,
        known: Option<u64>,
        now: &Moment,
    ) -> Result<ValidatedUpdate, UpdateError> {
        verify_sequence(self.offer.sequence, known, now)?;
        self.verify_signature(genesis, node)
    }

    /// Checks the terms and whose they are, but not how new: for terms that a node tells one payer.
    pub(crate) fn verify_signature(
        self,
        genesis: &Hash,
        node: &NodeId,
    ) -> Result<ValidatedUpdate, UpdateError> {
        self.offer.terms.verify()?;
        let payload = digest(CHANNEL_UPDATE_TAG, genesis, &self.offer);
        if !node.signed(&payload, &self.signature) {
            return Err(UpdateError::BadSignature { node: *node });
        }
        Ok(ValidatedUpdate(self))
    }
}

/// Whether news of `sequence` are new enough, and not too new.
pub(crate) fn verify_sequence(
    sequence: u64,
    known: Option<u64>,
    now: &Moment,
) -> Result<(), UpdateError> {
    if sequence > now.millis.saturating_add(MAX_AHEAD) {
        return Err(UpdateError::FromTheFuture { sequence, now: now.millis });
    }
    if is_stale(sequence, now) {
        return Err(UpdateError::TooOld { sequence, now: now.millis });
    }
    match known {
        Some(known) if sequence <= known => {
            Err(UpdateError::NotNewer { received: sequence, known })
        }
        Some(known) if sequence < known.saturating_add(MIN_SPACING) => {
            Err(UpdateError::TooOften { received: sequence, known })
        }
        _ => Ok(()),
    }
}

/// Whether what was said at `sequence` counts no more.
pub(crate) fn is_stale(sequence: u64, now: &Moment) -> bool {
    sequence.saturating_add(MAX_AGE) < now.millis
}

impl ValidatedUpdate {
    /// The channel.
    pub fn channel(&self) -> ChannelId {
        self.0.offer.channel
    }

    /// The direction in which the terms count.
    pub fn direction(&self) -> Direction {
        self.0.offer.direction
    }

    /// When they were set, in milliseconds since 1970.
    pub fn sequence(&self) -> u64 {
        self.0.offer.sequence
    }

    /// The terms.
    pub fn terms(&self) -> &Terms {
        &self.0.offer.terms
    }

    /// The update, to be passed on.
    pub fn update(&self) -> &ChannelUpdate {
        &self.0
    }
}
