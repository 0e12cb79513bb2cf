// SPDX-License-Identifier: Apache-2.0

// Waiting for something to become true, with a limit in time.

import { AssertionError } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a probe gives while it is too early. */
type NotYet = undefined | null | false;

/**
 * Asks `probe` twice a second until it gives something, and gives that. A probe that throws is asked
 * again, unless an assertion failed; when `seconds` have passed, the error names `what` was waited for
 * and what was thrown last.
 */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | NotYet> | T | NotYet
): Promise<T> {
  const since = Date.now();
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) {
        return found;
      }
      last = undefined;
    } catch (error) {
      if (error instanceof AssertionError) {
        throw error;
      }
      last = error;
    }
    if (Date.now() - since > seconds * 1000) {
      const reason = last instanceof Error ? `; the last answer: ${last.message}` : '';
      throw new Error(`not within ${seconds} seconds: ${what}${reason}`, { cause: last });
    }
    await sleep(500);
  }
}
