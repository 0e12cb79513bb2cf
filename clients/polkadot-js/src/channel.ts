// SPDX-License-Identifier: Apache-2.0

// Ids and signed bytes of state channels, computed without any code of the chain: the encodings
// come from the chain's metadata, the rules from docs and `primitives/channels/src/payload.rs`.

import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsicFunction } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { Option } from '@polkadot/types';
import type { Codec } from '@polkadot/types/types';
import { u8aCmp, u8aToHex } from '@polkadot/util';

import { channelIdOf, openPayloadOf, statePayloadOf } from './payloads.ts';
import type { Amount } from './types.ts';

/** What a channel's participants agree on, but for themselves. */
export interface Rules {
  pairs: Pick<KeyringPair, 'publicKey'>[];
  /** Blocks in which a dispute can be answered. */
  challengeBlocks: number;
  /** The last block in which the channel can open. */
  openBy: number;
  nonce: bigint;
}

/** What a state says. */
export interface Terms {
  channel: string;
  version: number;
  /** By participant, in the channel's order. */
  balances: Amount[];
  isFinal?: boolean;
}

/** Type of the argument `name` of `call`, as the metadata says. */
function argumentType(call: SubmittableExtrinsicFunction<'promise'>, name: string): string {
  const argument = call.meta.args.find((candidate) => candidate.name.toString() === name);
  if (argument === undefined) {
    throw new Error(`${call.section}.${call.method} has no argument ${name}: ${call.meta.args}`);
  }
  return argument.type.toString();
}

/** A call of the pallet, by name. */
export function callOf(api: ApiPromise, name: string): SubmittableExtrinsicFunction<'promise'> {
  const call = api.tx.channels?.[name];
  if (call === undefined) {
    throw new Error(`the chain has no call channels.${name}`);
  }
  return call;
}

/** The channel as the chain shows it; none before it opens and after it is closed. */
export async function channelView(api: ApiPromise, id: string): Promise<Option<any>> {
  return (await api.call.channelsApi?.channel?.(id)) as Option<any>;
}

/** Parameters of a channel between the owners of `pairs`, each of whom signs for itself. */
export function channelParams(
  api: ApiPromise,
  { pairs, challengeBlocks, openBy, nonce }: Rules
): Codec {
  const participants = [...pairs]
    .sort((left, right) => u8aCmp(left.publicKey, right.publicKey))
    .map(({ publicKey }) => ({
      account: publicKey,
      signer: { Sr25519: u8aToHex(publicKey) }
    }));
  return api.createType(argumentType(callOf(api, 'open'), 'params'), {
    participants,
    asset: 'Native',
    challengeBlocks,
    openBy,
    nonce
  });
}

/** A state that leaves nothing pending. */
export function plainState(
  api: ApiPromise,
  { channel, version, balances, isFinal = false }: Terms
): Codec {
  return api.createType(argumentType(callOf(api, 'settle'), 'state'), {
    channel,
    version,
    balances,
    pending: null,
    streams: [],
    app: null,
    isFinal
  });
}

/** A state to settle with at once. */
export function finalState(api: ApiPromise, terms: Terms): Codec {
  return plainState(api, { ...terms, isFinal: true });
}

/** Names the channel for ever. */
export function channelId(api: ApiPromise, params: Codec): Uint8Array {
  return channelIdOf(api.genesisHash.toU8a(), params.toU8a());
}

/** What each account signs to lock its deposit and open the channel. */
export function openPayload(api: ApiPromise, params: Codec, deposits: Amount[]): Uint8Array {
  const amounts = api.createType('Vec<u128>', deposits).toU8a();
  return openPayloadOf(api.genesisHash.toU8a(), params.toU8a(), amounts);
}

/** What each signer signs to agree to a state. */
export function statePayload(api: ApiPromise, state: Codec): Uint8Array {
  return statePayloadOf(api.genesisHash.toU8a(), state.toU8a());
}

/** One `MultiSignature` per pair, in the order of the channel's participants. */
export function signatures(payload: Uint8Array, pairs: KeyringPair[]): Uint8Array[] {
  return [...pairs]
    .sort((left, right) => u8aCmp(left.publicKey, right.publicKey))
    .map((pair) => pair.sign(payload, { withType: true }));
}
