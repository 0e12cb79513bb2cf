// SPDX-License-Identifier: Apache-2.0

//! Who may connect, and how often.

use crate::{
    book::{Book, Retry},
    handler::{Handler, Order, Report},
    key::is_node,
    opens,
    options::Options,
};
use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, multiaddr::Protocol, transport::PortUse},
    identify, ping,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NotifyHandler, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm,
        behaviour::{ConnectionClosed, ConnectionEstablished, ListenFailure},
    },
};
use std::{
    collections::{HashMap, VecDeque},
    net::Ipv4Addr,
    task::{Context, Poll},
    time::Instant,
};

/// Connections that one peer may have at once, besides those that are being closed: the one in use,
/// one that crossed it, and one that replaces it.
const MAX_PER_PEER: usize = 3;

/// Everything that takes part in a connection.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    /// First, so that nothing else hears of connections that it refuses.
    pub(crate) gate: Gate,
    pub(crate) ping: ping::Behaviour,
    pub(crate) identify: identify::Behaviour,
}

/// Where a connection came from, as far as one party can own it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// One address of the old Internet.
    V4(Ipv4Addr),
    /// One network of the new Internet: 64 bits, which is what one customer gets.
    V6([u16; 4]),
    /// Something else; all of it counts as one.
    Elsewhere,
}

impl Origin {
    /// The origin that an address names.
    pub(crate) fn of(address: &Multiaddr) -> Self {
        for part in address {
            match part {
                Protocol::Ip4(ip) => return Self::V4(ip),
                Protocol::Ip6(ip) => {
                    return match ip.to_ipv4_mapped() {
                        Some(ip) => Self::V4(ip),
                        None => {
                            let [a, b, c, d, ..] = ip.segments();
                            Self::V6([a, b, c, d])
                        }
                    };
                }
                _ => {}
            }
        }
        Self::Elsewhere
    }
}

/// Why a connection is refused. The other side only sees that it is closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{limit} connections wait for their identity")]
    Pending { limit: usize },
    #[error("{limit} connections of the same origin wait for their identity")]
    PendingOfOrigin { limit: usize },
    #[error("{limit} connections come from the same origin")]
    Origin { limit: usize },
    #[error("{limit} peers are connected")]
    Peers { limit: usize },
    #[error("{limit} peers that nobody asked for are connected")]
    Strangers { limit: usize },
    #[error("{limit} connections of the same peer")]
    SamePeer { limit: usize },
    #[error("its key is no Ed25519 key")]
    OtherKey,
    #[error("banned")]
    Banned,
    #[error("shutting down")]
    Closing,
}

/// A connection whose peer is known.
#[derive(Debug)]
struct Guest {
    peer: PeerId,
    /// If the connection came; nothing if this side dialled.
    origin: Option<Origin>,
    /// It is being closed, and counts only against the total.
    is_leaving: bool,
}

/// What the gate reports to whoever drives the swarm.
#[derive(Debug)]
pub(crate) struct GateEvent {
    pub(crate) peer: PeerId,
    pub(crate) connection: ConnectionId,
    pub(crate) report: Report,
}

/// Counts connections, and refuses those that are too many.
pub(crate) struct Gate {
    local: PeerId,
    options: Options,
    /// Who is wanted and who is banned.
    pub(crate) book: Book,
    /// Connections that came and have not proven who they are.
    pending: HashMap<ConnectionId, Origin>,
    guests: HashMap<ConnectionId, Guest>,
    is_closing: bool,
    events: VecDeque<ToSwarm<GateEvent, Order>>,
    /// Connections that were refused, for whoever watches.
    pub(crate) refused: u64,
}

impl Gate {
    /// A gate without guests.
    pub(crate) fn new(local: PeerId, options: Options) -> Self {
        let retry = Retry { first: options.retry_first, max: options.retry_max };
        Self {
            local,
            book: Book::new(retry, options.max_wanted),
            options,
            pending: HashMap::new(),
            guests: HashMap::new(),
            is_closing: false,
            events: VecDeque::new(),
            refused: 0,
        }
    }

