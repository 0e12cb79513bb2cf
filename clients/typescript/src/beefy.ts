// SPDX-License-Identifier: Apache-2.0

// BEEFY finality: what validators sign with secp256k1 keys over Keccak-256, for chains that can check
// nothing else. Encodings as in the Polkadot specification, chapter "BEEFY".

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { Bytes, type CodecType, Struct, Tuple, u32, u64, u8, Vector } from '@polkadot-api/substrate-bindings';

import { concat } from './headers.ts';

const commitmentCodec = Struct({
  payload: Vector(Tuple(Bytes(2), Bytes())),
  blockNumber: u32,
  validatorSetId: u64
});
export type Commitment = CodecType<typeof commitmentCodec>;

/** A commitment with one bit per validator and the signatures of those whose bit is set. */
const signedCodec = Struct({
  version: u8,
  commitment: commitmentCodec,
  signedBy: Bytes(),
  validators: u32,
  signatures: Vector(Bytes(65))
});

/** Validators' compressed public keys, and the number of their set. */
const validatorSetCodec = Struct({ keys: Vector(Bytes(33)), id: u64 });
export type ValidatorSet = CodecType<typeof validatorSetCodec>;

/** From the answer of the runtime API `BeefyApi_validator_set`, which may be none. */
export function decodeValidatorSet(answer: Uint8Array): ValidatorSet {
  if (answer[0] !== 1) {
    throw new Error('the chain has no BEEFY validators');
  }
  return validatorSetCodec.dec(answer.slice(1));
}

/** A justification, as `beefy_subscribeJustifications` sends it. */
export type SignedCommitment = CodecType<typeof signedCodec>;

/** Decodes a versioned justification; version 1 is the only one there is. */
export function decodeJustification(bytes: Uint8Array): SignedCommitment {
  const signed = signedCodec.dec(bytes);
  if (signed.version !== 1) {
    throw new Error(`a BEEFY justification of version ${signed.version}; this code knows version 1`);
  }
  return signed;
}

/** The MMR root that a commitment is about. */
export function committedRoot({ payload }: Commitment): Uint8Array {
  const entry = payload.find(([id]) => Buffer.from(id).toString() === 'mh');
  if (entry === undefined) {
    throw new Error('the commitment carries no MMR root');
  }
  return entry[1];
}

/** How many signatures a set of `count` needs: more than two thirds. */
export const quorum = (count: number): number => count - Math.floor((count - 1) / 3);

/** The bit of the validator at `index`; the first stands highest in its byte. */
const hasSigned = (bits: Uint8Array, index: number): boolean =>
  (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;

/** Whether `key` made the 65 bytes of `signature` (r, s, recovery) over the 32 bytes of `digest`. */
const verifyOne = (signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean =>
  secp256k1.verify(signature.slice(0, 64), digest, key, { prehash: false, lowS: false });

/** Whether more than two thirds of `set` signed, each with its own key and nothing else beside. */
export function verifyJustification(signed: SignedCommitment, set: ValidatorSet): boolean {
  const { commitment, signatures, signedBy, validators } = signed;
  if (commitment.validatorSetId !== set.id || validators !== set.keys.length) {
    return false;
  }
  const signers = set.keys.filter((_, index) => hasSigned(signedBy, index));
  if (signers.length !== signatures.length || signers.length < quorum(set.keys.length)) {
    return false;
  }
  const digest = keccak_256(commitmentCodec.enc(commitment));
  return signers.every((key, index) => verifyOne(signatures[index]!, digest, key));
}

/** The last 20 bytes of a key's Keccak-256, as contracts name it. */
function ethereumAddress(key: Uint8Array): Uint8Array {
  const point = secp256k1.Point.fromBytes(key).toBytes(false);
  return keccak_256(point.slice(1)).slice(12);
}

/** Merkle root over the validators' addresses, by which MMR leaves announce the next set. */
export function keysetCommitment({ keys }: ValidatorSet): Uint8Array {
  let level = keys.map((key) => keccak_256(ethereumAddress(key)));
  while (level.length > 1) {
    level = level.flatMap((node, at) => {
      const beside = level[at + 1];
      return at % 2 === 1 ? [] : [beside === undefined ? node : keccak_256(concat(node, beside))];
    });
  }
  const [root] = level;
  if (root === undefined) {
    throw new Error('a validator set has at least one key');
  }
  return root;
}
