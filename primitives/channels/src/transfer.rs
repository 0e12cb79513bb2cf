// SPDX-License-Identifier: Apache-2.0

//! Conditional transfers: an amount that moves if a preimage is revealed in time.
//!
//! A state commits to its transfers by a Merkle root ([`crate::PendingTransfers`]). Channels on a
//! payment's path share one hash lock, and the chain records the block in which its preimage was
//! revealed, so that every channel on the path decides alike.

use crate::{Balance, BlockNumber, Hash, merkle, merkle::MerkleProof};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::sp_io::hashing::sha2_256;
use scale_info::TypeInfo;

/// Tag of a transfer's leaf.
pub const TRANSFER_TAG: &[u8] = b"millrace/transfer/1";

/// What unlocks a transfer: 32 bytes that nobody can guess.
pub type Preimage = [u8; 32];

/// The lock that `preimage` opens: its SHA-256, as on other payment networks.
pub fn hashlock(preimage: &Preimage) -> Hash {
    Hash::from(sha2_256(preimage))
}

/// An amount that moves from payer to payee if the preimage of its lock is revealed on chain, or to
/// the payer directly, before it expires; otherwise it stays with the payer.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Transfer {
    /// Tells apart transfers of one channel that are alike in everything else.
    pub id: u64,
    /// Position of the payer among the participants.
    pub payer: u8,
    /// Position of the payee among the participants.
    pub payee: u8,
    /// What moves; not zero.
    pub amount: Balance,
    /// SHA-256 of the preimage.
    pub hashlock: Hash,
    /// A reveal counts in blocks below this one.
    pub expiry: BlockNumber,
}

impl Transfer {
    /// The bytes of the transfer's leaf: tag, then SCALE.
    pub fn leaf(&self) -> Vec<u8> {
        let mut bytes = TRANSFER_TAG.to_vec();
        self.encode_to(&mut bytes);
        bytes
    }
}

fn leaves(transfers: &[Transfer]) -> Vec<Vec<u8>> {
    transfers.iter().map(Transfer::leaf).collect()
}

/// Root over `transfers`, in this order.
pub fn root(transfers: &[Transfer]) -> Hash {
    merkle::root(&leaves(transfers))
}

/// Proof for the transfer at `index`; nothing if there is none.
pub fn proof(transfers: &[Transfer], index: u32) -> Option<MerkleProof> {
    merkle::proof(&leaves(transfers), index)
}

/// Whether `transfer` is one of the `count` transfers below `root`, at the proof's place.
pub fn verify(root: &Hash, count: u32, transfer: &Transfer, proof: &MerkleProof) -> bool {
    merkle::verify(root, count, proof, &transfer.leaf())
}
