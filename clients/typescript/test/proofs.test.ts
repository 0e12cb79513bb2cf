// SPDX-License-Identifier: Apache-2.0

// Storage, MMR and BEEFY proofs of a running development chain, checked by code that shares nothing with
// the node's; and proofs that were tampered with, which it must refuse.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { AccountId, Blake2128Concat, Struct, Storage, u128, u32 } from '@polkadot-api/substrate-bindings';

import {
  committedRoot,
  decodeJustification,
  decodeValidatorSet,
  keysetCommitment,
  quorum,
  verifyJustification
} from '../src/beefy.ts';
import { type Header, headerAt, mmrRootOf } from '../src/headers.ts';
import { decodeProof, type LeavesProofJson, mmrRoot, type MmrProof, verifyMmr } from '../src/mmr.ts';
import { ask, firstOf, fromHex, type Hex, toHex, within } from '../src/rpc.ts';
import { BadProof, provenValue } from '../src/storage-proof.ts';

/** Development accounts, of whom everybody knows the key. */
const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const bob = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';
const accountKey = Storage('System')('Account', [AccountId(), Blake2128Concat]);

/** What stands at an account's key, up to the fields that this test reads. */
const accountCodec = Struct({
  nonce: u32,
  consumers: u32,
  providers: u32,
  sufficients: u32,
  free: u128,
  reserved: u128,
  frozen: u128,
  flags: u128
});

