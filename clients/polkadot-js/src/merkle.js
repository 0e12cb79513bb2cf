// SPDX-License-Identifier: Apache-2.0

// Merkle trees over BLAKE2b-256: a leaf's bytes are hashed; the last of an odd number of nodes moves
// up as it is.

import { u8aConcat, u8aEq } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

const hash = (bytes) => blake2AsU8a(bytes, 256);
const join = (left, right) => hash(u8aConcat(left, right));

/** All levels of the tree, from the hashed leaves to the root. */
function levels(leaves) {
  const all = [leaves.map(hash)];
  while (all.at(-1).length > 1) {
    const below = all.at(-1);
    const above = [];
    for (let at = 0; at < below.length; at += 2) {
      above.push(at + 1 < below.length ? join(below[at], below[at + 1]) : below[at]);
    }
    all.push(above);
  }
  return all;
}

/** Root over `leaves`, of which there is at least one. */
export function merkleRoot(leaves) {
  return levels(leaves).at(-1)[0];
}

/** The hashes beside the path of the leaf at `index`. */
export function merkleProof(leaves, index) {
  const siblings = [];
  let place = index;
  for (const level of levels(leaves)) {
    const beside = level[place ^ 1];
    if (beside !== undefined) {
      siblings.push(beside);
    }
    place >>= 1;
  }
  return { index, siblings };
}

/**
 * On which side of the path each sibling stands, from the leaf to the root. Its length is the only
 * one that a proof for this place may have.
 */
function sides(count, index) {
  const found = [];
  for (let place = index, width = count; width > 1; place >>= 1, width = (width + 1) >> 1) {
    const isAlone = place === width - 1 && place % 2 === 0;
    if (!isAlone) {
      found.push(place % 2 === 1 ? 'left' : 'right');
    }
  }
  return found;
}

/** Whether `leaf` is at the proof's place in the tree of `count` leaves with this root. */
export function verifyMerkle(root, count, { index, siblings }, leaf) {
  if (index >= count) {
    return false;
  }
  const expected = sides(count, index);
  if (expected.length !== siblings.length) {
    return false;
  }
  const reached = expected.reduce(
    (node, side, at) => (side === 'left' ? join(siblings[at], node) : join(node, siblings[at])),
    hash(leaf)
  );
  return u8aEq(reached, root);
}
