// SPDX-License-Identifier: Apache-2.0

//! Invoices.

use super::Timestamp;
use crate::values::{
    Amount, Cursor, InvoiceText, Limit, Note, PaymentHash, Peer, bounds::within_if_any,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes an invoice for somebody to pay.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInvoice {
    /// What to pay, in the smallest unit; without it the payer chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What it is for. The payer sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// For how long it can be paid, in seconds; by default what the daemon is configured for.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "within_if_any::<1, 31_536_000, _>"
    )]
    #[schemars(range(min = 1, max = 31_536_000))]
    pub expires_in_seconds: Option<u32>,
}

/// How far an invoice has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// It can be paid.
    Open,
    /// Parts of it, or all, have arrived and wait for the rest.
    Arriving,
    /// It is paid.
    Paid,
    /// Its time is over.
    Expired,
}

/// An invoice of this daemon.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Invoice {
    /// What to hand to the payer.
    pub invoice: InvoiceText,
    /// The same for a QR code: as few characters as such codes know in their shortest mode.
    pub qr: String,
    /// What its payment waits for.
    pub hash: PaymentHash,
    /// How far it has come.
    pub state: InvoiceState,
    /// What to pay, in the smallest unit; missing if the payer chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What was paid, in the smallest unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Amount>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its time is over.
    pub expires_at: Timestamp,
}

/// Asks for this daemon's invoices, newest first.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceFilter {
    /// Those that have come this far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<InvoiceState>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// The size of a page.
    #[serde(default)]
    pub limit: Limit,
}

/// Asks what an invoice says, without paying it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DecodeInvoice {
    /// The invoice.
    pub invoice: InvoiceText,
}

/// What an invoice says. Its signature was verified.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct DecodedInvoice {
    /// Who gets the payment.
    pub payee: Peer,
    /// What the payment waits for.
    pub hash: PaymentHash,
    /// What to pay, in the smallest unit; missing if the payer chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// Whether its time is over by the daemon's clock.
    pub expired: bool,
}
