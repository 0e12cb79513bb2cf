// SPDX-License-Identifier: Apache-2.0

//! What this party wants and no version carries yet.

use crate::{
    changes::{Change, Changes},
    ledger::Ledger,
    message::Request,
};
use millrace_primitives_channels::Balance;
use std::collections::{BTreeSet, VecDeque};

/// The largest number of changes that wait for the versions to come.
pub const MAX_WAITING: usize = 1_024;

/// Wishes, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    queue: VecDeque<Change>,
    /// What the queue takes from this party's balance.
    promised: Balance,
    /// What this party asked another proposer to include.
    pub(crate) asked: Option<Request>,
    /// Whether this party wants to settle and has not asked for it yet.
    pub(crate) close_wanted: bool,
}

/// The part of the queue that fits into one version.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) changes: Changes,
    /// What they take from this party's balance.
    pub(crate) cost: Balance,
    /// What is not possible any more.
    pub(crate) dropped: Vec<Change>,
    /// How many wishes all of that are.
    pub(crate) taken: usize,
    /// Whether nothing is left in the queue.
    pub(crate) is_all: bool,
}

/// What a change takes from its author's balance.
pub(crate) fn cost(change: &Change) -> Balance {
    match change {
        Change::Pay(payment) => payment.amount,
        Change::Offer(transfer) => transfer.amount,
        Change::OpenStream(stream) => stream.reserve().unwrap_or(Balance::MAX),
        Change::Fold { .. } | Change::Fail { .. } | Change::FoldStream(_) => 0,
    }
}

/// What several changes of one author take from its balance; saturates, which can only make a check
/// stricter.
pub(crate) fn cost_of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Balance {
    changes.into_iter().fold(0, |sum: Balance, change| sum.saturating_add(cost(change)))
}

impl Outbox {
    /// Puts a wish at the end.
    pub(crate) fn push(&mut self, change: Change) {
        self.promised = self.promised.saturating_add(cost(&change));
        self.queue.push_back(change);
    }

    /// Takes the last wish back.
    pub(crate) fn pop(&mut self) {
        if let Some(change) = self.queue.pop_back() {
            self.promised = self.promised.saturating_sub(cost(&change));
        }
    }

    /// Puts wishes that a version did not carry back to the front.
    pub(crate) fn put_back(&mut self, changes: Changes) {
        for change in changes.into_iter().rev() {
            self.promised = self.promised.saturating_add(cost(&change));
            self.queue.push_front(change);
        }
    }

    /// Forgets the first `count` wishes.
    pub(crate) fn forget(&mut self, count: usize) {
        for change in self.queue.drain(..count.min(self.queue.len())) {
            self.promised = self.promised.saturating_sub(cost(&change));
        }
    }

    /// Takes everything out.
    pub(crate) fn take_all(&mut self) -> Vec<Change> {
        self.promised = 0;
        self.queue.drain(..).collect()
    }

    /// What all that waits takes from this party's balance.
    pub(crate) fn promised(&self) -> Balance {
        self.promised
    }

    /// How many wishes wait or were asked for.
    pub(crate) fn waiting(&self) -> usize {
        let asked = self.asked.as_ref().map_or(0, |asked| asked.changes.len());
        self.queue.len().saturating_add(asked)
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether a change for which `is` holds waits or was asked for.
    pub(crate) fn has(&self, is: impl Fn(&Change) -> bool) -> bool {
        self.queue.iter().any(&is)
            || self.asked.as_ref().is_some_and(|asked| asked.changes.iter().any(&is))
    }

    /// Whether each transfer is decided at most once by what waits.
    pub(crate) fn decides_once(&self) -> bool {
        let mut ids = BTreeSet::new();
        self.queue.iter().all(|change| match change {
            Change::Fold { id } | Change::Fail { id } => ids.insert(*id),
            _ => true,
        })
    }

    /// What of the queue the next version can carry, applied to `ledger`. The queue stays as it is.
    pub(crate) fn gather(&self, ledger: &mut Ledger, author: usize) -> Gathered {
        let mut gathered = Gathered::default();
        for change in &self.queue {
            if gathered.changes.is_full() {
                return gathered;
            }
            gathered.taken = gathered.taken.saturating_add(1);
            let is_own = ledger.author(change).is_some_and(|by| usize::from(by) == author);
            if is_own && ledger.apply(change).is_ok() {
                gathered.cost = gathered.cost.saturating_add(cost(change));
                // There is room: it was checked above.
                let _ = gathered.changes.try_push(*change);
            } else {
                gathered.dropped.push(*change);
            }
        }
        gathered.is_all = true;
        gathered
    }
}
