// SPDX-License-Identifier: Apache-2.0

// Merkle trees over BLAKE2b-256: a leaf's bytes are hashed; the last of an odd number of nodes moves
// up as it is.

import { u8aConcat, u8aEq } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

import type { Bytes, MerkleProof } from './types.ts';

const hash = (bytes: Uint8Array): Uint8Array => blake2AsU8a(bytes, 256);
const join = (left: Uint8Array, right: Uint8Array): Uint8Array => hash(u8aConcat(left, right));

/** All levels of the tree, from the hashed leaves to the root. */
function levels(leaves: Uint8Array[]): Uint8Array[][] {
  let level = leaves.map(hash);
  const all = [level];
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    let left: Uint8Array | undefined;
    for (const node of level) {
      if (left === undefined) {
        left = node;
      } else {
        above.push(join(left, node));
        left = undefined;
      }
    }
    level = left === undefined ? above : [...above, left];
    all.push(level);
  }
  return all;
}

/** Root over `leaves`, of which there is at least one. */
export function merkleRoot(leaves: Uint8Array[]): Uint8Array {
  const root = levels(leaves).at(-1)?.[0];
  if (root === undefined) {
    throw new Error('a tree has at least one leaf');
  }
  return root;
}

/** The hashes beside the path of the leaf at `index`. */
export function merkleProof(leaves: Uint8Array[], index: number): MerkleProof {
  const siblings: Uint8Array[] = [];
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
function sides(count: number, index: number): ('left' | 'right')[] {
  const found: ('left' | 'right')[] = [];
  for (let place = index, width = count; width > 1; place >>= 1, width = (width + 1) >> 1) {
    const isAlone = place === width - 1 && place % 2 === 0;
    if (!isAlone) {
      found.push(place % 2 === 1 ? 'left' : 'right');
    }
  }
  return found;
}

/** Whether `leaf` is at the proof's place in the tree of `count` leaves with this root. */
export function verifyMerkle(
  root: Bytes,
  count: number,
  { index, siblings }: MerkleProof,
  leaf: Uint8Array
): boolean {
  if (index >= count) {
    return false;
  }
  const expected = sides(count, index);
  if (expected.length !== siblings.length) {
    return false;
  }
  const reached = siblings.reduce(
    (node, beside, at) => (expected[at] === 'left' ? join(beside, node) : join(node, beside)),
    hash(leaf)
  );
  return u8aEq(reached, root);
}
