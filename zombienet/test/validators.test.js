// SPDX-License-Identifier: Apache-2.0

// Four validators, of which one fails and comes back. Every final block is read meanwhile, and what
// the chain says about its validators is held against it: see `src/chronicle.js`.
//
// MILLRACE_NODE names the node's binary. The steps build on each other. They take two eras of eight
// minutes: jail needs 25 slots of one validator's own, and each validator has a slot in four.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect, developmentAccount, submit } from '../../clients/polkadot-js/src/chain.ts';
import { Chronicle, jailedUntil } from '../src/chronicle.js';
import { Network } from '../src/network.js';

const NAMES = ['Alice', 'Bob', 'Charlie', 'Dave'];
const EPOCH_SLOTS = 20;
const SESSIONS_PER_ERA = 12;

/** How long an era may take: twice its slots, of two seconds each. */
const ERA_SECONDS = 2 * 2 * EPOCH_SLOTS * SESSIONS_PER_ERA;

/** By how many blocks finality may be behind. On a busy machine, votes come late. */
const MOST_LAG = 40;

describe('four validators, of which one fails and comes back', () => {
  let network;
  let chronicle;
  let api;
  let dave;
  let isOver = false;

  const account = (name) => network.accounts.get(name);
  const candidate = (name) => chronicle.candidate(account(name));
  const ask = (...question) => network.node('Alice').ask(...question);
  const namesOf = (accounts) => accounts.map((it) => network.names.get(it)).sort();
  const tell = (what) => {
    const { era, session } = chronicle.network;
    console.log(`#${chronicle.height}, session ${session}, era ${era}: ${what}`);
  };

  /** Reads final blocks until `isThere`. */
  async function until(what, seconds, isThere) {
    const since = Date.now();
    for (;;) {
      await chronicle.advance();
      assert(chronicle.lag <= MOST_LAG, `finality is ${chronicle.lag} blocks behind`);
      if (chronicle.height > 0 && isThere()) {
        tell(what);
        return;
      }
      if (Date.now() - since > seconds * 1000) {
        throw new Error(`not yet, after ${seconds} seconds: ${what}`);
      }
      await sleep(1000);
    }
  }

  before(async () => {
    const binary = process.env.MILLRACE_NODE;
    assert(binary, 'MILLRACE_NODE must name the binary of the node');
    network = await Network.start({
      binary,
      epochSlots: EPOCH_SLOTS,
      names: NAMES,
      sessionsPerEra: SESSIONS_PER_ERA
    });
    console.log(`data and logs: ${network.folder}`);
    chronicle = new Chronicle(network.node('Alice'), EPOCH_SLOTS);
    api = await connect(network.node('Alice').url);
    dave = developmentAccount(api, 'Dave');
  });

  after(async () => {
    await api?.disconnect();
    if (isOver) {
      await network.stop();
    } else {
      // Something failed: what the nodes said about it stays.
      network?.kill();
    }
  });

  it('has elected all four, and makes blocks final', async () => {
    await until('five blocks are final', 120, () => chronicle.height >= 5);
    assert.deepEqual(namesOf(chronicle.members), NAMES);
    assert.equal(chronicle.set.version, 0);
    const quorum = await ask('dpos_quorum');
    assert.deepEqual([quorum.validators, quorum.threshold, quorum.online], [4, 3, 4]);
    for (const name of NAMES) {
      assert.equal(candidate(name).status, 'active');
      assert.notEqual(candidate(name).rank, null);
    }
  });

  it('counts the slots of the one that stopped, and jails it after its share of them', async () => {
    await network.node('Dave').stop();
    tell('Dave has stopped');
    const height = chronicle.height;
    await until('Dave has missed five slots', 240, () => candidate('Dave').missed >= 5);
    assert.equal(candidate('Dave').status, 'active');
    await until('Dave is jailed', ERA_SECONDS, () => jailedUntil(candidate('Dave')) !== undefined);
    const { made, missed } = candidate('Dave');
    console.log(`Dave made ${made} blocks and missed ${missed} slots`);
    assert.equal(jailedUntil(candidate('Dave')), 1);
    assert.equal(candidate('Dave').rank, null);
    // Three of four are enough to go on.
    assert(chronicle.height > height + 25);
    assert.deepEqual(namesOf(chronicle.members), NAMES);
  });

  it('hands the next era to the others', async () => {
    await network.startNode(network.node('Dave'));
    tell('Dave runs again');
    const unjail = submit(api, api.tx.dpos.unjail(), dave);
    await assert.rejects(unjail, /StillJailed/);
    await until('the next era has begun', ERA_SECONDS, () => chronicle.network.era === 1);
    assert.deepEqual(namesOf(chronicle.members), ['Alice', 'Bob', 'Charlie']);
    assert.equal(chronicle.set.version, 1);
    const earlier = await ask('dpos_validatorSet', 0);
    assert.deepEqual(namesOf(earlier.validators.map((seat) => seat.account)), NAMES);
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
    await submit(api, api.tx.dpos.unjail(), dave);
    await until('Dave stands again', 60, () => candidate('Dave').status === 'active');
    await until('the era after has begun', ERA_SECONDS, () => chronicle.network.era === 2);
    assert.deepEqual(namesOf(chronicle.members), NAMES);
    assert.equal(chronicle.set.version, 2);
  });

  it('lets it make blocks again', async () => {
    await until('Dave has made a block', 240, () => candidate('Dave').made > 0);
    const { empty, primary, secondary } = chronicle.counts;
    console.log(
      `${chronicle.height} blocks: ${secondary} by those whom the schedule named, ${primary} by lottery; ` +
        `${empty} slots without a block; finality at most ${chronicle.lag} blocks behind`
    );
    assert(secondary > primary && primary > 0);
    assert.equal(chronicle.height, secondary + primary);
    isOver = true;
  });
});
