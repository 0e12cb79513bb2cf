// SPDX-License-Identifier: Apache-2.0

//! What users do.

use crate::{
    book::Wish,
    failing::Step,
    queue::Happening,
    room::At,
    settings::BLOCK_TIME,
    world::{Stage, World},
};
use codec::Encode;
use millrace_channels_protocol::{Effect, Source, StreamName, StreamTerms};
use millrace_primitives_channels::{Balance, resize::Deltas};

/// Blocks in which the chain has to take a resize.
const RESIZE_BLOCKS: u32 = 24;

impl World {
    /// One step of one user; then the next is planned, or the world calms down.
    pub(crate) fn act(&mut self) -> Step {
        if self.steps == 0 {
            self.calm();
            return Ok(());
        }
        self.steps -= 1;
        let pace = self.pace();
        self.plan(pace, Happening::Act);
        let party = self.dice.users.index(self.parties.len());
        let choice = self.dice.users.below(100);
        let seats = &self.parties[party].seats;
        let Some(at) = seats.get(self.dice.users.index(seats.len())).copied() else {
            return Ok(());
        };
        if !self.parties[party].is_up || self.rooms[at.channel].is_over {
            return Ok(());
        }
        match choice {
            0..45 => self.start_payment(party),
            45..66 => self.pay(at),
            66..70 => self.open_stream(at),
            70..84 => self.pulse(at),
            84..87 => self.fold_stream(at),
            87..91 => self.resize(at),
            91..93 => self.close(at),
            _ => self.compact_now(at),
        }
    }

    /// Somebody else in a seat's channel.
    fn peer_of(&mut self, at: At) -> u8 {
        let size = self.rooms[at.channel].seats.len();
        let away = 1 + self.dice.users.index(size - 1);
        ((at.seat + away) % size) as u8
    }

    fn pay(&mut self, at: At) -> Step {
        let payee = self.peer_of(at);
        // Several at once share a version.
        for _ in 0..self.dice.users.between(1, 4) {
            let amount = Balance::from(self.dice.users.between(1, 40));
            let payer = at.seat as u8;
            let wish = Wish::Pay { payer, payee, amount };
            let asked = self.ask(at, wish, |machine| machine.pay(payee, amount))?;
            self.note(|_| format!("{at:?} pays {payee} {amount}: {asked:?}"));
        }
        Ok(())
    }

    fn open_stream(&mut self, at: At) -> Step {
        let payee = self.peer_of(at);
        let seed = self.dice.users.bytes();
        let (chains, links) = (self.dice.users.between(1, 3), self.dice.users.between(1, 9));
        let unit = Balance::from(self.dice.users.between(1, 3));
        let epoch = self.seat(at).next_epoch;
        let name = StreamName { payer: at.seat as u8, payee, epoch };
        let terms = StreamTerms { name, unit, chains: chains as u32, links: links as u32 };
        let id = self.rooms[at.channel].terms.id();
        let source = Source::generate(&self.genesis, &id, terms, seed);
        let stream = *source.stream();
        let seat = self.seat_mut(at);
        seat.next_epoch += 1;
        seat.sources.insert(name, source);
        let asked = self.ask(at, Wish::Stream(name), |machine| machine.open_stream(stream))?;
        self.note(|_| format!("{at:?} opens {name:?}: {asked:?}"));
        Ok(())
    }

    /// Releases links of one of a seat's streams.
    fn pulse(&mut self, at: At) -> Step {
        let count = self.dice.users.between(1, 6) as u32;
        let Some(machine) = self.machine(at) else { return Ok(()) };
        let own: Vec<_> = machine
            .streams()
            .iter()
            .filter(|stream| usize::from(stream.payer) == at.seat)
            .map(StreamName::of)
            .collect();
        let Some(name) = own.get(self.dice.users.index(own.len())).copied() else { return Ok(()) };
        let Some(mut source) = self.seat_mut(at).sources.remove(&name) else { return Ok(()) };
        let mut effect: Option<Effect> = None;
        self.catch_up(at)?;
        if let Some(machine) = self.seat_mut(at).machine.as_deref_mut() {
            // A refusal means that the stream is being folded, or that its payee has to say first
            // how far it was paid.
            effect = machine.release(&mut source, count).ok().flatten();
        }
        let units = source.units();
        self.seat_mut(at).sources.insert(name, source);
        let Some(effect) = effect else { return Ok(()) };
        self.counts.add("pulses");
        let released = self.rooms[at.channel].book.released.entry(name).or_default();
        *released = units.max(*released);
        self.carry_out(at, vec![effect])
    }

    fn fold_stream(&mut self, at: At) -> Step {
        let Some(machine) = self.machine(at) else { return Ok(()) };
        let own = machine.streams().iter().find(|stream| usize::from(stream.payer) == at.seat);
        let Some(name) = own.map(StreamName::of) else { return Ok(()) };
        let asked = self.drive(at, |machine| machine.fold_stream(name))?;
        self.note(|_| format!("{at:?} folds {name:?}: {asked:?}"));
        Ok(())
    }

    fn resize(&mut self, at: At) -> Step {
        if self.seat(at).resize.is_some() {
            return Ok(());
        }
        let amount = self.dice.users.between(1, 200) as i128;
        let delta = if self.dice.users.one_in(3) { -amount } else { amount };
        let mut deltas = vec![0; self.rooms[at.channel].seats.len()];
        deltas[at.seat] = delta;
        let deltas = Deltas::truncate_from(deltas);
        let valid_until = self.parties[self.party_at(at)].told + RESIZE_BLOCKS;
        let wanted = deltas.clone();
        self.seat_mut(at).resize = Some(wanted);
        let asked = self.drive(at, |machine| machine.resize(deltas, valid_until))?;
        self.note(|_| format!("{at:?} resizes by {delta}: {asked:?}"));
        if asked.is_err() {
            self.seat_mut(at).resize = None;
        }
        Ok(())
    }

    /// An owner replaces all records by one.
    fn compact_now(&mut self, at: At) -> Step {
        let seat = self.seat_mut(at);
        if let Some(machine) = &seat.machine {
            seat.disk = vec![machine.snapshot().encode()];
        }
        Ok(())
    }

    /// Users rest, and nothing bad happens from here on.
    fn calm(&mut self) {
        self.note(|_| "all is calm from here on".to_owned());
        self.stage = Stage::Calm(self.chain.height);
        let cuts: Vec<_> = self.cuts.keys().copied().collect();
        for cut in cuts {
            self.heal(cut);
        }
        for channel in 0..self.rooms.len() {
            for link in 0..self.rooms[channel].links.len() {
                if !self.rooms[channel].links[link].is_up {
                    self.plan(BLOCK_TIME / 4, Happening::Connect { channel, link });
                }
            }
        }
    }
}
