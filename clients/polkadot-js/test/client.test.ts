// SPDX-License-Identifier: Apache-2.0

// @polkadot/api, as everybody installs it, against a running development chain whose address is in
// MILLRACE_URL. The steps build on each other, as a user's session does.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { ApiPromise } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { Header } from '@polkadot/types/interfaces';
import type { Codec } from '@polkadot/types/types';
import { u8aToHex } from '@polkadot/util';

import {
  callOf,
  channelId,
  channelParams,
  channelView,
  finalState,
  openPayload,
  plainState,
  signatures,
  statePayload
} from '../src/channel.ts';
import { connect, onlyEvent, submit, warnings, within } from '../src/chain.ts';

const url = process.env.MILLRACE_URL ?? 'ws://127.0.0.1:9944';

/** Amounts of both parties in the order of the channel's participants. */
type InOrder = (ofAlice: bigint, ofBob: bigint) => bigint[];

/** What is on hold beside each deposit, so that the account stays alive: one smallest unit. */
const anchor = 1n;

/** What an account owns, as the chain's balances pallet tells. */
async function balanceOf(api: ApiPromise, pair: KeyringPair): Promise<{ free: bigint; held: bigint }> {
  const { data } = (await api.query.system!.account!(pair.address)) as any;
  return { free: data.free.toBigInt(), held: data.reserved.toBigInt() };
}

/** Waits until the chain has forgotten the channel. */
async function closed(api: ApiPromise, id: string): Promise<void> {
  let unsubscribe = () => {};
  const gone = new Promise<void>((resolve, reject) => {
    api.rpc.chain
      .subscribeNewHeads(async () => {
        if ((await channelView(api, id)).isNone) {
          resolve();
        }
      })
      .then((stop) => {
        unsubscribe = stop;
      }, reject);
  });
  await within(120, `end of channel ${id}`, gone);
  unsubscribe();
}

