// SPDX-License-Identifier: Apache-2.0

//! What stands in an invoice.

use crate::{
    fees,
    names::{Direction, INVOICE_TAG, NodeId, NodeSignature, NodeSigner, digest},
    onion::{Deliver, OnionPublic, forwarding::Expected},
    paths::HintEdge,
};
use codec::{Compact, Decode, Encode};
use millrace_primitives_channels::{Balance, BlockNumber, ChannelAsset, ChannelId, Hash};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use thiserror::Error;

/// The longest description, in bytes of UTF-8.
pub const MAX_DESCRIPTION_BYTES: u32 = 160;
/// The most hints of one invoice.
pub const MAX_HINTS: u32 = 3;
/// The most hops of one hint.
pub const MAX_HINT_HOPS: u32 = 2;
/// The longest time for which an invoice counts, in seconds: a year.
pub const MAX_LIFETIME: u32 = 365 * 24 * 60 * 60;

/// The first bytes of a genesis hash: they tell networks apart before the signature does.
pub type NetworkId = [u8; 8];

/// What is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Description {
    /// In words: UTF-8 without control characters.
    #[codec(index = 0)]
    Words(BoundedVec<u8, ConstU32<MAX_DESCRIPTION_BYTES>>),
    /// By the SHA-256 of a text that the payer has from elsewhere.
    #[codec(index = 1)]
    Digest(Hash),
}

impl Description {
    /// A description in words; nothing if there are too many, or control characters among them.
    pub fn words(words: &str) -> Option<Self> {
        let description = Self::Words(words.as_bytes().to_vec().try_into().ok()?);
        description.is_readable().then_some(description)
    }

    /// The words; nothing if it is a digest.
    pub fn as_words(&self) -> Option<&str> {
        match self {
            Self::Words(words) => std::str::from_utf8(words).ok(),
            Self::Digest(_) => None,
        }
    }

    fn is_readable(&self) -> bool {
        match self {
            Self::Digest(_) => true,
            Self::Words(words) => {
                std::str::from_utf8(words).is_ok_and(|words| !words.chars().any(char::is_control))
            }
        }
    }
}

/// A channel that leads towards a payee that others cannot find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct HintHop {
    /// The node that forwards.
    pub node: NodeId,
    /// Its onion key; nothing if it is public.
    pub onion_key: Option<OnionPublic>,
    /// The channel that it forwards over.
    pub channel: ChannelId,
    /// In which direction.
    pub direction: Direction,
    /// What it takes for each transfer.
    #[codec(compact)]
    pub base_fee: Balance,
    /// What it takes of the amount, in millionths.
    #[codec(compact)]
    pub fee_ppm: u32,
    /// Its expiry delta in blocks.
    #[codec(compact)]
    pub expiry_delta: BlockNumber,
    /// The most that the channel can carry.
    #[codec(compact)]
    pub max_amount: Balance,
}

/// The last channels of a way, from a public node to the payee.
pub type Hint = BoundedVec<HintHop, ConstU32<MAX_HINT_HOPS>>;
/// The hints of an invoice.
pub type Hints = BoundedVec<Hint, ConstU32<MAX_HINTS>>;

/// What a payee asks for. This is what it signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
    /// Who is paid.
    pub payee: NodeId,
    /// The payee's onion key.
    pub onion_key: OnionPublic,
    /// What it is denominated in.
    pub asset: ChannelAsset,
    /// What is to be paid, in the smallest unit; nothing if the payer decides.
    pub amount: Option<Compact<Balance>>,
    /// SHA-256 of the preimage that proves the payment.
    pub hashlock: Hash,
    /// What the payer's packet must bring.
    pub secret: [u8; 32],
    /// When it was made, in seconds since 1970.
    #[codec(compact)]
    pub created_at: u64,
    /// For how long it counts, in seconds, at most [`MAX_LIFETIME`].
    #[codec(compact)]
    pub lifetime: u32,
    /// How many blocks the payee's transfer must have left when it arrives.
    #[codec(compact)]
    pub final_delta: BlockNumber,
    /// What is paid for.
    pub description: Description,
    /// How to get to the payee.
    pub hints: Hints,
}

/// Why an invoice is not made or not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvoiceError {
    /// The text is longer than any invoice.
    #[error(
        "{chars} characters, where an invoice has at most {limit}: \
         shorten the description or leave out hints"
    )]
    TooLong {
        /// Its length.
        chars: usize,
        /// The limit.
        limit: usize,
    },
    /// The text is no bech32m text, or was mistyped.
    #[error("this is no invoice, or it was mistyped: {0}")]
    NotBech32m(String),
    /// The text is something else.
    #[error("text that begins with \"{found}1\" is no invoice: those begin with \"{expected}1\"")]
    OtherKind {
        /// What stands before the last 1.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// The same invoice has another text: this one was not made by this crate's rules.
    #[error(
        "this is not how the invoice is written: its last characters are not as they should be"
    )]
    NotCanonical,
    /// The invoice is of another version.
    #[error("invoice version {received} is not understood here, {spoken} is: update this program")]
    UnknownVersion {
        /// Its version.
        received: u8,
        /// The version that is understood.
        spoken: u8,
    },
    /// The invoice is for another network.
    #[error(
        "the invoice is for the network whose genesis hash begins with {found}, \
         and this is {expected}"
    )]
    OtherNetwork {
        /// Its network.
        found: String,
        /// This network.
        expected: String,
    },
    /// The bytes are no invoice.
    #[error("the bytes are no invoice: {0}")]
    Malformed(String),
    /// A field is out of range.
    #[error("the invoice cannot be paid: {0}")]
    Unpayable(&'static str),
    /// The payee did not sign it.
    #[error("node {payee} did not sign this invoice")]
    BadSignature {
        /// Who would be paid.
        payee: NodeId,
    },
}

