// SPDX-License-Identifier: Apache-2.0

// polkadot-api (PAPI), as everybody installs it, with descriptors that it generated of the running chain.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { millrace } from '@polkadot-api/descriptors';
import { u128, Vector } from '@polkadot-api/substrate-bindings';
import {
  CompatibilityLevel,
  createClient,
  Enum,
  getTypedCodecs,
  type PolkadotClient,
  type SS58String,
  type TypedApi
} from 'polkadot-api';
import { type PolkadotSigner, withMetadataHash } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';

import { account, signerOf } from '../src/accounts.ts';
import { knowsHash, refusal, token } from '../src/metadata-hash.ts';
import { channelId, openPayload } from '../src/payloads.ts';
import { ask, fromHex, type Hex, toHex, url, within } from '../src/rpc.ts';

const unit = 10n ** BigInt(token.decimals);
const alice = account('Alice');
const bob = account('Bob');

describe('polkadot-api', () => {
  let client: PolkadotClient;
  let api: TypedApi<typeof millrace>;
  /** Alice as this chain lets her sign: with the metadata hash where the runtime knows its own. */
  let signer: PolkadotSigner;

  before(() => {
    client = createClient(getWsProvider(url, { websocketClass: WebSocket as any }));
    api = client.getTypedApi(millrace);
    signer = knowsHash() ? withMetadataHash(token, signerOf(alice)) : signerOf(alice);
  });

  after(() => client?.destroy());

  const freeOf = async (address: SS58String, at: string): Promise<bigint> =>
    (await api.query.System.Account.getValue(address, { at })).data.free;

  it('knows the chain by its descriptors', async () => {
    const { genesisHash, name, properties } = await client.getChainSpecData();
    assert.equal(genesisHash, await ask<Hex>('chain_getBlockHash', 0));
    assert.equal(name, 'Millrace Development');
    assert.deepEqual(properties, { ...properties, tokenSymbol: token.tokenSymbol, tokenDecimals: token.decimals });
    const { compat } = await api.getStaticApis();
    const { Identical } = CompatibilityLevel;
    assert.ok(compat.tx.Channels.open.isCompatible(Identical), 'the descriptors do not fit this runtime');
    assert.ok(compat.apis.DposApi.network.isCompatible(Identical));
  });

  it('signs with the metadata hash if the runtime knows it, and is refused if not', async () => {
    const call = api.tx.System.remark({ remark: new TextEncoder().encode('checked') });
    const sent = within(90, 'answer', call.signAndSubmit(withMetadataHash(token, signerOf(alice))));
    if (knowsHash()) {
      assert.ok((await sent).ok);
      // Who was shown something else signed something else.
      const deceived = withMetadataHash({ ...token, decimals: 6 }, signerOf(alice));
      await assert.rejects(within(90, 'refusal', call.signAndSubmit(deceived)), /BadProof/);
    } else {
      await assert.rejects(sent, (error: any) => {
        assert.match(JSON.stringify(error.error), refusal);
        return true;
      });
    }
  });

  it('transfers', async () => {
    const { address } = account(`Papi${Date.now()}`);
    const call = api.tx.Balances.transfer_keep_alive({ dest: Enum('Id', address), value: 2n * unit });
    assert.ok((await call.getEstimatedFees(alice.address)) > 0n);
    const { block, ok, events } = await within(90, 'finality of the transfer', call.signAndSubmit(signer));
    assert.ok(ok);
    const [moved] = api.event.Balances.Transfer.filter(events);
    assert.equal(moved?.payload.amount, 2n * unit);
    assert.equal(await freeOf(address, block.hash), 2n * unit);
  });

  it('opens a channel', async () => {
    const genesis = fromHex((await client.getChainSpecData()).genesisHash);
    const pairs = [alice, bob].sort((left, right) => Buffer.compare(left.publicKey, right.publicKey));
    const { number } = await client.getFinalizedBlock();
    const params = {
      participants: pairs.map(({ address, publicKey }) => ({
        account: address,
        signer: Enum('Sr25519', toHex(publicKey))
      })),
      asset: Enum('Native'),
      challenge_blocks: await api.constants.Channels.MinChallengeBlocks(),
      open_by: number + 60,
      nonce: BigInt(Date.now())
    };
    const deposits = pairs.map((pair) => (pair === alice ? 10n : 5n) * unit);
    const codec = (await getTypedCodecs(millrace)).tx.Channels.open.inner.params;
    const encoded = codec.enc(params);
    const payload = openPayload(genesis, encoded, Vector(u128).enc(deposits));
    const signatures = pairs.map((pair) => Enum('Sr25519', toHex(pair.sign(payload))));

    const call = api.tx.Channels.open({ params, deposits, signatures });
    const { block, ok, events, dispatchError } = await within(90, 'the channel', call.signAndSubmit(signer));
    assert.ok(ok, JSON.stringify(dispatchError));
    const id = toHex(channelId(genesis, encoded));
    assert.deepEqual(
      api.event.Channels.ChannelOpened.filter(events).map(({ payload: { channel } }) => channel),
      [id]
    );
    const at = { at: block.hash };
    const view = await api.apis.ChannelsApi.channel(id, at);
    assert.equal(view?.phase.type, 'Open');
    assert.deepEqual(view?.locked, deposits);
    const { channels } = await api.apis.ChannelsApi.account(bob.address, at);
    assert.ok(channels.some(({ channel }) => channel === id));
  });

  it('reads what the chain says about stakes and validators', async () => {
    const { hash } = await client.getFinalizedBlock();
    const at = { at: hash };
    const [set, quorum, network, schedule, candidates] = await Promise.all([
      api.apis.DposApi.validator_set(at),
      api.apis.DposApi.quorum(at),
      api.apis.DposApi.network(at),
      api.apis.DposApi.proposer_schedule(4, at),
      api.apis.DposApi.candidates(0, 10, at)
    ]);
    assert.deepEqual(set?.validators.map((seat) => seat.account), [alice.address]);
    assert.equal(quorum.validators, 1);
    assert.equal(network.candidates, 1);
    assert.equal(schedule.length, 4);
    assert.deepEqual(candidates.map((one) => one.account), [alice.address]);
    const { delegations, total } = await api.apis.DposApi.delegator(alice.address, at);
    assert.equal(delegations[0]?.candidate, alice.address);
    // The RPC of the same name, which the node offers beside the runtime API, says the same.
    const told = await client._request('dpos_delegator', [alice.address, hash]);
    assert.equal(BigInt(told.total), total);
    const status = await client._request('dpos_network', [hash]);
    assert.equal(status.era, network.era);
  });
});
