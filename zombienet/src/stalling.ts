// SPDX-License-Identifier: Apache-2.0

// Whether finality goes on, stands still, or goes on again.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { agreement } from './agreement.ts';
import type { Block, Node } from './node.ts';
import { until } from './waiting.ts';

/** The greatest height among these blocks. */
const highest = (blocks: Block[]): number => Math.max(...blocks.map((block) => block.height));

/** The last block that is final on any of these nodes, by its height. */
export async function highestFinal(nodes: Node[]): Promise<number> {
  return highest(await Promise.all(nodes.map((node) => node.final())));
}

/** Waits until so many more blocks are final on all these nodes, the same on each. */
export async function goesOn(nodes: Node[], blocks: number, seconds: number): Promise<Block> {
  return agreement(nodes, (await highestFinal(nodes)) + blocks, seconds);
}

/**
 * Waits until nothing has become final on these nodes while they made so many blocks. Gives the height
 * of the last final block. Votes that were cast before may still make some final, so the count begins
 * anew with each.
 */
export async function standsStill(nodes: Node[], blocks: number, seconds: number): Promise<number> {
  let final = -1;
  let since = 0;
  await until(`nothing becomes final for ${blocks} blocks`, seconds, async () => {
    const now = await highestFinal(nodes);
    const best = Math.min(...(await Promise.all(nodes.map((node) => node.best()))).map((it) => it.height));
    if (now > final) {
      [final, since] = [now, best];
    }
    return best >= since + blocks;
  });
  return final;
}

/** Checks that for so many seconds nothing above this height becomes final on these nodes. */
export async function staysStill(nodes: Node[], height: number, seconds: number): Promise<void> {
  await sleep(seconds * 1000);
  assert.equal(await highestFinal(nodes), height, 'something became final');
}

/** The round of GRANDPA that a node is in. Votes are validators that have the same weight each. */
export interface Round {
  /** Which set of validators votes: one more with each set. */
  setId: number;
  validators: number;
  /** How many votes make a block final. */
  threshold: number;
  /** How many votes of each of a round's two kinds have come in at least. */
  votes: number;
}

/** The round of GRANDPA that a node is in. */
export async function roundOf(node: Node): Promise<Round> {
  const { best, setId } = await node.ask('grandpa_roundState');
  return {
    setId,
    threshold: best.thresholdWeight,
    validators: best.totalWeight,
    votes: Math.min(best.prevotes.currentWeight, best.precommits.currentWeight)
  };
}

/** Which set of validators votes, as the chain counts after a block, the best one if none is named. */
export async function setIdOnChain(node: Node, hash?: string): Promise<number> {
  const bytes: string = await node.ask('state_call', 'GrandpaApi_current_set_id', '0x', hash);
  return Number(Buffer.from(bytes.slice(2), 'hex').readBigUInt64LE());
}
