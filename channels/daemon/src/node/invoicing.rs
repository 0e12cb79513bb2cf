// SPDX-License-Identifier: Apache-2.0

//! Invoices of this party: written, paid once, by all parts or none.

#![allow(
    clippy::result_large_err,
    reason = "a failure may carry terms, and is too rare for its size to matter"
)]

use super::Node;
use crate::{
    error::CommandError,
    input::CommandId,
    live::{Live, Slot},
    output::{Notice, Output, Reply},
    peer::Peer,
    routed::{Issued, Part, Receipt, Received},
    write::Write,
};
use codec::Compact;
use millrace_channels_routing::{
    Direction, Invoice, NodeSigner,
    invoices::{Description, Hint, HintHop, Hints, InvoiceTerms, invoice::MAX_HINTS},
    onion::{
        Arrival, Deliver, Failure, Incoming, SharedSecret,
        forwarding::{Expected, verify_spontaneous},
        verify_delivery,
    },
};
use millrace_primitives_channels::{
    Balance, ChannelAsset, ChannelId, Hash, Transfer,
    transfer::{Preimage, hashlock},
};

impl Node {
    /// Writes an invoice.
    pub(crate) fn write_invoice(
        &mut self,
        id: CommandId,
        amount: Option<Balance>,
        description: Description,
        lifetime: u32,
    ) -> Result<(), CommandError> {
        let keys = self.keys.routing().ok_or(CommandError::NoRouting)?.clone();
        let forgotten = self.room_for_invoice()?;
        let preimage = self.draw_secret();
        let terms = InvoiceTerms {
            payee: keys.node.node(),
            onion_key: keys.onion.public(),
            asset: ChannelAsset::Native,
            amount: amount.map(Compact),
            hashlock: hashlock(&preimage),
            secret: self.draw_secret(),
            created_at: self.now / 1_000,
            lifetime,
            final_delta: self.config.routing.final_delta,
            description,
            hints: self.hints(),
        };
        let invoice = match Invoice::sign(terms.clone(), &self.genesis, &keys.node) {
            Ok(invoice) => invoice,
            // Without hints it may be short enough.
            Err(_) => {
                let terms = InvoiceTerms { hints: Hints::default(), ..terms };
                Invoice::sign(terms, &self.genesis, &keys.node)?
            }
        };
        let (terms, signature) = (invoice.terms().clone(), *invoice.signature());
        let number = self.routing.next_issued;
        self.routing.next_issued = number.saturating_add(1);
        let hashlock = terms.hashlock;
        let issued = Issued { number, terms, signature, preimage, paid: None };
        self.routing.issued.insert(hashlock, issued.clone());
        let put = Write::PutIssued { hashlock, issued: Box::new(issued) };
        let ticket = self.journal.write(forgotten.into_iter().chain([put]).collect());
        let reply = Reply::Written { invoice: Box::new(invoice) };
        self.journal.release(ticket, Output::Reply { id, result: Ok(reply) }, &mut self.out);
        Ok(())
    }

    /// Makes room for one more invoice, if need be by forgetting the oldest that is decided.
    fn room_for_invoice(&mut self) -> Result<Option<Write>, CommandError> {
        let limit = self.config.limits.invoices;
        if self.routing.issued.len() < limit {
            return Ok(None);
        }
        let now = self.now / 1_000;
        let decided = self.routing.issued.values().filter(|issued| {
            // A receipt is kept as long as one of its transfers may have to be fulfilled again.
            let paid = issued.paid.as_ref().map(|paid| self.are_decided(&paid.parts));
            paid.unwrap_or_else(|| issued.terms.has_expired(now))
        });
        let oldest = decided.min_by_key(|issued| issued.number);
        let oldest = oldest.map(|issued| issued.terms.hashlock);
        let hashlock = oldest.ok_or(CommandError::Limit { what: "open invoices", limit })?;
        self.routing.issued.remove(&hashlock);
        Ok(Some(Write::RemoveIssued { hashlock }))
    }

    fn are_decided(&self, parts: &[Part]) -> bool {
        parts.iter().all(|(channel, id)| match self.channels.get(channel) {
            Some(Slot::Awake(live)) => !live.channel.transfers().iter().any(|it| it.id == *id),
            _ => true,
        })
    }

    /// Ways to this party that others cannot find: over neighbours by channels that are not public.
    fn hints(&mut self) -> Hints {
        let mut hints = Vec::new();
        let peers: Vec<Peer> = self.routing.neighbours.keys().copied().collect();
        for peer in peers {
            if !self.contacts.contains_key(&peer) {
                continue;
            }
            for channel in self.channels_of(&peer) {
                if hints.len() >= MAX_HINTS as usize {
                    return Hints::truncate_from(hints);
                }
                hints.extend(self.hint(peer, channel));
            }
        }
        Hints::truncate_from(hints)
    }

