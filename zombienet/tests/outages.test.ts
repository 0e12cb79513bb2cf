// SPDX-License-Identifier: Apache-2.0

// Validators that fail: one, half of them, all of them; nodes that join such a chain; and a validator
// that runs twice.
//
// Four validators, of which three make a block final. Nothing is shut down in order here: what fails is
// killed. The steps build on each other.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { developmentAccount, onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';
import { agreement } from '../src/agreement.ts';
import { eventsAt, happens } from '../src/happening.ts';
import { Network } from '../src/network.ts';
import type { Node } from '../src/node.ts';
import { goesOn, highestFinal, roundOf, standsStill, staysStill } from '../src/stalling.ts';
import { until } from '../src/waiting.ts';

/** The least that a chain can have: twenty seconds, and eras of a minute. */
const EPOCH_SLOTS = 10;
const SESSIONS_PER_ERA = 3;
const EPOCH_SECONDS = 2 * EPOCH_SLOTS;
const ERA_SECONDS = SESSIONS_PER_ERA * EPOCH_SECONDS;

/** How long finality may take to make some more blocks final, or to come back, in seconds. */
const FINALITY_SECONDS = 90;

/** What one of four validators loses for contradicting itself: the square of 3 · 1/4, in billionths. */
const FRACTION = 562_500_000;

/** A block that a chain of a few minutes has long left behind. */
const OLD = 3;

/** One MILL, in the smallest unit. */
const MILL = 1_000_000_000_000n;

