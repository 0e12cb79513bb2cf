// SPDX-License-Identifier: Apache-2.0

//! Payments over several hops: planned, passed on, and passed back.
//!
//! A forwarder writes down what it is about to offer, with the id that the offer will have, before its
//! machine hears of it. After a crash the id tells whether the offer was ever made.

use crate::{
    book::Wish,
    failing::Step,
    payments::Hop,
    room::{At, Machine},
    settings::{Mutant, policy},
    world::{Forward, World},
};
use millrace_primitives_channels::{Balance, BlockNumber, Hash, Transfer, transfer::Preimage};

/// The most hops of a payment.
const MAX_HOPS: usize = 4;

/// Blocks from a payment's start to the expiry of its last hop, at the least.
const LAST_EXPIRY: BlockNumber = 50;

impl World {
    /// A user pays somebody, over up to [`MAX_HOPS`] channels.
    pub(crate) fn start_payment(&mut self, sender: usize) -> Step {
        let amount = Balance::from(self.dice.users.between(1, 60));
        let Some(hops) = self.path(sender, amount) else { return Ok(()) };
        let preimage = self.dice.users.bytes();
        let first = hops[0];
        let lock = self.payments.add(preimage, hops);
        self.counts.add("payments started");
        self.note(|world| {
            let hops = world.payments.get(&lock).map(|payment| payment.hops.clone());
            format!("party {sender} starts payment {lock:?} over {hops:?}")
        });
        self.offer(first, lock)?;
        Ok(())
    }

    /// A random way through the world.
    fn path(&mut self, sender: usize, amount: Balance) -> Option<Vec<Hop>> {
        let users = &mut self.dice.users;
        let length = users.between(1, MAX_HOPS as u64) as usize;
        let last_expiry = self.parties[sender].told + LAST_EXPIRY + users.below(12) as u32;
        let mut seen = vec![sender];
        let mut ways: Vec<(At, At)> = Vec::new();
        let mut here = sender;
        for _ in 0..length {
            let seats = &self.parties[here].seats;
            let Some(from) = seats.get(users.index(seats.len())).copied() else { break };
            let room = &self.rooms[from.channel];
            let seat = users.index(room.seats.len());
            let there = room.seats[seat].party;
            if room.is_over || seen.contains(&there) {
                continue;
            }
            ways.push((from, At { channel: from.channel, seat }));
            seen.push(there);
            here = there;
        }
        let delta =
            if self.settings.is(Mutant::NoExpiryDelta) { 0 } else { policy().expiry_delta() };
        let count = ways.len();
        let hops = ways.into_iter().enumerate().map(|(place, (payer, payee))| {
            let left = count - 1 - place;
            let fee = left as Balance;
            let expiry = last_expiry + delta * left as u32;
            Hop { payer, payee, amount: amount + fee, expiry }
        });
        (count > 0).then(|| hops.collect())
    }

    /// Offers the transfer of one hop. Returns whether the machine took it.
    fn offer(&mut self, hop: Hop, lock: Hash) -> Result<bool, crate::failing::Stop> {
        let Hop { payer, payee, amount, expiry } = hop;
        let payee = payee.seat as u8;
        self.rooms[payer.channel].locks.insert(lock);
        let wish = Wish::Offer { payer: payer.seat as u8, lock, amount };
        let outcome = self.ask(payer, wish, |machine| {
            machine.offer(payee, amount, lock, expiry).map(|(_, effects)| effects)
        })?;
        if let Err(error) = &outcome {
            self.note(|_| format!("{payer:?} cannot offer: {error}"));
        }
        Ok(outcome.is_ok() && self.machine(payer).is_some())
    }

    /// A transfer to this seat counts.
    pub(crate) fn on_offered(&mut self, at: At, transfer: &Transfer) -> Step {
        let party = self.party_at(at);
        let lock = transfer.hashlock;
        if self.withholds(party, &lock) {
            return Ok(());
        }
        let Some(payment) = self.payments.get(&lock) else { return self.give_back(at, transfer) };
        let Some(place) = payment.hop_to(at) else { return self.give_back(at, transfer) };
        let hop = payment.hops[place];
        if transfer.amount < hop.amount || transfer.expiry < hop.expiry {
            return self.give_back(at, transfer);
        }
        let (next, preimage) = (payment.hops.get(place + 1).copied(), payment.preimage);
        match next {
            None => self.take(at, transfer, preimage),
            Some(next) => self.forward(at, transfer, next),
        }
    }

    /// The payment is for this party.
    fn take(&mut self, at: At, transfer: &Transfer, preimage: Preimage) -> Step {
        let id = transfer.id;
        let lock = transfer.hashlock;
        // From here on it may be shown, even if the process ends in the middle of it.
        let was_released = self.payments.is_released(&lock);
        self.release(&lock, true);
        let outcome = self.drive(at, |machine| machine.fulfil(id, preimage))?;
        if let Err(error) = outcome {
            self.note(|_| format!("{at:?} does not take {id}: {error}"));
            self.release(&lock, was_released);
            return self.give_back(at, transfer);
        }
        self.counts.add("payments received");
        if let Some(payment) = self.payments.get_mut(&lock) {
            payment.is_taken = true;
        }
        Ok(())
    }

