// SPDX-License-Identifier: Apache-2.0

//! What an owner does by itself: follows the final chain, asks again when an answer is overdue, and
//! closes alone when its patience ends.

use crate::{
    chain::News,
    failing::{Broken, Step},
    room::At,
    settings::{Mutant, PATIENCE},
    world::World,
};
use millrace_channels_protocol::{ChannelError, StreamName};
use millrace_primitives_channels::BlockNumber;

/// Blocks after the last event for which a seat is looked at in every block.
const RECENT: BlockNumber = 6;

impl World {
    /// A party looks at the final chain, block by block, and then after its channels.
    pub(crate) fn follow(&mut self, party: usize) -> Step {
        if !self.parties[party].is_up {
            return Ok(());
        }
        let finalised = self.chain.finalised;
        let from = self.parties[party].told + 1;
        for block in from..=finalised {
            for (at, news) in self.concerning(party, block) {
                self.tell(at, &news)?;
            }
        }
        self.parties[party].told = finalised;
        for at in self.parties[party].seats.clone() {
            if self.deserves_a_look(at) {
                self.catch_up(at)?;
                self.review(at)?;
            }
        }
        self.review_forwards(party)
    }

    /// What a block shows about a party's channels and the locks in them.
    fn concerning(&self, party: usize, block: BlockNumber) -> Vec<(At, News)> {
        let mut found = Vec::new();
        for news in self.chain.news_of(block) {
            match news {
                News::Revealed { lock, .. } => {
                    let Some(payment) = self.payments.get(lock) else { continue };
                    for at in payment.hops.iter().flat_map(|hop| [hop.payer, hop.payee]) {
                        if self.party_at(at) == party {
                            found.push((at, news.clone()));
                        }
                    }
                }
                _ => {
                    let Some(channel) = news.channel() else { continue };
                    let seats = &self.rooms[channel].seats;
                    if let Some(seat) = seats.iter().position(|seat| seat.party == party) {
                        found.push((At { channel, seat }, news.clone()));
                    }
                }
            }
        }
        found
    }

    /// Tells a machine what a final block shows.
    pub(crate) fn tell(&mut self, at: At, news: &News) -> Step {
        let is_honest = !self.is_villain(self.party_at(at));
        match news {
            News::Resized { version, deposit, .. } => {
                let told = self.drive(at, |machine| machine.resized(*version, *deposit))?;
                if let Err(error) = told
                    && is_honest
                {
                    return Err(Broken::new("SI-8", format!("{at:?} refuses news: {error}")).into());
                }
            }
            News::Disputed { version, .. } | News::Answered { version, .. } => {
                let seat = self.seat_mut(at);
                let agreed = seat.machine.as_ref().map(|machine| machine.newest().version());
                if seat.at_dispute.is_none() {
                    seat.at_dispute = agreed;
                }
                if self.settings.is(Mutant::IgnoresDisputes) && is_honest {
                    return Ok(());
                }
                let _ = self.drive(at, |machine| Ok(machine.disputed(*version)))?;
            }
            News::Concluded { state, until, .. } => {
                self.note_due_units(at);
                let told = self.drive(at, |machine| machine.concluded(state.version, *until))?;
                if let Err(error @ ChannelError::UnknownVersion { .. }) = told
                    && is_honest
                    && !self.seat(at).was_restored
                    && !self.rooms[at.channel].is_void
                {
                    return Err(Broken::new("SI-3", format!("{at:?} cannot claim: {error}")).into());
                }
            }
            News::Over { .. } => {
                let _ = self.drive(at, |machine| Ok(machine.over()))?;
            }
            News::Revealed { preimage, at: block, .. } => {
                let _ = self.drive(at, |machine| Ok(machine.revealed(*preimage, *block)))?;
            }
            News::Settled { .. }
            | News::Claimed { .. }
            | News::Refunded { .. }
            | News::Forfeited { .. } => {}
        }
        Ok(())
    }

    /// What a seat holds of its streams is due to it from now on.
    fn note_due_units(&mut self, at: At) {
        let seat = self.seat_mut(at);
        let Some(machine) = &seat.machine else { return };
        let streams = machine.streams().iter().filter(|it| usize::from(it.payee) == at.seat);
        let due = streams.map(|stream| {
            let name = StreamName::of(stream);
            (name, machine.received(name))
        });
        seat.due_units = due.collect();
    }

    /// Whether anything may be under way at a seat.
    fn deserves_a_look(&self, at: At) -> bool {
        let (seat, room) = (self.seat(at), &self.rooms[at.channel]);
        let Some(machine) = &seat.machine else { return false };
        let is_quiet = machine.is_idle()
            && machine.transfers().is_empty()
            && machine.streams().is_empty()
            && seat.close_since.is_none()
            && self.chain.height > seat.touched + RECENT;
        !room.is_over && !is_quiet
    }

    /// Asks again when an answer is overdue, and closes alone when patience ends.
    fn review(&mut self, at: At) -> Step {
        let height = self.parties[self.party_at(at)].told;
        let impatient = self.settings.is(Mutant::Impatient);
        let patience = if impatient { 3 } else { PATIENCE };
        let seat = self.seat_mut(at);
        let Some(machine) = &seat.machine else { return Ok(()) };
        let version = machine.newest().version();
        // Transfers may rightly wait until they expire.
        let is_waiting = !machine.transfers().is_empty();
        let was_away = height > seat.reviewed + 1;
        seat.reviewed = height;
        if machine.is_idle() || is_waiting || was_away || version != seat.progress.0 {
            seat.progress = (version, height);
        }
        if is_waiting {
            seat.close_since = seat.close_since.map(|_| height);
        }
        let still = height.saturating_sub(seat.progress.1);
        let closing = seat.close_since.map_or(0, |since| height.saturating_sub(since));
        let is_stuck =
            machine.transfers().iter().any(|transfer| height > transfer.expiry + patience);
        let is_closing = seat.close_since.is_some();
        let is_pending = is_waiting || !machine.streams().is_empty();
        if (still >= patience || closing >= patience || is_stuck) && height.is_multiple_of(4) {
            let _ = self.drive(at, |machine| Ok(machine.force_close()))?;
        }
        let is_turn = (height as usize + at.channel).is_multiple_of(4);
        let is_overdue = still >= 2 && still.is_multiple_of(2);
        if is_overdue || (is_turn && (is_pending || is_closing)) {
            let _ = self.drive(at, |machine| Ok(machine.reconnected()))?;
        }
        Ok(())
    }

    /// A user wants to settle.
    pub(crate) fn close(&mut self, at: At) -> Step {
        let height = self.chain.finalised;
        self.seat_mut(at).close_since.get_or_insert(height);
        // A refusal means that somebody else began.
        let _ = self.drive(at, |machine| machine.close())?;
        Ok(())
    }
}
