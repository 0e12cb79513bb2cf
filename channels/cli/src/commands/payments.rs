// SPDX-License-Identifier: Apache-2.0

//! Payments, streams and invoices.

use super::{
    DOUBTFUL, Desk, NOT_PAID, Unpaid,
    arguments::{InvoiceTask, ListPayments, Pay, PayStream},
    output::{Table, ago, short},
};
use anyhow::{Context, bail};
use millrace_channels_api::{
    Page,
    types::{
        CreateInvoice, DecodeInvoice, Direction, Empty, Invoice, InvoiceFilter, InvoiceState,
        PayInvoice, Payment, PaymentFilter, PaymentState, Recipient, SendPayment, StartStream,
        Stream, StreamQuery, StreamState,
    },
    values::{InvoiceText, Limit, Wait},
};

/// Whom a person means to pay.
#[derive(Debug, PartialEq)]
enum To {
    Invoice(InvoiceText),
    Somebody(Recipient),
}

/// Ids of channels begin with 0x, ids of peers with what libp2p's ids of ed25519 keys begin with;
/// anything else is an invoice.
fn to(text: &str) -> anyhow::Result<To> {
    if text.starts_with("0x") {
        return Ok(To::Somebody(Recipient::Channel(text.parse()?)));
    }
    if text.starts_with("12D3KooW") {
        return Ok(To::Somebody(Recipient::Peer(text.parse()?)));
    }
    Ok(To::Invoice(text.parse()?))
}

pub async fn pay(desk: &Desk, pay: Pay) -> anyhow::Result<()> {
    let to = to(&pay.to)?;
    let amount = desk.amount_if_any(pay.amount.as_ref())?;
    let fee_limit = desk.amount_if_any(pay.fee_limit.as_ref())?;
    let (note, wait_seconds) = (pay.note, Wait::nearest(pay.wait_seconds));
    let payment = match to {
        To::Invoice(invoice) => {
            let request = PayInvoice { invoice, amount, fee_limit, note, wait_seconds };
            desk.client.payments_pay_invoice(&desk.key(pay.key)?, &request).await?
        }
        To::Somebody(to) => {
            let amount = amount.context("how much? Write it after whom to pay")?;
            let request = SendPayment { to, amount, fee_limit, note, wait_seconds };
            desk.client.payments_send(&desk.key(pay.key)?, &request).await?
        }
    };
    desk.out.result(&payment, || described(desk, &payment))?;
    match payment.state {
        PaymentState::Succeeded => Ok(()),
        PaymentState::Failed => {
            let reason = payment
                .failure
                .map_or_else(|| "for a reason unknown".to_owned(), |it| it.to_string());
            Err(Unpaid { text: format!("nothing was paid: {reason}"), code: NOT_PAID }.into())
        }
        PaymentState::UnderWay => {
            let text =
                "the payment is still under way: repeat this with the same --key to wait for it";
            Err(Unpaid { text: text.to_owned(), code: DOUBTFUL }.into())
        }
        PaymentState::Uncertain => {
            let text = "it is not known whether the payment was made: look at the balances of the \
                        channel, here and on chain, or ask the payee";
            Err(Unpaid { text: text.to_owned(), code: DOUBTFUL }.into())
        }
    }
}

fn described(desk: &Desk, payment: &Payment) -> String {
    let mut table = Table::facts();
    table.fact("payment", payment.payment.to_string());
    table.fact("state", payment_state(payment.state));
    table.fact("amount", desk.show(payment.amount));
    table.fact("fee", desk.show(payment.fee));
    if let Some(payee) = &payment.payee {
        table.fact("payee", payee.as_str());
    }
    if let Some(preimage) = &payment.preimage {
        table.fact("proof", preimage.to_string());
    }
    table.text("")
}

/// A payment in a sentence.
pub fn sentence(desk: &Desk, payment: &Payment) -> String {
    let way = match payment.direction {
        Direction::Incoming => "from others",
        Direction::Outgoing => "to others",
    };
    let (id, state) = (short(&payment.payment), payment_state(payment.state));
    format!("payment {id} {way} of {}: {state}", desk.show(payment.amount))
}

fn payment_state(state: PaymentState) -> &'static str {
    match state {
        PaymentState::UnderWay => "under way",
        PaymentState::Succeeded => "succeeded",
        PaymentState::Failed => "failed",
        PaymentState::Uncertain => "uncertain",
    }
}

pub async fn list(desk: &Desk, list: ListPayments) -> anyhow::Result<()> {
    let mut filter = PaymentFilter {
        direction: list.direction.map(Direction::from),
        state: list.state.map(PaymentState::from),
        after: list.page.after,
        limit: Limit::nearest(list.page.limit),
    };
    let mut page = desk.client.payments_list(&filter).await?;
    while list.all && page.next.is_some() {
        filter.after = page.next.take();
        let next = desk.client.payments_list(&filter).await?;
        page.items.extend(next.items);
        page.next = next.next;
    }
    desk.out.result(&page, || table(desk, &page))
}

