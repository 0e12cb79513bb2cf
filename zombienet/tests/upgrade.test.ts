// SPDX-License-Identifier: Apache-2.0

// A vote upgrades the runtime under traffic and with a dispute open. The new runtime is the rehearsal:
// `scripts/blob rehearsal` builds it, with a migration of what the chain knows about its epochs.
//
// The steps build on each other, as an upgrade's do; docs/operating/upgrade.md tells them to operators.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import type { ApiPromise } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { u8aToHex } from '@polkadot/util';
import { blake2AsHex, xxhashAsHex } from '@polkadot/util-crypto';

import {
  callOf,
  channelId,
  channelParams,
  channelView,
  openPayload,
  plainState,
  signatures,
  statePayload
} from '../../clients/polkadot-js/src/channel.ts';
import { connect, developmentAccount, onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';
import { agreement } from '../src/agreement.ts';
import { slotOf } from '../src/blocks.ts';
import { blobFile, compileAhead } from '../src/code.ts';
import { approve, fate, propose } from '../src/governance.ts';
import { Network } from '../src/network.ts';
import { Traffic } from '../src/traffic.ts';
import { until } from '../src/waiting.ts';

const MILL = 10n ** 12n;

/** Slots of a session: short, so that several begin under the new runtime. */
const EPOCH_SLOTS = 15;

/** What the preset `local_testnet` divides governance periods by: 28 days become a minute. */
const PERIOD_DIVISOR = 40_320;

/** Blocks in which the dispute can be answered: it begins before the upgrade and ends after it. */
const CHALLENGE_BLOCKS = 100;

/** What each voter locks. Together they are nearly half of all tokens, so that the vote ends soon. */
const BALLOT = { amount: 9_000_000n * MILL, conviction: 'Locked1x' };

/** Who has the channel: accounts that earn and pay nothing else. */
const PARTIES = ['Alice//stash', 'Bob//stash'] as const;

/** Accounts that pay, all to one that does nothing else. */
const SENDERS = ['Charlie//stash', 'Dave//stash', 'Eve//stash'];
const PAYEE = 'Ferdie//stash';
const PAYMENT = 3n * MILL;

/** How many slots of the fifty around the switch may pass without a block, on a busy machine. */
const MOST_EMPTY_SLOTS = 5;

/** The version of the rehearsal. */
const NEXT_VERSION = 1_000_000;

/** The key of a stored value: a pallet's and a value's name. */
const keyOf = (pallet: string, item: string): string =>
  xxhashAsHex(pallet, 128) + xxhashAsHex(item, 128).slice(2);

describe('an upgrade by vote, under traffic and with a dispute open', () => {
  let network: Network;
  let api: ApiPromise;
  let traffic: Traffic;
  let file: string;
  let code: Buffer;
  /** The block that stores the new code; the next one is the first that the new runtime makes. */
  let switched: number;
  let dispute: { id: string; answer: () => unknown[]; bond: bigint; before: any };
  let start: { payee: bigint; version: number; victim: bigint };

  const ask = (method: string, ...params: unknown[]) => network.node('alice').ask(method, ...params);
  const account = (name: string): KeyringPair => developmentAccount(api as never, name) as never;
  const parties = () => PARTIES.map(account) as [KeyringPair, KeyringPair];
  const send = (tx: unknown, from: KeyringPair) => submit(api as never, tx as never, from as never);
  const tell = (what: string) => console.log(`    ${what}`);
  const free = async (on: ApiPromise, name: string): Promise<bigint> =>
    ((await on.query.system!.account!(account(name).address)) as any).data.free.toBigInt();

  /** The first party opens a channel with 10 MILL of its own and 5 of the second's. */
  async function openChannel(): Promise<{ id: string; paid: (version: number, mills: bigint) => unknown[] }> {
    const pairs: any = parties();
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    const params: any = channelParams(api as never, {
      pairs,
      challengeBlocks: CHALLENGE_BLOCKS,
      openBy: best + 50,
      nonce: 1n
    });
    const isSwapped = u8aToHex(params.participants[0].account) === u8aToHex(parties()[1].publicKey);
    const inOrder = (one: bigint, two: bigint) => (isSwapped ? [two, one] : [one, two]);
    const id = u8aToHex(channelId(api as never, params));
    const deposits = inOrder(10n * MILL, 5n * MILL);
    const consents = signatures(openPayload(api as never, params, deposits), pairs);
    await send(callOf(api as never, 'open')(params, deposits, consents), parties()[0]);
    const paid = (version: number, mills: bigint) => {
      const balances = inOrder((10n - mills) * MILL, (5n + mills) * MILL);
      const state = plainState(api as never, { channel: id, version, balances });
      return [state, signatures(statePayload(api as never, state), pairs)];
    };
    return { id, paid };
  }

  before(async () => {
    file = blobFile('rehearsal');
    code = readFileSync(file);
    network = await Network.start('four', { absent: ['full'], genesis: { epochSlots: EPOCH_SLOTS } });
    api = (await network.node('alice').api()) as never;
  });

  after(async () => {
    await traffic?.stop().catch(() => {});
    await network?.end();
  });

  it('begins with the running release, and with the layout that the migration replaces', async () => {
    await agreement(network.nodes, 3, 120);
    const version = api.runtimeVersion.specVersion.toNumber();
    assert(version < NEXT_VERSION, `the chain runs ${version} already`);
    assert.equal(((await api.query.network!.epochSlots!()) as any).toNumber(), EPOCH_SLOTS);
    assert.equal(api.query.network!.storedScales, undefined);
    start = { version, payee: await free(api, PAYEE), victim: await free(api, PARTIES[1]) };
  });

  it('has traffic, and a channel whose stale state is disputed', async () => {
    traffic = new Traffic(api, SENDERS.map(account), account(PAYEE).address, PAYMENT);
    const { id, paid } = await openChannel();
    const { events } = await send(callOf(api as never, 'dispute')(...paid(1, 1n)), parties()[0]);
    const bond = onlyEvent(events, 'channels', 'ChannelDisputed').data.bond.toBigInt();
    const before = ((await channelView(api as never, id)) as any).unwrap().toJSON();
    dispute = { id, bond, before, answer: () => paid(9, 4n) };
  });

  it('is proposed with a preimage, voted for with conviction, approved and enacted', async () => {
    const [alice, bob, charlie, dave, eve, ferdie] = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].map(
      account
    ) as [KeyringPair, KeyringPair, KeyringPair, KeyringPair, KeyringPair, KeyringPair];
    const citizens = {
      proposer: eve,
      depositor: ferdie,
      voters: [alice, bob, charlie, dave, eve, ferdie]
    };
    const hash = blake2AsHex(code, 256);
    const index = await propose(api, api.tx.system!.authorizeUpgrade!(hash), { system: 'Root' }, citizens);
    assert.equal(await fate(api, index), 'Ongoing');
    assert(((await api.query.system!.authorizedUpgrade!()) as any).isNone);
    await approve(api, index, citizens, BALLOT);
    const authorized = await until('the upgrade is authorised', 180, async () => {
      const found = (await api.query.system!.authorizedUpgrade!()) as any;
      return found.isSome && found.unwrap();
    });
    assert.equal(await fate(api, index), 'Approved');
    assert.equal(authorized.codeHash.toHex(), hash);
    assert.equal(authorized.checkVersion.toPrimitive(), true);
  });

  it('is compiled before it takes over', async () => {
    tell(await compileAhead(file));
  });

  it('takes no other code than the one that was voted for', async () => {
    const other = Buffer.from(code);
    other[other.length - 1]! ^= 1;
    const apply = api.tx.system!.applyAuthorizedUpgrade!(u8aToHex(other));
    await assert.rejects(send(apply, account('Ferdie')), /Unauthorized|dropped|Invalid/);
    assert.equal((await ask('state_getRuntimeVersion')).specVersion, start.version);
  });

  it('is applied by anybody, and runs on all nodes', async () => {
    const { block, events } = await send(
      api.tx.system!.applyAuthorizedUpgrade!(u8aToHex(code)),
      account('Charlie')
    );
    onlyEvent(events, 'system', 'CodeUpdated');
    switched = Number((await ask('chain_getHeader', block.toHex())).number);
    tell(`block ${switched} stores the new code`);
    await agreement(network.nodes, switched + 3, 120);
    for (const node of network.nodes) {
      const { specVersion } = await node.ask('state_getRuntimeVersion');
      assert.equal(specVersion, NEXT_VERSION, `${node.name} runs ${specVersion}`);
    }
  });

  it('has migrated what is stored', async () => {
    const [old, next] = [await ask('chain_getBlockHash', switched), await ask('chain_getBlockHash', switched + 1)];
    const stored = (item: string, at: string) => ask('state_getStorage', keyOf('Network', item), at);
    assert.notEqual(await stored('EpochSlots', old), null);
    assert.equal(await stored('StoredScales', old), null);
    assert.equal(await stored('EpochSlots', next), null);
    assert.equal(await stored('PeriodDivisor', next), null);
    assert.notEqual(await stored('StoredScales', next), null);
    // The new code answers the same about epochs on the old layout, which nodes ask it in between.
    const configuration = (at: string) => ask('state_call', 'BabeApi_configuration', '0x', at);
    const before = await configuration(await ask('chain_getBlockHash', switched - 1));
    assert.equal(await configuration(old), before);
    assert.equal(await configuration(next), before);
  });

  it('is understood by a client that connects anew, and by one that stayed', async () => {
    const fresh = (await connect(network.node('dave').url)) as never as ApiPromise;
    try {
      assert.equal((fresh.consts.system!.version as any).specVersion.toNumber(), NEXT_VERSION);
      const scales = (await fresh.query.network!.storedScales!()) as any;
      assert.deepEqual(scales.unwrap().toJSON(), { epochSlots: EPOCH_SLOTS, periodDivisor: PERIOD_DIVISOR });
      await until('the old connection has the new metadata', 30, () => {
        return api.runtimeVersion.specVersion.toNumber() === NEXT_VERSION && api.query.network!.storedScales;
      });
    } finally {
      await fresh.disconnect();
    }
  });

  it('has left the dispute as it was, and lets it be answered and end rightly', async () => {
    const view = (await channelView(api as never, dispute.id)) as any;
    assert.deepEqual(view.unwrap().toJSON(), dispute.before);
    const { deadline } = view.unwrap().phase.asDisputed;
    const best = (await network.node('alice').best()).height;
    assert(best < deadline.toNumber(), `the deadline ${deadline} is over at ${best}: the test is too slow`);
    const victim = parties()[1];
    await send(callOf(api as never, 'answer')(...dispute.answer(), victim.address), victim);
    await until('the dispute is over', 300, async () => {
      return ((await channelView(api as never, dispute.id)) as any).isNone;
    });
    // What the second was paid, and half of the first's bond. The answer was free.
    assert.equal((await free(api, PARTIES[1])) - start.victim, 4n * MILL + dispute.bond / 2n);
  });

  it('goes on with epochs and finality', async () => {
    const session = async (at: number) =>
      (
        (await (await api.at(await ask('chain_getBlockHash', at))).query.session!.currentIndex!()) as any
      ).toNumber();
    const first = await session(switched);
    const last = switched + 2 * EPOCH_SLOTS + 5;
    await agreement(network.nodes, last, 240);
    assert((await session(last)) >= first + 2, 'no new session began');
  });

  it('has missed no block', async () => {
    const slots = new Map<number, number>();
    for (let height = switched - 20; height <= switched + 30; height++) {
      const header = await ask('chain_getHeader', await ask('chain_getBlockHash', height));
      slots.set(height, slotOf(header).slot);
    }
    // A slot has somebody whose block is due, so an empty one is a missed block.
    const empty = (from: number, to: number) => slots.get(to)! - slots.get(from)! - (to - from);
    const [earlier, atSwitch, later] = [
      empty(switched - 20, switched),
      empty(switched, switched + 3),
      empty(switched + 3, switched + 30)
    ];
    tell(`slots without a block: ${earlier} of 20 before, ${atSwitch} at the switch, ${later} of 27 after`);
    assert(atSwitch <= Math.max(1, earlier), `${atSwitch} slots passed without a block at the switch`);
    assert(earlier + atSwitch + later <= MOST_EMPTY_SLOTS, 'blocks are missing');
  });

  it('has lost no payment and paid none twice', async () => {
    const { bySender, repeated } = await traffic.stop();
    const best = await network.node('alice').best();
    const final = await agreement(network.nodes, best.height, 120);
    const count = [...bySender.values()].reduce((sum, it) => sum + it, 0);
    tell(`${count} payments, of which ${repeated.length} were signed again: ${[...new Set(repeated)].join('; ')}`);
    assert(count > SENDERS.length * 10, `only ${count} payments in all that time`);
    const then = (await api.at(final.hash)) as never as ApiPromise;
    assert.equal(await free(then, PAYEE), start.payee + BigInt(count) * PAYMENT);
  });
});
