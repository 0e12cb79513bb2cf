// SPDX-License-Identifier: Apache-2.0

//! Why a message had no effect.

use crate::{
    gossip::{
        announcing::AnnouncementError, introducing::IntroductionError, message::MessageError,
        updating::UpdateError,
    },
    graph::GraphError,
    names::NodeId,
};
use thiserror::Error;

/// Why a message had no effect. The owner may count them, and part with who sends too many.
#[derive(Debug, Error)]
pub enum GossipError {
    /// The peer sends more than it may.
    #[error("peer {peer} sends more than it may: what it sends is not read for now")]
    TooMuch {
        /// The peer.
        peer: NodeId,
    },
    /// Too many peers are remembered, and none of them can be forgotten.
    #[error("{peers} peers are as many as are remembered: raise the limit, or connect to fewer")]
    TooManyPeers {
        /// The limit.
        peers: usize,
    },
    /// The bytes are no message.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The announcement does not hold.
    #[error(transparent)]
    Announcement(#[from] AnnouncementError),
    /// The update does not hold.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// The introduction does not hold.
    #[error(transparent)]
    Introduction(#[from] IntroductionError),
    /// The graph does not take it.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The peer answers what it was not asked.
    #[error("peer {peer} sent an inventory that it was not asked for, or one that goes backwards")]
    Unasked {
        /// The peer.
        peer: NodeId,
    },
    /// Too many announcements wait for the chain.
    #[error("too many announcements wait for the chain, of all peers or of {peer}")]
    NoRoom {
        /// The peer.
        peer: NodeId,
    },
}

impl GossipError {
    /// Whether no honest peer would have sent this, whatever it knows.
    pub fn is_rubbish(&self) -> bool {
        match self {
            Self::Message(_) | Self::Unasked { .. } => true,
            // A channel may be closed meanwhile; all else is signed by nobody.
            Self::Announcement(error) => !matches!(error, AnnouncementError::NotOpen { .. }),
            Self::Update(error) => {
                matches!(error, UpdateError::BadTerms(_) | UpdateError::BadSignature { .. })
            }
            Self::Introduction(error) => matches!(
                error,
                IntroductionError::BadSignature { .. }
                    | IntroductionError::BadOnionKey
                    | IntroductionError::UnreadableAlias
            ),
            _ => false,
        }
    }
}
