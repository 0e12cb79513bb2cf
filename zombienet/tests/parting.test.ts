// SPDX-License-Identifier: Apache-2.0

// Two halves of a network that lose each other and meet again; and one half that is lost for good, and
// that governance replaces. `docs/operating/stalls.md` is the guide that this follows.
//
// Four validators, of which three make a block final. The steps build on each other.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { ApiPromise } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { bnToU8a, u8aToHex } from '@polkadot/util';

import { developmentAccount } from '../../clients/polkadot-js/src/chain.ts';
import { agreement } from '../src/agreement.ts';
import { decide, include } from '../src/governing.ts';
import { cut, join, joinAll, PARTABLE } from '../src/linking.ts';
import { Network } from '../src/network.ts';
import type { Node } from '../src/node.ts';
import { goesOn, highestFinal, roundOf, setIdOnChain, standsStill, staysStill } from '../src/stalling.ts';
import { until } from '../src/waiting.ts';

/** The least that a chain can have: twenty seconds, and eras of a minute. */
const EPOCH_SLOTS = 10;
const SESSIONS_PER_ERA = 3;
const ERA_SECONDS = 2 * EPOCH_SLOTS * SESSIONS_PER_ERA;

/** How long finality may take to make some more blocks final, or to come back, in seconds. */
const FINALITY_SECONDS = 90;

/** How many blocks each half makes before they meet again. */
const APART = 6;

/** How many blocks of the forced set are made before it votes. */
const DELAY = 3;

