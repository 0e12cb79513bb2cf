// SPDX-License-Identifier: Apache-2.0

// JSON-RPC without a client library, so that what a proof is checked against passes through no code
// that also made it.

import WebSocket from 'ws';

/** Where the development chain answers, as `scripts/clients` says. */
export const url = process.env.MILLRACE_URL ?? 'ws://127.0.0.1:9944';

/** Bytes as JSON-RPC writes them. */
export type Hex = `0x${string}`;

/** A header as `chain_getHeader` writes it. */
export interface HeaderJson {
  parentHash: Hex;
  number: Hex;
  stateRoot: Hex;
  extrinsicsRoot: Hex;
  digest: { logs: Hex[] };
}

export const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;
export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));

/** Asks the node one question over HTTP. Throws with the node's words when it refuses. */
export async function ask<Answer>(method: string, ...params: unknown[]): Promise<Answer> {
  const response = await fetch(url.replace(/^ws/, 'http'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  });
  const { error, result } = (await response.json()) as { error?: { message: string; data?: unknown }; result: Answer };
  if (error !== undefined) {
    throw new Error(`${method}: ${error.message}${error.data === undefined ? '' : `: ${error.data}`}`);
  }
  return result;
}

/** The first notification of a subscription. */
export function firstOf<Notice>(method: string): Promise<Notice> {
  const socket = new WebSocket(url);
  const first = new Promise<Notice>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })));
    socket.on('message', (data) => {
      const { error, params } = JSON.parse(data.toString());
      if (error !== undefined) {
        reject(new Error(`${method}: ${error.message}`));
      } else if (params !== undefined) {
        resolve(params.result as Notice);
      }
    });
  });
  return first.finally(() => socket.close());
}

/** Rejects after `seconds`, saying what was waited for. */
export function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${seconds} seconds`)), seconds * 1000);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
