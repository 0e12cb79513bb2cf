// SPDX-License-Identifier: Apache-2.0

//! A Merkle tree that is kept up to date instead of computed anew.
//!
//! It is the tree of [`millrace_primitives_channels::merkle`], which is the chain's: leaves are
//! hashed, the last of an odd number moves up as it is. A change of one leaf of `n` costs about
//! `log n` hashes once [`Tree::refresh`] runs, and several changes share the hashes near the root.
//! Tests compare it with the chain's own functions.

use millrace_primitives_channels::{Hash, MerkleProof};
use polkadot_sdk::{sp_io::hashing::blake2_256, sp_runtime::BoundedVec};

/// The hashes of all nodes, leaves first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// `levels[0]`: hashes of the leaves; the last level is the root alone.
    levels: Vec<Vec<Hash>>,
    /// Places of leaves that changed since the last refresh.
    changed: Vec<usize>,
}

impl Tree {
    /// The tree over these leaves, given as bytes.
    pub(crate) fn over<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Self {
        let hashes: Vec<_> =
            leaves.into_iter().map(|leaf| Hash::from(blake2_256(leaf.as_ref()))).collect();
        let mut tree = Self { changed: (0..hashes.len()).collect(), levels: vec![hashes] };
        tree.refresh();
        tree
    }

    /// Puts a leaf at the end.
    pub(crate) fn push(&mut self, leaf: &[u8]) {
        if self.levels.is_empty() {
            self.levels.push(Vec::new());
        }
        if let Some(leaves) = self.levels.first_mut() {
            self.changed.push(leaves.len());
            leaves.push(Hash::from(blake2_256(leaf)));
        }
    }

    /// Takes out the leaf at `place` and puts the last one there.
    pub(crate) fn swap_remove(&mut self, place: usize) {
        if let Some(leaves) = self.levels.first_mut()
            && place < leaves.len()
        {
            leaves.swap_remove(place);
            // The nodes above the new last leaf change too, because there is one leaf less.
            self.changed.extend([place, leaves.len().saturating_sub(1)]);
        }
    }

    /// Whether leaves changed since the last refresh.
    pub(crate) fn is_stale(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Computes the nodes above all leaves that changed.
    pub(crate) fn refresh(&mut self) {
        let mut places = core::mem::take(&mut self.changed);
        if places.is_empty() {
            return;
        }
        places.sort_unstable();
        let mut level = 0usize;
        loop {
            let above = level.saturating_add(1);
            let width = self.levels.get(level).map_or(0, Vec::len);
            if width <= 1 {
                self.levels.truncate(above);
                return;
            }
            if self.levels.len() == above {
                self.levels.push(Vec::new());
            }
            let (lower, upper) = self.levels.split_at_mut(above);
            let (Some(below), Some(nodes)) = (lower.last(), upper.first_mut()) else { return };
            nodes.resize(width.div_ceil(2), Hash::zero());
            for place in &mut places {
                *place /= 2;
            }
            places.dedup();
            for place in &places {
                let Some(node) = nodes.get_mut(*place) else { continue };
                *node = match below.chunks(2).nth(*place) {
                    Some([left, right]) => {
                        let mut both = [0; 64];
                        both[..32].copy_from_slice(left.as_bytes());
                        both[32..].copy_from_slice(right.as_bytes());
                        Hash::from(blake2_256(&both))
                    }
                    Some([alone]) => *alone,
                    _ => Hash::zero(),
                };
            }
            level = above;
        }
    }

    /// The root; the zero hash if there are no leaves. Refreshed trees only.
    pub(crate) fn root(&self) -> Hash {
        debug_assert!(!self.is_stale(), "a tree is refreshed before it is read");
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_default()
    }

    /// Proof for the leaf at `place`; nothing if there is none. Refreshed trees only.
    pub(crate) fn proof(&self, place: usize) -> Option<MerkleProof> {
        self.levels.first()?.get(place)?;
        let mut siblings: Vec<Hash> = Vec::new();
        let mut at = place;
        for level in &self.levels {
            siblings.extend(level.get(at ^ 1).copied());
            at /= 2;
        }
        let siblings = BoundedVec::try_from(siblings).ok()?;
        Some(MerkleProof { index: u32::try_from(place).ok()?, siblings })
    }
}
