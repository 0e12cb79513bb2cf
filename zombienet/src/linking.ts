// SPDX-License-Identifier: Apache-2.0

// Links between nodes that are joined and cut while the nodes run, without root rights.

import type { Node } from './node.ts';

/**
 * Arguments of nodes whose links are joined and cut. Only reserved peers may connect, and there is no
 * room for peers of the node's own choice: a node keeps a peer that is no longer reserved if it has
 * room for it, even with `--reserved-only`.
 */
export const PARTABLE = ['--reserved-only', '--out-peers=0'];

/** One of the first with one of the second, in all combinations. */
const pairs = (some: Node[], others: Node[]): [Node, Node][] =>
  some.flatMap((one) => others.map((other): [Node, Node] => [one, other]));

async function joinPair([one, other]: [Node, Node]): Promise<void> {
  await one.ask('system_addReservedPeer', other.address);
  await other.ask('system_addReservedPeer', one.address);
}

/** A link ends on the side that made it, which may be either. */
async function cutPair([one, other]: [Node, Node]): Promise<void> {
  await one.ask('system_removeReservedPeer', peerIdOf(other));
  await other.ask('system_removeReservedPeer', peerIdOf(one));
}

/** What an address ends in. */
const peerIdOf = (node: Node): string => node.address.split('/').at(-1)!;

/** Joins each node of one side with each of the other. */
export async function join(some: Node[], others: Node[]): Promise<void> {
  await Promise.all(pairs(some, others).map(joinPair));
}

/** Joins all these nodes with each other. */
export async function joinAll(nodes: Node[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    await join([node], nodes.slice(index + 1));
  }
}

/** Cuts all links between two sides. */
export async function cut(some: Node[], others: Node[]): Promise<void> {
  await Promise.all(pairs(some, others).map(cutPair));
}
