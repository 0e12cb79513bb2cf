// SPDX-License-Identifier: Apache-2.0

//! Payments of this party over several channels: asked for, tried until their end, decided. How their
//! parts are planned and sent has a chapter of its own, `attempting`.
//!
//! What is written down is the payment and each part that is offered for it. The plan is not: after a
//! restart, the parts that are under way decide, and no new ones are sent.

use super::Node;
use crate::{
    error::CommandError,
    input::{CommandId, Ticket},
    operation::OperationKey,
    output::{Output, Reply},
    peer::Peer,
    routed::{Origin, Part, Payment, PaymentProgress},
    write::Write,
};
use millrace_channels_routing::{
    Delivery, Invoice, NodeId, Request,
    invoices::{InvoiceTerms, invoice::network_id},
    onion::ReturnKey,
    paths::{Blame, HintEdge, PartId, request::MAX_HOPS},
};
use millrace_primitives_channels::{
    Balance, ChannelAsset, Hash,
    transfer::{Preimage, hashlock},
};
use polkadot_sdk::sp_runtime::BoundedVec;
use std::collections::BTreeMap;

/// The most blocks by which a payment expires later than it has to, so that nobody learns from the
/// expiry how far the payee is.
const MAX_SHADOW: u64 = 40;

/// A payment for which parts are still being sent.
pub(crate) struct Attempt {
    pub(super) delivery: Delivery,
    pub(super) command: Option<CommandId>,
    /// From the invoice; nothing for a payment without one.
    pub(super) terms: Option<InvoiceTerms>,
    pub(super) hints: Vec<HintEdge>,
    /// What a payment without an invoice brings along.
    pub(super) preimage: Option<Preimage>,
    pub(super) parts: BTreeMap<Part, (PartId, ReturnKey)>,
    /// Why nothing more is sent.
    pub(super) end: Option<String>,
    /// What has to be durable before the payment is known after a restart.
    written: Ticket,
}

impl Node {
    /// Pays an invoice.
    pub(crate) fn pay_invoice(
        &mut self,
        id: CommandId,
        invoice: &Invoice,
        amount: Option<Balance>,
        max_fee: Balance,
        operation: Option<OperationKey>,
    ) -> Result<(), CommandError> {
        let terms = invoice.terms();
        let unpayable = |reason: &str| CommandError::Unpayable { reason: reason.to_owned() };
        if self.was_paid(id, terms.hashlock, operation) {
            return Ok(());
        }
        if invoice.network() != network_id(&self.genesis) {
            return Err(unpayable("it is of another chain"));
        }
        if terms.has_expired(self.now / 1_000) {
            return Err(unpayable("its time is over"));
        }
        if terms.asset != ChannelAsset::Native {
            return Err(unpayable("it is not in the native token"));
        }
        let amount = match (terms.amount(), amount) {
            (Some(asked), None) => asked,
            (None, Some(given)) => given,
            (Some(asked), Some(given)) if asked == given => asked,
            (Some(_), Some(_)) => return Err(unpayable("it names another amount")),
            (None, None) => return Err(unpayable("it names no amount: name one")),
        };
        let request = self.request(terms.payee, amount, max_fee, terms.final_delta);
        let delivery = Delivery::new(self.genesis, request, self.config.routing.attempts);
        let attempt = Attempt {
            delivery,
            command: Some(id),
            hints: terms.hint_edges(),
            terms: Some(terms.clone()),
            preimage: None,
            parts: BTreeMap::new(),
            end: None,
            written: Ticket::default(),
        };
        self.begin_payment(terms.hashlock, attempt, operation)
    }

    /// Pays a node that has not asked for it.
    pub(crate) fn pay_node(
        &mut self,
        id: CommandId,
        payee: Peer,
        amount: Balance,
        max_fee: Balance,
        operation: Option<OperationKey>,
    ) -> Result<(), CommandError> {
        let preimage = self.draw_secret();
        let lock = hashlock(&preimage);
        if self.was_paid(id, lock, operation) {
            return Ok(());
        }
        let delta = self.config.routing.final_delta;
        let request = Request {
            // The preimage in the first of several parts would let the payee take that one alone.
            max_parts: 1,
            ..self.request(NodeId(payee.0), amount, max_fee, delta)
        };
        let attempt = Attempt {
            delivery: Delivery::new(self.genesis, request, self.config.routing.attempts),
            command: Some(id),
            terms: None,
            hints: Vec::new(),
            preimage: Some(preimage),
            parts: BTreeMap::new(),
            end: None,
            written: Ticket::default(),
        };
        self.begin_payment(lock, attempt, operation)
    }

