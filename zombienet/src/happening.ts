// SPDX-License-Identifier: Apache-2.0

// Events of blocks, final or not.

import type { ApiPromise } from '@polkadot/api';
import type { Event } from '@polkadot/types/interfaces';

import { until } from './waiting.ts';

/** What an event says, and the height of its block. */
export interface Happening {
  data: any;
  height: number;
}

/** All events of the best chain's block at this height. */
export async function eventsAt(api: ApiPromise, height: number): Promise<Event[]> {
  const then = await api.at(await api.rpc.chain.getBlockHash(height));
  const records = (await then.query.system!.events!()) as unknown as { event: Event }[];
  return records.map(({ event }) => event);
}

/**
 * Waits for an event such as `dpos.Slashed` in a block above `height`, of whose data `matches`
 * approves.
 */
export function happens(
  api: ApiPromise,
  name: string,
  height: number,
  seconds: number,
  matches: (data: any) => boolean = () => true
): Promise<Happening> {
  let read = height;
  return until(`${name} in a block above #${height}`, seconds, async () => {
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    while (read < best) {
      const events = await eventsAt(api, read + 1);
      read += 1;
      const found = events.find((it) => `${it.section}.${it.method}` === name && matches(it.data));
      if (found !== undefined) {
        return { data: found.data, height: read };
      }
    }
    return null;
  });
}
