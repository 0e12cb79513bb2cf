// SPDX-License-Identifier: Apache-2.0

//! Processes that end and start again, with all that was written down or with an old copy of it.

use crate::{
    chain::News,
    failing::{Broken, Step, or_crash},
    queue::Happening,
    room::{At, Seat},
    settings::{BLOCK_TIME, Fault, MAX_DOWNTIME, Mutant, PEACE},
    world::{Backup, World},
};
use codec::Encode;
use millrace_channels_protocol::Memory;
use std::collections::BTreeSet;

/// A process ends before one in so many effects.
pub(crate) const CRASH_RATE: u64 = 150;

/// Blocks between two restorations in one channel: two that have both forgotten something cannot tell
/// each other.
const MEMORY_PAUSE: u32 = 40;

impl World {
    /// The party's process ends. What is on disk stays.
    pub(crate) fn crash(&mut self, party: usize) {
        self.counts.add("crashes");
        self.note(|_| format!("party {party} crashes"));
        let height = self.chain.height;
        for at in self.parties[party].seats.clone() {
            self.seat_mut(at).machine = None;
            for link in 0..self.rooms[at.channel].links.len() {
                let (one, other) = self.rooms[at.channel].links[link].ends;
                if one == at.seat || other == at.seat {
                    self.disconnect(at.channel, link);
                }
            }
        }
        let from_backup = self.has(Fault::Backup)
            && self.parties[party].backup.is_some()
            && self.dice.crashes.one_in(3)
            && self.may_forget(party);
        if from_backup {
            for at in self.parties[party].seats.clone() {
                self.rooms[at.channel].restored_at = Some(height);
            }
        }
        let delay = self.dice.crashes.between(200, MAX_DOWNTIME * BLOCK_TIME);
        let it = &mut self.parties[party];
        it.is_up = false;
        it.peace_until = height + PEACE + MAX_DOWNTIME as u32;
        self.plan(delay, Happening::Restart { party, from_backup });
    }

    /// Whether everybody this party has a channel with remembers everything. Whoever came back from a
    /// backup during an outage still asks when [`MEMORY_PAUSE`] is long over.
    fn may_forget(&self, party: usize) -> bool {
        let height = self.chain.height;
        self.parties[party].seats.iter().all(|at| {
            let room = &self.rooms[at.channel];
            let is_fresh = |at: u32| height < at + MEMORY_PAUSE;
            let mut others = room.seats.iter().filter(|seat| seat.party != party);
            // With villains nothing is compared any more, whatever is forgotten.
            let is_told = !room.is_honest || others.all(Seat::remembers);
            is_told && !room.restored_at.is_some_and(is_fresh)
        })
    }

    /// Copies what a party has on disk.
    pub(crate) fn back_up(&mut self, party: usize) {
        if !self.has(Fault::Backup) {
            return;
        }
        if self.parties[party].is_up {
            let disks = self.parties[party].seats.iter().map(|at| self.seat(*at).disk.clone());
            let disks = disks.collect();
            let forwards = self.parties[party].forwards.clone();
            self.parties[party].backup = Some(Backup { disks, forwards });
        }
        let delay = self.dice.crashes.between(BLOCK_TIME, BLOCK_TIME * 40);
        self.plan(delay, Happening::Backup { party });
    }

    /// The party's process starts again.
    pub(crate) fn restart(&mut self, party: usize, from_backup: bool) -> Result<(), Broken> {
        self.counts.add("restarts");
        self.note(|_| format!("party {party} starts again, from a backup: {from_backup}"));
        if from_backup {
            self.put_back(party);
        }
        self.parties[party].is_up = true;
        self.parties[party].told = 0;
        let is_complete = self.settings.is(Mutant::BackupTakenForComplete);
        for at in self.parties[party].seats.clone() {
            self.questions += 1;
            let memory = match from_backup && !is_complete {
                true => Memory::Lagging { question: self.questions },
                false => Memory::Complete,
            };
            let Self { rooms, parties, .. } = self;
            let room = &mut rooms[at.channel];
            let restored = room.seats[at.seat].restore(&room.terms, &parties[party].signer, memory);
            restored.map_err(|error| {
                Broken::new("SI-2", format!("{at:?} cannot start again: {error}"))
            })?;
            let seat = &mut room.seats[at.seat];
            seat.progress.1 = self.chain.height;
            // Before anything else, that it may have forgotten something is written down, or the next
            // crash would make it forget that, too.
            if let (Memory::Lagging { .. }, Some(machine)) = (memory, &seat.machine) {
                seat.disk = vec![machine.snapshot().encode()];
            }
        }
        or_crash(self.resume(party))?;
        self.look_for_peers(party);
        Ok(())
    }

    /// The party's disk is an old one from here on.
    fn put_back(&mut self, party: usize) {
        let Some(backup) = self.parties[party].backup.clone() else { return };
        self.counts.add("restored from a backup");
        let mut channels = BTreeSet::new();
        for (at, disk) in self.parties[party].seats.clone().into_iter().zip(backup.disks) {
            channels.insert(at.channel);
            self.risk(at.channel);
            let seat = self.seat_mut(at);
            (seat.disk, seat.was_restored) = (disk, true);
        }
        self.parties[party].forwards = backup.forwards;
        self.parties[party].is_forgetful = true;
        self.payments.exempt(party, &channels);
    }

    /// Somebody in a channel has forgotten what it signed. If there is a villain in it, what counts is
    /// up to the villain, and the book says nothing any more.
    fn risk(&mut self, channel: usize) {
        let room = &mut self.rooms[channel];
        if room.is_honest {
            return;
        }
        room.is_void = true;
        for seat in &room.seats {
            self.payments.exempt(seat.party, &BTreeSet::from([channel]));
        }
    }

    /// After a restart: hears again what the chain shows, then what it may have missed, and goes on
    /// with what it was doing.
    fn resume(&mut self, party: usize) -> Step {
        let finalised = self.chain.finalised;
        let seats = self.parties[party].seats.clone();
        for at in &seats {
            for news in self.past(*at) {
                self.tell(*at, &news)?;
            }
        }
        self.parties[party].told = finalised;
        for at in &seats {
            self.catch_up(*at)?;
        }
        if !self.settings.is(Mutant::NoReminders) {
            for at in &seats {
                let _ = self.drive(*at, |machine| Ok(machine.reminders()))?;
            }
        }
        // What a user wants is for its owner to remember: the machine forgets what only waited.
        for at in &seats {
            if self.seat(*at).close_since.is_some() {
                self.close(*at)?;
            }
        }
        self.review_forwards(party)
    }

    /// What final blocks show about a channel and the locks in it, in the order of blocks.
    pub(crate) fn past(&self, at: At) -> Vec<News> {
        let room = &self.rooms[at.channel];
        let mut past = self.chain.history[at.channel].clone();
        let reveals = room.locks.iter().filter_map(|lock| {
            let (preimage, at) = *self.chain.known.get(lock)?;
            Some((at, News::Revealed { preimage, lock: *lock, at }))
        });
        past.extend(reveals);
        past.sort_by_key(|(block, _)| *block);
        past.into_iter().map(|(_, news)| news).collect()
    }

    /// Connects with everybody who is there.
    fn look_for_peers(&mut self, party: usize) {
        for At { channel, seat } in self.parties[party].seats.clone() {
            for link in 0..self.rooms[channel].links.len() {
                let (one, other) = self.rooms[channel].links[link].ends;
                if one == seat || other == seat {
                    let delay = self.dice.crashes.between(10, 500);
                    self.plan(delay, Happening::Connect { channel, link });
                }
            }
        }
    }
}
