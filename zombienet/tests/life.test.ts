// SPDX-License-Identifier: Apache-2.0

// Ordinary life of four validators, a full node and an archive: they agree, a fifth validator joins by
// vote of stake and makes the blocks that the schedule names it for, and a channel is opened through
// one node, disputed through a second and answered through a third. The steps build on each other.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { callOf, channelView } from '../../clients/polkadot-js/src/channel.ts';
import { developmentAccount, onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';
import { agreement, expectLag } from '../src/agreement.ts';
import { slotOf } from '../src/blocks.ts';
import { Channel, MILL } from '../src/channels.ts';
import { Network } from '../src/network.ts';
import type { Node } from '../src/node.ts';
import { until } from '../src/waiting.ts';

/** Sessions of 20 seconds, and eras of a minute. */
const EPOCH_SLOTS = 10;
const SESSIONS_PER_ERA = 3;

/** How long two eras may take, in seconds, at half the speed: an election counts stake an era ahead. */
const TWO_ERAS_SECONDS = 2 * 2 * 2 * EPOCH_SLOTS * SESSIONS_PER_ERA;

/** How far finality may be behind where nothing is amiss; on a busy machine, votes come late. */
const MOST_LAG = { grandpa: 10, beefy: 20 };

/** How many states the full node keeps; see `networks/four.toml`. */
const KEPT_STATES = 16;

describe('four validators, a full node and an archive', () => {
  let network: Network;
  let alice: Node;

  before(async () => {
    network = await Network.start('four', {
      genesis: {
        epochSlots: EPOCH_SLOTS,
        sessionsPerEra: SESSIONS_PER_ERA,
        // An idle chain shrinks to so many.
        patch: { dpos: { params: { minValidators: 5 } } }
      }
    });
    alice = network.node('alice');
  });

  after(() => network?.end());

  it('agree on what is final, with little lag', async () => {
    const { height } = await agreement(network.nodes, 8, 120);
    assert(height >= 8);
    await expectLag(network.nodes, MOST_LAG);
    // Brought up to date every five seconds.
    await until('the full node exports it', 15, async () => {
      const finalised = await network.node('full').metric('substrate_block_height', { status: 'finalized' });
      return finalised !== undefined && finalised >= height;
    });
  });

  it('open, dispute and answer a channel through three nodes', async () => {
    const [first, second, third] = [network.node('bob'), network.node('full'), network.node('dave')];

    // Given a channel that Ferdie opened at one node, with 10 MILL of his and 5 of Alice's.
    const opener = await first.api();
    const minimum = (opener.consts.channels!.minChallengeBlocks as any).toNumber();
    const challengeBlocks = Math.max(minimum, 20);
    const channel = await Channel.open(opener, ['Ferdie', 'Alice'], [10n * MILL, 5n * MILL], challengeBlocks);

    // When Ferdie disputes at another node with an early state, and Alice answers at a third.
    const disputing = await second.api();
    await until('the second node has the channel', 30, async () => (await channelView(disputing, channel.id)).isSome);
    const stale = channel.signed(disputing, 1, [9n * MILL, 6n * MILL]);
    const disputed = await submit(disputing, callOf(disputing, 'dispute')(...stale), developmentAccount(disputing, 'Ferdie'));
    assert.equal(onlyEvent(disputed.events, 'channels', 'ChannelDisputed').data[0].toHex(), channel.id);
    const answering = await third.api();
    const rewarded = developmentAccount(answering, 'Alice');
    const before = await balanceOf(third, rewarded.address);
    await until('the third node has the dispute', 30, async () => {
      const view = await channelView(answering, channel.id);
      return view.isSome && view.unwrap().phase.isDisputed;
    });
    const latest = channel.signed(answering, 7, [4n * MILL, 11n * MILL]);
    const answer = callOf(answering, 'answer')(...latest, rewarded.address);
    const { events } = await submit(answering, answer, rewarded);
    assert.equal(onlyEvent(events, 'channels', 'DisputeAnswered').data[0].toHex(), channel.id);

    // Then every node shows the later version, and the chain pays out what it says.
    for (const node of network.nodes) {
      const api = await node.api();
      const version = await until(`${node.name} shows the answer`, 60, async () => {
        const view = await channelView(api, channel.id);
        const { phase } = view.unwrap();
        return phase.isDisputed && phase.asDisputed.version.toNumber() !== 1 && phase.asDisputed.version.toNumber();
      });
      assert.equal(version, 7);
    }
    await until('the channel is closed', 120, async () => (await channelView(answering, channel.id)).isNone);
    const after = await balanceOf(third, rewarded.address);
    assert(after.free >= before.free + 11n * MILL, `Alice had ${before.free} free and has ${after.free}`);
  });

  it('elect a fifth validator by delegated stake, with session keys that its own node made', async () => {
    // Given a node without keys of anybody, which has synchronised.
    const eve = await network.add('eve', { isValidator: true });
    await agreement([alice, eve], (await alice.final()).height, 120);
    const api = await eve.api();
    const [owner, delegator] = [developmentAccount(api, 'Eve'), developmentAccount(api, 'Ferdie')];

    // When Eve sets the keys that it made for her, stands as a candidate, and Ferdie delegates to her.
    const ownerId = `0x${Buffer.from(owner.publicKey).toString('hex')}`;
    const { keys, proof } = await eve.ask('author_rotateKeysWithOwner', ownerId);
    await submit(api, api.tx.session!.setKeys!(keys, proof), owner);
    await submit(api, api.tx.dpos!.register!(50_000n * MILL, 50_000_000, 'Payout'), owner);
    await submit(api, api.tx.dpos!.delegate!(owner.address, 200_000n * MILL, 'Compound'), delegator);
    const candidate = await alice.ask('dpos_candidate', owner.address);
    assert.equal(BigInt(candidate.own), 50_000n * MILL);
    assert.equal(BigInt(candidate.total), 250_000n * MILL);

    // Then she is in office at the latest in the era after next.
    const set = await until('Eve is in office', TWO_ERAS_SECONDS, async () => {
      const answer = await alice.ask('dpos_validatorSet', null);
      return answer.validators.some((seat: any) => seat.account === owner.address) && answer;
    });
    assert.equal(set.validators.length, 5);
  });

  it('have a block of the fifth validator in the very slot that the schedule named', async () => {
    const api = await alice.api();
    const eve = developmentAccount(api, 'Eve').address;
    /** Who is to make the blocks of slots, as told ahead of them. */
    const named = new Map<number, string>();
    let read = (await alice.final()).height;
    const height = await until('a block of Eve in a slot that was named as hers', 240, async () => {
      for (const { slot, validator } of await alice.ask('dpos_proposerSchedule', 64)) {
        assert.equal(named.get(slot) ?? validator, validator, `the author of slot ${slot} changed`);
        named.set(slot, validator);
      }
      for (const final = await alice.final(); read < final.height; ) {
        read += 1;
        const hash = await alice.hashAt(read);
        const { author, isPrimary, slot } = slotOf(await alice.ask('chain_getHeader', hash));
        const { validators } = await alice.ask('dpos_validatorSet', null, hash);
        const account = validators[author].account;
        // Slots before the first answer were named by nobody; lottery asks no schedule.
        if (!isPrimary && named.has(slot)) {
          assert.equal(account, named.get(slot), `the author of slot ${slot}`);
          if (account === eve) {
            return read;
          }
        }
      }
      return undefined;
    });
    await agreement(network.nodes, height, 60);
  });

  it('answer about the state of old blocks only where it is kept', async () => {
    const [archive, full] = [network.node('archive'), network.node('full')];
    const { height } = await agreement([archive, full], KEPT_STATES + 10, 120);
    const old = await archive.hashAt(2);
    assert.equal(await full.hashAt(2), old, 'headers are kept by both');
    const then = await archive.ask('dpos_network', old);
    assert.equal(then.at, 2);
    await assert.rejects(full.ask('dpos_network', old), /[Ss]tate already discarded|UnknownBlock|pruned/);
    const recent = await archive.hashAt(height);
    assert.deepEqual(await full.ask('dpos_network', recent), await archive.ask('dpos_network', recent));
  });

  it('agree in the end, with little lag', async () => {
    await agreement(network.nodes, (await alice.final()).height, 60);
    await expectLag(network.nodes, MOST_LAG);
  });
});

/** What an account owns, as a node tells it. */
async function balanceOf(node: Node, address: string): Promise<{ free: bigint }> {
  const { data } = (await (await node.api()).query.system!.account!(address)) as any;
  return { free: data.free.toBigInt() };
}
