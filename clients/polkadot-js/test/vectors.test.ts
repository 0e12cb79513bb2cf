// SPDX-License-Identifier: Apache-2.0

// A second implementation of all that is signed, hashed and proven, against the golden vectors. It
// shares no code with the first and needs no chain.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { hexToU8a, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, decodeAddress } from '@polkadot/util-crypto';

import {
  channelIdOf,
  openPayloadOf,
  resizePayloadOf,
  statePayloadOf,
  wrapped
} from '../src/payloads.ts';
import { accountOf, type Key, pairFromSeed, sign, verifyAccount, verifySigner } from '../src/signing.ts';
import { provenUnits, reserve, step, steps, streamSalt, tipProof, tipsRoot } from '../src/streams.ts';
import { hashlock, transferLeaf, transferProof, transfersRoot, verifyTransfer } from '../src/transfers.ts';
import { type MerkleProof, registry, scale, type Transfer } from '../src/types.ts';
import {
  at,
  type Claim,
  computed,
  type GoldenProof,
  keyOf,
  numbered,
  paramsOf,
  type Payload,
  signatures
} from '../src/vectors.ts';

const genesis = hexToU8a(computed.genesis);
const params = paramsOf(computed.params);

/** The transfer with this number, by the vectors' rule. */
function transfer(number: number): Transfer {
  return {
    id: number,
    payer: number % 3,
    payee: (number + 1) % 3,
    amount: 1000 + number,
    hashlock: hashlock(numbered(number, 0)),
    expiry: 50_000 + number
  };
}

const transfers = (count: number): Transfer[] =>
  Array.from({ length: count }, (_, number) => transfer(number));

/** A proof of the vectors with its hashes as bytes. */
const proofOf = ({ index, siblings }: GoldenProof): MerkleProof => ({
  index,
  siblings: siblings.map((it) => hexToU8a(it))
});

/** That a payload and its wrapped form are those of the vectors. */
function assertPayload(payload: Uint8Array, golden: Payload): void {
  assert.equal(u8aToHex(payload), golden.raw);
  assert.equal(u8aToHex(wrapped(payload)), golden.wrapped);
}

/** That SCALE bytes decode to a value which encodes to the same bytes. */
function assertDecodes(type: string, golden: string): void {
  assert.equal(registry.createType(type, hexToU8a(golden)).toHex(), golden);
}

describe('ids and signed bytes', () => {
  it('names the channel', () => {
    const bytes = scale('ChannelParams', params);
    assert.equal(u8aToHex(bytes), computed.params_scale);
    assertDecodes('ChannelParams', computed.params_scale);
    assert.equal(u8aToHex(channelIdOf(genesis, bytes)), computed.channel_id);
  });

  it('computes what accounts sign to open', () => {
    const deposits = scale('Vec<u128>', computed.deposits);
    const payload = openPayloadOf(genesis, scale('ChannelParams', params), deposits);
    assertPayload(payload, computed.open_payload);
  });

  it('computes what signers sign to agree to a state', () => {
    assert.equal(computed.states.length, 2);
    for (const { payload, scale: golden, state } of computed.states) {
      const bytes = scale('ChannelState', state);
      assert.equal(u8aToHex(bytes), golden);
      assertDecodes('ChannelState', golden);
      assertPayload(statePayloadOf(genesis, bytes), payload);
    }
  });

  it('computes what participants sign to resize', () => {
    const { payload, scale: golden, ...resize } = computed.resize;
    const bytes = scale('Resize', resize);
    assert.equal(u8aToHex(bytes), golden);
    assertDecodes('Resize', golden);
    assertPayload(resizePayloadOf(genesis, bytes), payload);
  });
});

describe('conditional transfers', () => {
  it('locks by the hash of a preimage', () => {
    for (const { hashlock: golden, preimage } of computed.transfers.hashlocks) {
      assert.equal(u8aToHex(hashlock(hexToU8a(preimage))), golden);
    }
  });

  it('makes leaves', () => {
    for (const { leaf, transfer: described } of computed.transfers.leaves) {
      assert.equal(u8aToHex(transferLeaf(described)), leaf);
      assert.equal(u8aToHex(transferLeaf(transfer(Number(described.id)))), leaf);
    }
  });

  it('makes and verifies roots and proofs', () => {
    const counts = computed.transfers.trees.map(({ count }) => count);
    assert.deepEqual(counts, [1, 2, 3, 5, 512]);
    for (const { count, proofs, root } of computed.transfers.trees) {
      const all = transfers(count);
      assert.equal(u8aToHex(transfersRoot(all)), root);
      for (const golden of proofs) {
        const proof = transferProof(all, golden.index);
        assert.deepEqual(proof, proofOf(golden));
        assert.equal(u8aToHex(scale('MerkleProof', proof)), golden.scale);
        assert.ok(verifyTransfer(hexToU8a(root), count, at(all, golden.index), proof));
        // And no other transfer is at this place.
        const other = transfer(golden.index + 1);
        assert.ok(!verifyTransfer(hexToU8a(root), count, other, proof));
      }
    }
  });

  it('refuses what must be refused', () => {
    const { refused } = computed.transfers;
    assert.equal(refused.length, 6);
    for (const { count, proof, transfer: number, why } of refused) {
      const root = transfersRoot(transfers(count));
      assert.ok(!verifyTransfer(root, count, transfer(number), proofOf(proof)), why);
    }
  });
});