    fn request(&mut self, payee: NodeId, amount: Balance, max_fee: Balance, delta: u32) -> Request {
        let shadow = self.draw().checked_rem(MAX_SHADOW).unwrap_or(0);
        let shadow = u32::try_from(shadow).unwrap_or(0);
        // The payee may see a higher block than this party does.
        let final_expiry = self.best.max(self.height).saturating_add(delta).saturating_add(shadow);
        Request {
            payer: NodeId(self.me.0),
            payee,
            asset: ChannelAsset::Native,
            amount,
            final_expiry: final_expiry.saturating_add(3),
            max_fee,
            max_expiry: self.height.saturating_add(self.config.routing.longest),
            max_hops: MAX_HOPS,
            max_parts: self.config.routing.parts,
            preferences: Default::default(),
        }
    }

    /// Answers a payment that was asked for before, by its name or by its invoice. `false`: it was
    /// not.
    fn was_paid(&mut self, id: CommandId, lock: Hash, operation: Option<OperationKey>) -> bool {
        if operation.is_some_and(|key| self.was_given(id, key)) {
            return true;
        }
        match self.routing.payments.get(&lock) {
            None => false,
            // Under another name, an invoice may be tried again.
            Some(Payment { progress: PaymentProgress::Failed { .. }, .. }) => false,
            Some(known) => {
                let result = outcome(lock, known);
                self.reply(id, result);
                true
            }
        }
    }

