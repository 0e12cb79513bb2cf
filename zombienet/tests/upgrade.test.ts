// SPDX-License-Identifier: Apache-2.0

// A vote upgrades the runtime under traffic and with a dispute open. The new runtime is the rehearsal:
// `scripts/blob rehearsal` builds it, with a migration of what the chain knows about its epochs.
//
// The steps build on each other, as an upgrade's do; docs/operating/upgrade.md tells them to operators.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { blake2AsHex, xxhashAsHex } from '@polkadot/util-crypto';

import { callOf, channelView } from '../../clients/polkadot-js/src/channel.ts';
import { connect, developmentAccount, onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';
import { agreement } from '../src/agreement.ts';
import { slotOf } from '../src/blocks.ts';
import { Channel, MILL } from '../src/channels.ts';
import { blobFile, compileAhead } from '../src/code.ts';
import { approve, fate, type Pair, propose } from '../src/governance.ts';
import { eventsAt } from '../src/happening.ts';
import { Network } from '../src/network.ts';
import type { Api } from '../src/node.ts';
import { Traffic } from '../src/traffic.ts';
import { until } from '../src/waiting.ts';

/** Slots of a session: short, so that several begin under the new runtime. */
const EPOCH_SLOTS = 15;

/** What the preset `local_testnet` divides governance periods by: 28 days become a minute. */
const PERIOD_DIVISOR = 40_320;

/** Blocks in which the dispute can be answered: it begins before the upgrade and ends after it. */
const CHALLENGE_BLOCKS = 75;

/** What each voter locks. Together they are nearly half of all tokens, so that the vote ends soon. */
const BALLOT = { amount: 9_000_000n * MILL, conviction: 'Locked1x' };

/** Who has the channel: accounts that earn and pay nothing else. */
const PARTIES: [string, string] = ['Alice//stash', 'Bob//stash'];

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

/** Hexadecimal text of some bytes. */
const hex = (bytes: Buffer): string => `0x${bytes.toString('hex')}`;

/** What a view says about a channel, without the block that it was read at. */
function standing(view: { toJSON(): unknown }): unknown {
  const { at, ...rest } = view.toJSON() as { at: number };
  return rest;
}

describe('an upgrade by vote, under traffic and with a dispute open', () => {
  let network: Network;
  let api: Api;
  /** A connection that begins under the new runtime. */
  let fresh: Api;
  let traffic: Traffic;
  let file: string;
  let code: Buffer;
  /** The block that stores the new code; the next one is the first that the new runtime makes. */
  let switched: number;
  let dispute: { channel: Channel; bond: bigint; before: unknown };
  let start: { payee: bigint; version: number; victim: bigint };

  const ask = (method: string, ...params: unknown[]) => network.node('alice').ask(method, ...params);
  const account = (name: string): Pair => developmentAccount(api, name);
  const send = (tx: Parameters<typeof submit>[1], from: string) => submit(api, tx, account(from));
  const tell = (what: string) => console.log(`    ${what}`);
  const free = async (on: Pick<Api, 'query'>, name: string): Promise<bigint> =>
    ((await on.query.system!.account!(account(name).address)) as any).data.free.toBigInt();

  /** The length of an epoch as consensus hears it after a block: the second number of its configuration. */
  const epochSlots = async (at: string): Promise<bigint> => {
    const answer = await ask('state_call', 'BabeApi_configuration', '0x', at);
    return Buffer.from(answer.slice(2), 'hex').readBigUInt64LE(8);
  };

  /** The version of the code that a block of the best chain leaves behind. */
  const versionAt = async (height: number): Promise<number> =>
    (await ask('state_getRuntimeVersion', await ask('chain_getBlockHash', height))).specVersion;

  /** The first block above `height` that leaves code of this version behind. */
  const firstOf = async (version: number, height: number): Promise<number> => {
    let read = height;
    return until(`code of version ${version}`, 60, async () => {
      const best = (await network.node('alice').best()).height;
      while (read < best) {
        read += 1;
        if ((await versionAt(read)) === version) {
          return read;
        }
      }
      return null;
    });
  };

  before(async () => {
    file = blobFile('rehearsal');
    code = readFileSync(file);
    network = await Network.start('four', { absent: ['full'], genesis: { epochSlots: EPOCH_SLOTS } });
    api = await network.node('alice').api();
  });

  after(async () => {
    await traffic?.stop().catch(() => {});
    await fresh?.disconnect();
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
    const channel = await Channel.open(api, PARTIES, [10n * MILL, 5n * MILL], CHALLENGE_BLOCKS);
    const stale = channel.signed(api, 1, [9n * MILL, 6n * MILL]);
    const { events } = await send(callOf(api, 'dispute')(...stale), PARTIES[0]);
    const bond = onlyEvent(events, 'channels', 'ChannelDisputed').data.bond.toBigInt();
    const before = standing((await channelView(api, channel.id)).unwrap());
    dispute = { channel, bond, before };
  });

  it('is proposed with a preimage, voted for with conviction, approved and enacted', async () => {
    const voters = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].map(account);
    const citizens = { proposer: account('Eve'), depositor: account('Ferdie'), voters };
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
    const apply = api.tx.system!.applyAuthorizedUpgrade!(hex(other));
    await assert.rejects(send(apply, 'Ferdie'), /system\.Unauthorized/);
    assert.equal((await ask('state_getRuntimeVersion')).specVersion, start.version);
  });

  it('is applied by anybody, and runs on all nodes', async () => {
    // Sent and not followed: @polkadot/api reads the events of the very block that brings new metadata by the
    // new one.
    const { height } = await network.node('alice').best();
    await (await api.tx.system!.applyAuthorizedUpgrade!(hex(code)).signAsync(account('Charlie'))).send();
    switched = await firstOf(NEXT_VERSION, height);
    tell(`block ${switched} stores the new code`);
    await agreement(network.nodes, switched + 3, 120);
    for (const node of network.nodes) {
      const { specVersion } = await node.ask('state_getRuntimeVersion');
      assert.equal(specVersion, NEXT_VERSION, `${node.name} runs ${specVersion}`);
    }
    assert.deepEqual(await Promise.all([switched - 1, switched].map(versionAt)), [start.version, NEXT_VERSION]);
    fresh = await connect(network.node('dave').url);
    onlyEvent(await eventsAt(fresh, switched), 'system', 'CodeUpdated');
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
    const before = await ask('chain_getBlockHash', switched - 1);
    for (const at of [before, old, next]) {
      assert.equal(await epochSlots(at), BigInt(EPOCH_SLOTS));
    }
  });

  it('is understood by a client that connects anew, and by one that stayed', async () => {
    assert.equal((fresh.consts.system!.version as any).specVersion.toNumber(), NEXT_VERSION);
    const scales = (await fresh.query.network!.storedScales!()) as any;
    assert.deepEqual(scales.unwrap().toJSON(), { epochSlots: EPOCH_SLOTS, periodDivisor: PERIOD_DIVISOR });
    await until('the old connection has the new metadata', 30, () => {
      return api.runtimeVersion.specVersion.toNumber() === NEXT_VERSION && api.query.network!.storedScales;
    });
  });

  it('has left the dispute as it was, and lets it be answered and end rightly', async () => {
    const { channel, before } = dispute;
    // By the new connection: after an upgrade, an old one of @polkadot/api knows no runtime APIs any more.
    const view = await channelView(fresh, channel.id);
    assert.deepEqual(standing(view.unwrap()), before);
    const deadline = view.unwrap().phase.asDisputed.deadline.toNumber();
    const best = (await network.node('alice').best()).height;
    assert(best < deadline, `the deadline ${deadline} is over at ${best}: the test is too slow`);
    const latest = channel.signed(fresh, 9, [6n * MILL, 9n * MILL]);
    const answer = callOf(fresh, 'answer')(...latest, account(PARTIES[1]).address);
    await submit(fresh, answer, account(PARTIES[1]));
    await until('the dispute is over', 300, async () => (await channelView(fresh, channel.id)).isNone);
    // What the second was paid, and half of the first's bond. The answer was free.
    assert.equal((await free(fresh, PARTIES[1])) - start.victim, 4n * MILL + dispute.bond / 2n);
  });

  it('goes on with epochs and finality', async () => {
    const session = async (height: number) => {
      const at = await api.at(await ask('chain_getBlockHash', height));
      return ((await at.query.session!.currentIndex!()) as any).toNumber();
    };
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
    const then = await api.at(final.hash);
    assert.equal(await free(then, PAYEE), start.payee + BigInt(count) * PAYMENT);
  });
});
