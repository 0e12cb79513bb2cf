// SPDX-License-Identifier: Apache-2.0

// A network of validators on this machine, with a chain of its own.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Node } from './node.js';

const run = promisify(execFile);

/** What each validator has staked itself: 100,000 MILL, in the smallest unit. */
const SELF_BOND = 100_000_000_000_000_000n;

/** The commission of each validator, in parts of a billion. */
const COMMISSION = 50_000_000;

/** The public keys of a development account, such as `Dave`: its account and its session keys. */
async function keysOf(binary, name) {
  const inspect = async (scheme) => {
    const command = ['key', 'inspect', '--scheme', scheme, '--output-type', 'json', `//${name}`];
    return JSON.parse((await run(binary, command)).stdout).ss58PublicKey;
  };
  const [sr25519, ed25519, ecdsa] = [
    await inspect('sr25519'),
    await inspect('ed25519'),
    await inspect('ecdsa')
  ];
  const session = { authority_discovery: sr25519, babe: sr25519, beefy: ecdsa, grandpa: ed25519 };
  return { account: sr25519, session };
}

/** JSON in which big integers are numbers. `JSON.stringify` refuses them. */
function toJson(value) {
  const marked = JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? `bigint:${it}` : it));
  return marked.replaceAll(/"bigint:(\d+)"/g, '$1');
}

export class Network {
  /**
   * Makes the specification of a new chain with these validators, all of them candidates with the
   * same stake, and starts a node for each. `epochSlots` and `sessionsPerEra` say how long its
   * eras last.
   */
  static async start({ binary, epochSlots, names, sessionsPerEra }) {
    const network = new Network();
    network.folder = await mkdtemp(join(tmpdir(), 'millrace-network-'));
    try {
      await network.#found({ binary, epochSlots, names, sessionsPerEra });
      for (const node of network.nodes.values()) {
        await network.startNode(node);
      }
    } catch (error) {
      network.kill();
      throw error;
    }
    return network;
  }

  constructor() {
    this.nodes = new Map();
    /** Accounts by name, and names by account. */
    this.accounts = new Map();
    this.names = new Map();
    // Whatever happens to the test, no node is left behind.
    process.once('exit', () => this.kill());
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
      process.once(signal, () => process.exit(1));
    }
  }

  async #found({ binary, epochSlots, names, sessionsPerEra }) {
    const keys = [];
    const candidates = [];
    for (const name of names) {
      const { account, session } = await keysOf(binary, name);
      this.accounts.set(name, account);
      this.names.set(account, name);
      keys.push([account, account, session]);
      candidates.push([account, SELF_BOND, COMMISSION]);
    }
    const patch = {
      dpos: { candidates, params: { sessionsPerEra } },
      network: { epochSlots },
      session: { keys }
    };
    const [patchFile, spec] = ['patch.json', 'spec.json'].map((name) => join(this.folder, name));
    await writeFile(patchFile, toJson(patch));
    await run(binary, [
      ...['chain-spec', 'create', '--preset', 'local_testnet', '--patch', patchFile],
      ...['--name', 'Several validators', '--id', 'several_validators', '--chain-type', 'local'],
      ...['--raw', '--output', spec]
    ]);
    for (const name of names) {
      this.nodes.set(name, await Node.create({ binary, folder: this.folder, name, spec }));
    }
  }

  /** The node with this name. */
  node(name) {
    return this.nodes.get(name);
  }

  /** Starts a node, which asks all that run for the others. */
  async startNode(node) {
    const others = [...this.nodes.values()].filter((other) => other !== node && other.isRunning);
    await node.start(others.map((other) => other.address));
  }

  /** Ends all nodes, and forgets their data. */
  async stop() {
    await Promise.all([...this.nodes.values()].map((node) => node.stop()));
    await rm(this.folder, { force: true, recursive: true });
  }

  /** Ends all nodes at once, and keeps their data and logs. */
  kill() {
    for (const node of this.nodes.values()) {
      node.kill();
    }
  }
}
