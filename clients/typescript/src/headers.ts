// SPDX-License-Identifier: Apache-2.0

// A block's header: its bytes, its hash, and the MMR root that its digest carries.

import { blake2b } from '@noble/hashes/blake2.js';
import { compactNumber } from '@polkadot-api/substrate-bindings';

import { ask, fromHex, type HeaderJson, type Hex, toHex } from './rpc.ts';

/** BLAKE2b-256, the chain's hash of blocks, storage nodes and values. */
export const blake2 = (bytes: Uint8Array): Uint8Array => blake2b(bytes, { dkLen: 32 });

export const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A header whose hash was computed here, so that its state root is bound to that hash. */
export interface Header {
  hash: Hex;
  number: number;
  stateRoot: Hex;
  parentHash: Hex;
  digest: Uint8Array[];
}

/** Computes the hash of a header from what a node says is in it. */
export function headerOf({ parentHash, number, stateRoot, extrinsicsRoot, digest }: HeaderJson): Header {
  const logs = digest.logs.map(fromHex);
  const height = Number.parseInt(number, 16);
  const bytes = concat(
    fromHex(parentHash),
    compactNumber.enc(height),
    fromHex(stateRoot),
    fromHex(extrinsicsRoot),
    compactNumber.enc(logs.length),
    ...logs
  );
  return { hash: toHex(blake2(bytes)), number: height, stateRoot, parentHash, digest: logs };
}

/** The header with this hash. Throws if the node gives another one. */
export async function headerAt(hash: Hex): Promise<Header> {
  const header = headerOf(await ask<HeaderJson>('chain_getHeader', hash));
  if (header.hash !== hash) {
    throw new Error(`asked for the header of ${hash}, but the answer hashes to ${header.hash}`);
  }
  return header;
}

/** `DigestItem::Consensus`, engine `BEEF`, `ConsensusLog::MmrRoot`: then follow the 32 bytes. */
const mmrRootLog = concat(
  Uint8Array.of(4),
  new TextEncoder().encode('BEEF'),
  compactNumber.enc(33),
  Uint8Array.of(3)
);

/** Root of the MMR over all blocks before this one's successor, which each header carries. */
export function mmrRootOf({ digest, number }: Header): Uint8Array {
  const roots = digest.filter((log) => Buffer.from(log).indexOf(mmrRootLog) === 0);
  const [log, ...others] = roots;
  if (log === undefined || others.length > 0) {
    throw new Error(`block ${number} carries ${roots.length} MMR roots in its digest instead of one`);
  }
  return log.slice(mmrRootLog.length);
}
