// SPDX-License-Identifier: Apache-2.0

// Proofs that a block belongs to the chain whose Merkle mountain range has a given root: peaks from the
// left are perfect trees of falling height, one for each bit of the number of leaves, and the root bags
// them from the right. As in the Polkadot specification, chapter "BEEFY", with Keccak-256.

import { keccak_256 } from '@noble/hashes/sha3.js';
import {
  Bytes,
  type CodecType,
  SizedBytes,
  Struct,
  Tuple,
  u32,
  u64,
  u8,
  Vector
} from '@polkadot-api/substrate-bindings';

import { concat } from './headers.ts';
import { fromHex, type Hex } from './rpc.ts';

const hash = keccak_256;

/** `LeafProof`: which leaves, of how many, and the hashes beside their paths. */
const proofCodec = Struct({
  leafIndices: Vector(u64),
  leafCount: u64,
  items: Vector(Bytes(32))
});
export type MmrProof = CodecType<typeof proofCodec>;

/** `MmrLeaf`: one per block, about the block before it and the next BEEFY validators. */
const leafCodec = Struct({
  version: u8,
  parent: Tuple(u32, SizedBytes(32)),
  nextAuthorities: Struct({ id: u64, len: u32, keysetCommitment: Bytes(32) }),
  extra: Bytes()
});
export type MmrLeaf = CodecType<typeof leafCodec>;

/** What `mmr_generateProof` answers. */
export interface LeavesProofJson {
  blockHash: Hex;
  leaves: Hex;
  proof: Hex;
}

/** The proof of one leaf, and that leaf in bytes and decoded. */
export function decodeProof({ leaves, proof }: LeavesProofJson): { proof: MmrProof; bytes: Uint8Array; leaf: MmrLeaf } {
  const [bytes, ...others] = Vector(Bytes()).dec(fromHex(leaves));
  if (bytes === undefined || others.length > 0) {
    throw new Error(`expected the proof of one leaf and got ${others.length + (bytes ? 1 : 0)}`);
  }
  return { proof: proofCodec.dec(fromHex(proof)), bytes, leaf: leafCodec.dec(bytes) };
}

/** Heights of the peaks from the left: the bits of the number of leaves. */
function heights(leafCount: bigint): number[] {
  const bits = leafCount.toString(2);
  return [...bits].flatMap((bit, at) => (bit === '1' ? [bits.length - 1 - at] : []));
}

/** Bags peaks, given from the left: the one on the right is hashed first. */
const bag = (peaks: Uint8Array[]): Uint8Array | undefined =>
  peaks.length === 0 ? undefined : peaks.reduceRight((right, left) => hash(concat(right, left)));

/**
 * Root that follows from a leaf and a proof of it; nothing if the proof has not the one shape that fits.
 *
 * The items are the peaks to the left of the leaf's own, the siblings of its path from the bottom, and all
 * peaks to the right bagged into one.
 */
function rootOf({ leafIndices, leafCount, items }: MmrProof, leaf: Uint8Array): Uint8Array | undefined {
  const [index, ...others] = leafIndices;
  if (index === undefined || others.length > 0 || index >= leafCount) {
    return undefined;
  }
  const all = heights(leafCount);
  let first = 0n;
  const own = all.findIndex((height) => {
    const isInside = index < first + (1n << BigInt(height));
    first += isInside ? 0n : 1n << BigInt(height);
    return isInside;
  });
  const height = all[own] ?? 0;
  const hasRight = own < all.length - 1;
  if (items.length !== own + height + (hasRight ? 1 : 0)) {
    return undefined;
  }
  const left = items.slice(0, own);
  const siblings = items.slice(own, own + height);
  const right = items.slice(own + height);
  const place = index - first;
  const peak = siblings.reduce(
    (node, beside, level) =>
      (place >> BigInt(level)) & 1n ? hash(concat(beside, node)) : hash(concat(node, beside)),
    hash(leaf)
  );
  return bag([...left, peak, ...right]);
}

/** Whether `leaf`, in bytes, is at the proof's place under `root`. */
export function verifyMmr(root: Uint8Array, proof: MmrProof, leaf: Uint8Array): boolean {
  const reached = rootOf(proof, leaf);
  return reached !== undefined && Buffer.from(reached).equals(root);
}

/** Root over leaves in bytes, of which there is at least one: for tests, and for who keeps all leaves. */
export function mmrRoot(leaves: Uint8Array[]): Uint8Array {
  let rest = leaves.map((leaf) => hash(leaf));
  const peaks = heights(BigInt(leaves.length)).map((height) => {
    let level = rest.slice(0, 1 << height);
    rest = rest.slice(1 << height);
    while (level.length > 1) {
      level = level.flatMap((node, at) => (at % 2 === 0 ? [hash(concat(node, level[at + 1]!))] : []));
    }
    return level[0]!;
  });
  const root = bag(peaks);
  if (root === undefined) {
    throw new Error('a range has at least one leaf');
  }
  return root;
}
