// SPDX-License-Identifier: Apache-2.0

// The golden vectors, as `primitives/channels` writes them.

import { readFileSync } from 'node:fs';

import { decodeAddress } from '@polkadot/util-crypto';

const file = new URL('../../../primitives/channels/vectors/channels.json', import.meta.url);

export const { computed, signatures } = JSON.parse(readFileSync(file, 'utf8'));

/** A number of the vectors' rules, as the first four of 32 bytes, the lowest first. */
export function numbered(number, filling) {
  const bytes = new Uint8Array(32).fill(filling);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/** Kind and bytes of a key that the vectors name, as in `{ Sr25519: '5F…' }`. */
export function keyOf(signer) {
  const [[kind, address]] = Object.entries(signer);
  return { kind, publicKey: decodeAddress(address) };
}

/** Parameters with keys as bytes, as the SCALE types take them. */
export function paramsOf({ participants, ...rules }) {
  return {
    ...rules,
    participants: participants.map(({ account, signer }) => {
      const { kind, publicKey } = keyOf(signer);
      return { account, signer: { [kind]: publicKey } };
    })
  };
}
