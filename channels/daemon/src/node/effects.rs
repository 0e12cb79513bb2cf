// SPDX-License-Identifier: Apache-2.0

//! What a channel wants done, carried out.

use super::Node;
use crate::{
    error::CommandError,
    frame::Frame,
    live::{Fate, Live, Waiting, Wanted},
    operation::Progress,
    output::{Call, Notice, Output, Reply},
    write::Write,
};
use millrace_channels_protocol::{Change, Changes, Effect, Message, Record};
use millrace_primitives_channels::{Balance, Hash, Resize};
use std::collections::BTreeSet;

/// Something that waited, and its answer.
pub(super) type Decided = (Waiting, Result<Reply, CommandError>);

/// What waited for what an effect tells, and how it is answered.
fn decided_by(live: &mut Live, effect: &Effect) -> Vec<Decided> {
    let mut decided = Vec::new();
    match effect {
        Effect::Agreed { version, changes: Some(changes) } => {
            for change in changes {
                // A payment answers one command; several may wait for the end of one transfer.
                while let Some(waiting) = live.take_waiting(change) {
                    decided.push((waiting, Ok(reply(change, *version))));
                    if matches!(change, Change::Pay(_)) {
                        break;
                    }
                }
            }
        }
        Effect::Agreed { changes: None, .. } => {
            let all = live.take_all_waiting(|it| it.is_out);
            decided.extend(all.into_iter().map(|it| (it, Err(CommandError::Uncertain))));
        }
        Effect::Resized { version } if live.taken == Some(*version) => {
            live.resize = None;
            let all = live.take_all_waiting(|it| it.wanted == Wanted::Resize);
            let resized = || Ok(Reply::Resized { version: *version });
            decided.extend(all.into_iter().map(|it| (it, resized())));
        }
        Effect::ResizeRefused { .. } => {
            live.resize = None;
            let all = live.take_all_waiting(|it| it.wanted == Wanted::Resize);
            decided.extend(all.into_iter().map(|it| (it, Err(CommandError::ResizeRefused))));
        }
        Effect::Unpaid(changes) => {
            let lost = changes.iter().filter_map(|change| live.take_waiting(change));
            decided.extend(lost.map(|it| (it, Err(CommandError::NotPossible))));
        }
        _ => {}
    }
    decided
}

/// How a change that is made answers who wanted it.
fn reply(change: &Change, version: u64) -> Reply {
    match change {
        Change::Pay(_) => Reply::Paid { version },
        Change::Offer(transfer) => Reply::Offered { id: transfer.id, version },
        _ => Reply::Done,
    }
}

impl Node {
    /// Carries out effects. All records of one event are written together, and everything else
    /// leaves after them.
    pub(crate) fn carry_out(&mut self, live: &mut Live, effects: Vec<Effect>) {
        let (mut records, mut rest) = (Vec::new(), Vec::with_capacity(effects.len()));
        for effect in effects {
            match effect {
                Effect::Persist(record) => records.push(record),
                effect => rest.push(effect),
            }
        }
        let decided: Vec<_> = rest.iter().flat_map(|effect| decided_by(live, effect)).collect();
        if self.failing.is_none() {
            self.write_down(live, records, &rest, &decided);
        }
        for (waiting, result) in decided {
            if let Some(id) = waiting.command {
                self.release(live, Output::Reply { id, result });
            }
        }
        for effect in rest {
            self.carry_out_one(live, effect);
        }
        self.look_at_offers(live);
    }

