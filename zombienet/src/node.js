// SPDX-License-Identifier: Apache-2.0

// One node: a process with ports of its own on loopback, and questions to it.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a node may take to answer after its start, and to end, in seconds. */
const START_SECONDS = 120;
const STOP_SECONDS = 30;

/** The ports that are given out: below those from which the kernel takes outgoing connections. */
const FIRST_PORT = 12_000;
const PORT_COUNT = 18_000;

let nextPort = Math.floor(Math.random() * PORT_COUNT);

/** Whether nobody listens on a port of 127.0.0.1. */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A TCP port of this machine that is free now and was not given out before. */
async function freePort() {
  for (let count = 0; count < PORT_COUNT; count++) {
    const port = FIRST_PORT + (nextPort++ % PORT_COUNT);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new Error('no port is free: stop some servers and try again');
}

export class Node {
  #binary;
  #options;
  #process = null;

  /**
   * A validator with the development keys of `name`, not started yet. Its data and its log lie in
   * `folder`; `spec` is the file of the chain's specification.
   */
  static async create({ binary, folder, name, spec }) {
    const [port, rpcPort] = [await freePort(), await freePort()];
    return new Node(binary, { folder, name, port, rpcPort, spec });
  }

  constructor(binary, options) {
    this.#binary = binary;
    this.#options = options;
    this.name = options.name;
    this.log = join(options.folder, `${options.name}.log`);
    this.url = `ws://127.0.0.1:${options.rpcPort}`;
  }

  get isRunning() {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Starts, or starts again with the same data, and waits until it answers. */
  async start(bootnodes) {
    const { folder, name, port, rpcPort, spec } = this.#options;
    const log = openSync(this.log, 'a');
    this.#process = spawn(
      this.#binary,
      [
        ...['--chain', spec, '--base-path', join(folder, name), `--${name.toLowerCase()}`],
        ...['--listen-addr', `/ip4/127.0.0.1/tcp/${port}`, '--rpc-port', `${rpcPort}`],
        ...['--no-prometheus', '--no-telemetry', '--no-mdns'],
        // The first start makes the key that names it in the network, the others find it.
        '--unsafe-force-node-key-generation',
        ...bootnodes.flatMap((address) => ['--bootnodes', address])
      ],
      { stdio: ['ignore', log, log] }
    );
    closeSync(log);
    this.peerId = await this.#answer('system_localPeerId');
  }

  /** Where other nodes find this one. */
  get address() {
    return `/ip4/127.0.0.1/tcp/${this.#options.port}/p2p/${this.peerId}`;
  }

  /** Ends the process, and waits until it has written down what it has. */
  async stop() {
    if (!this.isRunning) {
      return;
    }
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const force = setTimeout(() => this.#process.kill('SIGKILL'), STOP_SECONDS * 1000);
    await ended;
    clearTimeout(force);
  }

  /** Ends the process at once. */
  kill() {
    this.#process?.kill('SIGKILL');
  }

  /** The answer to a method of JSON-RPC. */
  async ask(method, ...params) {
    const response = await fetch(`http://127.0.0.1:${this.#options.rpcPort}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(30_000)
    });
    const { error, result } = await response.json();
    if (error) {
      throw new Error(`${this.name} answers ${method} with: ${error.message} (${error.data ?? error.code})`);
    }
    return result;
  }

  /** The last lines of the log, which may say why something failed. */
  tail(lines) {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** The answer to a method, as soon as the node gives one. */
  async #answer(method) {
    const since = Date.now();
    for (;;) {
      try {
        return await this.ask(method);
      } catch (error) {
        if (!this.isRunning) {
          throw new Error(`${this.name} ended; its log:\n${this.tail(20)}`);
        }
        if (Date.now() - since > START_SECONDS * 1000) {
          throw new Error(`${this.name} does not answer after ${START_SECONDS} seconds: ${error.message}`);
        }
      }
      await sleep(300);
    }
  }
}
