// SPDX-License-Identifier: Apache-2.0

//! Blocks, and what final ones mean: what counts in each channel, and whether everybody got what it can
//! enforce (SI-3).

use crate::{
    book::Leg,
    chain::News,
    failing::{Broken, ensure, or_crash},
    queue::Happening,
    room::{At, End, Room, Seat},
    settings::{BLOCK_TIME, Fault, MAX_LAG},
    world::{Stage, World},
};
use millrace_channels_protocol::StreamName;
use millrace_primitives_channels::{Balance, ChannelState, Transfer};
use std::collections::BTreeSet;

/// Blocks within which calm worlds come to rest: the longest path expires, and patience ends twice.
const REST: u32 = 400;

/// Blocks between two checks of the sum of all money in large worlds.
const SUM_EVERY: u32 = 16;

impl World {
    /// A block is due.
    pub(crate) fn block(&mut self) -> Result<(), Broken> {
        let is_rough = self.has(Fault::Chain);
        self.chain.author(&mut self.dice.chain, is_rough);
        if is_rough && self.dice.chain.one_in(8) {
            let depth = self.dice.chain.between(1, MAX_LAG) as usize;
            let undone = self.chain.reorganise(depth, &mut self.dice.chain);
            self.counts.add_many("blocks undone", undone as u64);
            self.note(|_| format!("{undone} blocks are replaced"));
        }
        if is_rough && self.dice.chain.one_in(20) {
            let floor = 1 << self.dice.chain.between(2, 5);
            self.chain.start_bidding(floor, 6);
            self.counts.add("bidding wars");
        }
        let lag = if is_rough { self.dice.chain.between(1, MAX_LAG) } else { 1 };
        let blocks = self.chain.finalise(lag);
        self.judge_refusals()?;
        let whole = self.rooms.len() <= 200 || self.chain.height.is_multiple_of(SUM_EVERY);
        self.chain.verify(whole)?;
        for block in blocks {
            for news in self.chain.news_of(block).to_vec() {
                self.note(|_| format!("final block {block}: {}", brief(&news)));
                self.count(&news)?;
            }
        }
        for party in 0..self.parties.len() {
            if self.parties[party].is_up {
                let delay = self.dice.network.between(1, BLOCK_TIME / 2);
                self.plan(delay, Happening::Follow { party });
            }
        }
        self.plan(BLOCK_TIME, Happening::Block);
        if whole {
            self.verify_everybody()?;
        }
        self.go_on()
    }

    /// SI-8: what honest parties submit is refused only when somebody was faster.
    fn judge_refusals(&mut self) -> Result<(), Broken> {
        for (submission, refusal) in std::mem::take(&mut self.chain.refused) {
            self.counts.add("refused submissions");
            let call = format!("{:?}", submission.call);
            let by = submission.by;
            let call = crate::carrying::name(&call).to_owned();
            self.note(|_| format!("the chain refuses the {call} of party {by}: {refusal}"));
            let is_honest = !self.is_villain(by);
            ensure(!is_honest || refusal.is_a_race(), "SI-8", || {
                format!("the chain refuses the {call} of party {by}: {refusal}")
            })?;
        }
        Ok(())
    }

    /// SI-2 for everybody.
    fn verify_everybody(&mut self) -> Result<(), Broken> {
        for channel in 0..self.rooms.len() {
            if self.rooms[channel].is_over {
                continue;
            }
            for seat in 0..self.rooms[channel].seats.len() {
                self.verify_seat(At { channel, seat })?;
            }
        }
        Ok(())
    }

