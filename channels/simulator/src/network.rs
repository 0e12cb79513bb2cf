// SPDX-License-Identifier: Apache-2.0

//! Connections and messages: what was sent over a connection never arrives once it is gone.

use crate::{
    chain::News,
    failing::{Broken, Step, or_crash},
    queue::Happening,
    reaching::Signed,
    room::At,
    settings::{BLOCK_TIME, Fault, MAX_PARTITION, PATIENCE, PEACE},
    world::World,
};
use millrace_channels_protocol::{
    ChangeError, ChannelError, Message, ProposalError, ResizeError, TransferError,
    message::{Request, ResizeWish},
};

/// Blocks without a connection after which a needless end is nobody's fault.
const LONG: u32 = PATIENCE / 2;

impl World {
    /// A machine sends a message.
    pub(crate) fn send(&mut self, at: At, to: usize, message: &Message) {
        let bytes = message.to_bytes();
        if self.is_villain(self.party_at(at)) {
            self.send_as_villain(at, to, bytes);
        } else {
            self.post(at, to, bytes);
        }
    }

    /// Puts bytes on the wire.
    pub(crate) fn post(&mut self, at: At, to: usize, bytes: Vec<u8>) {
        self.counts.add("messages");
        let At { channel, seat: from } = at;
        let Some(index) = self.rooms[channel].link(from, to) else { return };
        let is_rough = self.has(Fault::Network);
        let network = &mut self.dice.network;
        let mut copies = 1;
        let mut delay = network.between(5, 80);
        if is_rough {
            match network.below(40) {
                0 => copies = 0,
                1 => copies = 2,
                2..=5 => delay = network.between(5, BLOCK_TIME * 2),
                _ => {}
            }
        }
        let time = self.time;
        let link = &mut self.rooms[channel].links[index];
        if !link.is_up {
            return;
        }
        let session = link.session;
        let mut arrival = time + delay;
        if !is_rough {
            let last = &mut link.arrivals[usize::from(from > to)];
            arrival = arrival.max(*last + 1);
            *last = arrival;
        }
        for copy in 0..copies {
            let bytes = bytes.clone();
            let deliver = Happening::Deliver { channel, from, to, session, bytes };
            self.queue.push(arrival + copy * 37, deliver);
        }
    }

    /// A message arrives.
    pub(crate) fn deliver(
        &mut self,
        channel: usize,
        from: usize,
        to: usize,
        session: u32,
        bytes: &[u8],
    ) -> Step {
        let at = At { channel, seat: to };
        let room = &self.rooms[channel];
        let link = room.link(from, to).map(|index| &room.links[index]);
        if link.is_none_or(|link| !link.is_up || link.session != session) || room.is_over {
            return Ok(());
        }
        let sender = At { channel, seat: from };
        let parsed = Message::from_bytes(bytes);
        let signed = self.signed_in(sender, parsed.as_ref().ok())?;
        if self.is_villain(self.party_at(at)) {
            self.keep(sender, signed.as_ref());
        }
        if self.ignores(self.party_at(at)) {
            return Ok(());
        }
        let is_honest = self.rooms[channel].is_honest;
        let message = match parsed {
            Ok(message) => message,
            Err(_) if !is_honest => return Ok(()),
            Err(error) => {
                return Err(Broken::new("SI-8", format!("{at:?} cannot read: {error}")).into());
            }
        };
        let kind = kind(&message);
        self.note(|_| format!("{at:?} hears from {from}: {}", brief(&message)));
        let message = without_refused(message);
        let heard = self.drive(at, |machine| machine.receive(from, message));
        let is_kept = match &heard {
            Ok(taken) => taken.is_ok(),
            // A process that ends keeps what it wrote down.
            Err(_) => signed.as_ref().is_some_and(|it| it.is_written_at(self.seat(at))),
        };
        self.keep(sender, signed.as_ref().filter(|_| is_kept));
        if let Err(error) = heard? {
            self.note(|_| format!("{at:?} refuses: {error}"));
            self.counts.add("refused messages");
            // It may have forgotten what it asked for, and cannot take others' word for it: then the
            // channel has to end. Requests are not signed.
            let has_forgotten = self.seat(at).was_restored && is_unrequested(&error);
            self.rooms[channel].is_excused |= has_forgotten;
            let awaits_news = self.awaits_resize(at) || self.may_hold_old_resize(at, &error);
            if is_honest && !has_forgotten && !awaits_news && !is_timing(&error) {
                let what = format!("{at:?} refuses the {kind} of {from}: {error}");
                return Err(Broken::new("SI-8", what).into());
            }
        }
        Ok(())
    }

