// SPDX-License-Identifier: Apache-2.0

// Whether nodes have one chain, and how far their finality is behind.

import assert from 'node:assert/strict';

import type { Block, Node } from './node.ts';
import { until } from './waiting.ts';

/** How far a node's finality is behind its best block, in blocks. */
export interface Lag {
  grandpa: number;
  beefy: number;
}

/**
 * Waits until all nodes have made a block of at least `height` final, and checks that it is the same
 * one. Gives the highest that is final everywhere.
 */
export async function agreement(nodes: Node[], height: number, seconds: number): Promise<Block> {
  const common = await until(`#${height} is final on ${nodes.map((node) => node.name)}`, seconds, async () => {
    const heads = await Promise.all(nodes.map((node) => node.final()));
    const least = Math.min(...heads.map((head) => head.height));
    return least >= height && { height: least };
  });
  const hashes = await Promise.all(nodes.map((node) => node.hashAt(common.height)));
  for (const [index, hash] of hashes.entries()) {
    assert.equal(hash, hashes[0], `${nodes[index]!.name} has another #${common.height}`);
  }
  return { ...common, hash: hashes[0]! };
}

/** The lag as the node's JSON-RPC tells it. A round of BEEFY that is not over counts. */
export async function lagByRpc(node: Node): Promise<Lag> {
  const best = await node.best();
  const [grandpa, beefy] = [await node.final(), await node.beefy()];
  return { grandpa: best.height - grandpa.height, beefy: best.height - beefy.height };
}

/** The lag as the node's metrics tell it. */
export async function lagByMetrics(node: Node): Promise<Lag> {
  const read = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const value = await node.metric(name, labels);
    assert(value !== undefined, `${node.name} exports no ${name}`);
    return value;
  };
  const best = await read('substrate_block_height', { status: 'best' });
  return {
    grandpa: best - (await read('substrate_block_height', { status: 'finalized' })),
    beefy: best - (await read('substrate_beefy_best_block'))
  };
}

/** What shows a lag above `most` on one of the nodes, if anything does. */
async function tooFarBehind(nodes: Node[], most: Lag): Promise<string | undefined> {
  for (const node of nodes) {
    for (const [source, lag] of [
      ['JSON-RPC', await lagByRpc(node)],
      ['metrics', await lagByMetrics(node)]
    ] as const) {
      if (lag.grandpa > most.grandpa || lag.beefy > most.beefy) {
        return `${node.name} by ${source}: GRANDPA ${lag.grandpa} blocks behind, BEEFY ${lag.beefy}`;
      }
    }
  }
  return undefined;
}

/**
 * Checks that neither way of telling shows a lag above `most` on any of the nodes, within `seconds`:
 * metrics are brought up to date every five seconds, not all at once.
 */
export async function expectLag(nodes: Node[], most: Lag, seconds = 30): Promise<void> {
  await until(`lag of at most ${most.grandpa} and ${most.beefy} blocks`, seconds, async () => {
    const found = await tooFarBehind(nodes, most);
    if (found !== undefined) {
      throw new Error(found);
    }
    return true;
  });
}
