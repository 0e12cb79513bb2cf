// SPDX-License-Identifier: Apache-2.0

// Pulses: payments by hash links.

import { stringToU8a, u8aConcat } from '@polkadot/util';
import { sha256AsU8a } from '@polkadot/util-crypto';

import { merkleProof, merkleRoot, verifyMerkle } from './merkle.js';
import { digest } from './payloads.js';
import { scale } from './types.js';

/** What tells a stream's links from those of every other stream: 16 bytes. */
export function streamSalt(genesis, channel, { payer, payee, epoch }) {
  const about = scale('(H256, u8, u8, u32)', [channel, payer, payee, epoch]);
  return digest('millrace/stream/1', genesis, about).slice(0, 16);
}

/** One step towards the tip. */
export const step = (salt, link) => sha256AsU8a(u8aConcat(salt, link));

/** `count` steps from `link`. */
export function steps(salt, link, count) {
  let reached = link;
  for (let done = 0; done < count; done += 1) {
    reached = step(salt, reached);
  }
  return reached;
}

const tipLeaf = (tip) => u8aConcat(stringToU8a('millrace/tip/1'), tip);

/** Root over the tips of all chains. */
export const tipsRoot = (tips) => merkleRoot(tips.map(tipLeaf));

/** Proof for the tip of the chain at `index`. */
export const tipProof = (tips, index) => merkleProof(tips.map(tipLeaf), index);

/** What the stream can pay at the most. */
export const reserve = ({ unit, chains, links }) => BigInt(unit) * BigInt(chains) * BigInt(links);

/** The units that `link` proves as link `depth` of the chain at the proof's place, or null. */
export function provenUnits(stream, salt, link, depth, proof) {
  if (depth < 1 || depth > stream.links) {
    return null;
  }
  const tip = steps(salt, link, depth);
  const isTip = verifyMerkle(stream.root, stream.chains, proof, tipLeaf(tip));
  return isTip ? proof.index * stream.links + depth : null;
}
