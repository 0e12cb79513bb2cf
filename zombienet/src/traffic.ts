// SPDX-License-Identifier: Apache-2.0

// Payments that go on whatever happens: each account sends the next one when the last is in a block.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Pair } from './governance.ts';
import type { Api } from './node.ts';

/** How long a payment may wait in the pool before it is sent again, and how long for a block in all. */
const WAIT_SECONDS = 45;
const PATIENCE_SECONDS = 180;

/** How long to wait before it is sent again, in milliseconds. */
const PAUSE_MILLIS = 500;

/** What was paid. */
export interface Paid {
  /** Payments that are in a block, by sender. */
  bySender: Map<string, number>;
  /** Payments that had to be signed again, with the reason. */
  repeated: string[];
}

/** Payments between accounts, until they are stopped. */
export class Traffic {
  readonly paid: Paid = { bySender: new Map(), repeated: [] };
  readonly #lanes: Promise<void>[];
  #isStopping = false;

  /** Starts: every sender pays `amount` to `payee` again and again. */
  constructor(api: Api, senders: Pair[], payee: string, amount: bigint) {
    this.#lanes = senders.map((sender) => this.#drive(api, sender, payee, amount));
    // A lane that fails is told by `stop`.
    this.#lanes.forEach((lane) => lane.catch(() => {}));
  }

  /** Lets those on their way arrive, and says what was paid. */
  async stop(): Promise<Paid> {
    this.#isStopping = true;
    await Promise.all(this.#lanes);
    return this.paid;
  }

  /** How many payments are in a block. */
  get count(): number {
    return [...this.paid.bySender.values()].reduce((sum, count) => sum + count, 0);
  }

  async #drive(api: Api, sender: Pair, payee: string, amount: bigint): Promise<void> {
    let nonce = (await api.rpc.system.accountNextIndex(sender.address)).toNumber();
    while (!this.#isStopping) {
      await this.#pay(api, sender, nonce, payee, amount);
      this.paid.bySender.set(sender.address, (this.paid.bySender.get(sender.address) ?? 0) + 1);
      nonce += 1;
    }
  }

  /**
   * Pays once. A payment that does not reach a block is signed again with the same number, so that it
   * can never be paid twice: what was signed for the old runtime is invalid under the new one.
   */
  async #pay(
    api: Api,
    sender: Pair,
    nonce: number,
    payee: string,
    amount: bigint
  ): Promise<void> {
    const since = Date.now();
    for (;;) {
      try {
        await included(api, sender, nonce, payee, amount);
        return;
      } catch (error) {
        const next = (await api.query.system!.account!(sender.address)) as any;
        if (next.nonce.toNumber() > nonce) {
          // It was in a block all the same.
          return;
        }
        if (Date.now() - since > PATIENCE_SECONDS * 1000) {
          throw error;
        }
        this.paid.repeated.push((error as Error).message);
      }
      await sleep(PAUSE_MILLIS);
    }
  }
}

/** Sends one payment and waits until it is in a block. */
function included(
  api: Api,
  sender: Pair,
  nonce: number,
  payee: string,
  amount: bigint
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let unsubscribe = () => {};
    const end = (settle: () => void) => {
      isOver = true;
      clearTimeout(timer);
      unsubscribe();
      settle();
    };
    const timer = setTimeout(
      () => end(() => reject(new Error('it waits in the pool'))),
      WAIT_SECONDS * 1000
    );
    api.tx
      .balances!.transferKeepAlive!(payee, amount)
      .signAndSend(sender, { nonce }, ({ dispatchError, isError, status }) => {
        if (dispatchError) {
          end(() => reject(new Error(`the chain refused it: ${dispatchError.toString()}`)));
        } else if (isError) {
          end(() => reject(new Error(`the pool gave it up: ${status.type}`)));
        } else if (status.isInBlock || status.isFinalized) {
          end(resolve);
        }
      })
      .then((stop) => {
        unsubscribe = stop;
        if (isOver) {
          stop();
        }
      })
      .catch((error: Error) => end(() => reject(error)));
  });
}
