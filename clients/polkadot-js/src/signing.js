// SPDX-License-Identifier: Apache-2.0

// Signatures of all three kinds of key, as SCALE bytes: a byte for the kind, then the signature.

import { u8aConcat, u8aEq } from '@polkadot/util';
import {
  blake2AsU8a,
  ed25519PairFromSeed,
  ed25519Sign,
  ed25519Verify,
  secp256k1PairFromSeed,
  secp256k1Sign,
  secp256k1Verify,
  sr25519PairFromSeed,
  sr25519Sign,
  sr25519Verify
} from '@polkadot/util-crypto';

import { wrapped } from './payloads.js';

/** Kinds of keys in the order of their SCALE variants. */
export const KINDS = ['Ed25519', 'Sr25519', 'Ecdsa'];

const SCHEMES = {
  Ed25519: {
    pair: ed25519PairFromSeed,
    sign: (bytes, pair) => ed25519Sign(bytes, pair),
    verify: ed25519Verify
  },
  Sr25519: {
    pair: sr25519PairFromSeed,
    sign: (bytes, pair) => sr25519Sign(bytes, pair),
    verify: sr25519Verify
  },
  Ecdsa: {
    pair: secp256k1PairFromSeed,
    sign: (bytes, pair) => secp256k1Sign(bytes, pair, 'blake2'),
    verify: (bytes, signature, key) => secp256k1Verify(bytes, signature, key, 'blake2')
  }
};

/** The key pair of this kind with this seed. */
export const pairFromSeed = (kind, seed) => ({ kind, ...SCHEMES[kind].pair(seed) });

/** The account behind a key: the key itself, or the hash of an ECDSA key. */
export const accountOf = (kind, publicKey) =>
  kind === 'Ecdsa' ? blake2AsU8a(publicKey, 256) : publicKey;

/** A signature over `bytes`, in SCALE. */
export const sign = (bytes, pair) =>
  u8aConcat([KINDS.indexOf(pair.kind)], SCHEMES[pair.kind].sign(bytes, pair));

/** Whether the holder of a key signed `payload`, raw or wrapped. Key and signature are of one kind. */
export function verifySigner(signature, { kind, publicKey }, payload) {
  if (KINDS[signature[0]] !== kind) {
    return false;
  }
  const bare = signature.slice(1);
  const { verify } = SCHEMES[kind];
  // Ed25519 and sr25519 verify against the key, secp256k1 against the account behind it.
  const key = kind === 'Ecdsa' ? accountOf(kind, publicKey) : publicKey;
  return [payload, wrapped(payload)].some((bytes) => verify(bytes, bare, key));
}

/** Whether the key behind `account` signed `payload`; `publicKey`: what is said to be that key. */
export const verifyAccount = (signature, account, { kind, publicKey }, payload) =>
  u8aEq(accountOf(kind, publicKey), account) && verifySigner(signature, { kind, publicKey }, payload);
