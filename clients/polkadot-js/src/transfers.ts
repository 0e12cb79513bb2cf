// SPDX-License-Identifier: Apache-2.0

// Conditional transfers: their locks, leaves and proofs.

import { stringToU8a, u8aConcat } from '@polkadot/util';
import { sha256AsU8a } from '@polkadot/util-crypto';

import { merkleProof, merkleRoot, verifyMerkle } from './merkle.ts';
import { type Bytes, type MerkleProof, scale, type Transfer } from './types.ts';

/** The lock that a preimage of 32 bytes opens. */
export const hashlock = (preimage: Uint8Array): Uint8Array => sha256AsU8a(preimage);

/** The bytes of a transfer's leaf. */
export const transferLeaf = (transfer: Transfer): Uint8Array =>
  u8aConcat(stringToU8a('millrace/transfer/1'), scale('Transfer', transfer));

/** Root over transfers, in this order. */
export const transfersRoot = (transfers: Transfer[]): Uint8Array =>
  merkleRoot(transfers.map(transferLeaf));

/** Proof for the transfer at `index`. */
export const transferProof = (transfers: Transfer[], index: number): MerkleProof =>
  merkleProof(transfers.map(transferLeaf), index);

/** Whether `transfer` is one of the `count` transfers below `root`, at the proof's place. */
export const verifyTransfer = (
  root: Bytes,
  count: number,
  transfer: Transfer,
  proof: MerkleProof
): boolean => verifyMerkle(root, count, proof, transferLeaf(transfer));
