// SPDX-License-Identifier: Apache-2.0

//! Commitments to many things by one hash, and proofs that one of them is among them.
//!
//! The tree is that of the `binary-merkle-tree` crate over BLAKE2b-256: a leaf is hashed, an odd
//! node at the end of a level moves up unhashed. The number of leaves is always known to whoever
//! verifies, which fixes the length of every proof. Leaves carry a tag and are never 64 bytes long,
//! so that no leaf can be taken for an inner node.

use crate::Hash;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{
    binary_merkle_tree::{self, Leaf},
    sp_core::ConstU32,
    sp_runtime::{BoundedVec, traits::BlakeTwo256},
};
use scale_info::TypeInfo;

/// The longest proof: enough for [`crate::state::MAX_STREAM_CHAINS`] leaves.
pub const MAX_PROOF: u32 = 16;

/// That a leaf is at a place in a tree.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct MerkleProof {
    /// The leaf's place, counted from 0.
    pub index: u32,
    /// The hashes beside its path, from the leaf to the root.
    pub siblings: BoundedVec<Hash, ConstU32<MAX_PROOF>>,
}

/// Root of the tree over `leaves`; the zero hash if there are none.
pub fn root(leaves: &[Vec<u8>]) -> Hash {
    binary_merkle_tree::merkle_root::<BlakeTwo256, _>(leaves)
}

/// Proof for the leaf at `index`; nothing if there is none, or if there are too many leaves.
pub fn proof(leaves: &[Vec<u8>], index: u32) -> Option<MerkleProof> {
    leaves.get(index as usize)?;
    let proof = binary_merkle_tree::merkle_proof::<BlakeTwo256, _, _>(leaves, index);
    Some(MerkleProof { index, siblings: proof.proof.try_into().ok()? })
}

/// Whether `leaf` is at the proof's place in the tree of `count` leaves with this root.
pub fn verify(root: &Hash, count: u32, proof: &MerkleProof, leaf: &[u8]) -> bool {
    binary_merkle_tree::verify_proof::<BlakeTwo256, _, _>(
        root,
        proof.siblings.iter().copied(),
        count,
        proof.index,
        Leaf::Value(leaf),
    )
}