describe('@polkadot/api on a development chain', () => {
  let api: ApiPromise;
  let alice: KeyringPair;
  let bob: KeyringPair;
  let unit: bigint;

  before(async () => {
    api = await connect(url);
    const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 ?? 42 });
    alice = keyring.addFromUri('//Alice');
    bob = keyring.addFromUri('//Bob');
    unit = 10n ** BigInt(api.registry.chainDecimals[0] ?? 0);
  });

  after(() => api?.disconnect());

  it('decodes the metadata without custom types', () => {
    assert.doesNotThrow(() => api.runtimeMetadata.getUniqTypes(true));
    assert.deepEqual(api.registry.unknownTypes, []);
    for (const pallet of ['babe', 'grandpa', 'balances', 'referenda', 'channels']) {
      assert.ok(api.tx[pallet] ?? api.query[pallet], `the metadata lacks ${pallet}`);
    }
  });

  it('knows every transaction extension', () => {
    const unknown = warnings.filter((text) => text.includes('Unknown signed extensions'));
    assert.deepEqual(unknown, []);
  });

  it('knows the token', () => {
    assert.equal(api.registry.chainTokens.length, 1);
    assert.equal(api.registry.chainDecimals.length, 1);
    assert.notEqual(api.registry.chainTokens[0], '');
  });

  it('follows blocks and finality', async () => {
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    const final = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
    assert.ok(final.number.toNumber() <= best);
    const next = await new Promise<Header>((resolve, reject) => {
      api.rpc.chain
        .subscribeNewHeads((header) => {
          if (header.number.toNumber() > best) {
            resolve(header);
          }
        })
        .catch(reject);
    });
    assert.ok(next.number.toNumber() > best);
  });

  it('sends a transfer', async () => {
    const amount = 3n * unit;
    const before = await balanceOf(api, bob);
    const transfer = api.tx.balances!.transferKeepAlive!(bob.address, amount);
    const { events } = await submit(api, transfer, alice);
    const [from, to, moved] = onlyEvent(events, 'balances', 'Transfer').data;
    assert.deepEqual(from.toU8a(), alice.publicKey);
    assert.deepEqual(to.toU8a(), bob.publicKey);
    assert.equal(moved.toBigInt(), amount);
    assert.equal((await balanceOf(api, bob)).free, before.free + amount);
  });

  /** Alice opens a channel with 10 units of hers and 5 of Bob's. */
  async function open(challengeBlocks: number): Promise<{ id: string; inOrder: InOrder }> {
    const pairs = [alice, bob];
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    const params: any = channelParams(api, {
      pairs,
      challengeBlocks,
      openBy: best + 50,
      nonce: BigInt(Date.now())
    });
    const bobIsFirst = u8aToHex(params.participants[0].account) === u8aToHex(bob.publicKey);
    const inOrder: InOrder = (ofAlice, ofBob) => (bobIsFirst ? [ofBob, ofAlice] : [ofAlice, ofBob]);
    const id = u8aToHex(channelId(api, params));
    const deposits = inOrder(10n * unit, 5n * unit);
    const consents = signatures(openPayload(api, params, deposits), pairs);
    const { events } = await submit(api, callOf(api, 'open')(params, deposits, consents), alice);
    assert.equal(onlyEvent(events, 'channels', 'ChannelOpened').data[0].toHex(), id);
    return { id, inOrder };
  }

  it('opens a channel, finds it by the runtime API, and settles it', async () => {
    const minimum = (api.consts.channels!.minChallengeBlocks as any).toNumber();

    // Given a channel with 10 units of Alice and 5 of Bob, opened by one transaction of Alice.
    // He may have channels already: other clients use the same chain.
    const inChannels = async () => (await api.call.channelsApi!.account!(bob.address)) as any;
    const { native: earlier } = await inChannels();
    const before = await balanceOf(api, bob);
    const { id, inOrder } = await open(minimum);

    // Then Bob's deposit is on hold in his own account, with its reason.
    const during = await balanceOf(api, bob);
    const onHold = 5n * unit + anchor;
    assert.equal(during.free, before.free - onHold);
    assert.equal(during.held, before.held + onHold);
    const holds = (await api.query.balances!.holds!(bob.address)) as any;
    const hold = holds.find((entry: any) => entry.id.isChannelBalances);
    assert.equal(hold?.amount.toBigInt(), earlier.inChannels.toBigInt() + onHold);

    // And the runtime API tells the same.
    const channel = await channelView(api, id);
    assert.ok(channel.isSome);
    assert.equal(channel.unwrap().phase.type, 'Open');
    const { channels, native } = await inChannels();
    assert.equal(native.inChannels.toBigInt(), earlier.inChannels.toBigInt() + onHold);
    assert.equal(native.channelCount.toNumber(), earlier.channelCount.toNumber() + 1);
    assert.ok(channels.some((entry: any) => entry.channel.toHex() === id));
    assert.equal(native.total.toBigInt(), during.free + during.held);

    // When both sign that Alice paid Bob 4 units, and Alice settles.
    const state = finalState(api, {
      channel: id,
      version: 4000,
      balances: inOrder(6n * unit, 9n * unit)
    });
    const settled = await submit(
      api,
      callOf(api, 'settle')(state, signatures(statePayload(api, state), [alice, bob])),
      alice
    );
    assert.equal(onlyEvent(settled.events, 'channels', 'ChannelSettled').data[0].toHex(), id);

    // Then Bob has 4 units more than before, nothing is on hold, and the channel is gone.
    const later = await balanceOf(api, bob);
    assert.equal(later.free, before.free + 4n * unit);
    assert.equal(later.held, before.held);
    assert.ok((await channelView(api, id)).isNone);
  });

  it('beats a stale dispute with one answer, which costs nothing and earns half of the bond', async () => {
    // Given a channel in which Alice paid Bob in versions 1 and 9.
    const minimum = (api.consts.channels!.minChallengeBlocks as any).toNumber();
    const before = await balanceOf(api, bob);
    const { id, inOrder } = await open(Math.max(minimum, 15));
    const paid = (version: number, units: bigint): [Codec, Uint8Array[]] => {
      const balances = inOrder((10n - units) * unit, (5n + units) * unit);
      const state = plainState(api, { channel: id, version, balances });
      return [state, signatures(statePayload(api, state), [alice, bob])];
    };

    // When Alice disputes with the first of them, and Bob answers with the last.
    const disputed = await submit(api, callOf(api, 'dispute')(...paid(1, 1n)), alice);
    const { bond } = onlyEvent(disputed.events, 'channels', 'ChannelDisputed').data;
    const answer = callOf(api, 'answer')(...paid(9, 4n), bob.address);
    const answered = await submit(api, answer, bob);
    assert.equal(onlyEvent(answered.events, 'channels', 'DisputeAnswered').data[0].toHex(), id);
    const { phase } = (await channelView(api, id)).unwrap();
    assert.equal(phase.asDisputed.version.toNumber(), 9);
    assert.equal(phase.asDisputed.rewardTo.toString(), bob.address);

    // Then the chain pays out by itself: what Bob was paid, and half of Alice's bond. His answer was free.
    await closed(api, id);
    const later = await balanceOf(api, bob);
    assert.equal(later.free, before.free + 4n * unit + bond.toBigInt() / 2n);
    assert.equal(later.held, before.held);
  });

  it('reads the name and text of an error', async () => {
    const state = finalState(api, {
      channel: `0x${'11'.repeat(32)}`,
      version: 1,
      balances: [1n, 1n]
    });
    const settle = callOf(api, 'settle')(state, signatures(statePayload(api, state), [alice, bob]));
    await assert.rejects(submit(api, settle, alice), /channels\.ChannelNotFound/);
  });
});
