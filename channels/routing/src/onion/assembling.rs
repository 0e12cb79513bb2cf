// SPDX-License-Identifier: Apache-2.0

//! Parts of a payment that wait for each other at the payee.
//!
//! A payee that took the first part would have sold its preimage for less than the whole, so it
//! waits until all have come (RO-8), or gives them all back.

use crate::onion::{failure::Failure, forwarding::Incoming, payload::Deliver};
use millrace_primitives_channels::{Balance, BlockNumber, Hash};
use std::collections::BTreeMap;

/// How much waits, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssemblyLimits {
    /// The most payments.
    pub payments: usize,
    /// The most parts of one.
    pub parts: usize,
    /// For how long the first part waits, in milliseconds.
    pub patience: u64,
    /// How many blocks every part must have left when the last one comes.
    pub margin: BlockNumber,
}

impl Default for AssemblyLimits {
    /// A thousand payments of at most 64 parts, one minute, ten minutes of blocks.
    fn default() -> Self {
        Self { payments: 1_000, parts: 64, patience: 60_000, margin: 100 }
    }
}

/// What a part brings about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival<P> {
    /// It waits for others.
    Waits,
    /// All have come: release the preimage to each of these parts.
    Complete(Vec<P>),
    /// It is not taken; the others go on waiting.
    Refused(Failure),
}

#[derive(Clone, Debug)]
struct Gathering<P> {
    total: Balance,
    came: Balance,
    since: u64,
    /// When the first of them expires.
    expiry: BlockNumber,
    parts: Vec<P>,
}

/// Parts that wait, by hash lock. `P` names a part: its channel and transfer.
#[derive(Clone, Debug)]
pub struct Assembly<P> {
    limits: AssemblyLimits,
    gatherings: BTreeMap<Hash, Gathering<P>>,
}

impl<P: Clone + PartialEq> Assembly<P> {
    /// Nothing waits.
    pub fn new(limits: AssemblyLimits) -> Self {
        Self { limits, gatherings: BTreeMap::new() }
    }

    /// A part came that [`crate::onion::verify_delivery`] has accepted. `now`: in milliseconds.
    /// A part that came already, as after a restart, changes nothing.
    pub fn arrive(
        &mut self,
        lock: Hash,
        part: P,
        incoming: &Incoming,
        deliver: &Deliver,
        now: u64,
    ) -> Arrival<P> {
        let is_new = !self.gatherings.contains_key(&lock);
        if is_new && self.gatherings.len() >= self.limits.payments {
            return Arrival::Refused(Failure::NodeBusy);
        }
        let gathering = self.gatherings.entry(lock).or_insert_with(|| Gathering {
            total: deliver.total,
            came: 0,
            since: now,
            expiry: BlockNumber::MAX,
            parts: Vec::new(),
        });
        if gathering.parts.contains(&part) {
            return Arrival::Waits;
        }
        if gathering.total != deliver.total || gathering.parts.len() >= self.limits.parts {
            return Arrival::Refused(Failure::UnknownPayment);
        }
        gathering.parts.push(part);
        // A hop may hand on more than it was told to; what counts is what really came.
        gathering.came = gathering.came.saturating_add(incoming.amount);
        gathering.expiry = gathering.expiry.min(incoming.expiry);
        if gathering.came < gathering.total {
            return Arrival::Waits;
        }
        let parts = self.gatherings.remove(&lock).map(|gathering| gathering.parts);
        Arrival::Complete(parts.unwrap_or_default())
    }

    /// The parts that have waited too long, or whose time on the chain runs out: give each back
    /// with [`Failure::PartsMissing`]. `now`: in milliseconds; `block`: the newest final height.
    pub fn expire(&mut self, now: u64, block: BlockNumber) -> Vec<P> {
        let AssemblyLimits { patience, margin, .. } = self.limits;
        let is_late = |gathering: &Gathering<P>| {
            gathering.since.saturating_add(patience) <= now
                || gathering.expiry <= block.saturating_add(margin)
        };
        let late: Vec<Hash> = self
            .gatherings
            .iter()
            .filter(|(_, gathering)| is_late(gathering))
            .map(|(lock, _)| *lock)
            .collect();
        late.iter()
            .filter_map(|lock| self.gatherings.remove(lock))
            .flat_map(|gathering| gathering.parts)
            .collect()
    }

    /// Number of payments that wait.
    pub fn len(&self) -> usize {
        self.gatherings.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.gatherings.is_empty()
    }
}
