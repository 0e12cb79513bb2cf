// SPDX-License-Identifier: Apache-2.0

//! Parties that do what they like.
//!
//! A villain has real keys and a machine that follows the rules, so that it has something worth lying
//! about. Between that machine and the others it drops, repeats and spoils messages, forges its own,
//! withholds preimages until the last block in which they count, tells the chain old states and wrong
//! claims, and forgets on purpose what it signed.

use crate::{
    chain::Call, failing::Step, queue::Happening, room::At, settings::BLOCK_TIME, world::World,
};
use millrace_channels_protocol::{
    Change, CoSignedState, Memory, Message, Payment, Signer, StreamFold, StreamName,
    message::{Acceptance, Fulfil, Proposal, Request, Status},
};
use millrace_primitives_channels::{
    ChannelState, Hash, MerkleProof, state_payload, transfer::Preimage,
};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::BTreeMap;

/// States, messages and locks that a villain keeps.
const KEPT: usize = 24;

/// What a villain remembers.
#[derive(Debug, Default)]
pub(crate) struct Villain {
    /// Old co-signed states, by channel.
    archive: BTreeMap<usize, Vec<CoSignedState>>,
    /// What it said: from where, to whom, what.
    said: Vec<(At, usize, Vec<u8>)>,
    /// Locks whose preimages it does not show.
    withheld: Vec<Hash>,
    /// Whether it says nothing any more.
    is_mute: bool,
}

impl World {
    /// A villain keeps a state that everybody signed.
    pub(crate) fn archive(&mut self, at: At, state: CoSignedState) {
        let party = self.party_at(at);
        if let Some(villain) = &mut self.parties[party].villain {
            let kept = villain.archive.entry(at.channel).or_default();
            if kept.len() >= KEPT {
                kept.remove(0);
            }
            kept.push(state);
        }
    }

    /// Whether a villain does not want to hear a message.
    pub(crate) fn ignores(&mut self, party: usize) -> bool {
        let is_mute = self.parties[party].villain.as_ref().map(|villain| villain.is_mute);
        is_mute.is_some_and(|is_mute| is_mute || self.dice.villains.one_in(25))
    }

    /// Whether a villain does nothing about a transfer that it was offered.
    pub(crate) fn withholds(&mut self, party: usize, lock: &Hash) -> bool {
        let Some(villain) = &mut self.parties[party].villain else { return false };
        if !villain.withheld.contains(lock) && self.dice.villains.one_in(3) {
            villain.withheld.push(*lock);
        }
        villain.withheld.contains(lock)
    }

    /// What a villain's machine says, or something else.
    pub(crate) fn send_as_villain(&mut self, at: At, to: usize, mut bytes: Vec<u8>) {
        let party = self.party_at(at);
        let Some(villain) = &mut self.parties[party].villain else { return };
        if villain.is_mute {
            return;
        }
        if villain.said.len() >= KEPT {
            villain.said.remove(0);
        }
        villain.said.push((at, to, bytes.clone()));
        let dice = &mut self.dice.villains;
        match dice.below(30) {
            0 => return,
            1 => {
                let place = dice.index(bytes.len());
                bytes[place] ^= 1 << dice.below(8);
                self.counts.add("messages spoiled");
            }
            2 => self.post(at, to, bytes.clone()),
            3 => {
                let old = villain.said[dice.index(villain.said.len())].clone();
                self.post(old.0, old.1, old.2);
            }
            _ => {}
        }
        self.post(at, to, bytes);
    }