/// An invoice that its payee signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    terms: Terms,
    network: NetworkId,
    signature: NodeSignature,
}

impl Invoice {
    /// Signs an invoice for the network with this genesis hash.
    ///
    /// Errors: as [`Invoice::of`].
    pub fn sign(
        terms: Terms,
        genesis: &Hash,
        payee: &impl NodeSigner,
    ) -> Result<Self, InvoiceError> {
        let signature = payee.sign_payload(&digest(INVOICE_TAG, genesis, &terms));
        Self::of(terms, genesis, signature)
    }

    /// Takes terms with their signature.
    ///
    /// Errors: `Unpayable` if a field is out of range, `BadSignature`, `TooLong` if its text would
    /// be too long to be checked well.
    pub fn of(
        terms: Terms,
        genesis: &Hash,
        signature: NodeSignature,
    ) -> Result<Self, InvoiceError> {
        terms.verify()?;
        if !terms.payee.signed(&digest(INVOICE_TAG, genesis, &terms), &signature) {
            return Err(InvoiceError::BadSignature { payee: terms.payee });
        }
        let invoice = Self { terms, network: network_id(genesis), signature };
        invoice.verify_length()?;
        Ok(invoice)
    }

    /// What is asked for.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Which network it is for.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The payee's signature.
    pub fn signature(&self) -> &NodeSignature {
        &self.signature
    }
}

impl Terms {
    /// What is to be paid; nothing if the payer decides.
    pub fn amount(&self) -> Option<Balance> {
        self.amount.map(|amount| amount.0)
    }

    /// Whether it counts no more at `now`, in seconds since 1970.
    pub fn has_expired(&self, now: u64) -> bool {
        self.created_at.saturating_add(self.lifetime.into()) <= now
    }

    /// What the payee expects at `now`, in seconds since 1970.
    pub fn expected(&self, now: u64) -> Expected {
        Expected {
            secret: self.secret,
            amount: self.amount(),
            final_delta: self.final_delta,
            has_expired: self.has_expired(now),
        }
    }

    /// What the payer tells the payee with one of its parts.
    pub fn deliver(&self, amount: Balance, total: Balance, expiry: BlockNumber) -> Deliver {
        Deliver { amount, total, expiry, secret: self.secret, preimage: None }
    }

    /// The hints as edges of a map.
    pub fn hint_edges(&self) -> Vec<HintEdge> {
        let mut edges = Vec::new();
        for hint in &self.hints {
            let ends = hint.iter().skip(1).map(|hop| hop.node).chain([self.payee]);
            edges.extend(hint.iter().zip(ends).map(|(hop, to)| HintEdge {
                channel: hop.channel,
                direction: hop.direction,
                from: hop.node,
                to,
                terms: hop.terms(),
            }));
        }
        edges
    }

    /// The onion key of a node that the invoice names.
    pub fn onion_key_of(&self, node: &NodeId) -> Option<OnionPublic> {
        if *node == self.payee {
            return Some(self.onion_key);
        }
        self.hints.iter().flatten().find(|hop| hop.node == *node).and_then(|hop| hop.onion_key)
    }

    /// Checks that somebody could pay.
    fn verify(&self) -> Result<(), InvoiceError> {
        let unpayable = |why| Err(InvoiceError::Unpayable(why));
        if self.amount() == Some(0) {
            return unpayable("it asks for nothing: leave the amount out to let the payer decide");
        }
        if self.lifetime == 0 || self.lifetime > MAX_LIFETIME {
            return unpayable("it counts for no time, or for more than a year");
        }
        if self.final_delta > fees::MAX_EXPIRY_DELTA {
            return unpayable("its payee wants its transfer to be locked for more than a day");
        }
        if !self.description.is_readable() {
            return unpayable("its description is not UTF-8 without control characters");
        }
        if !self.onion_key.is_valid() {
            return unpayable("its onion key is no point of secp256k1");
        }
        for hint in &self.hints {
            let are_sound = hint.iter().all(|hop| {
                hop.terms().verify().is_ok()
                    && hop.onion_key.is_none_or(|key| key.is_valid())
                    && hop.node != self.payee
            });
            if hint.is_empty() || !are_sound {
                return unpayable("a hint leads nowhere, or its terms are out of range");
            }
        }
        Ok(())
    }
}

impl HintHop {
    fn terms(&self) -> fees::Terms {
        fees::Terms {
            base_fee: self.base_fee,
            fee_ppm: self.fee_ppm,
            expiry_delta: self.expiry_delta,
            min_amount: 0,
            max_amount: self.max_amount,
            max_in_flight: crate::paths::request::MAX_PARTS,
            is_disabled: false,
        }
    }
}

/// The first bytes of a genesis hash.
pub fn network_id(genesis: &Hash) -> NetworkId {
    genesis.as_bytes().first_chunk().copied().unwrap_or_default()
}
