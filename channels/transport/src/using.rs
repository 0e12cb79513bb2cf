// SPDX-License-Identifier: Apache-2.0

//! Which connection of a peer is used, from its beginning to its end.

use crate::{
    driver::{Driver, chance},
    error::DialProblem,
    event::EndReason,
    gate::GateEvent,
    handler::Report,
    lane::Lane,
    link::Stand,
    outbox::Outbox,
};
use libp2p::{PeerId, Stream, ping, swarm::ConnectionId};
use std::{sync::Arc, time::Instant};
use tokio::{
    sync::oneshot,
    task::{self, JoinError},
};

/// A connection that carries frames.
pub(crate) struct Running {
    connection: ConnectionId,
    pub(crate) outbox: Arc<Outbox>,
    stop: Option<oneshot::Sender<EndReason>>,
    task: task::Id,
    /// Takes its place as soon as it has ended.
    next: Option<(ConnectionId, Stream)>,
}

impl Running {
    fn stop(&mut self, reason: EndReason) {
        if let Some(stop) = self.stop.take() {
            // If the lane has ended by itself, nobody listens any more, which is as well.
            let _ = stop.send(reason);
        }
    }
}

impl Driver {
    /// Chooses between the connections of a peer. Only the side that opens streams does, so that
    /// both always use the same one (TR-4).
    ///
    /// The first is used. A peer that has one dials no other, so a second one either crossed the
    /// first, or its dialler has lost the first: the age of the first tells which.
    pub(crate) fn choose(&mut self, peer: PeerId, connection: ConnectionId) {
        let settling = 2 * self.options.connect_timeout;
        if let Some((used, since)) = self.links.in_use(&peer, &connection) {
            if since.elapsed() < settling {
                self.close(connection, "another connection of the same peer is used");
                return;
            }
            tracing::debug!(%peer, "a newer connection takes the place of one that seems lost");
            self.end_lane(&peer, used, EndReason::Replaced);
            self.close(used, "a newer connection of the same peer is used");
        }
        self.links.stand(
            &connection,
            Stand::Opening { until: Instant::now() + self.options.connect_timeout },
        );
        self.swarm.behaviour_mut().gate.open(peer, connection);
    }

    pub(crate) fn on_report(&mut self, GateEvent { peer, connection, report }: GateEvent) {
        if !self.links.is_alive(&connection) {
            return;
        }
        match report {
            Report::Stream(stream) => self.on_stream(peer, connection, stream),
            Report::Refused(cause) => {
                tracing::debug!(%peer, cause, "no stream of frames");
                self.links.blame(&connection, DialProblem::OtherProtocol { cause });
                self.close(connection, "no stream of frames");
            }
            Report::Intruded => {
                tracing::warn!(%peer, "opened a second stream of frames");
                self.end_lane(&peer, connection, EndReason::SecondStream);
                self.close(connection, "a second stream of frames");
            }
        }
    }

    /// Both sides have agreed on the stream of a connection, which is used from now on.
    fn on_stream(&mut self, peer: PeerId, connection: ConnectionId, stream: Stream) {
        if self.closing.is_some() {
            return self.close(connection, "shutting down");
        }
        self.links.stand(&connection, Stand::Used);
        match self.lanes.get_mut(&peer) {
            Some(lane) => {
                let used = lane.connection;
                lane.stop(EndReason::Replaced);
                let skipped = lane.next.replace((connection, stream));
                if let Some((skipped, _)) = skipped {
                    self.close(skipped, "a newer connection of the same peer is used");
                }
                self.close(used, "a newer connection of the same peer is used");
            }
            None => self.start_lane(peer, connection, stream),
        }
    }

    fn start_lane(&mut self, peer: PeerId, connection: ConnectionId, stream: Stream) {
        let Ok(door) = self.inbox.enter(peer) else {
            tracing::warn!(%peer, "refused: events of too many peers wait to be taken");
            return self.close(connection, "events of too many peers wait to be taken");
        };
        let outbox =
            Arc::new(Outbox::new(self.options.outgoing_bytes, self.options.max_frame_bytes));
        let (stop, stopped) = oneshot::channel();
        let lane = Lane {
            stream,
            outgoing: self.links.is_outgoing(&connection),
            door,
            outbox: outbox.clone(),
            stop: stopped,
            habits: self.options.habits(),
        };
        let task = self.tasks.spawn(lane.run()).id();
        let running = Running { connection, outbox, stop: Some(stop), task, next: None };
        self.lanes.insert(peer, running);
        self.swarm.behaviour_mut().gate.book.note_lane(&peer, Instant::now());
        tracing::debug!(%peer, "connected");
    }

