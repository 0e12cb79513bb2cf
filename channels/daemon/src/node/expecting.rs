// SPDX-License-Identifier: Apache-2.0

//! Transfers that this party is offered: paid invoices are fulfilled at once, the rest is the
//! owner's to decide.

use super::{Node, routing::Work};
use crate::{
    error::CommandError,
    history::Invoice,
    input::CommandId,
    live::Live,
    output::{Notice, Output, Reply},
    write::Write,
};
use millrace_primitives_channels::{Hash, Transfer};

impl Node {
    /// Looks at transfers that were offered to this party. It waits while nothing may be signed.
    pub(crate) fn look_at_offers(&mut self, live: &mut Live) {
        if self.verify_may_sign().is_err() {
            return;
        }
        for transfer in core::mem::take(&mut live.offers) {
            self.look_at_offer(live, transfer);
        }
    }

    fn look_at_offer(&mut self, live: &mut Live, transfer: Transfer) {
        let (channel, id) = (live.id, transfer.id);
        let Some(invoice) = self.invoices.get(&transfer.hashlock) else {
            // A packet may say what to do with it; otherwise the owner is told.
            self.routing.work.push_back(Work::Offered(channel, transfer));
            return;
        };
        let is_paid_by_it = invoice.paid == Some((channel, id));
        let is_open = invoice.paid.is_none()
            && transfer.amount >= invoice.amount
            && self.height < invoice.expires;
        let preimage = invoice.preimage;
        if is_paid_by_it || is_open {
            // Fails when there is no time left to enforce it: then it goes back.
            if self.act(live, |it| it.fulfil(id, preimage)).is_ok() {
                if is_open {
                    self.note_paid(live, &transfer);
                }
                return;
            }
        }
        // What cannot be given back any more stays until it is decided.
        let _ = self.act(live, |it| it.fail(id));
    }

    /// Notes which transfer paid an invoice, together with its preimage's record or later.
    fn note_paid(&mut self, live: &mut Live, transfer: &Transfer) {
        let hashlock = transfer.hashlock;
        let Some(invoice) = self.invoices.get_mut(&hashlock) else { return };
        invoice.paid = Some((live.id, transfer.id));
        let invoice = invoice.clone();
        if self.failing.is_none() {
            live.ticket = self.journal.write(vec![Write::PutInvoice { hashlock, invoice }]);
        }
        let (channel, amount) = (live.id, transfer.amount);
        self.notify(live, Notice::InvoicePaid { hashlock, channel, amount });
    }

    /// Expects a payment.
    pub(crate) fn add_invoice(&mut self, id: CommandId, invoice: Invoice) {
        let hashlock = invoice.hashlock();
        let limit = self.config.limits.invoices;
        let refusal = if self.invoices.contains_key(&hashlock) {
            Some(CommandError::Invoice { hashlock, problem: "there is one with this lock already" })
        } else if self.invoices.len() >= limit {
            Some(CommandError::Limit { what: "invoices", limit })
        } else {
            self.verify_may_sign().err()
        };
        if let Some(error) = refusal {
            return self.reply(id, Err(error));
        }
        self.invoices.insert(hashlock, invoice.clone());
        self.write_then_reply(id, Write::PutInvoice { hashlock, invoice });
    }

    /// Expects it no more.
    pub(crate) fn remove_invoice(&mut self, id: CommandId, hashlock: Hash) {
        if let Err(error) = self.verify_may_sign() {
            return self.reply(id, Err(error));
        }
        if self.invoices.remove(&hashlock).is_none() {
            let problem = "there is none with this lock";
            return self.reply(id, Err(CommandError::Invoice { hashlock, problem }));
        }
        self.write_then_reply(id, Write::RemoveInvoice { hashlock });
    }

    fn write_then_reply(&mut self, id: CommandId, write: Write) {
        let ticket = self.journal.write(vec![write]);
        let reply = Output::Reply { id, result: Ok(Reply::Done) };
        self.journal.release(ticket, reply, &mut self.out);
    }
}
