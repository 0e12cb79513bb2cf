// SPDX-License-Identifier: Apache-2.0

//! Payments.

use super::{Direction, Timestamp};
use crate::{
    error::ApiError,
    values::{
        Amount, ChannelId, Cursor, InvoiceText, Limit, Note, PaymentHash, PaymentId, Peer,
        Preimage, Wait,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who gets a payment.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipient {
    /// This peer, over whatever channels lead to it.
    Peer(Peer),
    /// The other participant of this channel, directly.
    Channel(ChannelId),
}

/// Pays somebody without an invoice.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SendPayment {
    /// Who gets it.
    pub to: Recipient,
    /// What the payee gets, in the smallest unit; above 0.
    pub amount: Amount,
    /// The most that the payment may cost besides, in the smallest unit; by default what the daemon
    /// is configured for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_limit: Option<Amount>,
    /// A note to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// How long to wait for the outcome, in seconds. A payment that is still under way then is
    /// answered as such, and goes on.
    #[serde(default)]
    pub wait_seconds: Wait,
}

/// Pays an invoice.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PayInvoice {
    /// The invoice.
    pub invoice: InvoiceText,
    /// What to pay, in the smallest unit: only if the invoice leaves it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The most that the payment may cost besides, in the smallest unit; by default what the daemon
    /// is configured for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_limit: Option<Amount>,
    /// A note to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// How long to wait for the outcome, in seconds. A payment that is still under way then is
    /// answered as such, and goes on.
    #[serde(default)]
    pub wait_seconds: Wait,
}

/// How far a payment has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It may yet succeed or fail.
    UnderWay,
    /// The payee has it. Nothing can undo that.
    Succeeded,
    /// The payee does not have it and will not get it.
    Failed,
    /// Nobody here knows: it was signed or asked for, and the channel is said to have ended, or went on
    /// from a state that the peer handed over, without this daemon's seeing whether it was carried out.
    /// Balances tell. It may yet be decided: if the channel lives after all, or its end is proven.
    Uncertain,
}

/// A payment.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Payment {
    /// Its id.
    pub payment: PaymentId,
    /// Made or received.
    pub direction: Direction,
    /// How far it has come.
    pub state: PaymentState,
    /// What the payee gets, in the smallest unit.
    pub amount: Amount,
    /// What it costs the payer besides, in the smallest unit; 0 while that is not known.
    pub fee: Amount,
    /// Who gets it, if it was made here and the payee is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Peer>,
    /// What it waits for, unless it went directly over one channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<PaymentHash>,
    /// The proof of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preimage: Option<Preimage>,
    /// In how many parts it arrived, or is on its way; 0 if it has failed.
    pub parts: u32,
    /// Why it failed, or why nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ApiError>,
    /// A note to oneself, or the note of the invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// When it was asked for or arrived.
    pub created_at: Timestamp,
    /// When it succeeded or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

impl Payment {
    /// A payment in one part, of which nothing else is known; `at`: when it was asked for or arrived.
    pub fn new(
        payment: PaymentId,
        direction: Direction,
        state: PaymentState,
        amount: Amount,
        at: Timestamp,
    ) -> Self {
        Self {
            payment,
            direction,
            state,
            amount,
            fee: Amount(0),
            payee: None,
            hash: None,
            preimage: None,
            parts: 1,
            failure: None,
            note: None,
            created_at: at,
            decided_at: None,
        }
    }
}

/// Names a payment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentQuery {
    /// The payment.
    pub payment: PaymentId,
}

/// Asks for payments, newest first. Every filter that is given has to fit. What streams pay is no
/// payment: a stream says itself how much it has paid.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentFilter {
    /// Those made or those received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Those that have come this far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<PaymentState>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// The size of a page.
    #[serde(default)]
    pub limit: Limit,
}