    /// What a final block shows counts.
    fn count(&mut self, news: &News) -> Result<(), Broken> {
        match news {
            News::Resized { channel, version, deltas, .. } => {
                self.counts.add("resizes");
                let room = &mut self.rooms[*channel];
                if room.is_void { Ok(()) } else { room.book.resize(*version, deltas) }
            }
            News::Disputed { .. } => {
                self.counts.add("disputes");
                Ok(())
            }
            News::Answered { .. } => {
                self.counts.add("disputes answered");
                Ok(())
            }
            News::Settled { channel, state } => {
                self.counts.add("settled");
                self.carried_out(*channel, state, false)
            }
            News::Concluded { channel, state, .. } => {
                self.counts.add("concluded");
                self.carried_out(*channel, state, true)
            }
            News::Claimed { channel, id } => {
                self.counts.add("transfers claimed");
                self.rooms[*channel].book.decide(*id, Leg::Paid);
                Ok(())
            }
            News::Refunded { channel, id } => {
                self.counts.add("transfers refunded");
                self.rooms[*channel].book.decide(*id, Leg::Returned);
                Ok(())
            }
            News::Forfeited { channel, by } => {
                self.counts.add("bonds lost");
                let seats = &self.rooms[*channel].seats;
                let was_restored = seats.iter().any(|seat| seat.party == *by && seat.was_restored);
                ensure(self.is_villain(*by) || was_restored, "SI-3", || {
                    format!("party {by} is honest and lost its bond in channel {channel}")
                })
            }
            News::Revealed { lock, .. } => {
                if let Some(payment) = self.payments.get_mut(lock) {
                    payment.is_released = true;
                }
                Ok(())
            }
            News::Over { channel } => self.over(*channel),
        }
    }

    /// The chain carries out a state: nothing that an honest party could have shown is newer.
    fn carried_out(
        &mut self,
        channel: usize,
        state: &ChannelState,
        was_disputed: bool,
    ) -> Result<(), Broken> {
        let Self { rooms, payments, parties, .. } = self;
        let room = &mut rooms[channel];
        for (seat, it) in room.seats.iter().enumerate() {
            if parties[it.party].villain.is_some() || (it.was_restored && !room.is_honest) {
                continue;
            }
            let known = if was_disputed { it.at_dispute.unwrap_or(it.agreed) } else { it.agreed };
            ensure(state.version >= known, "SI-3", || {
                format!(
                    "channel {channel} ends with version {}, seat {seat} holds {known}",
                    state.version
                )
            })?;
        }
        if room.is_void {
            return Ok(());
        }
        if state.version < room.book.version {
            // What was agreed after the dispute was known may not count any more, which nobody
            // promised; or somebody has forgotten newer states.
            room.is_void = true;
            let channels = BTreeSet::from([channel]);
            for seat in &room.seats {
                payments.exempt(seat.party, &channels);
            }
            return Ok(());
        }
        room.book.agree(state, |lock| payments.is_released(lock))?;
        room.end = Some(End {
            balances: state.balances.to_vec(),
            transfers: room.book.transfers.values().copied().collect(),
            state: Some(Box::new(state.clone())),
        });
        Ok(())
    }

    /// Whether the chain shows in final blocks that a transfer was unlocked in time.
    fn is_unlocked(&self, transfer: &Transfer) -> bool {
        let reveal = self.chain.known.get(&transfer.hashlock);
        reveal.is_some_and(|(_, at)| *at < transfer.expiry)
    }

    /// A channel has ended: everybody was paid what it could enforce.
    fn over(&mut self, channel: usize) -> Result<(), Broken> {
        self.counts.add("channels over");
        self.rooms[channel].is_over = true;
        let left: Vec<_> = self.rooms[channel].book.transfers.keys().copied().collect();
        for id in left {
            self.rooms[channel].book.decide(id, Leg::Returned);
        }
        let room = &self.rooms[channel];
        let Some(end) = &room.end else { return Ok(()) };
        let paid = &self.chain.channels[channel].paid;
        for (seat, it) in room.seats.iter().enumerate() {
            if self.is_villain(it.party) || (it.was_restored && !room.is_honest) {
                continue;
            }
            let due = self.enforceable(channel, seat, end);
            ensure(paid[seat] >= due, "SI-3", || {
                format!(
                    "channel {channel} paid seat {seat} {} and owed it {due}: {end:?}",
                    paid[seat]
                )
            })?;
        }
        Ok(())
    }

    /// What a seat can enforce of the state that the chain carried out: its balance, transfers to it
    /// whose preimage was revealed in time, transfers from it that were not, the links that it holds,
    /// and what it has not released of its own.
    fn enforceable(&self, channel: usize, seat: usize, end: &End) -> Balance {
        let room = &self.rooms[channel];
        let mut due = end.balances[seat];
        for transfer in &end.transfers {
            let party = if self.is_unlocked(transfer) { transfer.payee } else { transfer.payer };
            if usize::from(party) == seat {
                due += transfer.amount;
            }
        }
        let streams = end.state.iter().flat_map(|state| state.streams.iter());
        for stream in streams {
            let name = StreamName::of(stream);
            if usize::from(stream.payee) == seat {
                let units = room.seats[seat].due_units.get(&name).copied().unwrap_or(0);
                due += stream.unit * Balance::from(units);
            }
            if usize::from(stream.payer) == seat {
                let released = room.book.released.get(&name).copied().unwrap_or(0);
                due += stream.unit * Balance::from(stream.capacity() - released);
            }
        }
        due
    }

