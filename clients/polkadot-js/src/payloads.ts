// SPDX-License-Identifier: Apache-2.0

// Ids and signed bytes: `blake2_256(tag ++ genesis hash ++ SCALE(message))`, each with a tag of its
// own.

import { stringToU8a, u8aConcat } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

/** `blake2_256(tag ++ genesis ++ parts)`; the parts are bytes. */
export function digest(tag: string, genesis: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return blake2AsU8a(u8aConcat(stringToU8a(tag), genesis, ...parts), 256);
}

/** Names the channel for ever. `params`: in SCALE, as all that follows. */
export const channelIdOf = (genesis: Uint8Array, params: Uint8Array): Uint8Array =>
  digest('millrace/channel/1', genesis, params);

/** What each account signs to lock its deposit. `deposits`: a SCALE list of amounts. */
export const openPayloadOf = (
  genesis: Uint8Array,
  params: Uint8Array,
  deposits: Uint8Array
): Uint8Array => digest('millrace/open/1', genesis, params, deposits);

/** What each signer signs to agree to a state. */
export const statePayloadOf = (genesis: Uint8Array, state: Uint8Array): Uint8Array =>
  digest('millrace/state/1', genesis, state);

/** What participants sign to change deposits: by the account if it adds funds, else by the signer. */
export const resizePayloadOf = (genesis: Uint8Array, resize: Uint8Array): Uint8Array =>
  digest('millrace/resize/1', genesis, resize);

/** What a browser wallet signs instead of `payload`. */
export const wrapped = (payload: Uint8Array): Uint8Array =>
  u8aConcat(stringToU8a('<Bytes>'), payload, stringToU8a('</Bytes>'));
