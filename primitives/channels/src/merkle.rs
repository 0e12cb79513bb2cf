// SPDX-License-Identifier: Apache-2.0

//! Commitments to many things by one hash, and proofs that one of them is among them.
//!
//! The tree is that of the `binary-merkle-tree` crate over BLAKE2b-256: a leaf is hashed, an odd
//! node at the end of a level moves up unhashed. The number of leaves is always known to whoever
//! verifies, which fixes the length of the proof for every place; the crate does not check it, so
//! [`verify`] does. Leaves carry a tag and are never 64 bytes long, so that no leaf can be taken for
//! an inner node. Together: every leaf has one place, and one proof.

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

/// Number of hashes beside the path from the leaf at `index` to the root of a tree of `count`
/// leaves; nothing if there is no such leaf.
pub fn path_length(count: u32, index: u32) -> Option<u32> {
    if index >= count {
        return None;
    }
    let (mut length, mut place, mut width) = (0u32, index, count);
    while width > 1 {
        // The last of an odd number moves up alone, with nothing beside it.
        let is_alone = place.is_multiple_of(2) && place.saturating_add(1) == width;
        length = length.saturating_add(u32::from(!is_alone));
        (place, width) = (place / 2, width.div_ceil(2));
    }
    Some(length)
}

/// Whether `leaf` is at the proof's place in the tree of `count` leaves with this root.
///
/// A proof of another length than the place has is refused: without that, the last of five leaves,
/// whose path is short, could also be shown at place 1, and be paid twice.
pub fn verify(root: &Hash, count: u32, proof: &MerkleProof, leaf: &[u8]) -> bool {
    if path_length(count, proof.index) != u32::try_from(proof.siblings.len()).ok() {
        return false;
    }
    binary_merkle_tree::verify_proof::<BlakeTwo256, _, _>(
        root,
        proof.siblings.iter().copied(),
        count,
        proof.index,
        Leaf::Value(leaf),
    )
}