    /// In how many parts a payment over several channels has arrived, or is on its way.
    pub fn parts_of(&self, key: &Hash, payment: &Payment) -> u32 {
        if payment.progress != PaymentProgress::UnderWay {
            return payment.parts;
        }
        let count = match self.routing.attempts.get(key) {
            Some(attempt) => attempt.parts.len(),
            // After a restart, what is on its way is all that is left of the attempt.
            None => {
                let handed = self.routing.handed.values();
                handed.filter(|it| it.hashlock == *key && it.origin == Origin::Own).count()
            }
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Whether a payment would be known after a restart.
    pub fn payment_survives(&self, key: &Hash) -> bool {
        let attempt = self.routing.attempts.get(key);
        attempt.is_none_or(|attempt| self.journal.is_durable(attempt.written))
    }

    /// Answers a command whose name a payment over several channels has. `false`: none has it.
    pub(crate) fn was_routed(&mut self, id: CommandId, key: OperationKey) -> bool {
        let Some((lock, known)) = self.payment_named(&key.id) else { return false };
        let result = match known.operation == Some(key) {
            true => outcome(*lock, known),
            false => Err(CommandError::OtherOperation),
        };
        self.reply(id, result);
        true
    }

    /// Writes a payment down and tries it.
    fn begin_payment(
        &mut self,
        lock: Hash,
        attempt: Attempt,
        operation: Option<OperationKey>,
    ) -> Result<(), CommandError> {
        self.keys.routing().ok_or(CommandError::NoRouting)?;
        let forgotten = self.room_for_payment()?;
        let moved = self.move_failed(lock);
        let request = attempt.delivery.request();
        let payment = Payment {
            number: self.routing.next_payment,
            at: self.now,
            payee: Peer(request.payee.0),
            amount: request.amount,
            operation,
            progress: PaymentProgress::UnderWay,
            decided_at: None,
            order: self.orders.next(),
            parts: 0,
        };
        self.routing.next_payment = payment.number.saturating_add(1);
        let put = Write::PutPayment { hashlock: lock, payment: Box::new(payment.clone()) };
        self.routing.keep_payment(lock, payment);
        let writes = forgotten.into_iter().chain(moved).chain([put]);
        let written = self.journal.write(writes.collect());
        self.routing.attempts.insert(lock, Attempt { written, ..attempt });
        self.try_payment(lock);
        Ok(())
    }

    /// A payment that failed and has a name makes room for another try of its invoice: from now on it
    /// is kept under its name, so that its owner still finds what became of it. Returns what writes
    /// that down; the row under the lock is overwritten by the new try.
    fn move_failed(&mut self, lock: Hash) -> Option<Write> {
        let failed = self.routing.forget_payment(&lock)?;
        let hashlock = Hash::from(failed.operation?.id);
        self.routing.keep_payment(hashlock, failed.clone());
        Some(Write::PutPayment { hashlock, payment: Box::new(failed) })
    }

    /// Makes room for one more payment, if need be by forgetting the oldest that is decided.
    fn room_for_payment(&mut self) -> Result<Option<Write>, CommandError> {
        let limit = self.config.limits.operations;
        if self.routing.payments.len() < limit {
            return Ok(None);
        }
        let all = self.routing.payments.iter();
        let decided = all.filter(|(_, it)| it.progress != PaymentProgress::UnderWay);
        let oldest = decided.min_by_key(|(_, it)| it.number).map(|(lock, _)| *lock);
        let hashlock = oldest.ok_or(CommandError::Limit { what: "payments under way", limit })?;
        self.routing.forget_payment(&hashlock);
        Ok(Some(Write::RemovePayment { hashlock }))
    }

    /// A part of a payment is back.
    pub(crate) fn own_part_returned(&mut self, part: Part, error: Option<Vec<u8>>) {
        let Some((handed, write)) = self.forget_handed(part) else { return };
        self.journal.write(vec![write]);
        let lock = handed.hashlock;
        let Some(mut attempt) = self.routing.attempts.remove(&lock) else {
            return self.end_lost_payment(lock);
        };
        if let Some((id, key)) = attempt.parts.remove(&part) {
            let blame = match error {
                // Its own peer gave it back and says nothing.
                None => Blame::Own,
                Some(error) => match key.read(&error) {
                    Some((index, failure)) => Blame::Node { index, failure },
                    None => Blame::Unknown,
                },
            };
            self.learn(&mut attempt, id, &blame);
        }
        self.routing.attempts.insert(lock, attempt);
        self.try_payment(lock);
    }

    /// After a restart no more parts are sent: a payment without parts has failed.
    pub(crate) fn end_lost_payment(&mut self, lock: Hash) {
        let is_under_way = self
            .routing
            .payments
            .get(&lock)
            .is_some_and(|payment| payment.progress == PaymentProgress::UnderWay);
        let mut parts = self.routing.handed.values();
        let has_parts = parts.any(|handed| handed.hashlock == lock && handed.origin == Origin::Own);
        if is_under_way && !has_parts {
            let reason = "the node was restarted while it was under way".to_owned();
            self.payment_failed(lock, None, reason);
        }
    }

    /// After a restart: ends payments of which nothing is under way.
    pub(crate) fn end_lost_payments(&mut self) {
        for lock in self.routing.payments.keys().copied().collect::<Vec<_>>() {
            if !self.routing.attempts.contains_key(&lock) {
                self.end_lost_payment(lock);
            }
        }
    }

    pub(super) fn payment_failed(
        &mut self,
        lock: Hash,
        command: Option<CommandId>,
        reason: String,
    ) {
        let kept = BoundedVec::truncate_from(reason.as_bytes().to_vec());
        let written = self.decide_payment(lock, PaymentProgress::Failed { reason: kept });
        self.stats.payments_failed = self.stats.payments_failed.saturating_add(1);
        self.answer_payment(written, command, Err(CommandError::NotPaid { reason }));
    }

    /// The payee has shown the preimage.
    pub(crate) fn payment_delivered(&mut self, lock: Hash, preimage: Preimage) {
        let is_open = self
            .routing
            .payments
            .get(&lock)
            .is_some_and(|payment| !matches!(payment.progress, PaymentProgress::Done { .. }));
        if !is_open {
            return;
        }
        let parts = self.routing.handed.values();
        let own = parts.filter(|it| it.hashlock == lock && it.origin == Origin::Own);
        let (sent, parts) = own.fold((0, 0), |(sum, count): (Balance, u32), it| {
            (sum.saturating_add(it.amount), count.saturating_add(1))
        });
        let mut amount = 0;
        if let Some(payment) = self.routing.payments.get_mut(&lock) {
            (amount, payment.parts) = (payment.amount, parts);
        }
        let fee = sent.saturating_sub(amount);
        let written = self.decide_payment(lock, PaymentProgress::Done { preimage, fee });
        self.stats.payments_sent = self.stats.payments_sent.saturating_add(1);
        self.stats.amount_sent = self.stats.amount_sent.saturating_add(amount);
        let mut command = None;
        if let Some(mut attempt) = self.routing.attempts.remove(&lock) {
            attempt.delivery.completed(&mut self.routing.knowledge, self.now);
            command = attempt.command;
        }
        self.answer_payment(
            written,
            command,
            Ok(Reply::Delivered { hashlock: lock, preimage, fee }),
        );
    }

    fn decide_payment(&mut self, lock: Hash, progress: PaymentProgress) -> Ticket {
        let now = self.now;
        let Some(payment) = self.routing.payments.get_mut(&lock) else { return Ticket::default() };
        (payment.progress, payment.decided_at) = (progress, Some(now));
        let payment = Box::new(payment.clone());
        self.journal.write(vec![Write::PutPayment { hashlock: lock, payment }])
    }

    fn answer_payment(
        &mut self,
        written: Ticket,
        command: Option<CommandId>,
        result: Result<Reply, CommandError>,
    ) {
        if let Some(id) = command {
            self.journal.release(written, Output::Reply { id, result }, &mut self.out);
        }
    }
}

/// What became of a payment, as its answer.
fn outcome(hashlock: Hash, known: &Payment) -> Result<Reply, CommandError> {
    match &known.progress {
        PaymentProgress::UnderWay => Err(CommandError::UnderWay),
        PaymentProgress::Done { preimage, fee } => {
            Ok(Reply::Delivered { hashlock, preimage: *preimage, fee: *fee })
        }
        PaymentProgress::Failed { reason } => {
            let reason = String::from_utf8_lossy(reason).into_owned();
            Err(CommandError::NotPaid { reason })
        }
    }
}