    /// A villain has an idea.
    pub(crate) fn scheme(&mut self, party: usize) -> Step {
        let delay = self.dice.villains.between(BLOCK_TIME / 2, BLOCK_TIME * 6);
        self.plan(delay, Happening::Scheme { party });
        self.reveal_late(party);
        let seats = &self.parties[party].seats;
        let Some(at) = seats.get(self.dice.villains.index(seats.len())).copied() else {
            return Ok(());
        };
        if self.rooms[at.channel].is_over || self.machine(at).is_none() {
            return Ok(());
        }
        let idea = self.dice.villains.below(60);
        self.note(|_| format!("villain {party} has idea {idea} about {at:?}"));
        match idea {
            0..3 => self.show_old(at, true),
            3..6 => self.show_old(at, false),
            6..20 => self.forge_proposal(at),
            20..26 => self.forge_request(at),
            26..32 => self.forge_acceptance(at),
            32..38 => self.forge_status(at),
            38..42 => self.claim_wrongly(at),
            42..46 => return self.forget_on_purpose(at),
            46 => {
                if let Some(villain) = &mut self.parties[party].villain {
                    villain.is_mute = self.dice.villains.one_in(3);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Shows a preimage in one of the last blocks in which it counts for this hop, so that whoever
    /// passed the payment on has as little time as possible; or in one of the first in which it counts
    /// no more.
    fn reveal_late(&mut self, party: usize) {
        let height = self.chain.height;
        let Some(villain) = &self.parties[party].villain else { return };
        let mut late = Vec::new();
        for lock in &villain.withheld {
            let Some(payment) = self.payments.get(lock) else { continue };
            let is_mine = payment.hops.last().is_some_and(|hop| self.party_at(hop.payee) == party);
            let expiry = payment.hops.last().map_or(0, |hop| hop.expiry);
            if is_mine && height + 3 >= expiry && height < expiry + 3 && !payment.is_released {
                late.push((*lock, payment.preimage));
            }
        }
        for (lock, preimage) in late {
            if self.dice.villains.one_in(2) {
                self.fulfil_late(&lock, preimage);
            } else if self.dice.villains.one_in(2) {
                self.counts.add("preimages shown late");
                if let Some(payment) = self.payments.get_mut(&lock) {
                    payment.is_released = true;
                }
                self.chain.submit(party, Call::Reveal(preimage));
            }
        }
    }

    /// Shows a preimage to the payer alone, when it has just time to accept it and none to spare.
    fn fulfil_late(&mut self, lock: &Hash, preimage: Preimage) {
        let Some(at) = self.payments.get(lock).and_then(|it| Some(it.hops.last()?.payee)) else {
            return;
        };
        let Some(machine) = self.machine(at) else { return };
        let mut transfers = machine.transfers().iter();
        let Some(transfer) = transfers.find(|it| it.hashlock == *lock).copied() else { return };
        let channel = machine.agreement().id();
        if let Some(payment) = self.payments.get_mut(lock) {
            payment.is_released = true;
        }
        self.counts.add("preimages shown late");
        let fulfil = Fulfil { channel, id: transfer.id, preimage };
        self.forge(at, transfer.payer.into(), &Message::Fulfil(fulfil));
    }

    /// Tells the chain an old state.
    fn show_old(&mut self, at: At, is_dispute: bool) {
        let party = self.party_at(at);
        let Some(villain) = &self.parties[party].villain else { return };
        let Some(kept) = villain.archive.get(&at.channel) else { return };
        let state = kept[self.dice.villains.index(kept.len())].clone();
        self.counts.add("old states shown");
        let call = if is_dispute { Call::Dispute(state) } else { Call::Answer(state) };
        self.chain.submit(party, call);
    }

    /// Somebody else in the channel.
    fn victim(&mut self, at: At) -> usize {
        let size = self.rooms[at.channel].seats.len();
        (at.seat + 1 + self.dice.villains.index(size - 1)) % size
    }

    fn forge(&mut self, at: At, to: usize, message: &Message) {
        self.counts.add("messages forged");
        self.post(at, to, message.to_bytes());
    }

    /// Proposes a state that takes from the victim.
    fn forge_proposal(&mut self, at: At) {
        let victim = self.victim(at);
        let amount = self.dice.villains.between(1, 200).into();
        let Some(machine) = self.machine(at) else { return };
        let mut state = machine.newest().state().clone();
        state.version += 1;
        let mut changes = Vec::new();
        let flow =
            state.streams.iter().find(|stream| usize::from(stream.payer) == at.seat).copied();
        match (self.dice.villains.below(3), flow) {
            // Folds a stream as if nothing had been released.
            (0, Some(stream)) => {
                let name = StreamName::of(&stream);
                changes.push(Change::FoldStream(StreamFold { stream: name, units: 0 }));
                state.streams.retain(|it| StreamName::of(it) != name);
                state.balances[at.seat] += stream.reserve().unwrap_or(0);
            }
            (1, _) => {
                let (payer, payee) = (victim as u8, at.seat as u8);
                changes.push(Change::Pay(Payment { payer, payee, amount }));
                shift(&mut state, victim, at.seat, amount);
            }
            _ => shift(&mut state, victim, at.seat, amount),
        }
        let payload = state_payload(&self.genesis, &state);
        let signature = self.parties[self.party_at(at)].signer.sign_state(&payload);
        let changes = BoundedVec::truncate_from(changes);
        self.forge(at, victim, &Message::Proposal(Proposal { state, changes, signature }));
    }

    /// Asks for a payment by the victim.
    fn forge_request(&mut self, at: At) {
        let victim = self.victim(at);
        let amount = self.dice.villains.between(0, 100).into();
        let ahead = self.dice.villains.below(4);
        let Some(machine) = self.machine(at) else { return };
        let payment = Payment { payer: victim as u8, payee: at.seat as u8, amount };
        let request = Request {
            channel: machine.agreement().id(),
            version: machine.newest().version() + ahead,
            changes: BoundedVec::truncate_from(vec![Change::Pay(payment)]),
            close: self.dice.villains.one_in(9),
            resize: None,
        };
        self.forge(at, victim, &Message::Request(request));
    }

    /// Signs something else than what was proposed.
    fn forge_acceptance(&mut self, at: At) {
        let victim = self.victim(at);
        let other = Hash::from(self.dice.villains.bytes());
        let Some(machine) = self.machine(at) else { return };
        let signature = self.parties[self.party_at(at)].signer.sign_state(&other);
        let channel = machine.agreement().id();
        let version = machine.newest().version() + 1;
        self.forge(at, victim, &Message::Acceptance(Acceptance { channel, version, signature }));
    }

    /// Says that it has what it has not.
    fn forge_status(&mut self, at: At) {
        let victim = self.victim(at);
        let dice = &mut self.dice.villains;
        let (agreed, holds) = (dice.below(9), dice.below(9));
        let (question, answer) =
            (dice.one_in(2).then_some(agreed), dice.one_in(2).then_some(holds));
        let Some(machine) = self.machine(at) else { return };
        let newest = machine.newest().version();
        let status = Status {
            channel: machine.agreement().id(),
            agreed: (newest + agreed).saturating_sub(4),
            holds: (newest + holds).saturating_sub(4),
            question,
            answer,
        };
        self.forge(at, victim, &Message::Status(status));
    }

    /// Claims what is not its own, or asks for a refund too early.
    fn claim_wrongly(&mut self, at: At) {
        let channel = at.channel;
        let Some(machine) = self.machine(at) else { return };
        let transfers = machine.transfers().to_vec();
        let party = self.party_at(at);
        for (index, transfer) in transfers.into_iter().enumerate().take(4) {
            let siblings = BoundedVec::new();
            let proof = MerkleProof { index: index as u32, siblings };
            let call = if self.dice.villains.one_in(2) {
                Call::Claim { channel, transfer, proof }
            } else {
                Call::Refund { channel, transfer, proof }
            };
            self.chain.submit(party, call);
        }
    }

    /// Goes back to an earlier memory, and goes on from there as if nothing had been signed since.
    fn forget_on_purpose(&mut self, at: At) -> Step {
        let party = self.party_at(at);
        let kept = self.dice.villains.index(self.seat(at).disk.len() + 1);
        let Self { rooms, parties, .. } = self;
        let room = &mut rooms[at.channel];
        let seat = &mut room.seats[at.seat];
        let disk = std::mem::take(&mut seat.disk);
        seat.disk = disk[..kept].to_vec();
        let signer = &parties[party].signer;
        if seat.restore(&room.terms, signer, Memory::Complete).is_err() {
            seat.disk = disk;
            return Ok(());
        }
        self.counts.add("memories forgotten on purpose");
        for news in self.past(at) {
            self.tell(at, &news)?;
        }
        self.catch_up(at)
    }
}

fn shift(state: &mut ChannelState, from: usize, to: usize, amount: u128) {
    let amount = amount.min(state.balances[from]);
    state.balances[from] -= amount;
    state.balances[to] += amount;
}
