// SPDX-License-Identifier: Apache-2.0

// One node: its process, and questions to it.

import { readFileSync } from 'node:fs';

import { connect } from '../../clients/polkadot-js/src/chain.ts';
import { metricOf } from './metrics.ts';
import { end, ended, isAlive, run, signal } from './process.ts';
import { until } from './waiting.ts';

/** How long a node may take to answer after its start, in seconds: on a busy machine, it compiles for long. */
const START_SECONDS = 240;

/** How long the kernel may take to end a process, in seconds. */
const KILL_SECONDS = 10;

/** A connection by @polkadot/api. */
export type Api = Awaited<ReturnType<typeof connect>>;

/** What a node is made of. */
export interface Parts {
  name: string;
  /** The program and its arguments. */
  command: string[];
  /** The process, if it was started. */
  pid: number | undefined;
  log: string;
  /** Its base path. */
  data: string;
  ports: { p2p: number; rpc: number; prometheus: number };
  /** Where the others are that run now. */
  others: () => string[];
}

/** A block by height and hash. */
export interface Block {
  height: number;
  hash: string;
}

/** Starts and ends a node's process, and asks it. */
export class Node {
  readonly name: string;
  /** The file to which it writes its log, across all its starts. */
  readonly log: string;
  /** Its base path, with database and keys. */
  readonly data: string;
  /** Where its JSON-RPC is. */
  readonly url: string;
  readonly metricsUrl: string;
  /** The program and its arguments, without those that one start adds. */
  readonly command: readonly string[];

  #pid: number | undefined;
  readonly #others: () => string[];
  readonly #ports: Parts['ports'];
  #peerId: string | undefined;
  #api: Promise<Api> | undefined;

  constructor({ command, data, log, name, others, pid, ports }: Parts) {
    this.name = name;
    this.command = command;
    this.data = data;
    this.log = log;
    this.url = `ws://127.0.0.1:${ports.rpc}`;
    this.metricsUrl = `http://127.0.0.1:${ports.prometheus}/metrics`;
    this.#others = others;
    this.#pid = pid;
    this.#ports = ports;
  }

  /** Whether its process is there; a paused one is. */
  get isRunning(): boolean {
    return this.#pid !== undefined && isAlive(this.#pid);
  }

  /** The id of its process, if it was started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /**
   * Starts it with the data that it has, and waits until it answers. It is told where all others are that
   * run, unless `without` has `--bootnodes`: that leaves out flags with their values. `args` are added.
   * Both count for this start only.
   */
  async start({ args = [], without = [] }: { args?: string[]; without?: string[] } = {}): Promise<void> {
    if (this.isRunning) {
      throw new Error(`${this.name} runs already: stop it first`);
    }
    const others = this.#others();
    const bootnodes = others.length > 0 ? ['--bootnodes', ...others] : [];
    const command = withoutFlags([...withoutFlags(this.command, ['--bootnodes']), ...bootnodes], without);
    this.#pid = run([...command, ...args], this.log);
    await this.ready();
  }

  /** Waits until it answers. */
  async ready(): Promise<void> {
    const peerId = await until(`${this.name} answers`, START_SECONDS, async () => {
      if (!this.isRunning) {
        return { ended: true };
      }
      return { id: (await this.ask('system_localPeerId')) as string };
    });
    if (!('id' in peerId)) {
      throw new Error(`${this.name} ended; the last lines of ${this.log}:\n${this.tail(20)}`);
    }
    this.#peerId = peerId.id;
  }

  /** Ends it as an operator does, and waits until it has written down what it has. */
  async stop(): Promise<void> {
    await this.#forgetApi();
    if (this.#pid !== undefined) {
      await end(this.#pid);
    }
  }

  /** Ends it at once, as a power failure does. */
  async kill(): Promise<void> {
    await this.#forgetApi();
    if (this.#pid !== undefined) {
      signal(this.#pid, 'SIGKILL');
      await ended(this.#pid, KILL_SECONDS);
    }
  }

  /** Ends it at once and does not wait: for the end of this process. */
  killNow(): void {
    if (this.#pid !== undefined) {
      signal(this.#pid, 'SIGKILL');
    }
  }

  /** Halts its process: its connections stay, and nobody answers. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  /** Lets a paused process go on. */
  resume(): void {
    this.#signal('SIGCONT');
  }

  /** Whether it has told its name in the network, which is part of its address. */
  get isKnown(): boolean {
    return this.#peerId !== undefined;
  }

  /** Where other nodes find it, for `--bootnodes` and `--reserved-nodes`. */
  get address(): string {
    if (!this.isKnown) {
      throw new Error(`${this.name} has not run yet, so its name in the network is not known`);
    }
    return `/ip4/127.0.0.1/tcp/${this.#ports.p2p}/ws/p2p/${this.#peerId}`;
  }

  /** The answer to a method of JSON-RPC. */
  async ask(method: string, ...params: unknown[]): Promise<any> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.rpc}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(30_000)
    });
    const { error, result } = (await response.json()) as any;
    if (error) {
      throw new Error(`${this.name} answers ${method} with: ${error.message} (${error.data ?? error.code})`);
    }
    return result;
  }

  /** A connection by @polkadot/api, the same until the node is stopped or killed. */
  api(): Promise<Api> {
    this.#api ??= connect(this.url, { noInitWarn: true });
    return this.#api;
  }

  /** The block at the head of its best chain. */
  async best(): Promise<Block> {
    return this.#block(await this.ask('chain_getBlockHash'));
  }

  /** The last block that GRANDPA made final. */
  async final(): Promise<Block> {
    return this.#block(await this.ask('chain_getFinalizedHead'));
  }

  /** The last block that BEEFY justified. */
  async beefy(): Promise<Block> {
    return this.#block(await this.ask('beefy_getFinalizedHead'));
  }

  /** The hash of its block at a height, if it has one. */
  hashAt(height: number): Promise<string | null> {
    return this.ask('chain_getBlockHash', height);
  }

  /** To how many others it is connected. */
  async peers(): Promise<number> {
    return (await this.ask('system_health')).peers;
  }

  /** A metric, summed over all series with these labels. Nothing if it is not exported, which is not zero. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const response = await fetch(this.metricsUrl, { signal: AbortSignal.timeout(10_000) });
    return metricOf(await response.text(), name, labels);
  }

  /** The last lines of its log, which may say why something failed. */
  tail(lines: number): string {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  async #block(hash: string): Promise<Block> {
    const header = await this.ask('chain_getHeader', hash);
    return { hash, height: Number(header.number) };
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#pid === undefined || !this.isRunning) {
      throw new Error(`${this.name} does not run`);
    }
    signal(this.#pid, name);
  }

  async #forgetApi(): Promise<void> {
    const api = this.#api;
    this.#api = undefined;
    await (await api?.catch(() => undefined))?.disconnect();
  }
}

/** A command without some flags and their values. */
function withoutFlags(command: readonly string[], flags: string[]): string[] {
  const kept: string[] = [];
  let isDropping = false;
  for (const word of command) {
    if (word.startsWith('--')) {
      isDropping = flags.includes(word.split('=')[0]!);
    }
    if (!isDropping) {
      kept.push(word);
    }
  }
  return kept;
}
