// SPDX-License-Identifier: Apache-2.0

//! What a party hears of its peers.

use crate::{
    inbox::{Inbox, Item},
    outbox::Outboxes,
};
use libp2p::PeerId;
use std::{sync::Arc, time::Duration};

/// Something that happened with a peer.
///
/// Of each peer they come in the order in which they happened: `Connected`, then frames as the peer
/// sent them, then `Disconnected`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerEvent {
    /// Frames can be sent and will come, until `Disconnected`.
    Connected {
        /// Whose key the connection is encrypted for.
        peer: PeerId,
        /// Whether this side dialled.
        outgoing: bool,
    },
    /// The connection is over. What was sent and is not answered may have arrived or not.
    Disconnected {
        /// Whose connection it was.
        peer: PeerId,
        /// Why it ended.
        reason: EndReason,
    },
    /// The peer sent this.
    Frame {
        /// Who sent it.
        peer: PeerId,
        /// What it sent: at most [`crate::Options::max_frame_bytes`].
        bytes: Vec<u8>,
    },
}

impl PeerEvent {
    /// Whom it is about.
    pub fn peer(&self) -> PeerId {
        match self {
            Self::Connected { peer, .. }
            | Self::Disconnected { peer, .. }
            | Self::Frame { peer, .. } => *peer,
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndReason {
    /// [`crate::Handle::disconnect`] or [`crate::Handle::shutdown`] was called.
    #[error("closed by this side{}", unless_flushed(.flushed))]
    ClosedByUs {
        /// Whether the peer confirmed that it has read all that was sent.
        flushed: bool,
    },
    /// The peer took its leave, and everything that it sent before was read.
    #[error("closed by the peer")]
    ClosedByPeer,
    /// The connection broke.
    #[error("the connection broke: {cause}; it is tried again while the peer is wanted")]
    Lost {
        /// What the system said.
        cause: String,
    },
    /// The peer answers no pings.
    #[error("the peer answered no ping in time; it is tried again while it is wanted")]
    Silent,
    /// The peer took nothing of what was sent for too long.
    #[error("the peer took nothing for {} s; it is tried again while it is wanted", .after.as_secs())]
    Stalled {
        /// For how long.
        after: Duration,
    },
    /// The peer announced a longer frame than is allowed, or bytes that are no frames.
    #[error(
        "the peer announced a frame of {length} bytes and {limit} are allowed: \
         it runs another version, or is no friend"
    )]
    TooLong {
        /// What the peer announced.
        length: u64,
        /// What this side allows.
        limit: usize,
    },
    /// The peer said something that has no meaning where it stands.
    #[error("the peer spoke out of turn: it runs another version, or is no friend")]
    OutOfTurn,
    /// The peer opened a stream that was not its turn to open.
    #[error("the peer opened a second stream of frames: it runs another version, or is no friend")]
    SecondStream,
    /// [`crate::Handle::ban`] was called.
    #[error("banned by this side")]
    Banned,
    /// The peer has another connection that is used instead; `Connected` follows.
    #[error("replaced by a newer connection of the same peer")]
    Replaced,
    /// Nobody takes events any more.
    #[error("this side stopped")]
    Stopped,
}

/// The end of a sentence about a connection that was closed.
fn unless_flushed(flushed: &bool) -> &'static str {
    if *flushed { "" } else { ", before the peer confirmed that it has everything" }
}

/// What comes from all peers, to be taken by one task.
///
/// Peers take turns, so that one that floods delays another's frame by one frame. Whoever does not
/// take its events slows its peers down, and loses nothing. Dropping it stops the transport.
pub struct Incoming {
    inbox: Arc<Inbox>,
    outboxes: Arc<Outboxes>,
}

impl Incoming {
    pub(crate) fn new(inbox: Arc<Inbox>, outboxes: Arc<Outboxes>) -> Self {
        Self { inbox, outboxes }
    }

    /// Waits for the next event. Nothing after the transport has stopped and all events are taken.
    ///
    /// Safe to drop while it waits: no event is lost.
    pub async fn next(&mut self) -> Option<PeerEvent> {
        let (peer, item) = self.inbox.take().await?;
        Some(self.open(peer, item))
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<PeerEvent> {
        let (peer, item) = self.inbox.try_take()?;
        Some(self.open(peer, item))
    }

    /// Turns a queue's item into an event, and moves what is sent from now on (TR-3).
    fn open(&self, peer: PeerId, item: Item) -> PeerEvent {
        match item {
            Item::Connected { outgoing, outbox } => {
                self.outboxes.put(peer, outbox);
                PeerEvent::Connected { peer, outgoing }
            }
            Item::Frame(bytes) => PeerEvent::Frame { peer, bytes },
            Item::Disconnected(reason) => {
                self.outboxes.remove(&peer);
                PeerEvent::Disconnected { peer, reason }
            }
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.inbox.abandon();
    }
}
