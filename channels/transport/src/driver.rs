// SPDX-License-Identifier: Apache-2.0

//! The one task that owns the swarm: what happens, what is due, and how all of it ends.
//!
//! Frames do not pass through it. It waits for nothing but events, so that a command is answered as
//! soon as what came before it.

use crate::{
    command::Command,
    error::DialProblem,
    event::EndReason,
    gate::{Behaviour, BehaviourEvent},
    inbox::Inbox,
    link::{Link, Links, Stand},
    opens,
    options::Options,
    using::Running,
};
use futures::StreamExt;
use libp2p::{
    PeerId, Swarm, identify,
    swarm::{
        DialError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::sleep_until,
};

/// Once all frames are flushed, connections may take so long to close.
const CLOSING_TIME: Duration = Duration::from_secs(1);

/// Shutting down.
pub(crate) struct Closing {
    /// When to stop, whatever is left.
    until: Instant,
    /// Connections that ended with everything flushed, and all that ended.
    pub(crate) flushed: usize,
    pub(crate) ended: usize,
    replies: Vec<oneshot::Sender<Shutdown>>,
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shutdown {
    /// Connections whose peer confirmed that it has everything.
    pub flushed: usize,
    /// Connections that ended in another way. What their peers lack is sent again when both are back.
    pub cut: usize,
}

/// Owns the swarm.
pub(crate) struct Driver {
    pub(crate) local: PeerId,
    pub(crate) options: Options,
    pub(crate) swarm: Swarm<Behaviour>,
    pub(crate) links: Links,
    pub(crate) lanes: HashMap<PeerId, Running>,
    pub(crate) tasks: JoinSet<EndReason>,
    pub(crate) inbox: Arc<Inbox>,
    commands: mpsc::Receiver<Command>,
    pub(crate) closing: Option<Closing>,
}

impl Driver {
    /// Drives a swarm that listens already.
    pub(crate) fn new(
        swarm: Swarm<Behaviour>,
        options: Options,
        inbox: Arc<Inbox>,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        Self {
            local: *swarm.local_peer_id(),
            options,
            swarm,
            links: Links::default(),
            lanes: HashMap::new(),
            tasks: JoinSet::new(),
            inbox,
            commands,
            closing: None,
        }
    }

    /// Works until it is told to stop, or nobody takes events any more.
    pub(crate) async fn run(mut self) {
        let inbox = self.inbox.clone();
        let mut has_handles = true;
        while !self.is_over(Instant::now()) {
            let alarm = self.next_alarm(Instant::now());
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_event(event),
                Some(end) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    self.on_lane_end(end);
                }
                command = self.commands.recv(), if has_handles => match command {
                    Some(command) => self.on_command(command),
                    // Nobody can send any more, but frames may still be read.
                    None => has_handles = false,
                },
                () = inbox.wait_abandoned(), if self.closing.is_none() => {
                    self.begin_closing(false, None);
                }
                () = sleep_until(alarm.into()) => {}
            }
            self.on_time(Instant::now());
        }
        self.tasks.shutdown().await;
        self.inbox.close();
        let Self { swarm, lanes, closing, .. } = self;
        // Whoever waits for the end may want to listen at the same place at once.
        drop(swarm);
        if let Some(closing) = closing {
            let cut = closing.ended - closing.flushed + lanes.len();
            for reply in closing.replies {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(Shutdown { flushed: closing.flushed, cut });
            }
        }
    }

    /// When to look again if nothing happens before.
    fn next_alarm(&self, now: Instant) -> Instant {
        let far = now + Duration::from_secs(3600);
        let dial = match self.closing {
            None => self.swarm.behaviour().gate.book.next_due(now),
            Some(_) => None,
        };
        let end = self.closing.as_ref().map(|closing| closing.until);
        [dial, end, self.links.next_deadline()].into_iter().flatten().min().unwrap_or(far)
    }

    fn is_over(&self, now: Instant) -> bool {
        self.closing.as_ref().is_some_and(|closing| {
            now >= closing.until || (self.lanes.is_empty() && self.links.is_empty())
        })
    }

    /// Does what is due: ends connections that have waited too long, and dials.
    fn on_time(&mut self, now: Instant) {
        for connection in self.links.overdue(now) {
            self.close(connection, "no stream of frames in time");
        }
        if self.closing.is_some() {
            return;
        }
        let max = self.options.max_dialling;
        for (peer, addresses) in self.swarm.behaviour_mut().gate.book.take_due(max, now) {
            // Not the listening port: two nodes that dial each other from there would meet in one
            // connection that both believe to have begun.
            let dial = DialOpts::peer_id(peer)
                .condition(PeerCondition::NotDialing)
                .addresses(addresses)
                .allocate_new_port()
                .build();
            if let Err(error) = self.swarm.dial(dial) {
                self.on_dial_failure(peer, &error);
            }
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Gate(event)) => self.on_report(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.on_ping(event),
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
                connection_id,
                info,
                ..
            })) => self.links.observe(&connection_id, info.observed_addr),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let until = Instant::now() + self.options.connect_timeout;
                let link = Link::new(peer_id, &endpoint, Stand::Waiting { until });
                self.links.insert(connection_id, link);
                self.swarm.behaviour_mut().gate.book.note_connection(&peer_id);
                if opens(&self.local, &peer_id) {
                    self.choose(peer_id, connection_id);
                }
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                let cause = cause.map_or("closed".into(), |cause| describe(&cause));
                self.on_closed(peer_id, connection_id, cause);
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
                self.on_dial_failure(peer, &error);
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "cannot take a connection: raise the limit of open files?");
            }
            SwarmEvent::ListenerClosed { addresses, reason: Err(error), .. } => {
                tracing::error!(?addresses, %error, "does not listen any more");
            }
            _ => {}
        }
    }

    fn on_dial_failure(&mut self, peer: PeerId, error: &DialError) {
        let problem = match error {
            // It is being dialled already, and that dial will end in its own way.
            DialError::DialPeerConditionFalse(_) => return,
            DialError::WrongPeerId { obtained, .. } => DialProblem::WrongPeer { found: *obtained },
            DialError::LocalPeerId { .. } => DialProblem::Ourselves,
            other => DialProblem::Unreachable { cause: describe(other) },
        };
        tracing::debug!(%peer, %problem, "cannot connect");
        let chance = chance();
        let book = &mut self.swarm.behaviour_mut().gate.book;
        book.note_failure(&peer, problem, Instant::now(), chance);
    }

    /// Drops what came from a peer and was not taken.
    pub(crate) fn drop_frames(&self, peer: &PeerId) {
        self.inbox.drop_frames(peer);
    }

    /// Stops taking connections and ends those that there are.
    pub(crate) fn begin_closing(&mut self, flush: bool, reply: Option<oneshot::Sender<Shutdown>>) {
        let flush_time = if flush { self.options.flush_timeout } else { Duration::ZERO };
        let closing = self.closing.get_or_insert_with(|| Closing {
            until: Instant::now() + flush_time + CLOSING_TIME,
            flushed: 0,
            ended: 0,
            replies: Vec::new(),
        });
        closing.replies.extend(reply);
        self.swarm.behaviour_mut().gate.shut();
        let at_once = (!flush).then_some(EndReason::Stopped);
        for peer in self.links.peers() {
            self.leave(&peer, at_once.clone());
        }
    }
}

/// All that an error says, with its causes, in a few hundred letters at most.
fn describe(error: &dyn std::error::Error) -> String {
    const MAX_LETTERS: usize = 500;
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    if let Some((end, _)) = text.char_indices().nth(MAX_LETTERS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A number by chance. Without randomness all nodes wait equally long, which does no harm.
pub(crate) fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}