    /// Writes down what one event wants remembered, all or nothing.
    fn write_down(
        &mut self,
        live: &mut Live,
        records: Vec<Record>,
        rest: &[Effect],
        decided: &[Decided],
    ) {
        let me = live.terms.position;
        for record in &records {
            match record {
                Record::Asked(request) => live.note_out(&request.changes),
                Record::Signed(proposal) => {
                    let is_own = |change: &&Change| !matches!(change, Change::Pay(payment) if payment.payer != me);
                    live.note_out(proposal.changes.iter().filter(is_own));
                }
                _ => {}
            }
        }
        let mut writes = core::mem::take(&mut live.writes);
        writes.extend(self.routing_writes(live, rest));
        if !records.is_empty() {
            writes.extend(live.written.writes(&live.channel, records));
        }
        for effect in rest {
            if let Effect::Agreed { version, changes: Some(changes) } = effect {
                let when = (self.now, self.orders.next());
                writes.extend(self.history.note(when, live.id, *version, changes, me));
            }
        }
        writes.extend(self.note_decided(decided));
        if !writes.is_empty() {
            live.ticket = self.journal.write(writes);
        }
    }

    /// Notes what became of named commands; the writes belong to the batch that decides them.
    pub(super) fn note_decided(&mut self, decided: &[Decided]) -> Vec<Write> {
        let progress = |result: &Result<Reply, CommandError>| match result {
            Ok(Reply::Paid { version } | Reply::Resized { version }) => {
                Progress::Done { version: *version }
            }
            Err(CommandError::Uncertain) => Progress::Uncertain,
            _ => Progress::Failed,
        };
        let named = decided.iter().filter_map(|(it, result)| Some((it.operation?, result)));
        named.filter_map(|(id, result)| self.decide_operation(id, progress(result))).collect()
    }

    fn carry_out_one(&mut self, live: &mut Live, effect: Effect) {
        let channel = live.id;
        self.queue_work(live, &effect);
        match effect {
            // Gathered above.
            Effect::Persist(_) => {}
            Effect::Send { to, message } => self.send(live, to, message),
            Effect::Agreed { version, changes } => self.agreed(live, version, changes),
            // Whoever waited was answered before.
            Effect::Unpaid(changes) => {
                let failed = u64::try_from(changes.len()).unwrap_or(u64::MAX);
                self.stats.payments_failed = self.stats.payments_failed.saturating_add(failed);
            }
            Effect::Offered(transfer) => live.offers.push_back(transfer),
            Effect::Fulfilled { transfer, preimage } => {
                self.notify(live, Notice::Fulfilled { channel, transfer, preimage });
            }
            Effect::Returned(transfer) => {
                self.notify(live, Notice::Returned { channel, transfer });
            }
            Effect::NeedConsent(resize) => self.need_consent(live, resize),
            Effect::NeedBase { .. } => self.out.push(Output::LookUpBase(channel)),
            Effect::SubmitResize(signed) => {
                let version = signed.resize.state.version;
                let before = signed.resize.valid_until.saturating_add(1);
                self.submit_by(live, version, Call::Resize(signed), Some(before));
            }
            // Whoever waited for it was answered before.
            Effect::Resized { version } => {
                self.follow_locks(live);
                self.notify(live, Notice::Resized { channel, version });
            }
            // The final block that tells it ends whatever this party wanted until then; whoever is refused
            // was answered before.
            Effect::Lapsed { .. } | Effect::ResizeRefused { .. } => {}
            Effect::Settle(newest) => {
                let version = newest.version();
                self.submit_by(live, version, Call::Settle(newest), None);
            }
            Effect::Answer(newest) => self.submit(live, Call::Answer(newest), None),
            Effect::Dispute(newest) => {
                live.fate = Fate::ClosingAlone;
                self.submit(live, Call::Dispute(newest), None);
            }
            Effect::Reveal { preimage, before } => {
                self.submit(live, Call::Reveal(preimage), Some(before));
            }
            Effect::Claim { transfer, proof } => {
                self.submit(live, Call::Claim(transfer, proof), None);
            }
            Effect::Refund { transfer, proof } => {
                self.submit(live, Call::Refund(transfer, proof), None);
            }
            Effect::ClaimStream { position, link, depth, proof } => {
                self.submit(live, Call::ClaimStream { position, link, depth, proof }, None);
            }
        }
    }