    /// The sender's signature in what arrives, if it is counted: nobody may keep another one (SI-6).
    fn signed_in(&self, sender: At, message: Option<&Message>) -> Result<Option<Signed>, Broken> {
        let message = message.filter(|_| self.is_watched(sender));
        let signed = message.and_then(|message| Signed::in_message(sender.seat, message));
        if let Some(signed) = &signed {
            self.seat(sender).reached.verify(sender, signed)?;
        }
        Ok(signed)
    }

    /// Somebody keeps what the sender signed.
    fn keep(&mut self, sender: At, signed: Option<&Signed>) {
        if let Some(signed) = signed {
            self.seat_mut(sender).reached.keep(signed.clone());
        }
    }

    /// Whether a party has not heard yet of a resize that others know.
    fn awaits_resize(&self, at: At) -> bool {
        let told = self.parties[self.party_at(at)].told;
        let mut history = self.chain.history[at.channel].iter();
        history.any(|(block, news)| *block > told && matches!(news, News::Resized { .. }))
    }

    /// Whether a party may hold on to a resize whose time is over for others. The next one is to the same
    /// version, so signatures under it do not fit until it hears of the block. They are said again when
    /// it asks.
    fn may_hold_old_resize(&self, at: At, error: &ChannelError) -> bool {
        let told = self.parties[self.party_at(at)].told;
        matches!(error, ChannelError::Resize(ResizeError::WrongSignature { .. }))
            && self.parties.iter().any(|party| party.told > told)
    }

    /// Two seats find each other.
    pub(crate) fn connect(&mut self, channel: usize, link: usize) -> Result<(), Broken> {
        let room = &self.rooms[channel];
        let (one, other) = room.links[link].ends;
        let is_there = |seat: usize| self.parties[room.seats[seat].party].is_up;
        if !is_there(one) || !is_there(other) || room.links[link].cut.is_some() || room.is_over {
            return Ok(());
        }
        let height = self.chain.height;
        let room = &mut self.rooms[channel];
        let known = &mut room.links[link];
        if known.is_up {
            return Ok(());
        }
        known.is_up = true;
        known.session += 1;
        room.is_excused |= height - known.down_since > LONG;
        self.note(|_| format!("channel {channel}: {one} and {other} are connected"));
        for seat in [one, other] {
            let at = At { channel, seat };
            or_crash(self.drive(at, |machine| Ok(machine.reconnected())).map(|_| ()))?;
        }
        Ok(())
    }

    /// A connection is gone, with all that is on its way.
    pub(crate) fn disconnect(&mut self, channel: usize, link: usize) {
        let height = self.chain.height;
        let link = &mut self.rooms[channel].links[link];
        link.session += 1;
        if std::mem::take(&mut link.is_up) {
            link.down_since = height;
        }
    }

    /// All connections of a party break, or one of them.
    pub(crate) fn cut(&mut self, blocks: u64) {
        let is_long = blocks > MAX_PARTITION;
        let fault = if is_long { Fault::Outage } else { Fault::Partition };
        if !self.has(fault) {
            return;
        }
        let party = self.dice.network.index(self.parties.len());
        let height = self.chain.height;
        if self.parties[party].peace_until <= height {
            let mut links = Vec::new();
            for at in self.parties[party].seats.clone() {
                let room = &self.rooms[at.channel];
                let ends = room.links.iter().enumerate();
                let own = ends.filter(|(_, link)| link.ends.0 == at.seat || link.ends.1 == at.seat);
                let free = own.filter(|(_, link)| link.cut.is_none());
                links.extend(free.map(|(index, _)| (at.channel, index)));
            }
            if self.dice.network.one_in(2) && !links.is_empty() {
                let kept = self.dice.network.index(links.len());
                links = vec![links[kept]];
            }
            self.counts.add(if is_long { "outages" } else { "partitions" });
            let cut = self.counts.get("outages") + self.counts.get("partitions");
            for (channel, index) in &links {
                self.disconnect(*channel, *index);
                self.rooms[*channel].links[*index].cut = Some(cut);
                self.rooms[*channel].is_excused |= is_long;
            }
            self.note(|_| format!("party {party} loses {} connections", links.len()));
            self.cuts.insert(cut, links);
            let peace = u32::try_from(blocks).unwrap_or(u32::MAX).saturating_add(PEACE);
            self.parties[party].peace_until = height + peace;
            self.plan(blocks * BLOCK_TIME, Happening::Heal { cut });
        }
        let (pause, next) = if is_long {
            (30, 90)
        } else {
            // Larger worlds have more of everything.
            (1 + 60 / self.parties.len() as u64, self.dice.network.between(1, MAX_PARTITION))
        };
        self.plan(pause * BLOCK_TIME, Happening::Cut { blocks: next });
    }

