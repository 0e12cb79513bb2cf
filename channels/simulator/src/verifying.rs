// SPDX-License-Identifier: Apache-2.0

//! Payments over several hops are made as a whole or not at all (SI-4).

use crate::{
    book::Leg,
    failing::{Broken, ensure},
    payments::{Hop, Payment},
    world::World,
};
use millrace_primitives_channels::Hash;
use std::collections::BTreeMap;

/// What became of the transfers of a lock, by channel and payer.
type Legs = BTreeMap<(usize, usize, Hash), Leg>;

impl World {
    /// Looks at every payment of a world that has ended.
    pub(crate) fn verify_payments(&mut self) -> Result<(), Broken> {
        let mut legs = Legs::new();
        for (channel, room) in self.rooms.iter().enumerate() {
            for (transfer, leg) in room.book.legs.values() {
                let key = (channel, usize::from(transfer.payer), transfer.hashlock);
                let known = legs.entry(key).or_insert(*leg);
                // A villain may offer twice under one lock; to be paid once is enough.
                if *leg == Leg::Paid {
                    *known = Leg::Paid;
                }
            }
        }
        let mut whole = 0;
        for (lock, payment) in self.payments.iter() {
            self.verify_payment(lock, payment, &legs)?;
            let is_paid = |hop: &Hop| is_paid(&legs, hop, lock);
            whole += u64::from(payment.hops.len() > 1 && payment.hops.iter().all(is_paid));
        }
        self.counts.add_many("payments over several hops made", whole);
        Ok(())
    }

    fn verify_payment(&self, lock: &Hash, payment: &Payment, legs: &Legs) -> Result<(), Broken> {
        let is_protected =
            |party: usize| !self.is_villain(party) && !payment.exempt.contains(&party);
        for pair in payment.hops.windows(2) {
            let [incoming, outgoing] = pair else { continue };
            let party = self.party_at(outgoing.payer);
            let is_loss = is_paid(legs, outgoing, lock)
                && !is_paid(legs, incoming, lock)
                && self.is_kept(incoming);
            ensure(!(is_loss && is_protected(party)), "SI-4", || {
                format!(
                    "party {party} paid {lock:?} in channel {} and was not paid in channel {}",
                    outgoing.payer.channel, incoming.payer.channel
                )
            })?;
        }
        let Some(last) = payment.hops.last() else { return Ok(()) };
        let receiver = self.party_at(last.payee);
        let is_loss = payment.is_taken && !is_paid(legs, last, lock) && self.is_kept(last);
        ensure(!(is_loss && is_protected(receiver)), "SI-4", || {
            format!("party {receiver} has shown the preimage of {lock:?} and was not paid")
        })
    }

    /// Whether the book of a hop's channel says what counts there.
    fn is_kept(&self, hop: &Hop) -> bool {
        !self.rooms[hop.payer.channel].is_void
    }
}

fn is_paid(legs: &Legs, hop: &Hop, lock: &Hash) -> bool {
    legs.get(&(hop.payer.channel, hop.payer.seat, *lock)) == Some(&Leg::Paid)
}
