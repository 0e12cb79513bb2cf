// SPDX-License-Identifier: Apache-2.0

// Of four validators one fails, is jailed, comes back and is elected again. Every final block is read
// meanwhile, and what the chain says about its validators is held against it: see `src/chronicle.ts`.
//
// The steps build on each other. They take two eras of eight minutes: jail needs 25 slots of one
// validator's own, and each validator has a slot in four, of which a quarter goes to lottery.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { developmentAccount, submit } from '../../clients/polkadot-js/src/chain.ts';
import { type Candidate, Chronicle, jailedUntil } from '../src/chronicle.ts';
import { Network } from '../src/network.ts';
import type { Api } from '../src/node.ts';
import { until as reached } from '../src/waiting.ts';

const NAMES = ['alice', 'bob', 'charlie', 'dave'];

/** Short sessions, because whoever is jailed in the last of an era stays in office an era longer. */
const EPOCH_SLOTS = 10;
const SESSIONS_PER_ERA = 24;

/** How long an era may take: twice its slots, of two seconds each. */
const ERA_SECONDS = 2 * 2 * EPOCH_SLOTS * SESSIONS_PER_ERA;

/** By how many blocks finality may be behind. On a busy machine, votes come late. */
const MOST_LAG = 40;

describe('four validators, of which one fails and comes back', () => {
  let network: Network;
  let chronicle: Chronicle;
  let api: Api;
  let names: Map<string, string>;

  const dave = () => developmentAccount(api, 'Dave');
  const candidate = (name: string): Candidate => chronicle.candidate(network.account(name));
  const ask = (method: string, ...params: unknown[]) => network.node('alice').ask(method, ...params);
  const namesOf = (accounts: string[]) => accounts.map((it) => names.get(it)).sort();
  const tell = (what: string) => {
    const { era, session } = chronicle.network!;
    console.log(`#${chronicle.height}, session ${session}, era ${era}: ${what}`);
  };

  /** Reads final blocks until `isThere`. */
  async function until(what: string, seconds: number, isThere: () => boolean): Promise<void> {
    await reached(what, seconds, async () => {
      await chronicle.advance();
      return chronicle.height > 0 && isThere();
    });
    assert(chronicle.lag <= MOST_LAG, `finality is ${chronicle.lag} blocks behind`);
    tell(what);
  }

  before(async () => {
    network = await Network.start('four', {
      absent: ['archive', 'full'],
      genesis: { epochSlots: EPOCH_SLOTS, sessionsPerEra: SESSIONS_PER_ERA }
    });
    names = new Map(NAMES.map((name) => [network.account(name), name]));
    chronicle = new Chronicle(network.node('alice'), EPOCH_SLOTS);
    api = await network.node('alice').api();
  });

  after(() => network?.end());

  it('has elected all four, and makes blocks final', async () => {
    await until('five blocks are final', 120, () => chronicle.height >= 5);
    assert.deepEqual(namesOf(chronicle.members), NAMES);
    assert.equal(chronicle.set!.version, 0);
    const quorum = await ask('dpos_quorum');
    assert.deepEqual([quorum.validators, quorum.threshold, quorum.online], [4, 3, 4]);
    for (const name of NAMES) {
      assert.equal(candidate(name).status, 'active');
      assert.notEqual(candidate(name).rank, null);
    }
  });

  it('counts the slots of the one that stopped, and jails it after its share of them', async () => {
    await network.node('dave').stop();
    tell('Dave has stopped');
    const height = chronicle.height;
    await until('Dave has missed five slots', 240, () => candidate('dave').missed >= 5);
    assert.equal(candidate('dave').status, 'active');
    await until('Dave is jailed', ERA_SECONDS, () => jailedUntil(candidate('dave')) !== undefined);
    const { made, missed } = candidate('dave');
    console.log(`Dave made ${made} blocks and missed ${missed} slots`);
    assert.equal(jailedUntil(candidate('dave')), 1);
    assert.equal(candidate('dave').rank, null);
    // Three of four are enough to go on.
    assert(chronicle.height > height + 25);
    assert.deepEqual(namesOf(chronicle.members), NAMES);
  });

  it('hands the next era to the others', async () => {
    await network.node('dave').start();
    tell('Dave runs again');
    const unjail = submit(api, api.tx.dpos!.unjail!(), dave());
    await assert.rejects(unjail, /StillJailed/);
    await until('the next era has begun', ERA_SECONDS, () => chronicle.network!.era === 1);
    assert.deepEqual(namesOf(chronicle.members), ['alice', 'bob', 'charlie']);
    assert.equal(chronicle.set!.version, 1);
    const earlier = await ask('dpos_validatorSet', 0);
    assert.deepEqual(namesOf(earlier.validators.map((seat: any) => seat.account)), NAMES);
    const quorum = await ask('dpos_quorum');
    assert.deepEqual([quorum.validators, quorum.threshold], [3, 3]);
  });

  it('pays what the first era earned', async () => {
    const eve = developmentAccount(api, 'Eve').address;
    const rewards = async () => {
      const { delegations } = await ask('dpos_delegator', eve);
      return BigInt(delegations[0].rewards);
    };
    await until('some blocks of it are final', 120, () => chronicle.height % 10 === 0);
    assert((await rewards()) > 0n);
  });

  it('elects it again after it has asked for release', async () => {
    await submit(api, api.tx.dpos!.unjail!(), dave());
    await until('Dave stands again', 60, () => candidate('dave').status === 'active');
    await until('the era after has begun', ERA_SECONDS, () => chronicle.network!.era === 2);
    assert.deepEqual(namesOf(chronicle.members), NAMES);
    assert.equal(chronicle.set!.version, 2);
  });

  it('lets it make blocks again', async () => {
    await until('Dave has made a block', 240, () => candidate('dave').made > 0);
    const { empty, primary, secondary } = chronicle.counts;
    console.log(
      `${chronicle.height} blocks: ${secondary} by those whom the schedule named, ${primary} by lottery; ` +
        `${empty} slots without a block; finality at most ${chronicle.lag} blocks behind`
    );
    assert(secondary > primary && primary > 0);
    assert.equal(chronicle.height, secondary + primary);
  });
});
