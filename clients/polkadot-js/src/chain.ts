// SPDX-License-Identifier: Apache-2.0

// Connecting, sending and waiting, with limits in time.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { DispatchError, Event, Hash } from '@polkadot/types/interfaces';
import type { IEvent } from '@polkadot/types/types';

/** Everything @polkadot/api warned about since the start, in its own words. */
export const warnings: string[] = [];
for (const level of ['warn', 'error'] as const) {
  const original = console[level].bind(console);
  console[level] = (...words: unknown[]) => {
    warnings.push(words.join(' '));
    original(...words);
  };
}

/** Rejects after `seconds`, saying what was waited for. */
export function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${seconds} seconds`)), seconds * 1000);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/**
 * Connects as any application does: with an address and nothing else. `noInitWarn`: does not list the
 * methods of JSON-RPC that @polkadot/api has no words for.
 */
export async function connect(url: string, { noInitWarn = false } = {}): Promise<ApiPromise> {
  const provider = new WsProvider(url);
  try {
    return await within(30, `connection to ${url}`, ApiPromise.create({ noInitWarn, provider }));
  } catch (error) {
    // It would go on trying for ever, and keep the process alive.
    await provider.disconnect();
    throw error;
  }
}

/** A development account, such as `Dave`, with the key that signs for it. */
export function developmentAccount(api: ApiPromise, name: string): KeyringPair {
  const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 ?? 42 });
  return keyring.addFromUri(`//${name}`);
}

/** Sends a transaction and waits until it is final. Gives its events and the hash of its block. */
export function submit(
  api: ApiPromise,
  transaction: SubmittableExtrinsic<'promise'>,
  pair: KeyringPair
): Promise<{ block: Hash; events: Event[] }> {
  const final = new Promise<{ block: Hash; events: Event[] }>((resolve, reject) => {
    let unsubscribe = () => {};
    transaction
      .signAndSend(pair, ({ dispatchError, events, isError, status }) => {
        if (dispatchError) {
          unsubscribe();
          reject(new Error(describe(api, dispatchError)));
        } else if (isError) {
          unsubscribe();
          reject(new Error(`the transaction was dropped: ${status.type}`));
        } else if (status.isFinalized) {
          unsubscribe();
          resolve({ block: status.asFinalized, events: events.map(({ event }) => event) });
        }
      })
      .then((stop) => {
        unsubscribe = stop;
      }, reject);
  });
  return within(60, `finality of ${transaction.method.section}.${transaction.method.method}`, final);
}

/** A dispatch error as `pallet.Error: documentation`. */
function describe(api: ApiPromise, error: DispatchError): string {
  if (!error.isModule) {
    return error.toString();
  }
  const { docs, name, section } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}: ${docs.join(' ')}`;
}

/** The only event of this kind, or an error. */
export function onlyEvent(events: Event[], section: string, method: string): IEvent<any> {
  const [found, ...others] = events.filter((event) => event.section === section && event.method === method);
  if (found === undefined || others.length > 0) {
    const all = events.map((event) => `${event.section}.${event.method}`).join(', ');
    throw new Error(`expected one ${section}.${method} in: ${all}`);
  }
  return found;
}
