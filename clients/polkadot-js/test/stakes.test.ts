// SPDX-License-Identifier: Apache-2.0

// What the node's own JSON-RPC tells of stakes and balances, against the runtime API, which
// @polkadot/api decodes by the metadata alone. The chain's address is in MILLRACE_URL.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { type ApiPromise, WsProvider } from '@polkadot/api';
import type { Codec } from '@polkadot/types/types';

import { connect, developmentAccount, within } from '../src/chain.ts';

const url = process.env.MILLRACE_URL ?? 'ws://127.0.0.1:9944';

/** More candidates than a development chain has. */
const all = 64;

/**
 * Both ways of telling a value in one form: numbers as text, variants as JSON-RPC spells them, and
 * fields without the underscore by which @polkadot/api avoids names of its own.
 */
function inOneForm(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inOneForm);
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([key, entry]) => [key.replace(/_$/, ''), inOneForm(entry)]);
    const [first, ...others] = entries as [[string, unknown], ...unknown[]];
    return others.length === 0 && first[1] === null ? first[0] : Object.fromEntries(entries);
  }
  if (typeof value === 'string') {
    return value.charAt(0).toLowerCase() + value.slice(1);
  }
  return typeof value === 'number' || typeof value === 'bigint' ? value.toString() : value;
}

describe("the node's JSON-RPC", () => {
  let api: ApiPromise;
  let provider: WsProvider;
  let block: string;
  let runtime: Record<string, Record<string, (...parameters: unknown[]) => Promise<Codec>>>;

  const ask = (method: string, ...parameters: unknown[]): Promise<any> =>
    within(30, `answer to ${method}`, provider.send(method, parameters));

  before(async () => {
    api = await connect(url);
    provider = new WsProvider(url);
    await within(30, `connection to ${url}`, provider.isReady);
    // One block for all questions, with some history.
    await within(
      60,
      'third block',
      (async () => {
        while ((await api.rpc.chain.getHeader()).number.toNumber() < 3) {
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      })()
    );
    block = (await api.rpc.chain.getBlockHash()).toHex();
    runtime = (await api.at(block)).call as any;
  });

  after(async () => {
    await provider?.disconnect();
    await api?.disconnect();
  });

  /** Asks one question both ways at the same block. */
  async function both(rpc: string, [group, method]: [string, string], ...parameters: unknown[]): Promise<any> {
    const answer = await ask(rpc, ...parameters, block);
    const decoded = await runtime[group]![method]!(...parameters);
    assert.deepEqual(inOneForm(answer), inOneForm(decoded.toPrimitive()), rpc);
    return answer;
  }

  it('tells who the validators are, and that they are a quorum', async () => {
    const set = await ask('dpos_validatorSet', null, block);
    const decoded = await runtime.dposApi!.validatorSet!();
    assert.deepEqual(inOneForm(set), inOneForm(decoded.toPrimitive()));
    const alice = developmentAccount(api, 'Alice').address;
    assert.deepEqual(set.validators.map((seat: any) => seat.account), [alice]);
    assert.equal(await ask('dpos_validatorSet', set.era + 100, block), null);
    const quorum = await both('dpos_quorum', ['dposApi', 'quorum']);
    assert.deepEqual([quorum.validators, quorum.threshold, quorum.online], [1, 1, 1]);
  });

  it('tells who comes next, once it is decided', async () => {
    // The election is decided in the second minute of an era of three.
    const next = await within(
      240,
      'decided election',
      (async () => {
        for (;;) {
          const set = await ask('dpos_nextSet');
          if (set !== null) {
            return set;
          }
          await new Promise((resolve) => setTimeout(resolve, 1000));
        }
      })()
    );
    const told = await ask('dpos_network');
    assert.equal(next.era, told.era + 1);
    assert.deepEqual(next.validators.map((seat: any) => seat.account), [developmentAccount(api, 'Alice').address]);
  });

  it('tells about a candidate, and knows who is none', async () => {
    const candidates = await both('dpos_candidates', ['dposApi', 'candidates'], 0, all);
    const alice = developmentAccount(api, 'Alice').address;
    const candidate = await both('dpos_candidate', ['dposApi', 'candidate'], alice);
    assert.deepEqual([candidate.account, candidate.rank, candidate.status], [alice, 1, 'active']);
    assert.deepEqual(candidates, [candidate]);
    assert.ok(BigInt(candidate.total) > BigInt(candidate.own));
    assert.equal(await both('dpos_candidate', ['dposApi', 'candidate'], developmentAccount(api, 'Bob').address), null);
  });

  it('tells what somebody has staked', async () => {
    const alice = developmentAccount(api, 'Alice').address;
    const { delegations, total } = await both('dpos_delegator', ['dposApi', 'delegator'], alice);
    assert.equal(delegations[0].candidate, alice);
    const { native, ...account } = await ask('channels_account', alice, block);
    assert.equal(account.staked, total);
    assert.ok(BigInt(native.total) > BigInt(total));
  });

  it('tells the schedule of the coming slots, and the network as a whole', async () => {
    const schedule = await both('dpos_proposerSchedule', ['dposApi', 'proposerSchedule'], 5);
    assert.equal(schedule.length, 5);
    assert.equal(schedule[4].slot, schedule[0].slot + 4);
    const network = await both('dpos_network', ['dposApi', 'network']);
    assert.equal(network.candidates, 1);
    assert.equal(network.at, (await api.rpc.chain.getHeader(block)).number.toNumber());
  });

  it('refuses a question about a block that it does not know', async () => {
    await assert.rejects(ask('dpos_network', `0x${'11'.repeat(32)}`), /11111111/);
  });
});
