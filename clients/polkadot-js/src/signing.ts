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

import { wrapped } from './payloads.ts';

/** Kinds of keys in the order of their SCALE variants. */
export const KINDS = ['Ed25519', 'Sr25519', 'Ecdsa'] as const;

/** A kind of keys. */
export type Kind = (typeof KINDS)[number];

/** A public key of a kind. */
export interface Key {
  kind: Kind;
  publicKey: Uint8Array;
}

/** A key pair of a kind. */
export interface Pair extends Key {
  secretKey: Uint8Array;
}

interface Scheme {
  pair(seed: Uint8Array): Pick<Pair, 'publicKey' | 'secretKey'>;
  sign(bytes: Uint8Array, pair: Pair): Uint8Array;
  verify(bytes: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean;
}

const SCHEMES: Record<Kind, Scheme> = {
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
export const pairFromSeed = (kind: Kind, seed: Uint8Array): Pair => ({
  kind,
  ...SCHEMES[kind].pair(seed)
});

/** The account behind a key: the key itself, or the hash of an ECDSA key. */
export const accountOf = (kind: Kind, publicKey: Uint8Array): Uint8Array =>
  kind === 'Ecdsa' ? blake2AsU8a(publicKey, 256) : publicKey;

/** A signature over `bytes`, in SCALE. */
export const sign = (bytes: Uint8Array, pair: Pair): Uint8Array =>
  u8aConcat([KINDS.indexOf(pair.kind)], SCHEMES[pair.kind].sign(bytes, pair));

/** Whether the holder of a key signed `payload`, raw or wrapped. Key and signature are of one kind. */
export function verifySigner(
  signature: Uint8Array,
  { kind, publicKey }: Key,
  payload: Uint8Array
): boolean {
  if (signature[0] !== KINDS.indexOf(kind)) {
    return false;
  }
  const bare = signature.slice(1);
  const { verify } = SCHEMES[kind];
  // Ed25519 and sr25519 verify against the key, secp256k1 against the account behind it.
  const key = kind === 'Ecdsa' ? accountOf(kind, publicKey) : publicKey;
  return [payload, wrapped(payload)].some((bytes) => verify(bytes, bare, key));
}

/** Whether the key behind `account` signed `payload`; `publicKey`: what is said to be that key. */
export const verifyAccount = (
  signature: Uint8Array,
  account: Uint8Array,
  { kind, publicKey }: Key,
  payload: Uint8Array
): boolean =>
  u8aEq(accountOf(kind, publicKey), account) && verifySigner(signature, { kind, publicKey }, payload);
