// SPDX-License-Identifier: Apache-2.0

//! Streams: opened and folded by co-signed versions, paid by links in between.
//!
//! Links need no signature and no answer. What a payee that does not write every link down can lose
//! by a crash is bounded by [`crate::Policy::unsaved_units`]; the payer counts what it released and
//! folds by its own count, so that an honest payer makes up even for that. A payer that lost its
//! count hears it from the payee ([`crate::message::Pulses`]) before it folds anything, because the
//! payee would refuse a fold below its mark, and the channel would stand still.

use crate::{
    changes::{Change, StreamFold, StreamName},
    channel::Channel,
    effect::{Effect, Record},
    error::{ChannelError, StreamError},
    message::{Message, Pulses},
    pulses::{Source, Till},
    signing::Signer,
};
use millrace_primitives_channels::Stream;

/// What this party knows about the streams of the agreed state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streaming {
    /// Those that it is paid by.
    pub(crate) tills: Vec<Till>,
    /// Those that it pays.
    sent: Vec<Sent>,
    /// The lowest epoch that is free, by payee.
    pub(crate) epochs: Vec<(u8, u32)>,
    /// Set by a restart: what was sent on streams that are agreed already is not known.
    pub(crate) is_forgetful: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    name: StreamName,
    /// Units released; nothing if this party was restarted and has not heard.
    units: Option<u64>,
    is_folding: bool,
    /// Whether the next links come with their tip's proof, because the payee may lack some.
    needs_proof: bool,
}

impl Streaming {
    /// The lowest epoch that is free for streams to `payee`.
    fn next_epoch(&self, payee: u8) -> u32 {
        self.epochs.iter().find(|(known, _)| *known == payee).map_or(0, |(_, next)| *next)
    }

    /// Takes note that an epoch was used.
    pub(crate) fn note_epoch(&mut self, stream: &Stream) {
        let next = stream.epoch.saturating_add(1);
        match self.epochs.iter_mut().find(|(known, _)| *known == stream.payee) {
            Some((_, known)) => *known = next.max(*known),
            None => self.epochs.push((stream.payee, next)),
        }
    }

    fn sent_mut(&mut self, name: StreamName) -> Result<&mut Sent, StreamError> {
        let unknown = StreamError::Unknown { stream: name };
        self.sent.iter_mut().find(|sent| sent.name == name).ok_or(unknown)
    }
}

