// SPDX-License-Identifier: Apache-2.0

//! Whom this node wants to be connected with, when it dials them, and whom it has banned.
//!
//! No clock and no socket: the time is given, so that every rule can be tested.

use crate::error::{ConnectError, DialProblem};
use libp2p::{Multiaddr, PeerId};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Addresses that are kept of one peer.
pub(crate) const MAX_ADDRESSES: usize = 8;

/// Bans that are kept. If there are more, the one that ends first is lifted.
const MAX_BANS: usize = 4096;

/// A connection that lasted so long counts as a success, whatever ended it.
const STEADY: Duration = Duration::from_secs(30);

/// How often a peer is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// The wait after the first failure.
    pub(crate) first: Duration,
    /// The longest wait.
    pub(crate) max: Duration,
}

impl Retry {
    /// The wait after so many failures in a row. `chance` is uniform over all its values, and decides
    /// between half of the wait and all of it, so that nodes that failed together do not come back
    /// together.
    fn wait(&self, failures: u32, chance: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let wait = self.first.saturating_mul(1 << doublings).min(self.max.max(self.first));
        wait / 2 + (wait / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// What is known of a wanted peer.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    addresses: Vec<Multiaddr>,
    /// Failures since the last connection that lasted.
    failures: u32,
    phase: Phase,
    problem: Option<DialProblem>,
}

impl Wanted {
    /// Why the last attempt failed.
    pub(crate) fn problem(&self) -> Option<&DialProblem> {
        self.problem.as_ref()
    }

    /// When it is dialled next, if it waits for that.
    pub(crate) fn next_dial(&self) -> Option<Instant> {
        match self.phase {
            Phase::Idle { dial } if !self.addresses.is_empty() => Some(dial),
            _ => None,
        }
    }
}

/// Where the connection with a wanted peer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none, and the peer is dialled then.
    Idle { dial: Instant },
    /// It is being dialled.
    Dialling,
    /// There is one, and frames flow since then.
    Connected { since: Option<Instant> },
}

/// Wishes and bans.
#[derive(Debug)]
pub(crate) struct Book {
    retry: Retry,
    max_wanted: usize,
    wanted: HashMap<PeerId, Wanted>,
    /// Until when.
    banned: HashMap<PeerId, Instant>,
}

impl Book {
    /// An empty book.
    pub(crate) fn new(retry: Retry, max_wanted: usize) -> Self {
        Self { retry, max_wanted, wanted: HashMap::new(), banned: HashMap::new() }
    }

    /// Notes that the peer is wanted, and dials it at once unless it is connected. Without addresses
    /// it is not dialled, but finds room when it comes.
    pub(crate) fn want(
        &mut self,
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        is_connected: bool,
        now: Instant,
    ) -> Result<(), ConnectError> {
        if !self.wanted.contains_key(&peer) && self.wanted.len() >= self.max_wanted {
            return Err(ConnectError::TooManyWanted { limit: self.max_wanted });
        }
        let phase = match self.wanted.get(&peer).map(|wanted| wanted.phase) {
            Some(Phase::Idle { .. }) => Phase::Idle { dial: now },
            Some(phase) => phase,
            None if is_connected => Phase::Connected { since: Some(now) },
            None => Phase::Idle { dial: now },
        };
        self.wanted.insert(peer, Wanted { addresses, failures: 0, phase, problem: None });
        Ok(())
    }

    /// Notes that the peer is not wanted any more.
    pub(crate) fn forget(&mut self, peer: &PeerId) {
        self.wanted.remove(peer);
    }

    /// What is known of all wanted peers.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = (&PeerId, &Wanted)> {
        self.wanted.iter()
    }

    /// What is known of a peer, if it is wanted.
    pub(crate) fn get(&self, peer: &PeerId) -> Option<&Wanted> {
        self.wanted.get(peer)
    }

