// SPDX-License-Identifier: Apache-2.0

//! What payer and payee say of payments, also after both have died suddenly.

use crate::{
    TOKEN,
    node::Node,
    open,
    party::{Party, key, pay},
    wait_for,
};
use millrace_channels_api::{
    Amount, Client,
    types::{
        CreateInvoice, Direction, PayInvoice, Payment, PaymentFilter, PaymentQuery, PaymentState,
    },
    values::{Limit, Wait},
};

/// Payments that went one way and succeeded, read in pages of one.
async fn succeeded(client: &Client, direction: Direction) -> Vec<Payment> {
    let mut filter = PaymentFilter {
        direction: Some(direction),
        state: Some(PaymentState::Succeeded),
        after: None,
        limit: Limit::nearest(1),
    };
    let mut all = Vec::new();
    loop {
        let page = client.payments_list(&filter).await.expect("it is listed");
        all.extend(page.items);
        filter.after = page.next;
        if filter.after.is_none() {
            return all;
        }
    }
}

/// Has an invoice written and paid: a way is known once the neighbours have introduced themselves.
async fn pay_invoice(payer: &Client, payee: &Client, amount: u128) -> Payment {
    let mut tries = 0;
    wait_for("a payment of an invoice", async || {
        tries += 1;
        let note = Some("two coffees".parse().expect("a note"));
        let request =
            CreateInvoice { amount: Some(Amount(amount)), note, expires_in_seconds: None };
        let invoice = payee.invoices_create(&request).await.expect("it is written").invoice;
        let request = PayInvoice {
            invoice,
            amount: None,
            fee_limit: None,
            note: None,
            wait_seconds: Wait::nearest(30),
        };
        let key = key(&format!("coffee-{tries}"));
        let paid = payer.payments_pay_invoice(&key, &request).await.ok()?;
        (paid.state == PaymentState::Succeeded).then_some(paid)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a built node; see the top of the file"]
async fn payments_are_listed_on_both_sides_after_sudden_death() {
    let node = Node::start();
    let mut alice = Party::start(node.url(), "Alice", Vec::new());
    let mut bob = Party::start(node.url(), "Bob", Vec::new());
    let (one, other, channel) = open(&alice, &bob).await;
    let direct = pay(&one, channel, 3 * TOKEN, "direct").await;
    let invoice = pay_invoice(&one, &other, 2 * TOKEN).await;
    let before =
        [succeeded(&one, Direction::Outgoing).await, succeeded(&other, Direction::Incoming).await];
    for party in [&mut alice, &mut bob] {
        party.kill();
        party.restart();
    }
    let (one, other) = (alice.client().await, bob.client().await);
    let made = succeeded(&one, Direction::Outgoing).await;
    let came = succeeded(&other, Direction::Incoming).await;
    assert_eq!([&made, &came], [&before[0], &before[1]], "a restart changes nothing");
    assert_eq!(made, [invoice.clone(), direct], "newest first");
    let notes: Vec<_> = made.iter().map(|it| it.note.as_ref().map(|note| note.as_str())).collect();
    assert_eq!(notes, [Some("two coffees"), Some("direct")], "of the invoice, and the payer's own");
    let amounts: Vec<_> = came.iter().map(|payment| payment.amount).collect();
    assert_eq!(amounts, [Amount(2 * TOKEN), Amount(3 * TOKEN)]);
    assert!(invoice.preimage.is_some(), "the proof");
    assert_eq!((came[0].hash, came[0].preimage), (invoice.hash, invoice.preimage));
    assert_eq!(came[0].note.as_ref().map(|note| note.as_str()), Some("two coffees"));
    for (client, listed) in [(&one, made), (&other, came)] {
        for payment in listed {
            let query = PaymentQuery { payment: payment.payment };
            assert_eq!(client.payments_get(&query).await.expect("it is known"), payment);
        }
    }
    assert_eq!(succeeded(&one, Direction::Incoming).await, []);
    assert_eq!(succeeded(&other, Direction::Outgoing).await, []);
}
