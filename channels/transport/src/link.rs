// SPDX-License-Identifier: Apache-2.0

//! The connections that exist, and what is known of each.

use crate::error::DialProblem;
use libp2p::{Multiaddr, PeerId, core::ConnectedPoint, swarm::ConnectionId};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// The peer is to open the stream of frames, or to close the connection, until then.
    Waiting { until: Instant },
    /// This side has asked for the stream of frames, which has to be there by then.
    Opening { until: Instant },
    /// Frames flow, or are about to.
    Used,
    /// It is being closed, however long that takes, and does not count any more.
    Leaving,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) peer: PeerId,
    pub(crate) outgoing: bool,
    pub(crate) address: Multiaddr,
    pub(crate) since: Instant,
    pub(crate) stand: Stand,
    pub(crate) round_trip: Option<Duration>,
    /// The address of this node as the peer sees it.
    pub(crate) observed: Option<Multiaddr>,
    /// Why it is no good.
    pub(crate) problem: Option<DialProblem>,
}

impl Link {
    /// A connection that has just been made.
    pub(crate) fn new(peer: PeerId, endpoint: &ConnectedPoint, stand: Stand) -> Self {
        Self {
            peer,
            outgoing: endpoint.is_dialer(),
            address: endpoint.get_remote_address().clone(),
            since: Instant::now(),
            stand,
            round_trip: None,
            observed: None,
            problem: None,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self.stand {
            Stand::Waiting { until } | Stand::Opening { until } => Some(until),
            Stand::Used | Stand::Leaving => None,
        }
    }
}

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Links {
    by_id: HashMap<ConnectionId, Link>,
}

impl Links {
    pub(crate) fn insert(&mut self, id: ConnectionId, link: Link) {
        self.by_id.insert(id, link);
    }

    pub(crate) fn remove(&mut self, id: &ConnectionId) -> Option<Link> {
        self.by_id.remove(id)
    }

    pub(crate) fn get(&self, id: &ConnectionId) -> Option<&Link> {
        self.by_id.get(id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ConnectionId, &Link)> {
        self.by_id.iter()
    }

    /// Whether the connection exists and is not being closed.
    pub(crate) fn is_alive(&self, id: &ConnectionId) -> bool {
        self.by_id.get(id).is_some_and(|link| link.stand != Stand::Leaving)
    }

    /// Whether the peer has a connection that is not being closed.
    pub(crate) fn is_connected(&self, peer: &PeerId) -> bool {
        self.by_id.values().any(|link| link.peer == *peer && link.stand != Stand::Leaving)
    }

    pub(crate) fn is_outgoing(&self, id: &ConnectionId) -> bool {
        self.by_id.get(id).is_some_and(|link| link.outgoing)
    }

    /// The connection that was chosen for the peer, other than this one, and its age.
    pub(crate) fn in_use(
        &self,
        peer: &PeerId,
        other_than: &ConnectionId,
    ) -> Option<(ConnectionId, Instant)> {
        self.by_id
            .iter()
            .filter(|(id, link)| link.peer == *peer && *id != other_than)
            .find(|(_, link)| matches!(link.stand, Stand::Opening { .. } | Stand::Used))
            .map(|(id, link)| (*id, link.since))
    }

    /// The connections of a peer.
    pub(crate) fn of(&self, peer: &PeerId) -> Vec<ConnectionId> {
        self.by_id.iter().filter(|(_, link)| link.peer == *peer).map(|(id, _)| *id).collect()
    }

    /// All peers with a connection.
    pub(crate) fn peers(&self) -> HashSet<PeerId> {
        self.by_id.values().map(|link| link.peer).collect()
    }

    pub(crate) fn stand(&mut self, id: &ConnectionId, stand: Stand) {
        if let Some(link) = self.by_id.get_mut(id)
            && link.stand != Stand::Leaving
        {
            link.stand = stand;
        }
    }

    pub(crate) fn measure(&mut self, id: &ConnectionId, round_trip: Duration) {
        if let Some(link) = self.by_id.get_mut(id) {
            link.round_trip = Some(round_trip);
        }
    }

    pub(crate) fn observe(&mut self, id: &ConnectionId, address: Multiaddr) {
        if let Some(link) = self.by_id.get_mut(id) {
            link.observed = Some(address);
        }
    }

    /// Notes why a connection is no good, unless that is known already.
    pub(crate) fn blame(&mut self, id: &ConnectionId, problem: DialProblem) {
        if let Some(link) = self.by_id.get_mut(id) {
            link.problem.get_or_insert(problem);
        }
    }

    /// Connections that have waited too long.
    pub(crate) fn overdue(&self, now: Instant) -> Vec<ConnectionId> {
        self.by_id
            .iter()
            .filter(|(_, link)| link.deadline().is_some_and(|until| until <= now))
            .map(|(id, _)| *id)
            .collect()
    }

    /// When the next connection will have waited too long.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.by_id.values().filter_map(Link::deadline).min()
    }
}
