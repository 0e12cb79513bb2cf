// SPDX-License-Identifier: Apache-2.0

//! What has come and was not taken yet: so many bytes of each peer, taken in turns.
//!
//! Whoever reads from a peer asks for room **before** it reads a frame, so that what a peer may cost
//! is known whatever it sends. As long as there is no room, nothing is read, the stream's window stays
//! closed, and the peer has to wait.

use crate::{
    event::EndReason,
    frame::{FRAME_OVERHEAD, cost},
    held,
    outbox::Outbox,
};
use libp2p::PeerId;
use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;

/// What stands in a peer's queue.
pub(crate) enum Item {
    /// A connection begins.
    Connected {
        /// Whether this side dialled.
        outgoing: bool,
        /// What is to be sent goes here.
        outbox: Arc<Outbox>,
    },
    /// A frame came.
    Frame(Vec<u8>),
    /// The connection is over.
    Disconnected(EndReason),
}

impl Item {
    fn cost(&self) -> usize {
        match self {
            Self::Frame(bytes) => cost(bytes.len()),
            Self::Connected { .. } | Self::Disconnected(_) => FRAME_OVERHEAD,
        }
    }
}

/// Nobody takes events any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abandoned;

/// The inbox has as many peers as it may have, counting those whose end was not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyPeers;

/// The queues of all peers.
pub(crate) struct Inbox {
    /// What one peer may cost, in bytes, each frame with its overhead.
    limit: usize,
    max_peers: usize,
    state: Mutex<State>,
    /// Tells the one who takes.
    news: Notify,
    /// Tells that nobody takes any more.
    abandoned: Notify,
}

#[derive(Default)]
struct State {
    queues: HashMap<PeerId, Queue>,
    /// Peers that have something in their queue; each stands here once.
    turns: VecDeque<PeerId>,
    is_closed: bool,
    is_abandoned: bool,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    /// How many doors are open. The queue lives until the last is shut and all is taken.
    doors: usize,
    /// Whether the peer stands among those whose turn comes.
    in_turn: bool,
    room: Arc<Notify>,
}

impl Inbox {
    /// An empty inbox.
    pub(crate) fn new(limit: usize, max_peers: usize) -> Self {
        Self {
            limit,
            max_peers,
            state: Mutex::default(),
            news: Notify::new(),
            abandoned: Notify::new(),
        }
    }

    /// Opens a door through which one connection of `peer` puts what comes.
    pub(crate) fn enter(self: &Arc<Self>, peer: PeerId) -> Result<Door, TooManyPeers> {
        let mut state = held(&self.state);
        if !state.queues.contains_key(&peer) && state.queues.len() >= self.max_peers {
            return Err(TooManyPeers);
        }
        let queue = state.queues.entry(peer).or_default();
        queue.doors += 1;
        let room = queue.room.clone();
        Ok(Door { inbox: self.clone(), peer, room, is_open: true })
    }

    /// Waits for the next item; nothing after [`Inbox::close`] once all is taken.
    pub(crate) async fn take(&self) -> Option<(PeerId, Item)> {
        loop {
            if let Some(taken) = self.try_take() {
                return Some(taken);
            }
            if held(&self.state).is_closed {
                // Something may have come between the two looks.
                return self.try_take();
            }
            self.news.notified().await;
        }
    }

    /// The next item of the peer whose turn it is.
    pub(crate) fn try_take(&self) -> Option<(PeerId, Item)> {
        let mut guard = held(&self.state);
        let state = &mut *guard;
        loop {
            let peer = state.turns.pop_front()?;
            let Some(queue) = state.queues.get_mut(&peer) else { continue };
            let item = queue.items.pop_front();
            queue.in_turn = !queue.items.is_empty();
            if queue.in_turn {
                state.turns.push_back(peer);
            }
            if let Some(item) = &item {
                queue.bytes -= item.cost();
                queue.room.notify_waiters();
            }
            if queue.items.is_empty() && queue.doors == 0 {
                state.queues.remove(&peer);
            }
            if let Some(item) = item {
                return Some((peer, item));
            }
        }
    }

    /// Drops the frames of a peer that were not taken.
    pub(crate) fn drop_frames(&self, peer: &PeerId) {
        let mut state = held(&self.state);
        if let Some(queue) = state.queues.get_mut(peer) {
            queue.items.retain(|item| !matches!(item, Item::Frame(_)));
            queue.bytes = queue.items.iter().map(Item::cost).sum();
            queue.room.notify_waiters();
        }
    }

    /// Nothing comes any more.
    pub(crate) fn close(&self) {
        held(&self.state).is_closed = true;
        self.news.notify_one();
    }

    /// Nobody takes any more.
    pub(crate) fn abandon(&self) {
        let mut state = held(&self.state);
        state.is_abandoned = true;
        for queue in state.queues.values() {
            queue.room.notify_waiters();
        }
        drop(state);
        self.abandoned.notify_one();
    }

    /// Waits until nobody takes any more.
    pub(crate) async fn wait_abandoned(&self) {
        while !held(&self.state).is_abandoned {
            self.abandoned.notified().await;
        }
    }

    /// What the peer's queue takes, in bytes.
    #[cfg(test)]
    pub(crate) fn bytes(&self, peer: &PeerId) -> usize {
        held(&self.state).queues.get(peer).map_or(0, |queue| queue.bytes)
    }
}

/// Where one connection puts what comes. Shutting it says that the connection is over; dropping it
/// does, too.
pub(crate) struct Door {
    inbox: Arc<Inbox>,
    peer: PeerId,
    room: Arc<Notify>,
    is_open: bool,
}

impl Door {
    /// Waits until `bytes`, which include the overhead, have room.
    pub(crate) async fn room_for(&self, bytes: usize) -> Result<(), Abandoned> {
        loop {
            let mut room = pin!(self.room.notified());
            room.as_mut().enable();
            {
                let state = held(&self.inbox.state);
                if state.is_abandoned {
                    return Err(Abandoned);
                }
                let taken = state.queues.get(&self.peer).map_or(0, |queue| queue.bytes);
                if taken + bytes <= self.inbox.limit {
                    return Ok(());
                }
            }
            room.await;
        }
    }

    /// Puts something for which there is room.
    pub(crate) fn put(&self, item: Item) {
        let mut guard = held(&self.inbox.state);
        let state = &mut *guard;
        let Some(queue) = state.queues.get_mut(&self.peer) else {
            debug_assert!(false, "a queue lives as long as a door of it is open");
            return;
        };
        queue.bytes += item.cost();
        queue.items.push_back(item);
        if !queue.in_turn {
            queue.in_turn = true;
            state.turns.push_back(self.peer);
        }
        drop(guard);
        self.inbox.news.notify_one();
    }

    /// Says why the connection is over.
    pub(crate) fn shut(mut self, reason: EndReason) {
        self.end(reason);
    }

    fn end(&mut self, reason: EndReason) {
        if std::mem::take(&mut self.is_open) {
            self.put(Item::Disconnected(reason));
            let mut state = held(&self.inbox.state);
            if let Some(queue) = state.queues.get_mut(&self.peer) {
                queue.doors -= 1;
                if queue.items.is_empty() && queue.doors == 0 {
                    state.queues.remove(&self.peer);
                }
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.end(EndReason::Stopped);
    }
}
