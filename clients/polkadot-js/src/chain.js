// SPDX-License-Identifier: Apache-2.0

// Connecting, sending and waiting, with limits in time.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

/** Everything @polkadot/api warned about since the start, in its own words. */
export const warnings = [];
for (const level of ['warn', 'error']) {
  const original = console[level].bind(console);
  console[level] = (...words) => {
    warnings.push(words.join(' '));
    original(...words);
  };
}

/** Rejects after `seconds`, saying what was waited for. */
export function within(seconds, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${seconds} seconds`)), seconds * 1000);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** Connects as any application does: with an address and nothing else. */
export async function connect(url) {
  const provider = new WsProvider(url);
  try {
    return await within(30, `connection to ${url}`, ApiPromise.create({ provider }));
  } catch (error) {
    // It would go on trying for ever, and keep the process alive.
    await provider.disconnect();
    throw error;
  }
}

/** A development account, such as `Dave`, with the key that signs for it. */
export function developmentAccount(api, name) {
  const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
  return keyring.addFromUri(`//${name}`);
}

/** Sends a transaction and waits until it is final. Gives its events and the hash of its block. */
export function submit(api, transaction, pair) {
  const final = new Promise((resolve, reject) => {
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
function describe(api, error) {
  if (!error.isModule) {
    return error.toString();
  }
  const { docs, name, section } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}: ${docs.join(' ')}`;
}

/** The only event of this kind, or an error. */
export function onlyEvent(events, section, method) {
  const found = events.filter((event) => event.section === section && event.method === method);
  if (found.length !== 1) {
    const all = events.map((event) => `${event.section}.${event.method}`).join(', ');
    throw new Error(`expected one ${section}.${method}, found ${found.length} in: ${all}`);
  }
  return found[0];
}
