// SPDX-License-Identifier: Apache-2.0

// The metadata hash (RFC 78), by which a signature says what its signer's wallet displayed. A runtime knows
// its own only when it was built to (`on-chain-release-build`); any other one cannot check, so refuses.

import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';
import { Bytes, Option, u32 } from '@polkadot-api/substrate-bindings';

import { ask, fromHex, type Hex, toHex } from './rpc.ts';

/** What the hash says beside the metadata. `specVersion` and such come from the metadata itself. */
export const token = { decimals: 12, tokenSymbol: 'MILL' };

/** Metadata of version 15, over which the hash goes. */
export async function metadata15(): Promise<Uint8Array> {
  const answer = await ask<Hex>('state_call', 'Metadata_metadata_at_version', toHex(u32.enc(15)));
  const bytes = Option(Bytes()).dec(fromHex(answer));
  if (bytes === undefined) {
    throw new Error('the chain gives no metadata of version 15');
  }
  return bytes;
}

/** The hash as polkadot-api computes it. */
export async function metadataHash(): Promise<Hex> {
  return toHex(merkleizeMetadata(await metadata15(), token).digest());
}

/** Whether the chain's runtime is said to know its hash: `yes` or `no`, by whoever started the chain. */
export function knowsHash(): boolean {
  const said = process.env.MILLRACE_METADATA_HASH;
  if (said !== 'yes' && said !== 'no') {
    throw new Error(
      'MILLRACE_METADATA_HASH must say `yes` for a runtime built with on-chain-release-build and `no` for any ' +
        `other; it is ${said}. scripts/clients sets it.`
    );
  }
  return said === 'yes';
}

/** What a runtime without the hash answers, as every library passes it on: `UnknownTransaction::CannotLookup`. */
export const refusal = /CannotLookup/;