    fn release(&mut self, lock: &Hash, is_released: bool) {
        if let Some(payment) = self.payments.get_mut(lock) {
            payment.is_released = is_released;
        }
    }

    /// The payment goes on over another channel.
    fn forward(&mut self, at: At, transfer: &Transfer, next: Hop) -> Step {
        let party = self.party_at(at);
        let lock = transfer.hashlock;
        if let Some(known) = self.parties[party].forwards.get(&lock) {
            let is_same = known.incoming == at && known.in_id == transfer.id;
            // Told for the second time, or a second transfer with the same lock.
            return if is_same { Ok(()) } else { self.give_back(at, transfer) };
        }
        let has_time = self.parties[party].told + policy().reveal_margin + 4 < next.expiry;
        let is_possible = has_time
            && !self.parties[party].is_forgetful
            && self.machine(next.payer).is_some_and(|it| it.spendable() >= next.amount);
        if !is_possible {
            return self.give_back(at, transfer);
        }
        let out_id = self.machine(next.payer).map_or(0, Machine::next_transfer_id);
        let forward = Forward {
            incoming: at,
            in_id: transfer.id,
            outgoing: next.payer,
            out_id,
            expiry: next.expiry,
            preimage: None,
            is_failed: false,
        };
        self.parties[party].forwards.insert(lock, forward);
        self.counts.add("payments forwarded");
        if self.offer(next, lock)? {
            return Ok(());
        }
        self.fail_forward(party, lock)
    }

    /// Gives the incoming transfer of a forward back.
    fn fail_forward(&mut self, party: usize, lock: Hash) -> Step {
        let Some(forward) = self.parties[party].forwards.get_mut(&lock) else { return Ok(()) };
        if forward.is_failed || forward.preimage.is_some() {
            return Ok(());
        }
        forward.is_failed = true;
        let (at, id) = (forward.incoming, forward.in_id);
        // A refusal means that it is decided already, or that the chain decides it.
        let _ = self.drive(at, |machine| machine.fail(id))?;
        Ok(())
    }

    fn give_back(&mut self, at: At, transfer: &Transfer) -> Step {
        let id = transfer.id;
        let _ = self.drive(at, |machine| machine.fail(id))?;
        Ok(())
    }

    /// The payee of a transfer from this seat has shown its preimage.
    pub(crate) fn on_fulfilled(&mut self, at: At, transfer: &Transfer, preimage: Preimage) -> Step {
        let party = self.party_at(at);
        let lock = transfer.hashlock;
        let Some(forward) = self.parties[party].forwards.get_mut(&lock) else {
            self.counts.add("payments paid");
            return Ok(());
        };
        forward.preimage = Some(preimage);
        self.pass_back(party, lock)
    }

    /// Shows the preimage of a forward to whoever pays the incoming transfer.
    fn pass_back(&mut self, party: usize, lock: Hash) -> Step {
        let Some(forward) = self.parties[party].forwards.get(&lock) else { return Ok(()) };
        let Some(preimage) = forward.preimage else { return Ok(()) };
        let (at, id) = (forward.incoming, forward.in_id);
        let outcome = self.drive(at, |machine| machine.fulfil(id, preimage))?;
        if let Err(error) = outcome {
            self.note(|_| format!("{at:?} cannot fulfil {id}: {error}"));
        }
        Ok(())
    }

    /// A transfer from this seat is off.
    pub(crate) fn on_returned(&mut self, at: At, transfer: &Transfer) -> Step {
        let party = self.party_at(at);
        let known = self.parties[party].forwards.get(&transfer.hashlock);
        match known {
            Some(forward) if forward.outgoing == at && forward.out_id == transfer.id => {
                self.fail_forward(party, transfer.hashlock)
            }
            _ => Ok(()),
        }
    }

    /// Looks after everything that a party passes on: what was paid is passed back again, what can no
    /// more be paid is given back.
    pub(crate) fn review_forwards(&mut self, party: usize) -> Step {
        let forwards: Vec<_> = self.parties[party]
            .forwards
            .iter()
            .map(|(lock, forward)| (*lock, forward.clone()))
            .collect();
        for (lock, forward) in forwards {
            if forward.is_failed || self.rooms[forward.incoming.channel].is_over {
                continue;
            }
            let is_open = self.machine(forward.incoming).is_some_and(|machine| {
                machine.transfers().iter().any(|transfer| transfer.id == forward.in_id)
            });
            if !is_open {
                continue;
            }
            if forward.preimage.is_some() {
                self.pass_back(party, lock)?;
            } else if self.is_off(party, &lock, &forward) {
                self.fail_forward(party, lock)?;
            }
        }
        Ok(())
    }

    /// Whether the outgoing transfer of a forward can never be paid.
    fn is_off(&self, party: usize, lock: &Hash, forward: &Forward) -> bool {
        if self.settings.is(Mutant::FailsTooEarly) {
            return true;
        }
        let Some(machine) = self.machine(forward.outgoing) else { return false };
        // Everything that blocks below the expiry show was told.
        let is_expired = self.parties[party].told >= forward.expiry;
        let is_agreed = machine.transfers().iter().any(|it| it.hashlock == *lock);
        let was_never_made = machine.next_transfer_id() <= forward.out_id;
        is_expired || was_never_made || (machine.is_idle() && !is_agreed)
    }
}
