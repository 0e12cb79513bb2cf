// SPDX-License-Identifier: Apache-2.0

//! Invoices: what a payee asks for, as text that can be sent, printed or scanned.
//!
//! ```
//! use millrace_channels_routing::{
//!     Invoice, NodeSigner, OnionKey,
//!     invoices::{Description, InvoiceTerms},
//! };
//! use millrace_primitives_channels::{ChannelAsset, Hash, transfer::hashlock};
//! use polkadot_sdk::sp_core::{Pair, ed25519};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let node = ed25519::Pair::from_seed(&[1; 32]);
//! let genesis = Hash::repeat_byte(7);
//! let preimage = [2; 32];
//! let terms = InvoiceTerms {
//!     payee: node.node(),
//!     onion_key: OnionKey::from_seed(&[3; 32]).public(),
//!     asset: ChannelAsset::Native,
//!     amount: Some(1_000_000.into()),
//!     hashlock: hashlock(&preimage),
//!     secret: [4; 32],
//!     created_at: 1_800_000_000,
//!     lifetime: 3_600,
//!     final_delta: 200,
//!     description: Description::words("two rolls").ok_or("too long")?,
//!     hints: Default::default(),
//! };
//! let text = Invoice::sign(terms, &genesis, &node)?.to_text();
//! assert!(text.starts_with("mrpay1"));
//!
//! // Whoever has the text, in small letters or in capitals, can read it and trust it.
//! let invoice = Invoice::from_text(&text.to_uppercase(), &genesis)?;
//! assert_eq!(invoice.terms().amount(), Some(1_000_000));
//! # Ok(())
//! # }
//! ```
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`invoice`] | what stands in an invoice, signing and verifying it |
//! | [`text`] | its text: bech32m, and a form for QR codes |

pub mod invoice;
pub mod text;

pub use invoice::{
    Description, Hint, HintHop, Hints, Invoice, InvoiceError, Terms as InvoiceTerms,
};
pub use text::{HUMAN_READABLE_PART, MAX_TEXT_CHARS};
