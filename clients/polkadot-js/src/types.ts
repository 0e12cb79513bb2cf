// SPDX-License-Identifier: Apache-2.0

// The nouns of state channels as SCALE types, written from the documentation, so that signed bytes
// can be computed without a chain. The names of fields are those of the golden vectors.

import { TypeRegistry } from '@polkadot/types';

/** Knows every type that is signed, hashed or submitted. */
export const registry = new TypeRegistry();

registry.register({
  Participant: { account: 'AccountId32', signer: 'MultiSigner' },
  ChannelAsset: { _enum: { Native: 'Null', Local: 'u32' } },
  ChannelParams: {
    participants: 'Vec<Participant>',
    asset: 'ChannelAsset',
    challenge_blocks: 'u32',
    open_by: 'u32',
    nonce: 'u64'
  },
  PendingTransfers: { root: 'H256', totals: 'Vec<u128>', count: 'u32', last_expiry: 'u32' },
  Stream: {
    payer: 'u8',
    payee: 'u8',
    epoch: 'u32',
    root: 'H256',
    unit: 'u128',
    chains: 'u32',
    links: 'u32'
  },
  AppState: { id: 'H256', data: 'Bytes' },
  ChannelState: {
    channel: 'H256',
    version: 'u64',
    balances: 'Vec<u128>',
    pending: 'Option<PendingTransfers>',
    streams: 'Vec<Stream>',
    app: 'Option<AppState>',
    is_final: 'bool'
  },
  Resize: { state: 'ChannelState', deltas: 'Vec<i128>', valid_until: 'u32' },
  Transfer: {
    id: 'u64',
    payer: 'u8',
    payee: 'u8',
    amount: 'u128',
    hashlock: 'H256',
    expiry: 'u32'
  },
  MerkleProof: { index: 'u32', siblings: 'Vec<H256>' }
});

/** An amount, in the smallest unit of an asset. */
export type Amount = bigint | number | string;

/** Bytes, or their hexadecimal form. */
export type Bytes = Uint8Array | string;

/** A conditional transfer. */
export interface Transfer {
  id: number | string;
  payer: number;
  payee: number;
  amount: Amount;
  hashlock: Bytes;
  expiry: number;
}

/** A stream of payments by hash links. */
export interface Stream {
  payer: number;
  payee: number;
  epoch: number;
  root: Bytes;
  unit: Amount;
  chains: number;
  links: number;
}

/** That a leaf is at a place of a Merkle tree. */
export interface MerkleProof {
  index: number;
  siblings: Uint8Array[];
}

/** The SCALE bytes of `value` as `type`. */
export function scale(type: string, value: unknown): Uint8Array {
  return registry.createType(type, value).toU8a();
}
