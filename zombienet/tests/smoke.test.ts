// SPDX-License-Identifier: Apache-2.0

// Two validators agree, make blocks final, and go on after one of them was down. Finality needs both,
// so it stops while one is away, and the blocks that waited become final when it is back.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { agreement, expectLag } from '../src/agreement.ts';
import { Network } from '../src/network.ts';
import { until } from '../src/waiting.ts';

/** How far finality may be behind where nothing is amiss; on a busy machine, votes come late. */
const MOST_LAG = { grandpa: 10, beefy: 20 };

describe('two validators', () => {
  let network: Network;

  before(async () => {
    // A validator that has no peers makes no blocks otherwise.
    network = await Network.start('two', { args: { alice: ['--force-authoring'] } });
  });

  after(() => network?.end());

  it('agree on what is final', async () => {
    const { height } = await agreement(network.nodes, 5, 90);
    assert(height >= 5);
    for (const node of network.nodes) {
      assert.equal(await node.peers(), 1);
    }
  });

  it('have little lag by JSON-RPC and by metrics', async () => {
    await until('BEEFY has justified a block', 60, async () => (await network.node('bob').beefy()).height > 0);
    await expectLag(network.nodes, MOST_LAG);
  });

  it('wait with finality for the one that is away, and go on when it is back', async () => {
    const [alice, bob] = [network.node('alice'), network.node('bob')];
    await bob.stop();
    // What both had voted for may become final yet.
    const { height: last } = await alice.best();
    await until('five blocks without bob', 90, async () => (await alice.best()).height >= last + 5);
    assert((await alice.final()).height <= last, 'one of two is no majority of two thirds');

    const before = await alice.best();
    await bob.start();
    const common = await agreement(network.nodes, before.height + 1, 120);
    assert.equal(await alice.hashAt(before.height), before.hash, 'a block that waited was dropped');
    assert(common.height > before.height);
    await expectLag(network.nodes, MOST_LAG);
  });
});