/** `bytes` with one bit of the byte at `at` turned. */
function altered(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A block that is final and has at least `least` blocks before it. */
async function finalBlock(least = 3): Promise<Header> {
  const waiting = (async () => {
    for (;;) {
      const header = await headerAt(await ask<Hex>('chain_getFinalizedHead'));
      if (header.number >= least) {
        return header;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  return within(120, `finality of block ${least}`, waiting);
}

describe('a storage proof', () => {
  let header: Header;
  let key: Hex;
  let nodes: Hex[];

  before(async () => {
    header = await finalBlock();
    key = accountKey.enc(alice) as Hex;
    ({ proof: nodes } = await ask<{ proof: Hex[] }>('state_getReadProof', [key], header.hash));
  });

  it('proves a balance under the state root of a final header', async () => {
    const proven = provenValue(header.stateRoot, nodes, fromHex(key));
    assert.ok(proven);
    // The node's own answer for the same block is the same, to the byte.
    assert.deepEqual(proven, fromHex(await ask<Hex>('state_getStorage', key, header.hash)));
    const { free, providers } = accountCodec.dec(proven);
    assert.ok(free > 10n ** 12n, `Alice has ${free}`);
    assert.ok(providers >= 1);
  });

  it('proves that nobody is there', async () => {
    const nobody = accountKey.enc(AccountId().dec(new Uint8Array(32).fill(7))) as Hex;
    const { proof } = await ask<{ proof: Hex[] }>('state_getReadProof', [nobody], header.hash);
    assert.equal(provenValue(header.stateRoot, proof, fromHex(nobody)), undefined);
  });

  it('is refused when any byte of any node was altered', () => {
    let tried = 0;
    nodes.map(fromHex).forEach((node, at) => {
      for (let place = 0; place < node.length; place += 1) {
        const bad = nodes.map((other, nth) => (nth === at ? toHex(altered(node, place)) : other));
        assert.throws(() => provenValue(header.stateRoot, bad, fromHex(key)), BadProof);
        tried += 1;
      }
    });
    assert.ok(tried > 500, `${tried} bytes`);
  });

  it('is refused when a node is missing', () => {
    assert.ok(nodes.length >= 3, `${nodes.length} nodes`);
    nodes.forEach((_, at) => {
      const bad = nodes.filter((_, other) => other !== at);
      assert.throws(() => provenValue(header.stateRoot, bad, fromHex(key)), BadProof);
    });
  });

  it('is refused under another root, and says nothing about another key', () => {
    const other = `0x${'11'.repeat(32)}` as Hex;
    assert.throws(() => provenValue(other, nodes, fromHex(key)), BadProof);
    // Bob has an account, on a path that this proof does not hold.
    const ofBob = fromHex(accountKey.enc(bob));
    assert.throws(() => provenValue(header.stateRoot, nodes, ofBob), BadProof);
  });
});

describe('a header', () => {
  it('is not taken for another', async () => {
    const { parentHash, hash } = await finalBlock();
    assert.equal((await headerAt(parentHash)).hash, parentHash);
    assert.notEqual(parentHash, hash);
    await assert.rejects(headerAt(`0x${'11'.repeat(32)}`));
  });
});

describe('a Merkle mountain range', () => {
  /** Proof of `block` under the root in the digest of `at`. */
  async function prove(block: number, at: Header): Promise<ReturnType<typeof decodeProof>> {
    // Made with the latest state, since that of old blocks is forgotten.
    return decodeProof(await ask<LeavesProofJson>('mmr_generateProof', [block], at.number));
  }

  it('proves every block under the root in every header, for every number of peaks up to four', async () => {
    await finalBlock(15);
    const all: Uint8Array[] = [];
    for (let height = 1; height <= 15; height += 1) {
      // An ancestor of a final block is final.
      const top = await headerAt(await ask<Hex>('chain_getBlockHash', height));
      const root = mmrRootOf(top);
      for (let block = 1; block <= height; block += 1) {
        const { proof, bytes, leaf } = await prove(block, top);
        all[block - 1] ??= bytes;
        assert.deepEqual(bytes, all[block - 1]);
        assert.equal(proof.leafCount, BigInt(height));
        assert.ok(verifyMmr(root, proof, bytes), `block ${block} of ${height}`);
        // The leaf of a block is about the block before it.
        const [number, hash] = leaf.parent;
        assert.equal(number, block - 1);
        assert.equal(hash, await ask<Hex>('chain_getBlockHash', block - 1));
      }
      // Who has every leaf comes to the same root without any proof.
      assert.deepEqual(mmrRoot(all), root);
    }
  });

  it('refuses what was tampered with', async () => {
    const top = await finalBlock(7);
    const root = mmrRootOf(top);
    const { proof, bytes } = await prove(4, top);
    assert.ok(verifyMmr(root, proof, bytes));
    const with_ = (change: Partial<MmrProof>): MmrProof => ({ ...proof, ...change });
    const refused: [string, MmrProof, Uint8Array][] = [
      ['another leaf', proof, altered(bytes, bytes.length - 1)],
      ['another place', with_({ leafIndices: [2n] }), bytes],
      ['a place outside', with_({ leafIndices: [proof.leafCount] }), bytes],
      ['no place', with_({ leafIndices: [] }), bytes],
      ['more leaves', with_({ leafCount: proof.leafCount * 2n }), bytes],
      ['an item too many', with_({ items: [...proof.items, new Uint8Array(32)] }), bytes],
      ['an item too few', with_({ items: proof.items.slice(1) }), bytes],
      ['items in another order', with_({ items: [...proof.items].reverse() }), bytes],
      ...proof.items.map((_, at): [string, MmrProof, Uint8Array] => [
        `item ${at} altered`,
        with_({ items: proof.items.map((item, other) => (other === at ? altered(item) : item)) }),
        bytes
      ])
    ];
    for (const [what, bad, leaf] of refused) {
      assert.equal(verifyMmr(root, bad, leaf), false, what);
    }
    assert.equal(verifyMmr(altered(root), proof, bytes), false, 'another root');
  });
});

describe('a BEEFY justification', () => {
  /** The validators in office at a block, as the runtime says. */
  async function validatorsAt(hash: Hex): Promise<ReturnType<typeof decodeValidatorSet>> {
    return decodeValidatorSet(fromHex(await ask<Hex>('state_call', 'BeefyApi_validator_set', '0x', hash)));
  }

  it('is signed by the validators, over the MMR root of its block', async () => {
    const sent = within(120, 'BEEFY justification', firstOf<Hex>('beefy_subscribeJustifications'));
    const signed = decodeJustification(fromHex(await sent));
    const { commitment } = signed;
    const hash = await ask<Hex>('chain_getBlockHash', commitment.blockNumber);
    const header = await headerAt(hash);
    const set = await validatorsAt(hash);
    assert.ok(verifyJustification(signed, set));
    assert.deepEqual(committedRoot(commitment), mmrRootOf(header));

    // A block before it is proven by signatures and hashes alone.
    const block = Math.max(1, commitment.blockNumber - 1);
    const json = await ask<LeavesProofJson>('mmr_generateProof', [block], commitment.blockNumber, hash);
    const { proof, bytes, leaf } = decodeProof(json);
    assert.ok(verifyMmr(committedRoot(commitment), proof, bytes));

    // And the leaf announces the validators who sign next: on this chain the same.
    assert.deepEqual(leaf.nextAuthorities.keysetCommitment, keysetCommitment(set));
    assert.equal(leaf.nextAuthorities.len, set.keys.length);

    // No bit of it can be altered.
    const refused = {
      'another block': { ...signed, commitment: { ...commitment, blockNumber: commitment.blockNumber + 1 } },
      'another set': { ...signed, commitment: { ...commitment, validatorSetId: commitment.validatorSetId + 1n } },
      'another root': {
        ...signed,
        commitment: {
          ...commitment,
          payload: commitment.payload.map(([id, data]): [Uint8Array, Uint8Array] => [id, altered(data)])
        }
      },
      'another signature': { ...signed, signatures: signed.signatures.map((one) => altered(one, 40)) },
      'no signature': { ...signed, signatures: [], signedBy: new Uint8Array(signed.signedBy.length) },
      'a signature too many': { ...signed, signatures: [...signed.signatures, ...signed.signatures] }
    };
    for (const [what, bad] of Object.entries(refused)) {
      assert.equal(verifyJustification(bad, set), false, what);
    }
    // The generator of the curve is the key of the secret 1.
    const stranger = fromHex('0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
    const strangers = { ...set, keys: set.keys.map(() => stranger) };
    assert.equal(verifyJustification(signed, strangers), false, 'other validators');
  });

  it('needs more than two thirds', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 10].map(quorum), [1, 2, 3, 3, 4, 5, 5, 7]);
  });
});
