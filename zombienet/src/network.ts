// SPDX-License-Identifier: Apache-2.0

// A network that zombienet starts, and what happens to it afterwards.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type NetworkConfig, nodeBinary, readConfig, validatorsOf } from './config.ts';
import { type Genesis, makeSpec } from './genesis.ts';
import { Node, type Parts } from './node.ts';
import { freePort } from './ports.ts';
import { ended, signal } from './process.ts';
import { spawnNetwork } from './zombie.ts';

/** How long the kernel may take to end a process, in seconds. */
const KILL_SECONDS = 10;

/** How a network differs from its description. */
export interface Options {
  /** How its chain differs from the preset. */
  genesis?: Genesis;
  /** More arguments of nodes, by name; a value is joined to its flag by `=`. */
  args?: Record<string, string[]>;
  /** Nodes of the description that are not started. Validators are in genesis all the same. */
  absent?: string[];
}

/** A node that joins later. */
export interface Addition {
  /** Whether it makes blocks, if its keys are those of a validator. */
  isValidator?: boolean;
  /** More arguments, such as `--sync=warp`. */
  args?: string[];
}

/** All networks of this process that may have nodes running. */
const running = new Set<Network>();

// Whatever happens to a test, no node is left behind.
process.once('exit', () => running.forEach((network) => network.killNow()));
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => process.exit(1));
}

/** Nodes of one chain, by name. */
export class Network {
  /** Holds specification, data and logs. */
  readonly folder: string;
  /** The chain's raw specification. */
  readonly spec: string;
  readonly #nodes = new Map<string, Node>();
  /** Accounts of the validators of genesis, by name. */
  readonly #accounts = new Map<string, string>();
  #zombienet: number | undefined;

  /**
   * Starts a network of `networks/NAME.toml` on a new chain of its own, and waits until all its nodes
   * answer. Its validators are candidates with the same stake; `alice` has the keys of `//Alice`.
   */
  static async start(name: string, options: Options = {}): Promise<Network> {
    const parent = process.env.MILLRACE_NETWORKS ?? tmpdir();
    await mkdir(parent, { recursive: true });
    // zombienet compares paths as texts.
    const folder = await realpath(await mkdtemp(join(parent, `${name}-`)));
    const network = new Network(folder, name);
    running.add(network);
    try {
      await network.#begin(name, options);
    } catch (error) {
      network.killNow();
      throw error;
    }
    return network;
  }

  private constructor(folder: string, name: string) {
    this.folder = folder;
    this.spec = join(folder, `${name}-genesis.json`);
  }

  async #begin(name: string, { absent = [], args = {}, genesis }: Options): Promise<void> {
    const binary = nodeBinary();
    const config = readConfig(name, binary, this.spec);
    const validators = config.relaychain.nodes.filter((node) => node.validator !== false);
    const accounts = await makeSpec(binary, this.spec, name, validatorsOf(config), genesis);
    validators.forEach((node, index) => this.#accounts.set(node.name, accounts[index]!));
    config.relaychain.nodes = config.relaychain.nodes.filter((node) => !absent.includes(node.name));
    for (const node of config.relaychain.nodes) {
      node.args = [...(node.args ?? []), ...(args[node.name] ?? [])];
      [node.p2p_port, node.rpc_port, node.prometheus_port] = [await freePort(), await freePort(), await freePort()];
    }
    await this.#spawn(config);
    await Promise.all(this.nodes.map((node) => node.ready()));
  }

  /** Lets zombienet start the nodes, and takes over their processes. */
  async #spawn(config: NetworkConfig): Promise<void> {
    const { pid, started } = await spawnNetwork(this.folder, config);
    this.#zombienet = pid;
    for (const node of config.relaychain.nodes) {
      const { command, log, pid } = started.get(node.name)!;
      // zombienet's copy of the specification names bootnodes, ours names none.
      command[command.indexOf('--chain') + 1] = this.spec;
      const ports = { p2p: node.p2p_port!, rpc: node.rpc_port!, prometheus: node.prometheus_port! };
      this.#create(node.name, { command, log, pid, ports });
    }
  }

  #create(name: string, parts: Pick<Parts, 'command' | 'log' | 'pid' | 'ports'>): Node {
    const isOther = (it: Node) => it.name !== name && it.isRunning && it.isKnown;
    const others = () => this.nodes.filter(isOther).map((it) => it.address);
    const node = new Node({ ...parts, name, data: join(this.folder, name, 'data'), others });
    this.#nodes.set(name, node);
    return node;
  }

  /** All nodes, in the order of the description, then those that were added. */
  get nodes(): Node[] {
    return [...this.#nodes.values()];
  }

  /** The node with this name. */
  node(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      throw new Error(`there is no node ${name}; there are ${[...this.#nodes.keys()].join(', ')}`);
    }
    return node;
  }

  /** The account whose session keys a validator of genesis has: `//Alice` for `alice`. */
  account(name: string): string {
    const account = this.#accounts.get(name);
    if (account === undefined) {
      throw new Error(`${name} is no validator of genesis; those are ${[...this.#accounts.keys()].join(', ')}`);
    }
    return account;
  }

  /** Starts one more node, with the flags that zombienet gives its own, and waits until it answers. */
  async add(name: string, { args = [], isValidator = false }: Addition = {}): Promise<Node> {
    if (this.#nodes.has(name)) {
      throw new Error(`there is a node ${name} already`);
    }
    const [p2p, rpc, prometheus] = [await freePort(), await freePort(), await freePort()];
    const data = join(this.folder, name, 'data');
    await mkdir(data, { recursive: true });
    const command = [
      ...[nodeBinary(), '--chain', this.spec, '--name', name, '--base-path', data],
      ...['--rpc-cors', 'all', '--rpc-methods', 'unsafe', '--no-mdns', '--no-telemetry'],
      ...['--node-key', createHash('sha256').update(`${this.folder} ${name}`).digest('hex')],
      ...(isValidator ? ['--validator'] : []),
      ...['--prometheus-port', `${prometheus}`, '--rpc-port', `${rpc}`],
      ...['--listen-addr', `/ip4/127.0.0.1/tcp/${p2p}/ws`],
      ...args
    ];
    const log = join(this.folder, `${name}.log`);
    const node = this.#create(name, { command, log, pid: undefined, ports: { p2p, rpc, prometheus } });
    await node.start();
    return node;
  }

  /** Ends all nodes and forgets their data. Logs and specification stay, for whoever asks why. */
  async end(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    this.killNow();
    if (this.#zombienet !== undefined) {
      await ended(this.#zombienet, KILL_SECONDS);
    }
    running.delete(this);
    await Promise.all(
      this.nodes.map((node) => rm(join(this.folder, node.name), { force: true, recursive: true }))
    );
  }

  /** Ends all processes at once and does not wait: for the end of this one. */
  killNow(): void {
    this.nodes.forEach((node) => node.killNow());
    if (this.#zombienet !== undefined) {
      // Told to end, it would copy logs and look for nodes by ids that may belong to others now.
      signal(this.#zombienet, 'SIGKILL');
    }
  }
}
