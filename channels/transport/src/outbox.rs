// SPDX-License-Identifier: Apache-2.0

//! What waits to be sent to one peer: so many bytes and no more.

use crate::{
    error::SendError,
    event::EndReason,
    frame::{append, append_farewell, cost},
    held,
};
use libp2p::PeerId;
use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, RwLock},
};
use tokio::sync::Notify;

/// How many bytes are written at once if more frames than one wait. It is what the multiplexer
/// sends in one piece.
const BATCH_BYTES: usize = 16 * 1024;

/// Whether an outbox still takes and gives frames.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// Takes and gives.
    Open,
    /// Takes nothing more, and gives what is left.
    Finishing,
    /// Takes and gives nothing.
    Closed(EndReason),
}

/// The frames that wait for one connection.
pub(crate) struct Outbox {
    /// How much may wait, in bytes, each frame with its overhead.
    limit: usize,
    /// The longest frame, with its overhead.
    largest: usize,
    waiting: Mutex<Waiting>,
    /// Tells the one task that writes.
    filled: Notify,
    /// Tells everybody who waits for room.
    room: Notify,
}

struct Waiting {
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
    phase: Phase,
}

/// What the task that writes is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Write the batch and come again.
    Write,
    /// Write the batch, which ends with the farewell.
    WriteLast,
    /// Stop at once.
    Stop(EndReason),
}

impl Outbox {
    /// An empty outbox for frames of at most `max_frame` bytes.
    pub(crate) fn new(limit: usize, max_frame: usize) -> Self {
        let waiting = Waiting { frames: VecDeque::new(), bytes: 0, phase: Phase::Open };
        Self {
            limit,
            largest: cost(max_frame),
            waiting: Mutex::new(waiting),
            filled: Notify::new(),
            room: Notify::new(),
        }
    }

    /// Takes a frame, or says why not and gives it back.
    pub(crate) fn push(&self, frame: Vec<u8>) -> Result<(), SendError> {
        let mut waiting = held(&self.waiting);
        if waiting.phase != Phase::Open {
            return Err(SendError::NotConnected { frame });
        }
        let cost = cost(frame.len());
        if waiting.bytes + cost > self.limit {
            return Err(SendError::Full { frame, waiting: waiting.bytes, limit: self.limit });
        }
        waiting.bytes += cost;
        waiting.frames.push_back(frame);
        drop(waiting);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits until the longest frame has room. False if the connection is over.
    pub(crate) async fn ready(&self) -> bool {
        loop {
            let mut room = pin!(self.room.notified());
            room.as_mut().enable();
            {
                let waiting = held(&self.waiting);
                if waiting.phase != Phase::Open {
                    return false;
                }
                if waiting.bytes + self.largest <= self.limit {
                    return true;
                }
            }
            room.await;
        }
    }

    /// How many bytes wait, each frame with its overhead.
    pub(crate) fn bytes(&self) -> usize {
        held(&self.waiting).bytes
    }

    /// Fills `batch` as soon as there is something to write.
    pub(crate) async fn next_batch(&self, batch: &mut Vec<u8>) -> Turn {
        loop {
            if let Some(turn) = self.try_next_batch(batch) {
                return turn;
            }
            self.filled.notified().await;
        }
    }

    fn try_next_batch(&self, batch: &mut Vec<u8>) -> Option<Turn> {
        let mut waiting = held(&self.waiting);
        if let Phase::Closed(reason) = &waiting.phase {
            return Some(Turn::Stop(reason.clone()));
        }
        while batch.len() < BATCH_BYTES
            && let Some(frame) = waiting.frames.pop_front()
        {
            waiting.bytes -= cost(frame.len());
            append(batch, &frame);
        }
        let is_last = waiting.phase == Phase::Finishing && waiting.frames.is_empty();
        drop(waiting);
        if is_last {
            append_farewell(batch);
            return Some(Turn::WriteLast);
        }
        if batch.is_empty() {
            return None;
        }
        self.room.notify_waiters();
        Some(Turn::Write)
    }

    /// Takes nothing more. What waits is sent, then the farewell. True if that was so already.
    pub(crate) fn finish(&self) -> bool {
        let mut waiting = held(&self.waiting);
        let was_finishing = waiting.phase == Phase::Finishing;
        if waiting.phase == Phase::Open {
            waiting.phase = Phase::Finishing;
        }
        drop(waiting);
        self.filled.notify_one();
        self.room.notify_waiters();
        was_finishing
    }

    /// Takes nothing more and forgets what waits.
    pub(crate) fn close(&self, reason: EndReason) {
        let mut waiting = held(&self.waiting);
        if !matches!(waiting.phase, Phase::Closed(_)) {
            waiting.phase = Phase::Closed(reason);
        }
        waiting.frames = VecDeque::new();
        waiting.bytes = 0;
        drop(waiting);
        self.filled.notify_one();
        self.room.notify_waiters();
    }
}

/// The outboxes of all peers whose `Connected` was taken, and whose `Disconnected` was not (TR-3).
#[derive(Default)]
pub(crate) struct Outboxes {
    by_peer: RwLock<HashMap<PeerId, Arc<Outbox>>>,
}

impl Outboxes {
    /// The outbox of a peer, if it is connected.
    pub(crate) fn get(&self, peer: &PeerId) -> Option<Arc<Outbox>> {
        self.by_peer.read().unwrap_or_else(PoisonError::into_inner).get(peer).cloned()
    }

    /// From now on what is sent to the peer goes here.
    pub(crate) fn put(&self, peer: PeerId, outbox: Arc<Outbox>) {
        self.by_peer.write().unwrap_or_else(PoisonError::into_inner).insert(peer, outbox);
    }

    /// From now on nothing can be sent to the peer.
    pub(crate) fn remove(&self, peer: &PeerId) {
        self.by_peer.write().unwrap_or_else(PoisonError::into_inner).remove(peer);
    }
}
