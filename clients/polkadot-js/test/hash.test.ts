// SPDX-License-Identifier: Apache-2.0

// Signing with the metadata hash by @polkadot/api: a runtime that knows its hash accepts it, and any other
// one refuses what it cannot check.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { ApiPromise } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';

import { connect, developmentAccount, within } from '../src/chain.ts';
import { checked, knowsHash, metadataHash } from '../src/metadata-hash.ts';

const url = process.env.MILLRACE_URL ?? 'ws://127.0.0.1:9944';

describe('the metadata hash', () => {
  let api: ApiPromise;
  let alice: KeyringPair;

  before(async () => {
    api = await connect(url);
    alice = developmentAccount(api, 'Alice');
  });

  after(() => api?.disconnect());

  /** Sends a transaction that is signed with this hash; the node's pool judges it. */
  const send = async (hash: `0x${string}`): Promise<unknown> => {
    const nonce = await api.rpc.system.accountNextIndex(alice.address);
    const call = api.tx.system!.remark!('checked');
    return within(60, 'answer', call.signAndSend(alice, { ...checked(hash), nonce }));
  };

  it('is accepted by a runtime that knows it, and refused by any other', async () => {
    const hash = await metadataHash(api);
    if (knowsHash()) {
      await send(hash);
      const deceived = `0x${'11'.repeat(32)}` as const;
      await assert.rejects(send(deceived), /bad signature/i);
    } else {
      await assert.rejects(send(hash), /CannotLookup/);
    }
  });
});
