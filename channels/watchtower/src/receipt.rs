// SPDX-License-Identifier: Apache-2.0

//! What a tower signs: that it keeps an appointment, and until when.
//!
//! Whoever was let down shows the receipt, the sealed answer and the channel's id: everybody can then
//! make the channel's secret, see that it leads to the receipt's locator, open the answer that the
//! receipt commits to, and compare its version with the one that the chain has concluded.

use crate::sealing::{Locator, Place, TowerId, commitment};
use codec::{Decode, Encode};
use millrace_primitives_channels::{BlockNumber, Hash};
use polkadot_sdk::{
    sp_core::{Pair as _, ed25519},
    sp_io::hashing::blake2_256,
};
use std::fmt;
use thiserror::Error;

const RECEIPT_TAG: &[u8] = b"millrace/tower/receipt/1";

/// What a receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Promise {
    /// Genesis hash of the chain.
    pub genesis: Hash,
    /// The tower that promises.
    pub tower: TowerId,
    /// Where the sealed answer will be looked for.
    pub locator: Locator,
    /// The client's own order of what it hands in: a later receipt replaces this one.
    pub sequence: u64,
    /// A hash of the sealed answer; see [`crate::sealing::commitment`].
    pub commitment: Hash,
    /// The newest final block that the tower knew.
    pub from: BlockNumber,
    /// The last block in which it answers.
    pub until: BlockNumber,
}

impl Promise {
    /// `blake2_256("millrace/tower/receipt/1" ++ SCALE(promise))`.
    pub fn payload(&self) -> [u8; 32] {
        blake2_256(&[RECEIPT_TAG, &self.encode()].concat())
    }
}

/// A promise, signed by the tower that makes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// What is promised.
    pub promise: Promise,
    /// Ed25519, by the tower's key, under [`Promise::payload`].
    pub signature: [u8; 64],
}

/// What a client has handed in, and wants a receipt for.
#[derive(Clone, Copy, Debug)]
pub struct HandedIn<'a> {
    /// The tower, and the chain.
    pub place: &'a Place,
    /// Where the tower will look.
    pub locator: Locator,
    /// The client's own order.
    pub sequence: u64,
    /// The sealed answer.
    pub blob: &'a [u8],
    /// The last block in which the tower is to answer.
    pub until: BlockNumber,
}

/// Why a receipt is worth nothing to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// It is for another chain or by another tower than was asked.
    #[error("the receipt is another tower's, or for another chain: do not rely on this tower")]
    OtherTower,
    /// It promises something about another appointment.
    #[error("the receipt is for another appointment: do not rely on this tower")]
    OtherAppointment,
    /// It promises too little time.
    #[error("the receipt ends with block {promised} and block {wanted} was asked for: renew it")]
    TooShort {
        /// The last block that is promised.
        promised: BlockNumber,
        /// The last block that was asked for.
        wanted: BlockNumber,
    },
    /// The tower has not signed it.
    #[error("the signature under the receipt is not the tower's: do not rely on this tower")]
    Forged,
}

impl Receipt {
    /// Whether this promises what a client has asked for. Only then may it rely on it.
    pub fn verify(&self, wanted: &HandedIn<'_>) -> Result<(), ReceiptError> {
        let promise = &self.promise;
        if promise.genesis != wanted.place.genesis || promise.tower != wanted.place.tower {
            return Err(ReceiptError::OtherTower);
        }
        let is_same = promise.locator == wanted.locator
            && promise.sequence == wanted.sequence
            && promise.commitment == commitment(wanted.blob);
        if !is_same {
            return Err(ReceiptError::OtherAppointment);
        }
        if promise.until < wanted.until {
            let (promised, wanted) = (promise.until, wanted.until);
            return Err(ReceiptError::TooShort { promised, wanted });
        }
        if self.is_genuine() { Ok(()) } else { Err(ReceiptError::Forged) }
    }

    /// Whether the tower that it names has signed it.
    pub fn is_genuine(&self) -> bool {
        let signature = ed25519::Signature::from_raw(self.signature);
        let key = ed25519::Public::from_raw(self.promise.tower);
        ed25519::Pair::verify(&signature, self.promise.payload(), &key)
    }
}

/// The key that a tower signs receipts with.
#[derive(Clone)]
pub struct TowerKey(ed25519::Pair);

impl TowerKey {
    /// The key of this seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519::Pair::from_seed(seed))
    }

    /// The tower's public key.
    pub fn id(&self) -> TowerId {
        self.0.public().0
    }

    /// Signs a promise.
    pub fn sign(&self, promise: Promise) -> Receipt {
        let signature = self.0.sign(&promise.payload()).0;
        Receipt { promise, signature }
    }
}

impl fmt::Debug for TowerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TowerKey({:?})", self.0.public())
    }
}
