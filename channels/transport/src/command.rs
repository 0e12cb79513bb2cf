// SPDX-License-Identifier: Apache-2.0

//! What the task that owns the swarm is asked to do.

use crate::{
    book::MAX_ADDRESSES,
    driver::{Driver, Shutdown},
    error::ConnectError,
    event::EndReason,
    key::is_node,
    link::{Link, Stand},
};
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A request, and where the answer goes.
pub(crate) enum Command {
    Connect(PeerId, Vec<Multiaddr>, oneshot::Sender<Result<(), ConnectError>>),
    Disconnect(PeerId, oneshot::Sender<()>),
    Ban(PeerId, Duration, oneshot::Sender<()>),
    Peers(oneshot::Sender<Vec<PeerInfo>>),
    Addresses(oneshot::Sender<Addresses>),
    Shutdown(oneshot::Sender<Shutdown>),
}

/// What is known of a peer that is wanted or connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// Who it is.
    pub peer: PeerId,
    /// Whether frames flow.
    pub is_connected: bool,
    /// Whether [`crate::Handle::connect`] named it.
    pub is_wanted: bool,
    /// Its connections that are not being closed: one, and for moments more.
    pub connections: usize,
    /// The address of its connection, and whether this side dialled it.
    pub address: Option<(Multiaddr, bool)>,
    /// How long the last ping and its answer took.
    pub round_trip: Option<Duration>,
    /// What waits to be sent, in bytes, each frame with its overhead.
    pub waiting_bytes: usize,
    /// Why the last attempt to reach it failed, for people to read.
    pub problem: Option<crate::DialProblem>,
    /// When it is dialled next, if it waits for that.
    pub next_dial: Option<Duration>,
}

/// Where this node can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Where it listens.
    pub listening: Vec<Multiaddr>,
    /// How peers see it, with the number of peers that see it so, most first. It is hearsay: a single
    /// peer may say anything. Behind a router the port is the router's choice for one connection.
    pub observed: Vec<(Multiaddr, usize)>,
    /// Connections that were refused since the start: over a limit, banned, or while shutting down.
    pub refused: u64,
}

impl Driver {
    /// Carries out a command. Whoever asked may have stopped waiting for the answer.
    pub(crate) fn on_command(&mut self, command: Command) {
        match command {
            Command::Connect(peer, addresses, reply) => {
                let _ = reply.send(self.connect(peer, addresses));
            }
            Command::Disconnect(peer, reply) => {
                self.swarm.behaviour_mut().gate.book.forget(&peer);
                self.leave(&peer, None);
                let _ = reply.send(());
            }
            Command::Ban(peer, duration, reply) => {
                let now = Instant::now();
                let until = now.checked_add(duration).unwrap_or(now + A_LONG_TIME);
                self.swarm.behaviour_mut().gate.book.ban(peer, until, now);
                self.leave(&peer, Some(EndReason::Banned));
                self.drop_frames(&peer);
                let _ = reply.send(());
            }
            Command::Peers(reply) => {
                let _ = reply.send(self.peers(Instant::now()));
            }
            Command::Addresses(reply) => {
                let _ = reply.send(self.addresses());
            }
            Command::Shutdown(reply) => self.begin_closing(true, Some(reply)),
        }
    }

    fn connect(&mut self, peer: PeerId, addresses: Vec<Multiaddr>) -> Result<(), ConnectError> {
        if peer == self.local {
            return Err(ConnectError::Ourselves { peer });
        }
        if !is_node(&peer) {
            return Err(ConnectError::OtherKey { peer });
        }
        if addresses.len() > MAX_ADDRESSES {
            let count = addresses.len();
            return Err(ConnectError::TooManyAddresses { count, limit: MAX_ADDRESSES });
        }
        let other = |address: &&Multiaddr| matches!(address.iter().last(), Some(Protocol::P2p(named)) if named != peer);
        if let Some(address) = addresses.iter().find(other) {
            return Err(ConnectError::OtherPeer { address: address.clone(), peer });
        }
        let is_connected = self.links.is_connected(&peer);
        let book = &mut self.swarm.behaviour_mut().gate.book;
        book.want(peer, addresses, is_connected, Instant::now())
    }

    fn peers(&self, now: Instant) -> Vec<PeerInfo> {
        let mut known: HashMap<PeerId, PeerInfo> = HashMap::new();
        let entry = |peer: &PeerId| PeerInfo {
            peer: *peer,
            is_connected: false,
            is_wanted: false,
            connections: 0,
            address: None,
            round_trip: None,
            waiting_bytes: 0,
            problem: None,
            next_dial: None,
        };
        for (peer, wanted) in self.swarm.behaviour().gate.book.wanted() {
            let info = known.entry(*peer).or_insert_with(|| entry(peer));
            info.is_wanted = true;
            info.problem = wanted.problem().cloned();
            info.next_dial = wanted.next_dial().map(|dial| dial.saturating_duration_since(now));
        }
        for (_, Link { peer, stand, address, outgoing, round_trip, .. }) in self.links.iter() {
            if *stand == Stand::Leaving {
                continue;
            }
            let info = known.entry(*peer).or_insert_with(|| entry(peer));
            info.connections += 1;
            if *stand == Stand::Used {
                info.address = Some((address.clone(), *outgoing));
                info.round_trip = *round_trip;
            }
        }
        for (peer, lane) in &self.lanes {
            let info = known.entry(*peer).or_insert_with(|| entry(peer));
            info.is_connected = true;
            info.waiting_bytes = lane.outbox.bytes();
        }
        let mut known: Vec<_> = known.into_values().collect();
        known.sort_by_key(|info| info.peer);
        known
    }

    fn addresses(&self) -> Addresses {
        // One voice a peer, so that many connections do not outvote others.
        let mut voices: HashMap<PeerId, &Multiaddr> = HashMap::new();
        for (_, link) in self.links.iter() {
            if let Some(observed) = &link.observed {
                voices.insert(link.peer, observed);
            }
        }
        let mut counts: HashMap<&Multiaddr, usize> = HashMap::new();
        for observed in voices.into_values() {
            *counts.entry(observed).or_default() += 1;
        }
        let mut observed: Vec<_> =
            counts.into_iter().map(|(address, count)| (address.clone(), count)).collect();
        observed.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
        Addresses {
            listening: self.swarm.listeners().cloned().collect(),
            observed,
            refused: self.swarm.behaviour().gate.refused,
        }
    }
}

/// Instead of a duration that the clock cannot hold: a hundred years.
const A_LONG_TIME: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
