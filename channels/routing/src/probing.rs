// SPDX-License-Identifier: Apache-2.0

//! Limits to finding out balances by payments that fail.
//!
//! Who sends transfers that nobody can take learns from each failure what a channel can carry, for
//! free. So each neighbour has an allowance of failures: one that passes on too many of them has to
//! wait, whether it probes itself or lets others do so. C. Shikhelman and S. Tikhomirov, *Unjamming
//! Lightning* (2022), describe the wider problem; a fee for failures, which they propose, would
//! need the protocol of channels to know it.

use crate::{
    allowance::{Allowance, Rate},
    names::NodeId,
};
use std::collections::BTreeMap;

/// How many failures a neighbour may pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeLimits {
    /// Failures, in all.
    pub failures: Rate,
    /// How many failures a success makes up for.
    pub success: u32,
    /// How many neighbours are remembered.
    pub neighbours: usize,
}

impl Default for ProbeLimits {
    /// A hundred failures at once, ten a minute in the long run, two more for each success.
    fn default() -> Self {
        let failures = Rate { burst: 100, refill: 10, period: 60_000 };
        Self { failures, success: 2, neighbours: 1_024 }
    }
}

/// The failures of all neighbours.
#[derive(Clone, Debug)]
pub struct ProbeGuard {
    limits: ProbeLimits,
    allowances: BTreeMap<NodeId, Allowance>,
}

impl ProbeGuard {
    /// Nobody has failed yet.
    pub fn new(limits: ProbeLimits) -> Self {
        Self { limits, allowances: BTreeMap::new() }
    }

    /// Whether a transfer from this neighbour may be forwarded at `now`, in milliseconds. If not,
    /// refuse it with [`crate::onion::Failure::Throttled`].
    pub fn allows(&self, neighbour: &NodeId, now: u64) -> bool {
        match self.allowances.get(neighbour) {
            Some(allowance) => allowance.left(now) > 0,
            // Who is not remembered has not failed, unless there was no room to remember.
            None => self.allowances.len() < self.limits.neighbours || self.has_room(now),
        }
    }

    /// A transfer from this neighbour failed, here or further on.
    pub fn failed(&mut self, neighbour: NodeId, now: u64) {
        if let Some(allowance) = self.allowance(neighbour, now) {
            allowance.take(1, now);
        }
    }

    /// A transfer from this neighbour was paid.
    pub fn succeeded(&mut self, neighbour: &NodeId, now: u64) {
        let success = self.limits.success;
        if let Some(allowance) = self.allowances.get_mut(neighbour) {
            allowance.give(success, now);
        }
    }

    fn has_room(&self, now: u64) -> bool {
        self.allowances.values().any(|allowance| allowance.is_full(now))
    }

    fn allowance(&mut self, neighbour: NodeId, now: u64) -> Option<&mut Allowance> {
        let is_known = self.allowances.contains_key(&neighbour);
        if !is_known && self.allowances.len() >= self.limits.neighbours {
            // Who has a full allowance is as good as unknown.
            self.allowances.retain(|_, allowance| !allowance.is_full(now));
            if self.allowances.len() >= self.limits.neighbours {
                return None;
            }
        }
        let full = Allowance::full(self.limits.failures, now);
        Some(self.allowances.entry(neighbour).or_insert(full))
    }
}
