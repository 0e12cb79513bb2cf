// SPDX-License-Identifier: Apache-2.0

// The id of a channel and what accounts sign to open it: `blake2_256(tag ++ genesis hash ++ SCALE(message))`.
// The encodings are those of each library; only the rule is here.

import { blake2, concat } from './headers.ts';

const digest = (tag: string, ...parts: Uint8Array[]): Uint8Array =>
  blake2(concat(new TextEncoder().encode(tag), ...parts));

/** Names the channel for ever. `params`: in SCALE. */
export const channelId = (genesis: Uint8Array, params: Uint8Array): Uint8Array =>
  digest('millrace/channel/1', genesis, params);

/** What each account signs to lock its deposit. `deposits`: a SCALE list of amounts. */
export const openPayload = (genesis: Uint8Array, params: Uint8Array, deposits: Uint8Array): Uint8Array =>
  digest('millrace/open/1', genesis, params, deposits);