describe('a network in two parts', () => {
  let network: Network;
  let isOver = false;

  const nodes = (...names: string[]): Node[] => names.map((name) => network.node(name));
  const all = (): Node[] => nodes('alice', 'bob', 'charlie', 'dave');

  before(async () => {
    network = await Network.start('four', {
      absent: ['full', 'archive'],
      args: Object.fromEntries(['alice', 'bob', 'charlie', 'dave'].map((name) => [name, PARTABLE])),
      genesis: { epochSlots: EPOCH_SLOTS, sessionsPerEra: SESSIONS_PER_ERA }
    });
    console.log(`data and logs: ${network.folder}`);
    await joinAll(all());
    await agreement(all(), 3, FINALITY_SECONDS);
  });

  after(async () => {
    if (isOver) {
      await network.end();
    } else {
      // Something failed: what the nodes have and said about it stays.
      network?.killNow();
    }
  });

  describe('that meet again', () => {
    /** The last final block when they parted, and the best blocks of both sides before they met. */
    let common: number;
    const tips: { height: number; hash: string }[] = [];

    it('makes two chains while it is parted, and nothing final', async () => {
      const [here, there] = [nodes('alice', 'bob'), nodes('charlie', 'dave')];
      await cut(here, there);
      for (const node of all()) {
        await until(`${node.name} has one peer`, 30, async () => (await node.peers()) === 1);
      }
      common = await standsStill(all(), APART, FINALITY_SECONDS);
      await staysStill(all(), common, 5);
      for (const [one, other] of [here, there]) {
        const height = Math.min((await one!.best()).height, (await other!.best()).height);
        const hash = (await one!.hashAt(height))!;
        assert.equal(await other!.hashAt(height), hash, 'each side has one chain');
        tips.push({ hash, height });
      }
      const height = Math.min(...tips.map((tip) => tip.height));
      const [mine, theirs] = [await here[0]!.hashAt(height), await there[0]!.hashAt(height)];
      assert.notEqual(mine, theirs, `both sides have the same #${height}`);
      console.log(`#${common} is the last final block; parted, they reach #${tips.map((tip) => tip.height).join(' and #')}`);
    });

    it('has one chain after it is joined, which is final', async () => {
      await join(nodes('alice', 'bob'), nodes('charlie', 'dave'));
      const since = Date.now();
      const highest = Math.max(...tips.map((tip) => tip.height));
      const head = await agreement(all(), highest + 1, FINALITY_SECONDS);
      console.log(`#${head.height} is final on all ${((Date.now() - since) / 1000).toFixed(1)} s after they met`);
      // One side's blocks are final, the other's are gone.
      const kept = [];
      for (const tip of tips) {
        kept.push((await network.node('alice').hashAt(tip.height)) === tip.hash);
      }
      assert.equal(kept.filter((it) => it).length, 1, `of both sides' blocks these were kept: ${kept}`);
      await goesOn(all(), 3, FINALITY_SECONDS);
    });
  });

  describe('of which one is lost', () => {
    let api: ApiPromise;
    let committee: [KeyringPair, KeyringPair];
    /** The last final block of the stall. */
    let last: number;
    /** Which set of validators voted before it. */
    let setId: number;

    const living = (): Node[] => nodes('alice', 'bob');

    it('makes nothing final, and its transactions still reach blocks', async () => {
      api = await network.node('alice').api();
      committee = [developmentAccount(api, 'Alice'), developmentAccount(api, 'Bob')];
      await Promise.all(nodes('charlie', 'dave').map((node) => node.kill()));
      last = await standsStill(living(), 5, FINALITY_SECONDS);
      ({ setId } = await roundOf(network.node('alice')));
      const remark = api.tx.system!.remarkWithEvent!('0x00');
      const events = await include(api, remark, committee[0]);
      assert(events.some((event) => event.section === 'system' && event.method === 'Remarked'));
      assert.equal(await highestFinal(living()), last);
    });

    it('replaces those who are lost, by referendum', async () => {
      const { dpos, utility } = api.tx as any;
      const lost = nodes('charlie', 'dave').map((node) => network.account(node.name));
      const params: any = await api.query.dpos!.parameters!();
      const blocks = await decide(
        api,
        utility.batchAll([
          ...lost.map((account) => utility.dispatchAs({ system: { Signed: account } }, dpos.chill())),
          // Those who are left may be fewer than the chain would go on with.
          dpos.setParams({ ...Object.fromEntries(params.entries()), minValidators: living().length }),
          dpos.forceNewEra()
        ]),
        committee
      );
      console.log(`the first referendum took ${blocks} blocks`);
      for (const account of lost) {
        assert.equal((await network.node('alice').ask('dpos_candidate', account)).status, 'idle');
      }
      const since = Date.now();
      await until('the others are in office alone', 5 * ERA_SECONDS, async () => {
        const { validators } = await network.node('alice').ask('dpos_validatorSet');
        return validators.length === living().length;
      });
      console.log(`they are alone in office ${((Date.now() - since) / 1000).toFixed(0)} s later`);
      // That does not help by itself: the voters have not heard of it, because nothing is final.
      await staysStill(living(), last, 5);
      assert.equal((await roundOf(network.node('alice'))).setId, setId);
      assert((await setIdOnChain(network.node('alice'))) > setId);
    });

    it('makes blocks final again, once a referendum has told the voters', async () => {
      const { beefy, grandpa, system, utility } = api.tx as any;
      const key = api.query.grandpa!.currentSetId!.key();
      const value = u8aToHex(bnToU8a(setId, { bitLength: 64, isLe: true }));
      const blocks = await decide(
        api,
        utility.batchAll([
          // The voters go on from their number, the chain has counted sets that never voted.
          system.setStorage([[key, value]]),
          grandpa.noteStalled(DELAY, last),
          // BEEFY would wait for ever for votes on the sessions of the stall.
          beefy.setNewGenesis(DELAY)
        ]),
        committee
      );
      const since = Date.now();
      const head = await agreement(living(), last + 1, FINALITY_SECONDS);
      console.log(`the second referendum took ${blocks} blocks; #${head.height} is final ${((Date.now() - since) / 1000).toFixed(0)} s later`);
      await goesOn(living(), 3, FINALITY_SECONDS);
      const { threshold, validators } = await roundOf(network.node('alice'));
      assert.deepEqual([threshold, validators], [2, 2]);
    });

    it('counts sets as its voters do, and BEEFY follows', async () => {
      for (const node of living()) {
        const { height } = await node.final();
        await until(`BEEFY follows on ${node.name}`, FINALITY_SECONDS, async () => (await node.beefy()).height > height);
        // The chain counts a new set with the block that announces it, the voters once that is final.
        await until(`${node.name} counts sets as the chain does`, FINALITY_SECONDS, async () => {
          const hash = await node.ask('chain_getFinalizedHead');
          const counted = await setIdOnChain(node, hash);
          return counted === (await roundOf(node)).setId && counted > setId;
        });
      }
    });

    it('takes back who was lost and returns, and who joins by full sync', async () => {
      const [dave] = nodes('dave');
      const [alice, bob] = living();
      await dave!.start();
      await join([dave!], living());
      const fresh = await network.add('fresh', { args: ['--sync=full', ...PARTABLE] });
      await join([fresh], [alice!, bob!]);
      const head = await agreement([alice!, dave!, fresh], await highestFinal(living()), FINALITY_SECONDS);
      assert(head.height > last);
      await goesOn([alice!, bob!, dave!, fresh], 2, FINALITY_SECONDS);
      isOver = true;
    });
  });
});
