// SPDX-License-Identifier: Apache-2.0

// Nodes that speak by litep2p and by libp2p are one network. Of four validators each stack has two,
// and finality needs three: no block can become final by the votes of one stack.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';

import { agreement, expectLag } from '../src/agreement.ts';
import { slotOf } from '../src/blocks.ts';
import { Network } from '../src/network.ts';
import { until } from '../src/waiting.ts';

describe('two network stacks', () => {
  let network: Network;

  before(async () => {
    network = await Network.start('mixed');
  });

  after(() => network?.end());

  it('are what the nodes say that they run', async () => {
    for (const [name, backend] of [
      ['alice', 'litep2p'],
      ['bob', 'libp2p'],
      ['charlie', 'litep2p'],
      ['dave', 'libp2p'],
      ['full', 'libp2p']
    ] as const) {
      assert.match(await readFile(network.node(name).log, 'utf8'), new RegExp(`Running ${backend} network backend`));
    }
  });

  it('connect all nodes, and agree on final blocks that every validator made some of', async () => {
    const [alice] = network.nodes;
    await until('every node has all others as peers', 90, async () => {
      const peers = await Promise.all(network.nodes.map((node) => node.peers()));
      return peers.every((count) => count === network.nodes.length - 1);
    });
    const seen = new Set<number>();
    let read = 0;
    await until('every validator has made a final block', 180, async () => {
      for (const { height } = await alice!.final(); read < height; ) {
        read += 1;
        seen.add(slotOf(await alice!.ask('chain_getHeader', await alice!.hashAt(read))).author);
      }
      return seen.size === 4;
    });
    await agreement(network.nodes, read, 60);
    await expectLag(network.nodes, { grandpa: 10, beefy: 20 });
  });
});
