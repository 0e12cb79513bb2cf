// SPDX-License-Identifier: Apache-2.0

// Ports for nodes. zombienet would take any that is free now, and the kernel might give it away as
// the port of an outgoing connection before a node listens on it.

import { createServer } from 'node:net';

/** The ports that are given out: below those from which the kernel takes outgoing connections. */
const FIRST_PORT = 12_000;
const PORT_COUNT = 18_000;

let nextPort = Math.floor(Math.random() * PORT_COUNT);

/** Whether nobody listens on a port of 127.0.0.1. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A TCP port of this machine that is free now and was not given out before. */
export async function freePort(): Promise<number> {
  for (let count = 0; count < PORT_COUNT; count++) {
    const port = FIRST_PORT + (nextPort++ % PORT_COUNT);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new Error('no port is free: stop some servers and try again');
}