    /// Asks the connection for its stream of frames.
    pub(crate) fn open(&mut self, peer: PeerId, connection: ConnectionId) {
        self.events.push_back(ToSwarm::NotifyHandler {
            peer_id: peer,
            handler: NotifyHandler::One(connection),
            event: Order::Open,
        });
    }

    /// Does not count a connection that is being closed any more.
    pub(crate) fn let_go(&mut self, connection: ConnectionId) {
        if let Some(guest) = self.guests.get_mut(&connection) {
            guest.is_leaving = true;
        }
    }

    /// Refuses everybody from now on.
    pub(crate) fn shut(&mut self) {
        self.is_closing = true;
    }

    fn staying(&self) -> impl Iterator<Item = &Guest> {
        self.guests.values().filter(|guest| !guest.is_leaving)
    }

    /// Whether a connection may prove who it is.
    fn judge_pending(&self, origin: Origin) -> Result<(), Refusal> {
        if self.is_closing {
            return Err(Refusal::Closing);
        }
        let limit = self.options.max_pending;
        if self.pending.len() >= limit {
            return Err(Refusal::Pending { limit });
        }
        let limit = self.options.max_pending_per_origin;
        if self.pending.values().filter(|other| **other == origin).count() >= limit {
            return Err(Refusal::PendingOfOrigin { limit });
        }
        let limit = self.options.max_per_origin;
        if self.guests.values().filter(|guest| guest.origin == Some(origin)).count() >= limit {
            return Err(Refusal::Origin { limit });
        }
        Ok(())
    }

    /// Whether a peer that has proven who it is may stay.
    fn judge_peer(&self, peer: &PeerId, is_inbound: bool) -> Result<(), Refusal> {
        if self.is_closing {
            return Err(Refusal::Closing);
        }
        if !is_node(peer) {
            return Err(Refusal::OtherKey);
        }
        if self.book.is_banned(peer, Instant::now()) {
            return Err(Refusal::Banned);
        }
        let limit = MAX_PER_PEER;
        if self.staying().filter(|guest| guest.peer == *peer).count() >= limit {
            return Err(Refusal::SamePeer { limit });
        }
        if !is_inbound || self.book.get(peer).is_some() {
            return Ok(());
        }
        let limit = self.options.max_peers();
        if self.guests.len() >= limit {
            return Err(Refusal::Peers { limit });
        }
        let limit = self.options.max_strangers;
        let is_stranger = |guest: &&Guest| self.book.get(&guest.peer).is_none();
        if self.staying().filter(is_stranger).count() >= limit {
            return Err(Refusal::Strangers { limit });
        }
        Ok(())
    }

    fn handler(
        &mut self,
        peer: PeerId,
        verdict: Result<(), Refusal>,
    ) -> Result<Handler, ConnectionDenied> {
        match verdict {
            Ok(()) => Ok(Handler::new(opens(&self.local, &peer), self.options.connect_timeout)),
            Err(refusal) => {
                tracing::debug!(%peer, %refusal, "refused");
                self.refused += 1;
                Err(ConnectionDenied::new(refusal))
            }
        }
    }
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = Handler;
    type ToSwarm = GateEvent;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let origin = Origin::of(remote);
        if let Err(refusal) = self.judge_pending(origin) {
            tracing::debug!(%remote, %refusal, "refused");
            self.refused += 1;
            return Err(ConnectionDenied::new(refusal));
        }
        self.pending.insert(connection, origin);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending.remove(&connection);
        let verdict = self.judge_peer(&peer, true);
        self.handler(peer, verdict)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        let verdict = self.judge_peer(&peer, false);
        self.handler(peer, verdict)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            }) => {
                let origin =
                    endpoint.is_listener().then(|| Origin::of(endpoint.get_remote_address()));
                let guest = Guest { peer: peer_id, origin, is_leaving: false };
                self.guests.insert(connection_id, guest);
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => {
                self.guests.remove(&connection_id);
            }
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.remove(&connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        report: THandlerOutEvent<Self>,
    ) {
        self.events.push_back(ToSwarm::GenerateEvent(GateEvent { peer, connection, report }));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        // The swarm polls again after each event, and whoever drives it after each order.
        match self.events.pop_front() {
            Some(event) => Poll::Ready(event),
            None => Poll::Pending,
        }
    }
}
