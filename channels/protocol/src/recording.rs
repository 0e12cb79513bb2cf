// SPDX-License-Identifier: Apache-2.0

//! Restarting from what was persisted.

use crate::{
    adopting::Made,
    agreement::{Agreement, CoSignedState},
    changes::{Change, StreamName},
    channel::Channel,
    effect::{Effect, Record},
    error::ChannelError,
    ledger::Ledger,
    message::{Leaves, Proposal, Request, ResizeProposal, SignedResize},
    policy::Policy,
    pulses::Pulse,
    resolving::Chain,
    signing::Signer,
};
use codec::{Decode, Encode};
use millrace_primitives_channels::{
    Balance, Resize, Transfer, state::Signatures, transfer::Preimage,
};

/// All that has to survive a crash, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Snapshot {
    /// The newest co-signed state.
    pub newest: CoSignedState,
    /// Its transfers, in the order of its leaves.
    pub transfers: Vec<Transfer>,
    /// All that is in the channel.
    pub deposit: Balance,
    /// Version of the newest base: of the opening state or the last resize.
    pub base: u64,
    /// The half-signed successor, if there is one.
    pub signed: Option<Proposal>,
    /// The signed resize that may still be taken, if there is one.
    pub resize: Option<ResizeProposal>,
    /// What was asked for and no version has carried.
    pub asked: Option<Request>,
    /// Preimages by the ids of their transfers.
    pub preimages: Vec<(u64, Preimage)>,
    /// The deepest links of streams to this party.
    pub pulses: Vec<(StreamName, Pulse)>,
    /// The number of this party's next transfer.
    pub next_transfer: u64,
    /// The lowest epoch that is free, by payee.
    pub epochs: Vec<(u8, u32)>,
    /// Whether this party closes alone.
    pub is_closing_alone: bool,
    /// Whether it may have forgotten what it signed, and the question that it asks.
    pub lagging: Option<u64>,
    /// The resize that made the newest state and all signatures under it, for others that missed it.
    pub taken: Option<(Resize, Signatures)>,
}

/// Whether the records are known to be all that was ever persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// They are: the store is the one that was written to.
    Complete,
    /// They may not be: they come from a backup. Nothing is signed before all others have answered.
    Lagging {
        /// A number that was not used for it before, for example a random one.
        question: u64,
    },
}

impl<S: Signer> Channel<S> {
    /// The machine as its records leave it, ready for [`crate::Event::Reconnected`].
    ///
    /// `agreement`: the terms at the opening. `records`: all that [`crate::Effect::Persist`] asked
    /// to write down, in that order, or the newest snapshot and all after it. The owner then tells
    /// again what the chain shows. What waited here and had not been asked for or signed is
    /// forgotten; nothing that was signed is.
    pub fn restore(
        agreement: Agreement,
        signer: S,
        policy: Policy,
        records: impl IntoIterator<Item = Record>,
        memory: Memory,
    ) -> Result<Self, ChannelError> {
        let mut channel = Self::with_policy(agreement, signer, policy)?;
        channel.streaming.is_forgetful = true;
        for (index, record) in records.into_iter().enumerate() {
            channel.replay(record, index)?;
        }
        channel.resume_streams();
        channel.resume_wish();
        channel.want_folds();
        if let Memory::Lagging { question } = memory {
            channel.start_lagging(question);
        }
        Ok(channel)
    }

    /// What its owner may have missed: after [`Channel::restore`], once the chain's news were told
    /// again, carry this out.
    ///
    /// A crash between [`crate::Effect::Persist`] and the effects behind it loses those, while the
    /// machine goes on from what was written. Each effect here may have been carried out before the
    /// crash, so that the owner sees it for the second time: a transfer to this party that is not
    /// decided, a preimage by which this party owes, and the state to settle or to dispute with.
    /// [`crate::Effect::Returned`] does not come again: a transfer of this party's that is gone, and
    /// whose preimage it was never shown, came back.
    pub fn reminders(&self) -> Vec<Effect> {
        let me = self.my_position();
        let ledger = self.chain.resolving().unwrap_or(&self.ledger);
        let mut effects = Vec::new();
        for transfer in ledger.transfers().list().iter().copied() {
            match self.preimages.get(transfer.id) {
                Some(known) if transfer.payer == me => {
                    effects.push(Effect::Fulfilled { transfer, preimage: known.preimage });
                }
                None if transfer.payee == me => effects.push(Effect::Offered(transfer)),
                _ => {}
            }
        }
        match self.chain {
            Chain::Open if self.agreed.state().is_final => {
                effects.push(Effect::Settle(self.agreed.clone()));
            }
            Chain::ClosingAlone => effects.push(Effect::Dispute(self.agreed.clone())),
            _ => {}
        }
        effects
    }