    /// Sends a message to a participant whose node is connected. Whoever is not will ask.
    fn send(&mut self, live: &Live, to: usize, message: Message) {
        let peer = live.terms.peers.get(to).copied();
        let Some(peer) = peer.filter(|peer| self.contacts.contains_key(peer)) else { return };
        let bytes = Frame::Channel(Box::new(message)).to_bytes();
        self.stats.frames_sent = self.stats.frames_sent.saturating_add(1);
        self.release(live, Output::Send { peer, bytes });
    }

    /// A new version is agreed.
    fn agreed(&mut self, live: &mut Live, version: u64, changes: Option<Changes>) {
        self.stats.versions = self.stats.versions.saturating_add(1);
        let me = live.terms.position;
        let (mut sent, mut received): (Balance, Balance) = (0, 0);
        let mut moved_transfers = changes.is_none();
        for change in changes.iter().flatten() {
            match change {
                Change::Pay(payment) if payment.payer == me => {
                    sent = sent.saturating_add(payment.amount);
                    self.stats.payments_sent = self.stats.payments_sent.saturating_add(1);
                }
                Change::Pay(payment) if payment.payee == me => {
                    received = received.saturating_add(payment.amount);
                    self.stats.payments_received = self.stats.payments_received.saturating_add(1);
                }
                Change::Pay(_) | Change::OpenStream(_) => {}
                Change::FoldStream(fold) => live.sources.retain(|source| {
                    let stream = source.stream();
                    (stream.payer, stream.payee, stream.epoch)
                        != (fold.stream.payer, fold.stream.payee, fold.stream.epoch)
                }),
                Change::Offer(_) | Change::Fold { .. } | Change::Fail { .. } => {
                    moved_transfers = true;
                }
            }
        }
        self.stats.amount_sent = self.stats.amount_sent.saturating_add(sent);
        self.stats.amount_received = self.stats.amount_received.saturating_add(received);
        if moved_transfers {
            self.follow_locks(live);
        }
        let channel = live.id;
        self.notify(live, Notice::Agreed { channel, version, received, sent });
    }

    /// A resize needs consent: the owner has given it if it is what the owner asked for.
    fn need_consent(&mut self, live: &mut Live, resize: Resize) {
        let is_wanted = live.resize.as_ref().is_some_and(|(deltas, valid_until)| {
            *deltas == resize.deltas && *valid_until == resize.valid_until
        });
        let channel = live.id;
        if !is_wanted {
            self.notify(live, Notice::ConsentNeeded { channel, resize: Box::new(resize) });
            return;
        }
        if let Err(error) = self.consent(live, &resize) {
            self.notify(live, Notice::Trouble { channel, what: error.to_string() });
        }
    }

    /// Has the chain watched for the locks of the agreed transfers, and no others.
    pub(crate) fn follow_locks(&mut self, live: &mut Live) {
        let locks: BTreeSet<_> = live.channel.transfers().iter().map(|it| it.hashlock).collect();
        let before = core::mem::replace(&mut live.locks, locks.clone());
        for lock in locks.difference(&before) {
            self.follow_lock(*lock);
        }
        for lock in before.difference(&locks) {
            self.unfollow_lock(*lock);
        }
    }

    /// One channel or transfer more waits for this lock.
    pub(crate) fn follow_lock(&mut self, lock: Hash) {
        let count = self.locks.entry(lock).or_default();
        *count = count.saturating_add(1);
        if *count == 1 {
            self.out.push(Output::WatchLock(lock));
        }
    }

    /// One channel or transfer less waits for this lock.
    pub(crate) fn unfollow_lock(&mut self, lock: Hash) {
        let Some(count) = self.locks.get_mut(&lock) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.locks.remove(&lock);
            self.out.push(Output::UnwatchLock(lock));
        }
    }

    /// Answers a command once everything that the channel has written is durable.
    pub(crate) fn answer(&mut self, live: &Live, id: u64, reply: Reply) {
        self.release(live, Output::Reply { id, result: Ok(reply) });
    }

    pub(crate) fn refuse(&mut self, live: &Live, id: u64, error: CommandError) {
        self.release(live, Output::Reply { id, result: Err(error) });
    }
}