fn table(desk: &Desk, page: &Page<Payment>) -> String {
    let mut table = Table::new(&["payment", "way", "state", ">amount", ">fee", "when", "note"]);
    for payment in &page.items {
        let out = payment.direction == Direction::Outgoing;
        table.row(vec![
            payment.payment.to_string(),
            if out { "out" } else { "in" }.to_owned(),
            payment_state(payment.state).to_owned(),
            desk.show(payment.amount),
            desk.show(payment.fee),
            ago(payment.created_at),
            payment.note.as_ref().map_or("", |note| note.as_str()).to_owned(),
        ]);
    }
    let mut text = table.text("There are no such payments.");
    if let Some(next) = &page.next {
        text += &format!("There are more: --all, or --after {next}\n");
    }
    text
}

pub async fn stream(desk: &Desk, task: PayStream) -> anyhow::Result<()> {
    match task {
        PayStream::Start { channel, pulse, per_second, total, key } => {
            let (unit, total) = (desk.amount(&pulse)?, desk.amount(&total)?);
            if unit.0 == 0 || per_second == 0 {
                bail!("a stream of nothing: --pulse and --per-second have to be above 0");
            }
            let request = StartStream { channel, unit, pulses_per_second: per_second, total };
            let stream = desk.client.streams_start(&desk.key(key)?, &request).await?;
            desk.out.result(&stream, || streams(desk, std::slice::from_ref(&stream)))
        }
        PayStream::Stop { stream } => {
            let stream = desk.client.streams_stop(&StreamQuery { stream }).await?;
            desk.out.result(&stream, || streams(desk, std::slice::from_ref(&stream)))
        }
        PayStream::List => {
            let list = desk.client.streams_list(&Empty {}).await?;
            desk.out.result(&list, || streams(desk, &list.items))
        }
    }
}

fn streams(desk: &Desk, items: &[Stream]) -> String {
    let mut table = Table::new(&[
        "stream",
        "channel",
        "way",
        "state",
        ">pulses",
        ">paid",
        ">of",
        ">per second",
    ]);
    for stream in items {
        let out = stream.direction == Direction::Outgoing;
        table.row(vec![
            stream.stream.to_string(),
            short(&stream.channel),
            if out { "out" } else { "in" }.to_owned(),
            state(stream.state).to_owned(),
            stream.pulses.to_string(),
            desk.show(stream.paid),
            desk.show(stream.total),
            stream.pulses_per_second.to_string(),
        ]);
    }
    table.text("There are no streams.")
}

pub fn state(state: StreamState) -> &'static str {
    match state {
        StreamState::Starting => "starting",
        StreamState::Running => "running",
        StreamState::Paused => "paused",
        StreamState::Folding => "folding",
        StreamState::Ended => "ended",
    }
}

pub async fn invoice(desk: &Desk, task: InvoiceTask) -> anyhow::Result<()> {
    match task {
        InvoiceTask::Create { amount, note, expires } => {
            let amount = desk.amount_if_any(amount.as_ref())?;
            let request = CreateInvoice { amount, note, expires_in_seconds: expires };
            let invoice = desk.client.invoices_create(&request).await?;
            // The invoice stands alone on its line, to be copied or piped.
            desk.out.progress(&format!("It expires {}.", ago(invoice.expires_at)));
            desk.out.result(&invoice, || invoice.invoice.to_string())
        }
        InvoiceTask::List(page) => {
            let limit = Limit::nearest(page.limit);
            let filter = InvoiceFilter { after: page.after, limit, state: None };
            let page = desk.client.invoices_list(&filter).await?;
            desk.out.result(&page, || invoices(desk, &page.items))
        }
        InvoiceTask::Decode { invoice } => {
            let decoded = desk.client.invoices_decode(&DecodeInvoice { invoice }).await?;
            desk.out.result(&decoded, || {
                let mut table = Table::facts();
                table.fact("payee", decoded.payee.as_str());
                let chosen = || "what the payer chooses".to_owned();
                table.fact("amount", decoded.amount.map_or_else(chosen, |it| desk.show(it)));
                table.fact("note", decoded.note.as_ref().map_or("", |note| note.as_str()));
                table.fact("hash", decoded.hash.to_string());
                let over = if decoded.expired { "expired" } else { "expires" };
                table.fact(over, ago(decoded.expires_at));
                table.text("")
            })
        }
    }
}

fn invoices(desk: &Desk, items: &[Invoice]) -> String {
    let mut table = Table::new(&["hash", "state", ">amount", ">paid", "expires", "note"]);
    for invoice in items {
        let amount = |amount| desk.show(amount);
        let state = match invoice.state {
            InvoiceState::Open => "open",
            InvoiceState::Arriving => "arriving",
            InvoiceState::Paid => "paid",
            InvoiceState::Expired => "expired",
        };
        table.row(vec![
            short(&invoice.hash),
            state.to_owned(),
            invoice.amount.map_or_else(|| "any".to_owned(), amount),
            invoice.paid.map_or_else(|| "-".to_owned(), amount),
            ago(invoice.expires_at),
            invoice.note.as_ref().map_or("", |note| note.as_str()).to_owned(),
        ]);
    }
    table.text("There are no invoices.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_pay_is_clear_from_how_it_begins() {
        let channel = format!("0x{}", "07".repeat(32));
        let peer = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
        assert!(matches!(to(&channel), Ok(To::Somebody(Recipient::Channel(_)))));
        assert!(matches!(to(peer), Ok(To::Somebody(Recipient::Peer(_)))));
        assert!(matches!(to("mill1qqqq"), Ok(To::Invoice(_))));
        assert!(to("0x12").is_err(), "half an id is no invoice");
        assert!(to("12D3KooWx").is_err());
        assert!(to("two words").is_err());
    }
}
