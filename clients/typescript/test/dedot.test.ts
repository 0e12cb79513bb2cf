// SPDX-License-Identifier: Apache-2.0

// dedot, as everybody installs it, with nothing but the address of a running development chain.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DedotClient, WsProvider } from 'dedot';
import { MerkleizedMetadata } from 'dedot/merkleized-metadata';

import { account } from '../src/accounts.ts';
import { knowsHash, metadata15, metadataHash, refusal, token } from '../src/metadata-hash.ts';
import { channelId, openPayload } from '../src/payloads.ts';
import { ask, fromHex, type Hex, toHex, url, within } from '../src/rpc.ts';

const unit = 10n ** BigInt(token.decimals);
const alice = account('Alice');
const bob = account('Bob');

describe('dedot', () => {
  // It learns the chain's types from the metadata as it connects; TypeScript cannot know them.
  let client: DedotClient<any>;
  /** With what Alice signs: the metadata hash where the runtime knows its own. */
  let options: { metadataHash?: Hex };

  before(async () => {
    client = await within(60, 'connection', DedotClient.new<any>(new WsProvider(url)));
    options = knowsHash() ? { metadataHash: await metadataHash() } : {};
  });

  after(() => client?.disconnect());

  /** Sends a call of Alice's and waits until it is final. */
  async function send(call: any, what: string, using = options): Promise<{ events: any[]; block: Hex }> {
    const sent = call.signAndSend(alice, using);
    // A refusal rejects the first promise and leaves the second one waiting.
    const both: Promise<[Hex, any]> = Promise.all([sent, sent.untilFinalized()]);
    const [, { dispatchError, events, status }] = await within(90, `finality of ${what}`, both);
    assert.equal(dispatchError, undefined, JSON.stringify(dispatchError));
    return { events: events.map(({ event }: any) => event), block: status.value.blockHash };
  }

  /** The data of the only event of this kind. */
  function onlyEvent(events: any[], pallet: string, name: string): any {
    const found = events.filter((event) => event.pallet === pallet && event.palletEvent.name === name);
    assert.equal(found.length, 1, `${pallet}.${name} in ${JSON.stringify(events.map(({ pallet }) => pallet))}`);
    return found[0].palletEvent.data;
  }

  it('connects by the new JSON-RPC', async () => {
    assert.equal(client.rpcVersion, 'v2');
    assert.equal(client.genesisHash, await ask<Hex>('chain_getBlockHash', 0));
    assert.equal(client.runtimeVersion.specName, 'millrace');
  });

  it('computes the same metadata hash as polkadot-api', async () => {
    const own = new MerkleizedMetadata(await metadata15(), token).digest();
    assert.equal(toHex(own), await metadataHash());
  });

  it('signs with the metadata hash if the runtime knows it, and is refused if not', async () => {
    const remark = () => client.tx.system!.remark!(toHex(new TextEncoder().encode('checked')));
    const hash = await metadataHash();
    if (knowsHash()) {
      await send(remark(), 'a checked remark', { metadataHash: hash });
      const deceived = toHex(fromHex(hash).map((byte) => byte ^ 1));
      await assert.rejects(send(remark(), 'a remark with another hash', { metadataHash: deceived }), /BadProof/);
    } else {
      await assert.rejects(send(remark(), 'a checked remark', { metadataHash: hash }), refusal);
    }
  });

  it('transfers', async () => {
    const { address } = account(`Dedot${Date.now()}`);
    const { events, block } = await send(client.tx.balances!.transferKeepAlive!(address, 2n * unit), 'the transfer');
    assert.equal(onlyEvent(events, 'Balances', 'Transfer').amount, 2n * unit);
    const { data }: any = await (await client.at(block)).query.system!.account!(address);
    assert.equal(data.free, 2n * unit);
  });

  it('opens a channel', async () => {
    const genesis = fromHex(client.genesisHash);
    const pairs = [alice, bob].sort((left, right) => Buffer.compare(left.publicKey, right.publicKey));
    const { number } = await client.block.finalized();
    const params = {
      participants: pairs.map(({ address, publicKey }) => ({
        account: address,
        signer: { type: 'Sr25519', value: toHex(publicKey) }
      })),
      asset: { type: 'Native' },
      challengeBlocks: client.consts.channels!.minChallengeBlocks,
      openBy: number + 60,
      nonce: BigInt(Date.now())
    };
    const deposits = pairs.map((pair) => (pair === alice ? 10n : 5n) * unit);
    const [ofParams, ofDeposits] = client.tx.channels!.open!.meta!.fields.map(({ typeId }: any) =>
      client.registry.findCodec(typeId)
    );
    const encoded = ofParams!.tryEncode(params);
    const payload = openPayload(genesis, encoded, ofDeposits!.tryEncode(deposits));
    const signatures = pairs.map((pair) => ({ type: 'Sr25519', value: toHex(pair.sign(payload)) }));

    const { events, block } = await send(client.tx.channels!.open!(params, deposits, signatures), 'the channel');
    const id = toHex(channelId(genesis, encoded));
    assert.equal(onlyEvent(events, 'Channels', 'ChannelOpened').channel, id);
    const then = await client.at<any>(block);
    const view: any = await then.call.channelsApi!.channel!(id);
    assert.equal(view.phase.type, 'Open');
    assert.deepEqual(view.locked, deposits);
  });

  it('reads what the chain says about stakes and validators', async () => {
    const { hash } = await client.block.finalized();
    const { dposApi } = (await client.at<any>(hash)).call;
    const set: any = await dposApi!.validatorSet!();
    assert.deepEqual(set.validators.map((seat: any) => seat.account.address()), [alice.address]);
    assert.equal(((await dposApi!.quorum!()) as any).threshold, 1);
    const network: any = await dposApi!.network!();
    assert.equal(network.candidates, 1);
    assert.equal(((await dposApi!.proposerSchedule!(4)) as any).length, 4);
    const { total }: any = await dposApi!.delegator!(alice.address);
    assert.ok(total > 0n);
    // The RPC of the same name, which the node offers beside the runtime API, says the same.
    assert.equal(BigInt(((await client.rpc.dpos_delegator!(alice.address, hash)) as any).total), total);
    assert.equal(((await client.rpc.dpos_network!(hash)) as any).era, network.era);
  });
});