    /// Connections that were cut come back.
    pub(crate) fn heal(&mut self, cut: u64) {
        for (channel, link) in self.cuts.remove(&cut).unwrap_or_default() {
            self.rooms[channel].links[link].cut = None;
            let delay = self.dice.network.between(10, 300);
            self.plan(delay, Happening::Connect { channel, link });
        }
    }
}

fn is_unrequested(error: &ChannelError) -> bool {
    matches!(error, ChannelError::Proposal(ProposalError::Unrequested { .. }))
}

/// Whether an honest party may say this to an honest one: the message came too early or too late.
fn is_timing(error: &ChannelError) -> bool {
    matches!(
        error,
        ChannelError::TooEarly { .. }
            | ChannelError::Final { .. }
            | ChannelError::Disputed
            | ChannelError::ClosingAlone
            | ChannelError::Over
            | ChannelError::Lagging
            | ChannelError::Resizing { .. }
            | ChannelError::Resize(ResizeError::BadEnd { .. } | ResizeError::Unknown { .. })
            | ChannelError::Change(ChangeError::Stream(_))
            | ChannelError::Change(ChangeError::Transfer(TransferError::TooLate { .. }))
    )
}

/// A message without the resize in it, which one owner in four does not want.
fn without_refused(message: Message) -> Message {
    match message {
        Message::Request(Request { resize: Some(wish), channel, version, changes, close })
            if wish.valid_until.is_multiple_of(4) =>
        {
            // A wish whose time is over is left out, and who has it gets a version without it.
            let resize = Some(ResizeWish { valid_until: 0, ..wish });
            Message::Request(Request { channel, version, changes, close, resize })
        }
        message => message,
    }
}

/// A message in a few words.
pub(crate) fn brief(message: &Message) -> String {
    match message {
        Message::Request(it) => {
            format!("Request {} {:?}", it.version, it.changes.as_slice())
        }
        Message::Proposal(it) => {
            format!("Proposal {}", it.state.version)
        }
        Message::Acceptance(it) => format!("Acceptance {}", it.version),
        Message::Status(it) => format!("{it:?}"),
        Message::Newest(it) => format!("Newest {}", it.state.version),
        Message::Recall(it) => format!("Recall {}", it.proposal.state.version),
        Message::Fulfil(it) => format!("Fulfil {}", it.id),
        Message::ResizeProposal(it) => format!("ResizeProposal {}", it.resize.state.version),
        Message::ResizeAcceptance(it) => format!("ResizeAcceptance {}", it.version),
        other => kind(other).to_owned(),
    }
}

fn kind(message: &Message) -> &'static str {
    match message {
        Message::Request(_) => "Request",
        Message::Proposal(_) => "Proposal",
        Message::Acceptance(_) => "Acceptance",
        Message::Status(_) => "Status",
        Message::Newest(_) => "Newest",
        Message::Recall(_) => "Recall",
        Message::Fulfil(_) => "Fulfil",
        Message::Closing(_) => "Closing",
        Message::Pulse(_) => "Pulse",
        Message::ResizeProposal(_) => "ResizeProposal",
        Message::ResizeAcceptance(_) => "ResizeAcceptance",
        Message::Resized(_) => "Resized",
    }
}
