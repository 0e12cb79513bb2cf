// SPDX-License-Identifier: Apache-2.0

//! The owner of a machine: hands it events, carries out its effects in order, and may crash between
//! any two of them.

use crate::{
    book::Wish,
    chain::Call,
    failing::{Broken, Step, Stop, ensure},
    processes::CRASH_RATE,
    reaching::Signed,
    room::{At, Machine},
    settings::{Fault, Mutant},
    world::World,
};
use codec::Encode;
use millrace_channels_protocol::{Change, ChannelError, CoSignedState, Effect, Record, invariants};
use millrace_primitives_channels::{Resize, resize_payload};
use polkadot_sdk::sp_core::Pair;

/// Records after which an owner asks for a snapshot instead.
const COMPACT_AFTER: usize = 24;

impl World {
    /// Hands the machine at a seat an event. Returns what the machine itself says about it; nothing
    /// happens if the process is away.
    pub(crate) fn drive(
        &mut self,
        at: At,
        act: impl FnOnce(&mut Machine) -> Result<Vec<Effect>, ChannelError>,
    ) -> Result<Result<(), ChannelError>, Stop> {
        self.catch_up(at)?;
        let Some(machine) = self.seat_mut(at).machine.as_deref_mut() else { return Ok(Ok(())) };
        match act(machine) {
            Ok(effects) => self.carry_out(at, effects).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Tells the machine the height that its party knows.
    pub(crate) fn catch_up(&mut self, at: At) -> Step {
        let told = self.parties[self.party_at(at)].told;
        let seat = self.seat_mut(at);
        if seat.told >= told {
            return Ok(());
        }
        seat.told = told;
        let Some(machine) = seat.machine.as_deref_mut() else { return Ok(()) };
        let effects = machine.block(told);
        if effects.is_empty() { Ok(()) } else { self.carry_out(at, effects) }
    }

    /// Carries out what a machine asks for, and checks the machine.
    pub(crate) fn carry_out(&mut self, at: At, mut effects: Vec<Effect>) -> Step {
        let party = self.party_at(at);
        if self.settings.is(Mutant::SendsBeforeWriting) {
            effects.sort_by_key(|effect| matches!(effect, Effect::Persist(_)));
        }
        let height = self.chain.height;
        self.seat_mut(at).touched = height;
        for effect in effects {
            if self.crashes_now(party) {
                self.crash(party);
                return Err(Stop::Crashed);
            }
            self.note(|_| format!("{at:?} {}", brief(&effect)));
            self.carry(at, effect)?;
        }
        self.compact(at);
        Ok(self.verify_seat(at)?)
    }

    /// Whether the party's process ends right now.
    fn crashes_now(&mut self, party: usize) -> bool {
        self.has(Fault::Crash)
            && self.chain.height >= self.parties[party].peace_until
            && !self.is_villain(party)
            && self.dice.crashes.one_in(CRASH_RATE)
    }

    fn carry(&mut self, at: At, effect: Effect) -> Step {
        let party = self.party_at(at);
        match effect {
            Effect::Persist(record) => self.persist(at, &record)?,
            Effect::Send { to, message } => self.send(at, to, &message),
            Effect::Agreed { changes: Some(changes), .. } => {
                self.counts.add_many("changes agreed", changes.len() as u64);
            }
            Effect::Agreed { changes: None, .. } => self.look_up_locks(at)?,
            Effect::Unpaid(changes) => {
                for change in changes {
                    if let Change::Offer(transfer) = change {
                        self.on_returned(at, &transfer)?;
                    }
                }
            }
            Effect::Offered(transfer) => self.on_offered(at, &transfer)?,
            Effect::Fulfilled { transfer, preimage } => {
                self.on_fulfilled(at, &transfer, preimage)?;
            }
            Effect::Returned(transfer) => self.on_returned(at, &transfer)?,
            Effect::NeedConsent(resize) => self.consent(at, resize)?,
            Effect::NeedBase { .. } => self.tell_base(at)?,
            Effect::SubmitResize(signed) => {
                self.chain.submit(party, Call::Resize(Box::new(signed)));
            }
            Effect::Resized { .. } | Effect::Lapsed { .. } => self.on_resize_decided(at),
            Effect::ResizeRefused { .. } => {
                self.counts.add("resizes refused");
                self.on_resize_decided(at);
            }
            Effect::Settle(state) => {
                self.show(at, &state)?;
                self.chain.submit(party, Call::Settle(state));
            }
            Effect::Answer(state) => {
                self.show(at, &state)?;
                self.counts.add("answers");
                self.chain.submit(party, Call::Answer(state));
            }
            Effect::Dispute(state) => {
                self.show(at, &state)?;
                self.verify_need(at)?;
                self.chain.submit(party, Call::Dispute(state));
            }
            Effect::Reveal { preimage, .. } => {
                self.counts.add("reveals");
                self.chain.submit(party, Call::Reveal(preimage));
            }
            Effect::Claim { transfer, proof } => {
                let channel = at.channel;
                self.chain.submit(party, Call::Claim { channel, transfer, proof });
            }
            Effect::Refund { transfer, proof } => {
                let channel = at.channel;
                self.chain.submit(party, Call::Refund { channel, transfer, proof });
            }
            Effect::ClaimStream { position, link, depth, proof } => {
                let channel = at.channel;
                let call = Call::ClaimStream { channel, position, link, depth, proof };
                self.chain.submit(party, call);
            }
        }
        Ok(())
    }

    /// An owner looks up what the chain shows of transfers that were handed over.
    fn look_up_locks(&mut self, at: At) -> Step {
        let told = self.parties[self.party_at(at)].told;
        let Some(machine) = self.machine(at) else { return Ok(()) };
        let known = machine.transfers().iter().filter_map(|it| self.chain.known.get(&it.hashlock));
        let shown: Vec<_> = known.copied().filter(|(_, block)| *block <= told).collect();
        for (preimage, block) in shown {
            let _ = self.drive(at, |machine| Ok(machine.revealed(preimage, block)))?;
        }
        Ok(())
    }

    /// An owner looks up what the chain keeps of a base.
    fn tell_base(&mut self, at: At) -> Step {
        self.counts.add("bases looked up");
        let (version, digest) = self.chain.channels[at.channel].base;
        let _ = self.drive(at, |machine| Ok(machine.base_is(version, digest)))?;
        Ok(())
    }

    /// A signature leaves towards the chain.
    fn show(&mut self, at: At, state: &CoSignedState) -> Result<(), Broken> {
        let signed = Signed::under_state(at.seat, state).filter(|_| self.is_watched(at));
        if let Some(signed) = signed {
            let reached = &mut self.seat_mut(at).reached;
            reached.verify(at, &signed)?;
            reached.keep(signed);
        }
        Ok(())
    }

    /// Writes a record to the disk, and into the book of what counts.
    fn persist(&mut self, at: At, record: &Record) -> Result<(), Broken> {
        let is_honest = !self.is_villain(self.party_at(at));
        match record {
            Record::Signed(proposal) if is_honest => {
                self.rooms[at.channel].book.note_signed(proposal);
            }
            Record::Agreed(newest) => {
                self.counts.add("versions agreed");
                let version = newest.version();
                self.seat_mut(at).agreed = version;
                if is_honest {
                    let Self { rooms, payments, .. } = self;
                    let room = &mut rooms[at.channel];
                    if !room.is_void {
                        room.book.agree(newest.state(), |lock| payments.is_released(lock))?;
                    }
                } else {
                    self.archive(at, newest.clone());
                }
            }
            Record::Snapshot(snapshot) => {
                let seat = self.seat_mut(at);
                seat.agreed = seat.agreed.max(snapshot.newest.version());
                seat.disk.clear();
            }
            _ => {}
        }
        let is_lost =
            matches!(record, Record::Signed(_)) && self.settings.is(Mutant::SignedIsNotWritten);
        if !is_lost {
            self.seat_mut(at).disk.push(record.encode());
        }
        Ok(())
    }

    /// Keeps the disk small, when all effects are carried out.
    fn compact(&mut self, at: At) {
        let seat = self.seat_mut(at);
        if seat.disk.len() > COMPACT_AFTER
            && let Some(machine) = &seat.machine
        {
            seat.disk = vec![machine.snapshot().encode()];
        }
    }

    /// SI-2: the machine's own rules.
    pub(crate) fn verify_seat(&mut self, at: At) -> Result<(), Broken> {
        if self.is_villain(self.party_at(at)) {
            return Ok(());
        }
        let Some(machine) = self.machine(at) else { return Ok(()) };
        invariants::verify(machine)
            .map_err(|rule| Broken::new("SI-2", format!("{at:?} breaks {rule}")))
    }

    /// SI-5: among honest parties nobody closes alone, unless connections were away for long.
    fn verify_need(&mut self, at: At) -> Result<(), Broken> {
        self.counts.add("closed alone");
        let room = &self.rooms[at.channel];
        ensure(!room.is_honest || room.is_excused, "SI-5", || {
            format!("{at:?} closes alone without need")
        })
    }

    /// Everything had to wait for this, which was nobody's fault: patience begins anew.
    fn on_resize_decided(&mut self, at: At) {
        let height = self.chain.finalised;
        let seat = self.seat_mut(at);
        seat.resize = None;
        seat.progress.1 = height;
        seat.close_since = seat.close_since.map(|_| height);
    }

    /// The owner agrees to what its user asked for, and to nothing else.
    fn consent(&mut self, at: At, resize: Resize) -> Step {
        if self.seat(at).resize.as_ref() != Some(&resize.deltas) {
            return Ok(());
        }
        let adds = resize.deltas.get(at.seat).is_some_and(|delta| *delta > 0);
        let payload = resize_payload(&self.genesis, &resize);
        let account = &self.parties[self.party_at(at)].account;
        let signature = adds.then(|| account.sign(payload.as_bytes()).into());
        // A refusal means that it is too late by now.
        let _ = self.drive(at, |machine| machine.consent(resize.state.version, signature))?;
        Ok(())
    }

    /// A user asks for something that changes balances: the book knows it first.
    pub(crate) fn ask(
        &mut self,
        at: At,
        wish: Wish,
        act: impl FnOnce(&mut Machine) -> Result<Vec<Effect>, ChannelError>,
    ) -> Result<Result<(), ChannelError>, Stop> {
        self.rooms[at.channel].book.wish(wish);
        let outcome = self.drive(at, act)?;
        if outcome.is_err() {
            self.rooms[at.channel].book.unwish(wish);
        }
        Ok(outcome)
    }
}

/// An effect in a few words.
fn brief(effect: &Effect) -> String {
    match effect {
        Effect::Persist(Record::Signed(proposal)) => {
            format!("writes signed {} {:?}", proposal.state.version, proposal.changes.as_slice())
        }
        Effect::Persist(Record::Agreed(state)) => format!("writes agreed {}", state.version()),
        Effect::Persist(Record::Snapshot(snapshot)) => {
            format!("writes all at {}", snapshot.newest.version())
        }
        Effect::Persist(Record::Preimage { id, .. }) => format!("writes the preimage of {id}"),
        Effect::Persist(Record::Asked(request)) => format!("writes asked {}", request.version),
        Effect::Persist(record) => format!("writes {}", name(&format!("{record:?}"))),
        Effect::Send { to, message } => format!("sends {to} {}", crate::network::brief(message)),
        Effect::Dispute(state) => format!("disputes with {}", state.version()),
        Effect::Answer(state) => format!("answers with {}", state.version()),
        Effect::Settle(state) => format!("settles with {}", state.version()),
        Effect::Offered(transfer) => format!("is offered {transfer:?}"),
        Effect::Fulfilled { transfer, .. } => format!("owes {}", transfer.id),
        Effect::Returned(transfer) => format!("has back {}", transfer.id),
        Effect::Agreed { version, .. } => format!("has agreed to {version}"),
        other => name(&format!("{other:?}")).to_owned(),
    }
}

/// The name of a variant, from what it looks like.
pub(crate) fn name(text: &str) -> &str {
    text.split([' ', '(', '{']).next().unwrap_or(text)
}
