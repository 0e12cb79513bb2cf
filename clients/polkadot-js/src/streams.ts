// SPDX-License-Identifier: Apache-2.0

// Pulses: payments by hash links.

import { stringToU8a, u8aConcat } from '@polkadot/util';
import { sha256AsU8a } from '@polkadot/util-crypto';

import { merkleProof, merkleRoot, verifyMerkle } from './merkle.ts';
import { digest } from './payloads.ts';
import { type Bytes, type MerkleProof, scale, type Stream } from './types.ts';

/** What tells a stream's links from those of every other stream: 16 bytes. */
export function streamSalt(
  genesis: Uint8Array,
  channel: Bytes,
  { payer, payee, epoch }: Pick<Stream, 'payer' | 'payee' | 'epoch'>
): Uint8Array {
  const about = scale('(H256, u8, u8, u32)', [channel, payer, payee, epoch]);
  return digest('millrace/stream/1', genesis, about).slice(0, 16);
}

/** One step towards the tip. */
export const step = (salt: Uint8Array, link: Uint8Array): Uint8Array =>
  sha256AsU8a(u8aConcat(salt, link));

/** `count` steps from `link`. */
export function steps(salt: Uint8Array, link: Uint8Array, count: number): Uint8Array {
  let reached = link;
  for (let done = 0; done < count; done += 1) {
    reached = step(salt, reached);
  }
  return reached;
}

const tipLeaf = (tip: Uint8Array): Uint8Array =>
  u8aConcat(stringToU8a('millrace/tip/1'), tip);

/** Root over the tips of all chains. */
export const tipsRoot = (tips: Uint8Array[]): Uint8Array => merkleRoot(tips.map(tipLeaf));

/** Proof for the tip of the chain at `index`. */
export const tipProof = (tips: Uint8Array[], index: number): MerkleProof =>
  merkleProof(tips.map(tipLeaf), index);

/** What the stream can pay at the most. */
export const reserve = ({ unit, chains, links }: Pick<Stream, 'unit' | 'chains' | 'links'>): bigint =>
  BigInt(unit) * BigInt(chains) * BigInt(links);

/** The units that `link` proves as link `depth` of the chain at the proof's place, or null. */
export function provenUnits(
  stream: Pick<Stream, 'root' | 'chains' | 'links'>,
  salt: Uint8Array,
  link: Uint8Array,
  depth: number,
  proof: MerkleProof
): number | null {
  if (depth < 1 || depth > stream.links) {
    return null;
  }
  const tip = steps(salt, link, depth);
  const isTip = verifyMerkle(stream.root, stream.chains, proof, tipLeaf(tip));
  return isTip ? proof.index * stream.links + depth : null;
}
