// SPDX-License-Identifier: Apache-2.0

//! The text of an invoice: bech32m (BIP 350) of version, network, terms and signature.
//!
//! The checksum finds every mistake in up to three characters, and nearly all others, in texts of
//! up to [`MAX_TEXT_CHARS`]; no longer ones are made or read. One invoice has one text, in small
//! letters or all in capitals: QR codes hold the latter in their dense alphanumeric mode.

use crate::{
    invoices::invoice::{Invoice, InvoiceError, NetworkId, Terms, network_id},
    names::NodeSignature,
};
use bech32::{Bech32m, Hrp, primitives::decode::CheckedHrpstring};
use codec::{DecodeAll, Encode};
use millrace_primitives_channels::Hash;

/// What every invoice begins with, before the separating 1.
pub const HUMAN_READABLE_PART: &str = "mrpay";

/// The longest text: as long as bech32m's checksum is good for.
pub const MAX_TEXT_CHARS: usize = 1_023;

/// The only version of invoices.
const VERSION: u8 = 1;

/// What is in the text.
type Parts = (NetworkId, Terms, NodeSignature);

impl Invoice {
    /// The text, in small letters.
    pub fn to_text(&self) -> String {
        let text = bech32::encode_lower::<Bech32m>(human_readable_part(), &self.bytes());
        text.expect("the length was checked when the invoice was made")
    }

    /// The text for a QR code, in capitals.
    pub fn to_qr(&self) -> String {
        self.to_text().to_ascii_uppercase()
    }

    /// Reads a text in small letters or capitals, and verifies it for the network with this genesis
    /// hash. White space around it is ignored.
    pub fn from_text(text: &str, genesis: &Hash) -> Result<Self, InvoiceError> {
        let text = text.trim();
        if text.len() > MAX_TEXT_CHARS {
            let chars = text.len();
            return Err(InvoiceError::TooLong { chars, limit: MAX_TEXT_CHARS });
        }
        let checked = CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|error| InvoiceError::NotBech32m(error.to_string()))?;
        if checked.hrp() != human_readable_part() {
            let found = checked.hrp().to_lowercase();
            return Err(InvoiceError::OtherKind { found, expected: HUMAN_READABLE_PART });
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let (network, terms, signature) = read(&bytes)?;
        let own = network_id(genesis);
        if network != own {
            let (found, expected) = (hex::encode(network), hex::encode(own));
            return Err(InvoiceError::OtherNetwork { found, expected });
        }
        let invoice = Self::of(terms, genesis, signature)?;
        // Amounts could be encoded at more length, and the last character has spare bits.
        if !invoice.to_text_checked()?.eq_ignore_ascii_case(text) {
            return Err(InvoiceError::NotCanonical);
        }
        Ok(invoice)
    }

    /// Whether the text fits.
    pub(crate) fn verify_length(&self) -> Result<(), InvoiceError> {
        self.to_text_checked().map(|_| ())
    }

    fn to_text_checked(&self) -> Result<String, InvoiceError> {
        bech32::encode_lower::<Bech32m>(human_readable_part(), &self.bytes()).map_err(|_| {
            // Five bits a character, with the part before them, the 1 and six of checksum.
            let chars = self.bytes().len().saturating_mul(8).div_ceil(5);
            let around = HUMAN_READABLE_PART.len().saturating_add(7);
            InvoiceError::TooLong { chars: chars.saturating_add(around), limit: MAX_TEXT_CHARS }
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        (self.network(), self.terms(), self.signature()).encode_to(&mut bytes);
        bytes
    }
}

fn human_readable_part() -> Hrp {
    Hrp::parse(HUMAN_READABLE_PART).expect("it is five small letters")
}

fn read(bytes: &[u8]) -> Result<Parts, InvoiceError> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => Parts::decode_all(&mut &*rest)
            .map_err(|error| InvoiceError::Malformed(error.to_string())),
        Some((&received, _)) => Err(InvoiceError::UnknownVersion { received, spoken: VERSION }),
        None => Err(InvoiceError::Malformed("it has no bytes".into())),
    }
}