    /// From one stage to the next.
    fn go_on(&mut self) -> Result<(), Broken> {
        let height = self.chain.height;
        match self.stage {
            Stage::Busy | Stage::Done => Ok(()),
            Stage::Calm(since) => {
                let restless = self.restless();
                if restless.is_none() && height > since + 3 {
                    self.stage = Stage::Closing(height);
                    return self.close_everything();
                }
                ensure(height < since + REST, "SI-7", || {
                    format!("after {REST} calm blocks {}", restless.unwrap_or_default())
                })
            }
            Stage::Closing(since) => {
                // Nobody looks after channels that villains have among themselves.
                let mut rooms = self.rooms.iter().enumerate();
                let is_open = |(channel, room): (usize, &Room)| {
                    room.has_honest && !room.is_over && !self.is_at_mercy(channel)
                };
                let open = rooms.position(is_open);
                if open.is_none() {
                    self.stage = Stage::Done;
                }
                ensure(height < since + REST, "SI-7", || {
                    let channel = open.unwrap_or_default();
                    let phase = format!("{:?}", self.chain.channels[channel].phase);
                    let seats = self.rooms[channel].seats.iter().map(|seat| {
                        seat.machine.as_ref().map(|it| (it.is_idle(), it.newest().version()))
                    });
                    let seats: Vec<_> = seats.collect();
                    let phase = crate::carrying::name(&phase);
                    format!("channel {channel} is still {phase}, its seats are {seats:?}")
                })
            }
        }
    }

    /// Whether nobody honest in a channel knows the state that counts, because whoever did came back from
    /// a backup: then it is up to a villain how the channel ends.
    fn is_at_mercy(&self, channel: usize) -> bool {
        let (room, (base, _)) = (&self.rooms[channel], self.chain.channels[channel].base);
        let mut honest = room.seats.iter().filter(|it| !self.is_villain(it.party));
        let lacks_base =
            |it: &Seat| it.machine.as_ref().is_none_or(|machine| machine.newest().version() < base);
        !room.is_honest && honest.all(|it| it.was_restored && lacks_base(it))
    }

    /// Something among honest parties that has not come to rest.
    fn restless(&self) -> Option<String> {
        for (channel, room) in self.rooms.iter().enumerate() {
            if !room.is_honest || room.is_over {
                continue;
            }
            for (seat, it) in room.seats.iter().enumerate() {
                let Some(machine) = &it.machine else {
                    return Some(format!("party {} is away", it.party));
                };
                if matches!(self.chain.channels[channel].phase, crate::chain::Phase::Open)
                    && !(machine.is_idle() && machine.transfers().is_empty())
                {
                    let (version, transfers) = (machine.newest().version(), machine.transfers());
                    return Some(format!(
                        "seat {seat} of channel {channel} is at {version}, idle: {}, {transfers:?}",
                        machine.is_idle()
                    ));
                }
            }
        }
        None
    }

    /// Everybody wants to settle.
    fn close_everything(&mut self) -> Result<(), Broken> {
        self.note(|_| "everybody closes".to_owned());
        for channel in 0..self.rooms.len() {
            let mut is_first = true;
            for seat in 0..self.rooms[channel].seats.len() {
                let at = At { channel, seat };
                let is_honest = !self.is_villain(self.party_at(at));
                // One is enough; sometimes several have the idea at once.
                if is_honest
                    && !self.rooms[channel].is_over
                    && (is_first || self.dice.users.one_in(4))
                {
                    is_first = false;
                    or_crash(self.close(at))?;
                }
            }
        }
        Ok(())
    }
}

fn brief(news: &News) -> String {
    match news {
        News::Concluded { channel, state, until } => {
            format!("channel {channel} is concluded with {}, until {until:?}", state.version)
        }
        News::Settled { channel, state } => {
            format!("channel {channel} is settled with {}", state.version)
        }
        other => format!("{other:?}"),
    }
}