    /// Refuses the peer until then. A wish stays, and is taken up again afterwards.
    pub(crate) fn ban(&mut self, peer: PeerId, until: Instant, now: Instant) {
        self.banned.retain(|_, end| *end > now);
        if self.banned.len() >= MAX_BANS
            && let Some(first) = self.banned.iter().min_by_key(|(_, end)| **end).map(|(p, _)| *p)
        {
            self.banned.remove(&first);
        }
        self.banned.insert(peer, until);
    }

    /// Whether the peer is refused.
    pub(crate) fn is_banned(&self, peer: &PeerId, now: Instant) -> bool {
        self.banned.get(peer).is_some_and(|end| *end > now)
    }

    /// Takes peers whose time has come, as long as fewer than `max_dialling` are being dialled.
    pub(crate) fn take_due(
        &mut self,
        max_dialling: usize,
        now: Instant,
    ) -> Vec<(PeerId, Vec<Multiaddr>)> {
        let dialling = self.wanted.values().filter(|w| w.phase == Phase::Dialling).count();
        let banned = &self.banned;
        self.wanted
            .iter_mut()
            .filter(|(_, wanted)| wanted.next_dial().is_some_and(|dial| dial <= now))
            .filter(|(peer, _)| banned.get(*peer).is_none_or(|end| *end <= now))
            .take(max_dialling.saturating_sub(dialling))
            .map(|(peer, wanted)| {
                wanted.phase = Phase::Dialling;
                (*peer, wanted.addresses.clone())
            })
            .collect()
    }

    /// When [`Book::take_due`] is to be asked next. Peers that are due and only wait until fewer are
    /// being dialled do not count: the end of a dial asks again.
    pub(crate) fn next_due(&self, now: Instant) -> Option<Instant> {
        let due = |(peer, wanted): (&PeerId, &Wanted)| {
            let dial = wanted.next_dial()?;
            let free = self.banned.get(peer).copied().unwrap_or(dial);
            Some(dial.max(free))
        };
        self.wanted.iter().filter_map(due).filter(|due| *due > now).min()
    }

    /// A connection with the peer exists.
    pub(crate) fn note_connection(&mut self, peer: &PeerId) {
        if let Some(wanted) = self.wanted.get_mut(peer)
            && !matches!(wanted.phase, Phase::Connected { .. })
        {
            wanted.phase = Phase::Connected { since: None };
        }
    }

    /// Frames flow.
    pub(crate) fn note_lane(&mut self, peer: &PeerId, now: Instant) {
        if let Some(wanted) = self.wanted.get_mut(peer) {
            wanted.phase = Phase::Connected { since: Some(now) };
            wanted.problem = None;
        }
    }

    /// The last connection with the peer is over.
    pub(crate) fn note_end(
        &mut self,
        peer: &PeerId,
        problem: DialProblem,
        now: Instant,
        chance: u32,
    ) {
        let retry = self.retry;
        if let Some(wanted) = self.wanted.get_mut(peer)
            && let Phase::Connected { since } = wanted.phase
        {
            if since.is_some_and(|since| now.saturating_duration_since(since) >= STEADY) {
                wanted.failures = 0;
            }
            wanted.fail(problem, retry, now, chance);
        }
    }

    /// The dial has failed. It counts only if nothing else has connected the peer meanwhile.
    pub(crate) fn note_failure(
        &mut self,
        peer: &PeerId,
        problem: DialProblem,
        now: Instant,
        chance: u32,
    ) {
        let retry = self.retry;
        if let Some(wanted) = self.wanted.get_mut(peer)
            && wanted.phase == Phase::Dialling
        {
            wanted.fail(problem, retry, now, chance);
        }
    }
}

impl Wanted {
    fn fail(&mut self, problem: DialProblem, retry: Retry, now: Instant, chance: u32) {
        self.failures = self.failures.saturating_add(1);
        self.phase = Phase::Idle { dial: now + retry.wait(self.failures, chance) };
        self.problem = Some(problem);
    }
}
