// SPDX-License-Identifier: Apache-2.0

// The golden vectors, as `primitives/channels` writes them.

import { readFileSync } from 'node:fs';

import { decodeAddress } from '@polkadot/util-crypto';

import { type Key, type Kind, KINDS } from './signing.ts';
import type { Stream, Transfer } from './types.ts';

/** What is signed, as it is and as wallets wrap it. */
export interface Payload {
  raw: string;
  wrapped: string;
}

/** A proof, and its bytes. */
export interface GoldenProof {
  index: number;
  siblings: string[];
  scale: string;
}

/** What a link proves. */
export interface Claim {
  depth: number;
  link: string;
  proof: GoldenProof;
  units: number | null;
}

/** A key by kind and address, as in `{ Sr25519: '5F…' }`. */
export type Signer = Partial<Record<Kind, string>>;

interface Params {
  participants: { account: string; signer: Signer }[];
  asset: string;
  challenge_blocks: number;
  open_by: number;
  nonce: number;
}

interface State {
  channel: string;
  version: string;
  balances: string[];
}

interface Computed {
  genesis: string;
  params: Params;
  params_scale: string;
  channel_id: string;
  deposits: string[];
  open_payload: Payload;
  states: { state: State; scale: string; payload: Payload }[];
  resize: {
    state: State;
    deltas: string[];
    valid_until: number;
    scale: string;
    payload: Payload;
  };
  transfers: {
    hashlocks: { preimage: string; hashlock: string }[];
    leaves: { transfer: Transfer; leaf: string }[];
    trees: { count: number; root: string; proofs: GoldenProof[] }[];
    refused: { count: number; transfer: number; proof: GoldenProof; why: string }[];
  };
  streams: {
    stream: Stream & { root: string };
    salt: string;
    reserve: string;
    innermost: string[];
    tips: string[];
    claims: Claim[];
    refused: Claim[];
  }[];
}

/** Signatures in both forms, each by participant. */
interface Forms {
  raw: string[];
  wrapped: string[];
}

interface Signatures {
  open: Forms;
  states: Forms[];
  resize: Forms;
  accounts: { account: string; signer: Signer; seed: string; raw: string; wrapped: string }[];
}

const file = new URL('../../../primitives/channels/vectors/channels.json', import.meta.url);

const golden: { computed: Computed; signatures: Signatures } = JSON.parse(readFileSync(file, 'utf8'));

export const { computed, signatures } = golden;

/** What is at this place of a list that has to have it. */
export function at<T>(list: T[], place: number): T {
  const found = list[place];
  if (found === undefined) {
    throw new Error(`nothing is at place ${place} of ${list.length}`);
  }
  return found;
}

/** A number of the vectors' rules, as the first four of 32 bytes, the lowest first. */
export function numbered(number: number, filling: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(filling);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/** Kind and bytes of a key that the vectors name, as in `{ Sr25519: '5F…' }`. */
export function keyOf(signer: Signer): Key {
  for (const kind of KINDS) {
    const address = signer[kind];
    if (address !== undefined) {
      return { kind, publicKey: decodeAddress(address) };
    }
  }
  throw new Error(`not a key: ${JSON.stringify(signer)}`);
}

/** Parameters with keys as bytes, as the SCALE types take them. */
export function paramsOf({ participants, ...rules }: Params) {
  return {
    ...rules,
    participants: participants.map(({ account, signer }) => {
      const { kind, publicKey } = keyOf(signer);
      return { account, signer: { [kind]: publicKey } };
    })
  };
}