    pub(crate) fn on_lane_end(&mut self, end: Result<(task::Id, EndReason), JoinError>) {
        let (task, reason) = end.unwrap_or_else(|error| {
            tracing::error!(%error, "the task of a connection failed");
            (error.id(), EndReason::Stopped)
        });
        let ended = self.lanes.iter().find(|(_, lane)| lane.task == task).map(|(peer, _)| *peer);
        let Some((peer, lane)) = ended.and_then(|peer| self.lanes.remove_entry(&peer)) else {
            return;
        };
        tracing::debug!(%peer, %reason, "disconnected");
        if let Some(closing) = &mut self.closing {
            closing.ended += 1;
            let is_flushed = EndReason::ClosedByUs { flushed: true };
            closing.flushed += usize::from(reason == is_flushed);
        }
        self.links.blame(&lane.connection, DialProblem::Ended { cause: reason.to_string() });
        if reason == EndReason::ClosedByPeer {
            // The peer closes it when it has read this side's confirmation.
            let until = Instant::now() + self.options.flush_timeout;
            self.links.stand(&lane.connection, Stand::Waiting { until });
        } else {
            self.close(lane.connection, "frames have ended");
        }
        if let Some((connection, stream)) = lane.next
            && self.links.is_alive(&connection)
        {
            self.start_lane(peer, connection, stream);
        }
    }

    pub(crate) fn on_closed(&mut self, peer: PeerId, connection: ConnectionId, cause: String) {
        if let Some(lane) = self.lanes.get_mut(&peer) {
            if lane.connection == connection {
                // What has come is still read; nothing can be written.
                lane.outbox.close(EndReason::Lost { cause: cause.clone() });
            }
            if lane.next.as_ref().is_some_and(|(next, _)| *next == connection) {
                lane.next = None;
            }
        }
        if let Some(link) = self.links.remove(&connection) {
            self.note_end(&peer, link.problem.unwrap_or(DialProblem::Ended { cause }));
        }
    }

    pub(crate) fn on_ping(&mut self, ping::Event { peer, connection, result }: ping::Event) {
        match result {
            Ok(round_trip) => self.links.measure(&connection, round_trip),
            Err(failure) if self.links.is_alive(&connection) => {
                tracing::debug!(%peer, %failure, "no answer to pings");
                self.end_lane(&peer, connection, EndReason::Silent);
                self.close(connection, "no answer to pings");
            }
            Err(_) => {}
        }
    }

    /// Ends the lane of a peer at once if it runs on this connection.
    fn end_lane(&mut self, peer: &PeerId, connection: ConnectionId, reason: EndReason) {
        if let Some(lane) = self.lanes.get_mut(peer)
            && lane.connection == connection
        {
            lane.stop(reason);
        }
    }

    /// Closes a connection. Closing may take long if the other side is gone, so that it is counted
    /// as gone from now on.
    pub(crate) fn close(&mut self, connection: ConnectionId, why: &'static str) {
        let Some(link) = self.links.get(&connection) else { return };
        let (peer, was_alive) = (link.peer, link.stand != Stand::Leaving);
        let problem = link.problem.clone();
        tracing::trace!(%peer, %connection, why, "closing");
        self.links.stand(&connection, Stand::Leaving);
        self.swarm.behaviour_mut().gate.let_go(connection);
        self.swarm.close_connection(connection);
        if was_alive {
            self.note_end(&peer, problem.unwrap_or(DialProblem::Ended { cause: why.into() }));
        }
    }

    /// If no other connection of the peer is alive, it is dialled again some time.
    fn note_end(&mut self, peer: &PeerId, problem: DialProblem) {
        if !self.links.is_connected(peer) {
            let chance = chance();
            let book = &mut self.swarm.behaviour_mut().gate.book;
            book.note_end(peer, problem, Instant::now(), chance);
        }
    }

    /// Ends everything that there is with a peer: with a farewell, or with a reason at once.
    pub(crate) fn leave(&mut self, peer: &PeerId, at_once: Option<EndReason>) {
        let mut used = None;
        if let Some(lane) = self.lanes.get_mut(peer) {
            used = Some(lane.connection);
            lane.next = None;
            match &at_once {
                Some(reason) => lane.stop(reason.clone()),
                None => {
                    lane.outbox.finish();
                }
            }
        }
        for connection in self.links.of(peer) {
            if at_once.is_some() || used != Some(connection) {
                self.close(connection, "not wanted any more");
            }
        }
        if used.is_none() {
            // Ends a dial that is under way, too; there may be none.
            let _ = self.swarm.disconnect_peer_id(*peer);
        }
    }
}