describe('streams', () => {
  it('makes salts, tips and roots', () => {
    for (const golden of computed.streams) {
      const salt = streamSalt(genesis, computed.channel_id, golden.stream);
      assert.equal(u8aToHex(salt), golden.salt);
      assert.equal(reserve(golden.stream).toString(), golden.reserve);
      const tips = golden.innermost.map((link, chain) => {
        assert.equal(link, u8aToHex(numbered(chain, 0x5a)));
        return steps(salt, hexToU8a(link), golden.stream.links);
      });
      assert.deepEqual(tips.map((tip) => u8aToHex(tip)), golden.tips);
      assert.equal(u8aToHex(tipsRoot(tips)), golden.stream.root);
    }
  });

  it('proves exactly as many units as the vectors say', () => {
    for (const { claims, innermost, refused, salt, stream, tips } of computed.streams) {
      const salted = hexToU8a(salt);
      const prove = ({ depth, link, proof }: Claim): number | null =>
        provenUnits({ ...stream, root: hexToU8a(stream.root) }, salted, hexToU8a(link), depth, proofOf(proof));
      claims.forEach((claim, nth) => {
        const chain = Math.floor(nth / stream.links);
        const depth = (nth % stream.links) + 1;
        const link = steps(salted, hexToU8a(at(innermost, chain)), stream.links - depth);
        assert.equal(u8aToHex(link), claim.link);
        assert.deepEqual(tipProof(tips.map((tip) => hexToU8a(tip)), chain), proofOf(claim.proof));
        assert.equal(claim.units, nth + 1);
        assert.equal(prove(claim), claim.units);
      });
      assert.equal(claims.length, stream.chains * stream.links);
      assert.ok(refused.length >= 5);
      for (const claim of refused) {
        assert.equal(claim.units, null);
        assert.equal(prove(claim), null);
      }
    }
  });

  it('steps towards the tip', () => {
    const { innermost, salt, stream, tips } = at(computed.streams, 0);
    let link = hexToU8a(at(innermost, 0));
    for (let done = 0; done < stream.links; done += 1) {
      link = step(hexToU8a(salt), link);
    }
    assert.equal(u8aToHex(link), tips[0]);
  });
});

describe('signatures', () => {
  before(() => cryptoWaitReady());

  const participants = computed.params.participants.map(({ account, signer }) => ({
    account: decodeAddress(account),
    signer: keyOf(signer)
  }));
  const forms = ['raw', 'wrapped'] as const;

  it('verifies what signers signed', () => {
    computed.states.forEach(({ payload }, nth) => {
      participants.forEach(({ signer }, position) => {
        for (const form of forms) {
          const signature = hexToU8a(at(at(signatures.states, nth)[form], position));
          assert.ok(verifySigner(signature, signer, hexToU8a(payload.raw)));
          assert.ok(!verifySigner(signature, signer, hexToU8a(computed.open_payload.raw)));
        }
      });
    });
  });

  it('verifies consents by accounts behind keys of every kind', () => {
    const payload = hexToU8a(computed.open_payload.raw);
    participants.forEach(({ account }, position) => {
      for (const form of forms) {
        const key: Key = { kind: 'Sr25519', publicKey: account };
        assert.ok(verifyAccount(hexToU8a(at(signatures.open[form], position)), account, key, payload));
      }
    });
    assert.equal(signatures.accounts.length, 3);
    for (const { account, signer, ...golden } of signatures.accounts) {
      for (const form of forms) {
        assert.ok(verifyAccount(hexToU8a(golden[form]), hexToU8a(account), keyOf(signer), payload));
      }
    }
  });

  it('verifies a resize: the account of who adds, the signers of the others', () => {
    const payload = hexToU8a(computed.resize.payload.raw);
    participants.forEach(({ account, signer }, position) => {
      const adds = BigInt(at(computed.resize.deltas, position)) > 0n;
      const ofAccount: Key = { kind: 'Sr25519', publicKey: account };
      const key = adds ? ofAccount : signer;
      for (const form of forms) {
        const signature = hexToU8a(at(signatures.resize[form], position));
        assert.ok(verifySigner(signature, key, payload));
        const other = adds ? signer : ofAccount;
        assert.ok(!verifySigner(signature, other, payload));
      }
    });
  });

  it('signs alike, where signatures are deterministic', () => {
    const payload = hexToU8a(computed.open_payload.raw);
    for (const { seed, signer, ...golden } of signatures.accounts) {
      const { kind, publicKey } = keyOf(signer);
      const pair = pairFromSeed(kind, hexToU8a(seed));
      assert.deepEqual(pair.publicKey, publicKey);
      assert.equal(u8aToHex(accountOf(kind, publicKey)), golden.account);
      for (const form of forms) {
        const bytes = form === 'raw' ? payload : wrapped(payload);
        const signature = sign(bytes, pair);
        assert.ok(verifySigner(signature, pair, payload));
        if (kind !== 'Sr25519') {
          assert.equal(u8aToHex(signature), golden[form]);
        }
      }
    }
  });
});