impl<S: Signer> Channel<S> {
    /// Opens a stream whose links this party's [`Source`] has made: it can be paid by once
    /// [`Effect::Agreed`] names it. Its whole reserve is taken from this party's balance.
    ///
    /// Errors as [`Channel::pay`], and when the stream is another party's, is out of range, or
    /// repeats an epoch.
    pub fn open_stream(&mut self, stream: Stream) -> Result<Vec<Effect>, ChannelError> {
        self.verify_updatable()?;
        self.verify_remembering()?;
        let name = StreamName::of(&stream);
        if usize::from(stream.payer) != self.me {
            return Err(StreamError::Unknown { stream: name }.into());
        }
        let reserve = stream.reserve().ok_or(StreamError::Malformed { stream: name })?;
        let next = self.streaming.next_epoch(stream.payee);
        if stream.epoch < next {
            return Err(StreamError::EpochUsed { stream: name, next }.into());
        }
        self.verify_spendable(reserve)?;
        // Everything else is tried on a copy, so that what is wrong shows now and not later.
        let mut trial = self.ledger.clone();
        match trial.apply(&Change::OpenStream(stream)) {
            Ok(_) | Err(crate::error::ChangeError::Payment(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let epochs = self.streaming.epochs.clone();
        self.streaming.note_epoch(&stream);
        self.want(Change::OpenStream(stream)).inspect_err(|_| self.streaming.epochs = epochs)
    }

    /// Pays by the next `count` links of a stream, or as many as its current chain still has.
    /// Returns the message for the payee, or nothing if the stream is used up.
    ///
    /// Nothing is signed, written down or answered.
    pub fn release(
        &mut self,
        source: &mut Source,
        count: u32,
    ) -> Result<Option<Effect>, ChannelError> {
        let name = StreamName::of(source.stream());
        let agreed = self.agreed_stream(name)?;
        self.chain.verify_open()?;
        let channel = self.agreement.id();
        let sent = self.streaming.sent_mut(name)?;
        if agreed != *source.stream() {
            return Err(StreamError::OtherSource { stream: name }.into());
        }
        if sent.is_folding {
            return Err(StreamError::Folding { stream: name }.into());
        }
        let units = sent.units.ok_or(StreamError::MarkUnknown { stream: name })?;
        if source.units() != units {
            source.seek(units);
        }
        if core::mem::take(&mut sent.needs_proof) {
            source.prove();
        }
        let Some(pulse) = source.take(count) else { return Ok(None) };
        sent.units = Some(source.units());
        let message = Message::Pulse(Pulses { channel, stream: name, pulse: Some(pulse) });
        Ok(Some(Effect::Send { to: usize::from(name.payee), message }))
    }

    /// Ends a stream that this party pays: the next version pays what was released and gives the
    /// rest of the reserve back. No more links are released from here on; to pay on without a
    /// break, open the next stream first.
    pub fn fold_stream(&mut self, name: StreamName) -> Result<Vec<Effect>, ChannelError> {
        self.chain.verify_open()?;
        self.agreed_stream(name)?;
        let sent = self.streaming.sent_mut(name)?;
        if sent.is_folding {
            return Ok(Vec::new());
        }
        let units = sent.units.ok_or(StreamError::MarkUnknown { stream: name })?;
        sent.is_folding = true;
        let fold = StreamFold { stream: name, units };
        self.want(Change::FoldStream(fold)).inspect_err(|_| {
            if let Ok(sent) = self.streaming.sent_mut(name) {
                sent.is_folding = false;
            }
        })
    }

    /// Queues the end of all streams that this party pays, if the channel is to be settled.
    pub(crate) fn drain_streams(&mut self) {
        if !self.outbox.close_wanted && !self.peer_closing {
            return;
        }
        for sent in &mut self.streaming.sent {
            if let (false, Some(units)) = (sent.is_folding, sent.units) {
                sent.is_folding = true;
                let fold = StreamFold { stream: sent.name, units };
                self.outbox.push(Change::FoldStream(fold));
            }
        }
    }

    /// Takes links from a stream's payer, or from its payee word of what it holds.
    pub(crate) fn receive_pulse(
        &mut self,
        from: usize,
        pulses: Pulses,
    ) -> Result<Vec<Effect>, ChannelError> {
        let Pulses { stream: name, pulse, .. } = pulses;
        let (payer, payee) = (usize::from(name.payer), usize::from(name.payee));
        if (payer, payee) == (self.me, from) {
            return self.receive_mark(name, pulse);
        }
        let unknown = StreamError::Unknown { stream: name };
        let till = self
            .streaming
            .tills
            .iter_mut()
            .find(|till| payer == from && StreamName::of(till.stream()) == name)
            .ok_or(unknown)?;
        let Some(pulse) = pulse else { return Ok(Vec::new()) };
        // A fold that is signed already would not pay more than it says.
        let signed = self.in_flight.as_ref().and_then(|half| {
            half.changes.iter().find_map(|change| match change {
                Change::FoldStream(fold) if fold.stream == name => Some(fold.units),
                _ => None,
            })
        });
        if signed.is_some_and(|units| pulse.units(till.stream()) > units) {
            return Err(StreamError::Folding { stream: name }.into());
        }
        till.receive(pulse)?;
        if till.units().saturating_sub(till.saved) < self.policy.unsaved_units.max(1) {
            return Ok(Vec::new());
        }
        till.saved = till.units();
        let record = till.mark().map(|pulse| Record::Pulse { stream: name, pulse });
        Ok(record.map(Self::persist).into_iter().collect())
    }

    /// The payee says what it holds; its deepest link proves it.
    fn receive_mark(
        &mut self,
        name: StreamName,
        pulse: Option<crate::pulses::Pulse>,
    ) -> Result<Vec<Effect>, ChannelError> {
        let Ok(stream) = self.agreed_stream(name) else {
            // Folded in the meantime.
            return Ok(Vec::new());
        };
        let mut till = self.till(stream);
        if let Some(pulse) = pulse {
            till.receive(pulse)?;
        }
        let sent = self.streaming.sent_mut(name)?;
        sent.units = Some(sent.units.unwrap_or(0).max(till.units()));
        sent.needs_proof = true;
        Ok(self.advance().unwrap_or_default())
    }

    /// What this party holds of the streams that the participant at `payer` pays.
    pub(crate) fn marks_for(&self, payer: usize) -> Vec<Effect> {
        let channel = self.agreement.id();
        let tills = self.streaming.tills.iter();
        tills
            .filter(|till| usize::from(till.stream().payer) == payer)
            .map(|till| {
                let stream = StreamName::of(till.stream());
                let message = Message::Pulse(Pulses { channel, stream, pulse: till.mark() });
                Effect::Send { to: payer, message }
            })
            .collect()
    }

    /// How many units of a stream to this party are proven.
    pub fn received(&self, name: StreamName) -> u64 {
        let tills = &self.streaming.tills;
        tills.iter().find(|it| StreamName::of(it.stream()) == name).map_or(0, Till::units)
    }

    /// How many units of a stream this party has released; nothing if it does not pay such a stream
    /// or has to hear from the payee first.
    pub fn released(&self, name: StreamName) -> Option<u64> {
        self.streaming.sent.iter().find(|sent| sent.name == name)?.units
    }

    fn till(&self, stream: Stream) -> Till {
        Till::new(self.agreement.genesis(), &self.agreement.id(), stream)
    }

    /// Opens and closes tills as the agreed state says.
    pub(crate) fn follow_streams(&mut self) {
        let streams = self.ledger.streams.clone();
        let is_agreed = |stream: &Stream| streams.contains(stream);
        self.streaming.tills.retain(|till| is_agreed(till.stream()));
        self.streaming.sent.retain(|sent| streams.iter().any(|it| StreamName::of(it) == sent.name));
        for stream in &streams {
            let name = StreamName::of(stream);
            if usize::from(stream.payee) == self.me
                && !self.streaming.tills.iter().any(|till| till.stream() == stream)
            {
                let till = self.till(*stream);
                self.streaming.tills.push(till);
            }
            if usize::from(stream.payer) == self.me {
                self.streaming.note_epoch(stream);
                if self.streaming.sent_mut(name).is_err() {
                    let units = (!self.streaming.is_forgetful).then_some(0);
                    let sent = Sent { name, units, is_folding: false, needs_proof: false };
                    self.streaming.sent.push(sent);
                }
            }
        }
    }

    /// After a restart: what is being folded, and that nothing is known about the rest.
    pub(crate) fn resume_streams(&mut self) {
        let folding: Vec<StreamName> = self
            .streaming
            .sent
            .iter()
            .map(|sent| sent.name)
            .filter(|name| {
                self.is_under_way(
                    |change| matches!(change, Change::FoldStream(fold) if fold.stream == *name),
                )
            })
            .collect();
        for sent in &mut self.streaming.sent {
            sent.units = None;
            sent.is_folding = folding.contains(&sent.name);
        }
        self.streaming.is_forgetful = false;
    }
}
