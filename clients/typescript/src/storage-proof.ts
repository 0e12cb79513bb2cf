// SPDX-License-Identifier: Apache-2.0

// What a storage proof says about a key: the walk from the state root to the value. Nodes are decoded
// by polkadot-api's library; nothing here comes from the node's code. The format is that of the base-16
// Patricia trie in the Polkadot specification, chapter "State storage and the storage trie".

import { type TrieNode, trieNodeDec } from '@polkadot-api/substrate-bindings';
import { compactNumber } from '@polkadot-api/substrate-bindings';

import { blake2 } from './headers.ts';
import { fromHex, type Hex, toHex } from './rpc.ts';

/** A proof that does not lead from the root to an answer. */
export class BadProof extends Error {}

/** Length of a node's hash. A child of fewer bytes stands in its parent itself. */
const hashBytes = 32;

/** The nodes of a proof by their hash: whoever looks one up by hash has checked it. */
function byHash(nodes: Hex[]): Map<Hex, Uint8Array> {
  return new Map(nodes.map(fromHex).map((bytes) => [toHex(blake2(bytes)), bytes]));
}

function decode(bytes: Uint8Array): TrieNode {
  try {
    return trieNodeDec(bytes);
  } catch (error) {
    throw new BadProof(`a node of the proof is malformed: ${error}`);
  }
}

/** A value that stands in its leaf behind its length. */
function inline(value: Uint8Array): Uint8Array {
  const length = compactNumber.dec(value);
  const bytes = value.slice(compactNumber.enc(length).length);
  if (bytes.length !== length) {
    throw new BadProof(`a leaf announces ${length} bytes and holds ${bytes.length}`);
  }
  return bytes;
}

/**
 * The value of `key` under `root` as proven by `nodes`; none if they prove that there is none.
 *
 * Throws `BadProof` if the nodes prove neither: one is missing, was altered, or belongs to other state.
 */
export function provenValue(root: Hex, nodes: Hex[], key: Uint8Array): Uint8Array | undefined {
  const known = byHash(nodes);
  const lookUp = (hash: Hex): Uint8Array => {
    const bytes = known.get(hash);
    if (bytes === undefined) {
      throw new BadProof(`the proof lacks what hashes to ${hash}`);
    }
    return bytes;
  };
  let nibbles = toHex(key).slice(2);
  let node = decode(lookUp(root));
  for (;;) {
    if (node.type === 'Empty' || node.type === 'Reserved' || !nibbles.startsWith(node.partialKey)) {
      return undefined;
    }
    nibbles = nibbles.slice(node.partialKey.length);
    if (nibbles === '') {
      switch (node.type) {
        case 'Leaf':
          return inline(fromHex(node.value));
        case 'LeafWithHash':
        case 'BranchWithHash':
          return lookUp(node.value as Hex);
        case 'BranchWithVal':
          return fromHex(node.value);
        default:
          return undefined;
      }
    }
    const children: Record<string, string> = 'children' in node ? node.children : {};
    const child = children[nibbles.charAt(0)];
    if (child === undefined) {
      return undefined;
    }
    nibbles = nibbles.slice(1);
    const bytes = fromHex(child);
    node = decode(bytes.length === hashBytes ? lookUp(child as Hex) : bytes);
  }
}