    /// Repeats what led to one record.
    fn replay(&mut self, record: Record, index: usize) -> Result<(), ChannelError> {
        let bad = |reason| ChannelError::BadRecord { index, reason };
        match record {
            Record::Snapshot(snapshot) => return self.load(*snapshot, index),
            Record::Asked(request) => {
                for change in &request.changes {
                    self.note_change(change);
                }
                self.outbox.asked = Some(request);
            }
            Record::Signed(proposal) => {
                if proposal.state.version != self.agreed.version().saturating_add(1) {
                    return Err(bad("the signed state is not the next one"));
                }
                for change in &proposal.changes {
                    self.note_change(change);
                }
                self.in_flight = Some(self.half_signed(proposal, None)?);
            }
            Record::Agreed(newest) => {
                let half = self.in_flight.take();
                let half = half
                    .filter(|half| half.state == *newest.state())
                    .ok_or(bad("the agreed state was not signed"))?;
                let made = Made { changes: half.changes, carries_own: half.carries_own };
                self.settle_into(newest, half.ledger, Some(&made));
                // What waited is lost anyway, and must not come back by half.
                self.outbox.take_all();
            }
            Record::Preimage { id, preimage } => {
                self.preimages.learn(id, preimage);
            }
            Record::Pulse { stream, pulse } => self.load_pulse(stream, pulse)?,
            Record::ResizeSigned(own) => self.restore_resize(own)?,
            Record::Lapsed { .. } => {
                self.pen.forget_resize();
                self.resizing =
                    crate::resizing::Resizing { base: self.resizing.base, ..Default::default() };
            }
            Record::Resized { version, deposit } => {
                // Whether this party knew the base was decided when it was written.
                let lagging = self.lagging.take();
                match self.rebase(version, deposit) {
                    Some((base, ledger)) => {
                        let made = Made { changes: Default::default(), carries_own: false };
                        self.settle_into(base, ledger, Some(&made));
                        self.outbox.take_all();
                        self.lagging = lagging;
                    }
                    None => self.start_lagging(version),
                }
            }
            Record::ClosingAlone => self.chain = Chain::ClosingAlone,
        }
        Ok(())
    }

    /// Starts from a snapshot.
    fn load(&mut self, snapshot: Snapshot, index: usize) -> Result<(), ChannelError> {
        let Snapshot { newest, transfers, deposit, base, .. } = snapshot;
        self.agreement.set_total(deposit);
        let conserved = newest.state().verify_conservation(self.agreement.size(), deposit);
        // A state below the base distributes what was in the channel before.
        if conserved.is_err() && newest.version() >= base {
            return Err(ChannelError::BadRecord { index, reason: "the amounts do not add up" });
        }
        let leaves = Leaves::truncate_from(transfers.clone());
        let ledger = Ledger::of(newest.state(), transfers)?;
        let taken = snapshot.taken;
        let taken = taken.map(|(resize, signatures)| SignedResize { resize, signatures, leaves });
        self.resizing = crate::resizing::Resizing { base, taken, ..Default::default() };
        self.outbox = Default::default();
        self.preimages = Default::default();
        self.pen.forget_resize();
        if newest.version() > 0 {
            self.pen.note(newest.version(), self.agreement.state_payload(newest.state()));
        }
        self.settle_into(newest, ledger, None);
        self.streaming.epochs = snapshot.epochs;
        self.next_transfer = snapshot.next_transfer;
        for (id, preimage) in snapshot.preimages {
            self.preimages.learn(id, preimage);
        }
        for (stream, pulse) in snapshot.pulses {
            self.load_pulse(stream, pulse)?;
        }
        self.outbox.asked = snapshot.asked;
        if let Some(proposal) = snapshot.signed {
            self.in_flight = Some(self.half_signed(proposal, None)?);
        }
        if let Some(resize) = snapshot.resize {
            self.restore_resize(resize)?;
        }
        self.chain = if snapshot.is_closing_alone { Chain::ClosingAlone } else { Chain::Open };
        self.lagging = None;
        if let Some(question) = snapshot.lagging {
            self.start_lagging(question);
        }
        Ok(())
    }

    /// After a restart, a resize is wanted if somebody was asked for it. One that only waited is forgotten.
    fn resume_wish(&mut self) {
        self.resizing.wish = None;
        self.resizing.wanted = self.outbox.asked.as_ref().and_then(|asked| asked.resize.clone());
    }

    fn load_pulse(&mut self, name: StreamName, pulse: Pulse) -> Result<(), ChannelError> {
        let tills = &mut self.streaming.tills;
        if let Some(till) = tills.iter_mut().find(|it| StreamName::of(it.stream()) == name) {
            till.receive(pulse)?;
            till.saved = till.units();
        }
        Ok(())
    }

    /// Takes note of ids and epochs that this party has used.
    pub(crate) fn note_change(&mut self, change: &Change) {
        match change {
            Change::Offer(transfer) => self.note_transfer(transfer),
            Change::OpenStream(stream) if usize::from(stream.payer) == self.me => {
                self.streaming.note_epoch(stream);
            }
            _ => {}
        }
    }

    /// One record in place of all that were persisted before.
    pub fn snapshot(&self) -> Record {
        let tills = self.streaming.tills.iter();
        let pulses =
            tills.filter_map(|till| Some((StreamName::of(till.stream()), till.mark()?))).collect();
        Record::Snapshot(Box::new(Snapshot {
            newest: self.agreed.clone(),
            transfers: self.ledger.transfers().list().to_vec(),
            deposit: self.agreement.total(),
            base: self.resizing.base,
            signed: self.in_flight.as_ref().and_then(|half| self.proposal_of(half)),
            resize: self.own_resize(),
            asked: self.outbox.asked.clone(),
            preimages: self.preimages.0.iter().map(|(id, known)| (*id, known.preimage)).collect(),
            pulses,
            next_transfer: self.next_transfer,
            epochs: self.streaming.epochs.clone(),
            is_closing_alone: matches!(self.chain, Chain::ClosingAlone),
            lagging: self.lagging.as_ref().map(|lagging| lagging.question()),
            taken: self.base_for_others().map(|taken| (taken.resize, taken.signatures)),
        }))
    }
}