describe('validators that fail', () => {
  let network: Network;
  let isOver = false;

  const node = (name: string): Node => network.node(name);
  const validators = (): Node[] => ['alice', 'bob', 'charlie', 'dave'].map(node);

  /** Whose block is at this height. */
  async function authorOf(height: number): Promise<string | undefined> {
    const api = await node('alice').api();
    return (await api.derive.chain.getHeader(await api.rpc.chain.getBlockHash(height))).author?.toString();
  }

  /** Waits until a block above `height` is final that the validator made. */
  async function makesBlock(validator: string, height: number): Promise<void> {
    const alice = node('alice');
    let read = height;
    await until(`${validator} makes a block`, 2 * ERA_SECONDS, async () => {
      const final = (await alice.final()).height;
      while (read < final) {
        read += 1;
        if ((await authorOf(read)) === network.account(validator)) {
          return true;
        }
      }
      return false;
    });
  }

  /**
   * Starts a node that warps, as an operator does: again with empty data, if it says that it failed.
   * That happens if the second block of a session is the last final one as the node asks. It then
   * wants to make that block's parent final first, whose own parent it does not have. Sessions have
   * ten blocks here, so it does happen; three times in a row would be something else.
   */
  async function joinByWarp(): Promise<Node> {
    const final = await highestFinal(validators());
    for (const name of ['warp', 'warp-again', 'warp-once-more']) {
      const joined = await network.add(name, { args: ['--sync=warp'] });
      const isThere = await until(`${name} has the newest state`, FINALITY_SECONDS, async () => {
        if (joined.tail(1_000).includes('State sync failed')) {
          return 'no';
        }
        return (await joined.final()).height >= final && 'yes';
      });
      if (isThere === 'yes') {
        return joined;
      }
      console.log(`${name} met the second block of a session`);
      await joined.stop();
    }
    throw new Error('three nodes could not warp');
  }

  before(async () => {
    const patch = { dpos: { params: { slashDeferEras: 1 } } };
    network = await Network.start('four', {
      absent: ['full', 'archive'],
      genesis: { epochSlots: EPOCH_SLOTS, patch, sessionsPerEra: SESSIONS_PER_ERA }
    });
    console.log(`data and logs: ${network.folder}`);
    await agreement(validators(), 3, FINALITY_SECONDS);
  });

  after(async () => {
    if (isOver) {
      await network.end();
    } else {
      // Something failed: what the nodes have and said about it stays.
      network?.killNow();
    }
  });

  it('goes on without one that was killed, which rejoins and makes blocks', async () => {
    await node('dave').kill();
    const { height } = await goesOn(validators().slice(0, 3), 4, FINALITY_SECONDS);
    await node('dave').start();
    await goesOn(validators(), 2, FINALITY_SECONDS);
    await makesBlock('dave', height);
  });

  it('counts its votes again: without another one, they are needed', async () => {
    await node('charlie').kill();
    await goesOn(['alice', 'bob', 'dave'].map(node), 4, FINALITY_SECONDS);
    await node('charlie').start();
    await goesOn(validators(), 2, FINALITY_SECONDS);
  });

  it('makes nothing final without half of them, and makes it up when they return', async () => {
    const living = ['alice', 'bob'].map(node);
    await Promise.all(['charlie', 'dave'].map((name) => node(name).kill()));
    const since = Date.now();
    const height = await standsStill(living, 5, FINALITY_SECONDS);
    await staysStill(living, height, 5);
    const { threshold, validators: all, votes } = await roundOf(node('alice'));
    assert.deepEqual([threshold, all], [3, 4]);
    assert(votes < threshold, `${votes} votes of ${threshold} that are needed`);
    const best = (await node('alice').best()).height;
    console.log(`#${height} stays the last final block up to #${best}, ${seconds(since)} later`);
    const metric = (status: string) => node('alice').metric('substrate_block_height', { status });
    // Brought up to date every five seconds.
    await until('the metrics say so too', 15, async () => (await metric('best'))! >= best);
    assert.equal(await metric('finalized'), height);

    // Three are enough.
    await node('charlie').start();
    const back = Date.now();
    await agreement(['alice', 'bob', 'charlie'].map(node), best, FINALITY_SECONDS);
    console.log(`#${best} is final ${seconds(back)} after one of the two answers again`);
    await node('dave').start();
    await goesOn(validators(), 2, FINALITY_SECONDS);
  });

  it('goes on where it was after none was there for more than an epoch', async () => {
    const { height } = await node('alice').final();
    const { session } = await node('alice').ask('dpos_network');
    await Promise.all(validators().map((it) => it.kill()));
    await sleep(1_500 * EPOCH_SECONDS);
    await Promise.all(validators().map((it) => it.start()));
    const { height: later } = await goesOn(validators(), 3, FINALITY_SECONDS);
    assert(later > height);
    assert((await node('alice').ask('dpos_network')).session > session);
  });

  it('lets a node join by full sync, which executes every block', async () => {
    const full = await network.add('full', { args: ['--sync=full'] });
    await agreement([node('alice'), full], await highestFinal(validators()), FINALITY_SECONDS);
    // It has the state after an old block, which nobody can have who did not execute it.
    const hash = await full.hashAt(OLD);
    assert.deepEqual(await full.ask('dpos_network', hash), await node('alice').ask('dpos_network', hash));
    await full.stop();
  });

  it('lets a node join by warp sync, which executes no old block and serves all the same', async () => {
    const warp = await joinByWarp();
    const { hash } = await agreement([node('alice'), warp], await highestFinal(validators()), FINALITY_SECONDS);
    // The state after the newest block is whole: both answer the same about every account and candidate.
    for (const [method, ...params] of [
      ['dpos_candidates', 0, 64],
      ['dpos_validatorSet', null],
      ['state_getPairs', '0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9']
    ] as const) {
      const answer = await warp.ask(method, ...params, hash);
      assert.deepEqual(answer, await node('alice').ask(method, ...params, hash), method);
    }
    // There is none after an old block, whose body comes in later.
    const old = await until('old blocks are there', FINALITY_SECONDS, () => warp.hashAt(OLD));
    assert.equal(old, await node('alice').hashAt(OLD));
    await until('their bodies are', FINALITY_SECONDS, () => warp.ask('chain_getBlock', old));
    await assert.rejects(warp.ask('dpos_network', old), /state/i);

    // It passes on transactions.
    const api = await warp.api();
    const transfer = api.tx.balances!.transferKeepAlive!(network.account('bob'), MILL);
    const { events } = await submit(api, transfer, developmentAccount(api, 'Eve'));
    onlyEvent(events, 'balances', 'Transfer');
    await warp.stop();
  });

  it('slashes a validator that runs twice, shuts it out, and goes on without it', async () => {
    const [alice, bob] = [node('alice'), network.account('bob')];
    const api = await alice.api();
    const start = await alice.best();
    const chains = join(node('bob').data, 'chains');
    const keys = join(chains, (await readdir(chains))[0]!, 'keystore');
    const clone = await network.add('clone', { isValidator: true, args: [`--keystore-path=${keys}`] });

    // Both make a block in the same slot, or vote twice in a round; whoever sees it reports it.
    const offence = await happens(api, 'offences.Offence', start.height, ERA_SECONDS);
    console.log(`#${offence.height}: ${offence.data.kind.toUtf8()}, ${offence.height - start.height} blocks after the clone`);
    await clone.stop();
    // The chain believed each report that reached a block.
    for (let height = start.height + 1; height <= offence.height; height += 1) {
      const events = await eventsAt(api, height);
      assert(!events.some((it) => `${it.section}.${it.method}` === 'system.ExtrinsicFailed'), `#${height}`);
    }
    const isBob = ({ candidate, validator }: any) => (candidate ?? validator).eq(bob);
    const { data: deferred } = await happens(api, 'dpos.SlashDeferred', offence.height - 1, ERA_SECONDS, isBob);
    assert.equal(deferred.fraction.toNumber(), FRACTION);
    assert.equal(deferred.applyEra.toNumber(), deferred.offenceEra.toNumber() + 1);

    // It is jailed, and its slots of this session stay empty.
    const candidate = (hash?: string | null) => alice.ask('dpos_candidate', bob, hash);
    assert((await candidate()).status.jailed);
    const disabled = (await api.query.session!.disabledValidators!()) as any;
    const seats: any[] = (await alice.ask('dpos_validatorSet')).validators;
    assert(disabled.some(([index]: any) => seats[index.toNumber()]?.account === bob), `shut out: ${disabled}`);

    // Nobody is slashed before the next era, in which governance may still take it back.
    const slashed = await happens(api, 'dpos.Slashed', offence.height, 2 * ERA_SECONDS, isBob);
    const stake = async (height: number) => BigInt((await candidate(await alice.hashAt(height))).total);
    const [earlier, later] = [await stake(slashed.height - 1), await stake(slashed.height)];
    const taken = slashed.data.fromPool.toBigInt();
    console.log(`#${slashed.height}: ${taken / MILL} of ${earlier / MILL} MILL are taken`);
    assert.equal(slashed.data.fraction.toNumber(), FRACTION);
    // What the pool earned in this very block is all that may differ.
    assert(taken >= (earlier * BigInt(FRACTION)) / 1_000_000_000n);
    assert(later < earlier - taken + earlier / 1_000n);

    // The others go on, without it from the next election on.
    await until('it is not in office any more', 2 * ERA_SECONDS, async () => {
      const { validators: inOffice } = await alice.ask('dpos_validatorSet');
      return inOffice.every((seat: any) => seat.account !== bob);
    });
    await goesOn(['alice', 'charlie', 'dave'].map(node), 3, FINALITY_SECONDS);
    isOver = true;
  });
});

/** The time since then, for people. */
const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;