    fn hint(&mut self, peer: Peer, channel: ChannelId) -> Option<Hint> {
        if self.routing.gossiper.graph().channel(&channel).is_some() {
            return None;
        }
        let position = self.position_in(channel)?;
        let neighbour = self.routing.neighbours.get(&peer)?;
        let (onion, terms) = (neighbour.onion, neighbour.updates.get(&channel)?.offer.terms);
        let receivable = self
            .with_channel(channel, |_, live: &mut Live| {
                live.channel.newest().balance(usize::from(1_u8.saturating_sub(position)))
            })
            .ok()?;
        if receivable == 0 || terms.is_disabled {
            return None;
        }
        let hop = HintHop {
            node: millrace_channels_routing::NodeId(peer.0),
            onion_key: Some(onion),
            channel,
            direction: if position == 0 { Direction::Back } else { Direction::Forth },
            base_fee: terms.base_fee,
            fee_ppm: terms.fee_ppm,
            expiry_delta: terms.expiry_delta,
            max_amount: receivable.min(terms.max_amount),
        };
        Some(Hint::truncate_from(vec![hop]))
    }

    /// A transfer for this party came: it is taken once all parts of its payment have.
    pub(crate) fn take_delivery(
        &mut self,
        part: Part,
        transfer: &Transfer,
        deliver: &Deliver,
        secret: &SharedSecret,
    ) -> Result<(), Failure> {
        let incoming = Incoming { amount: transfer.amount, expiry: transfer.expiry };
        let lock = transfer.hashlock;
        let expected: Option<Expected> = self
            .routing
            .issued
            .get(&lock)
            .filter(|issued| issued.paid.is_none())
            .map(|issued| issued.terms.expected(self.now / 1_000));
        if let (Some(preimage), None, true) =
            (deliver.preimage, expected, self.config.routing.is_spontaneous)
        {
            let delta = self.config.routing.final_delta;
            verify_spontaneous(&incoming, deliver, &lock, delta, self.height)?;
            // A preimage that was used says nothing any more: everybody on its way knows it.
            let is_used = self.routing.received.get(&lock).is_some_and(|it| it.part != part);
            if is_used || self.routing.issued.contains_key(&lock) {
                return Err(Failure::UnknownPayment);
            }
            self.note_received(lock, part, transfer.amount, preimage);
            self.fulfil_part(part, preimage);
            self.tell_paid(lock, part.0, transfer.amount);
            return Ok(());
        }
        verify_delivery(&incoming, deliver, expected.as_ref(), self.height)?;
        match self.routing.assembly.arrive(lock, part, &incoming, deliver, self.now) {
            Arrival::Waits => {
                self.routing.gathered.insert(part, secret.clone());
                Ok(())
            }
            Arrival::Complete(parts) => {
                self.invoice_paid(lock, parts);
                Ok(())
            }
            Arrival::Refused(failure) => Err(failure),
        }
    }

    /// Writes down a payment that came without an invoice, before its preimage is shown, and forgets
    /// the oldest if there are too many.
    fn note_received(&mut self, lock: Hash, part: Part, amount: Balance, preimage: Preimage) {
        if self.routing.received.contains_key(&lock) {
            return;
        }
        let number = self.routing.next_received;
        self.routing.next_received = number.saturating_add(1);
        let (at, order) = (self.now, self.orders.next());
        let received = Received { number, at, part, amount, preimage, order };
        self.routing.received.insert(lock, received.clone());
        let mut writes = vec![Write::PutReceived { hashlock: lock, received }];
        while self.routing.received.len() > self.config.limits.received {
            let oldest = self.routing.received.iter().min_by_key(|(_, it)| it.number);
            let Some(hashlock) = oldest.map(|(lock, _)| *lock) else { break };
            self.routing.received.remove(&hashlock);
            writes.push(Write::RemoveReceived { hashlock });
        }
        let ticket = self.journal.write(writes);
        let _ = self.with_channel(part.0, |_, live| live.ticket = live.ticket.max(ticket));
    }

    /// All parts have come. Which they are is written down first, so that each of them is shown the
    /// preimage whatever happens, and no other ever is.
    fn invoice_paid(&mut self, lock: Hash, parts: Vec<Part>) {
        let amount = parts.iter().fold(0, |sum: Balance, part| {
            sum.saturating_add(self.transfer_of(part).map_or(0, |transfer| transfer.amount))
        });
        let Some(issued) = self.routing.issued.get_mut(&lock) else { return };
        let (at, order) = (self.now, self.orders.next());
        issued.paid = Some(Receipt { parts: parts.clone(), amount, at, order });
        let (preimage, issued) = (issued.preimage, Box::new(issued.clone()));
        let ticket = self.journal.write(vec![Write::PutIssued { hashlock: lock, issued }]);
        for part in &parts {
            self.routing.gathered.remove(part);
            let _ = self.with_channel(part.0, |_, live| live.ticket = live.ticket.max(ticket));
            self.fulfil_part(*part, preimage);
        }
        if let Some((channel, _)) = parts.first() {
            self.tell_paid(lock, *channel, amount);
        }
    }

    fn transfer_of(&self, (channel, id): &Part) -> Option<Transfer> {
        match self.channels.get(channel)? {
            Slot::Awake(live) => live.channel.transfers().iter().find(|it| it.id == *id).copied(),
            _ => None,
        }
    }

    fn tell_paid(&mut self, hashlock: Hash, channel: ChannelId, amount: Balance) {
        let _ = self.with_channel(channel, |node, live| {
            node.notify(live, Notice::InvoicePaid { hashlock, channel, amount });
        });
    }

    /// The other parts did not come in time.
    pub(crate) fn give_up_part(&mut self, part: Part) {
        let secret = self.routing.gathered.remove(&part);
        let error = secret.map(|secret| Failure::PartsMissing.wrap(&secret));
        self.give_back(part, error);
    }
}
