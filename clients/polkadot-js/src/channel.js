// SPDX-License-Identifier: Apache-2.0

// Ids and signed bytes of state channels, computed without any code of the chain: the encodings
// come from the chain's metadata, the rules from docs and `primitives/channels/src/payload.rs`.

import { u8aCmp, u8aToHex } from '@polkadot/util';

import { channelIdOf, openPayloadOf, statePayloadOf } from './payloads.js';

/** Type of the argument `name` of `call`, as the metadata says. */
function argumentType(call, name) {
  const argument = call.meta.args.find((candidate) => candidate.name.toString() === name);
  if (argument === undefined) {
    throw new Error(`${call.section}.${call.method} has no argument ${name}: ${call.meta.args}`);
  }
  return argument.type.toString();
}

/** Parameters of a channel between the owners of `pairs`, each of whom signs for itself. */
export function channelParams(api, { pairs, challengeBlocks, openBy, nonce }) {
  const participants = [...pairs]
    .sort((left, right) => u8aCmp(left.publicKey, right.publicKey))
    .map(({ publicKey }) => ({
      account: publicKey,
      signer: { Sr25519: u8aToHex(publicKey) }
    }));
  return api.createType(argumentType(api.tx.channels.open, 'params'), {
    participants,
    asset: 'Native',
    challengeBlocks,
    openBy,
    nonce
  });
}

/** A state that leaves nothing pending. */
export function plainState(api, { channel, version, balances, isFinal = false }) {
  return api.createType(argumentType(api.tx.channels.settle, 'state'), {
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
export function finalState(api, terms) {
  return plainState(api, { ...terms, isFinal: true });
}

/** Names the channel for ever. */
export function channelId(api, params) {
  return channelIdOf(api.genesisHash.toU8a(), params.toU8a());
}

/** What each account signs to lock its deposit and open the channel. */
export function openPayload(api, params, deposits) {
  const amounts = api.createType('Vec<u128>', deposits).toU8a();
  return openPayloadOf(api.genesisHash.toU8a(), params.toU8a(), amounts);
}

/** What each signer signs to agree to a state. */
export function statePayload(api, state) {
  return statePayloadOf(api.genesisHash.toU8a(), state.toU8a());
}

/** One `MultiSignature` per pair, in the order of the channel's participants. */
export function signatures(payload, pairs) {
  return [...pairs]
    .sort((left, right) => u8aCmp(left.publicKey, right.publicKey))
    .map((pair) => pair.sign(payload, { withType: true }));
}
