// SPDX-License-Identifier: Apache-2.0

//! Payments over several channels, as their senders planned them.
//!
//! The plan stands for the onion: a forwarder reads its own hop and the next one from it, and nothing
//! else.

use crate::room::At;
use millrace_primitives_channels::{
    Balance, BlockNumber, Hash,
    transfer::{Preimage, hashlock},
};
use std::collections::{BTreeMap, BTreeSet};

/// One transfer of a payment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) payer: At,
    pub(crate) payee: At,
    pub(crate) amount: Balance,
    pub(crate) expiry: BlockNumber,
}

/// A payment and its path.
#[derive(Debug)]
pub(crate) struct Payment {
    pub(crate) preimage: Preimage,
    pub(crate) hops: Vec<Hop>,
    /// Whether its receiver, or the chain, has shown the preimage to anybody.
    pub(crate) is_released: bool,
    /// Whether its receiver has committed itself to take it.
    pub(crate) is_taken: bool,
    /// Parties that have forgotten too much of it to be protected.
    pub(crate) exempt: BTreeSet<usize>,
}

/// All payments of a world.
#[derive(Debug, Default)]
pub(crate) struct Payments {
    by_lock: BTreeMap<Hash, Payment>,
}

impl Payments {
    /// Takes in a planned payment, and returns its lock.
    pub(crate) fn add(&mut self, preimage: Preimage, hops: Vec<Hop>) -> Hash {
        let lock = hashlock(&preimage);
        let (is_released, is_taken, exempt) = (false, false, BTreeSet::new());
        let payment = Payment { preimage, hops, is_released, is_taken, exempt };
        self.by_lock.insert(lock, payment);
        lock
    }

    pub(crate) fn get(&self, lock: &Hash) -> Option<&Payment> {
        self.by_lock.get(lock)
    }

    pub(crate) fn get_mut(&mut self, lock: &Hash) -> Option<&mut Payment> {
        self.by_lock.get_mut(lock)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Hash, &Payment)> {
        self.by_lock.iter()
    }

    /// Whether somebody has shown the preimage of a lock. Nobody knows that of a lock that no payment
    /// has.
    pub(crate) fn is_released(&self, lock: &Hash) -> bool {
        self.by_lock.get(lock).is_none_or(|payment| payment.is_released)
    }

    /// A party has lost part of its memory: what becomes of payments through it is its own risk.
    pub(crate) fn exempt(&mut self, party: usize, channels: &BTreeSet<usize>) {
        for payment in self.by_lock.values_mut() {
            if payment.hops.iter().any(|hop| channels.contains(&hop.payer.channel)) {
                payment.exempt.insert(party);
            }
        }
    }
}

impl Payment {
    /// The place of the hop that a seat is the payee of.
    pub(crate) fn hop_to(&self, at: At) -> Option<usize> {
        self.hops.iter().position(|hop| hop.payee == at)
    }
}
