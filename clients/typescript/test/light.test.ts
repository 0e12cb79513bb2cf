// SPDX-License-Identifier: Apache-2.0

// smoldot, as everybody installs it, as a light client of a running development chain. It is given a chain
// specification and checks all else by itself; the node is asked only to compare.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { blockHeader } from '@polkadot-api/substrate-bindings';
import { createClient, type PolkadotClient } from 'polkadot-api';
import { getSmProvider } from 'polkadot-api/sm-provider';
import { firstValueFrom } from 'rxjs';
import { filter } from 'rxjs/operators';

import { account, signerOf } from '../src/accounts.ts';
import { headerAt } from '../src/headers.ts';
import { checkpointSpec, genesisSpec, type LightClient, type NodeSpec, nodeSpec, startLight } from '../src/light.ts';
import { ask, fromHex, type Hex, within } from '../src/rpc.ts';
import { provenValue } from '../src/storage-proof.ts';

/** One token in its smallest unit. */
const token = 10n ** 12n;

/**
 * Where the first two epochs of a development chain, 30 slots each, are over for certain. smoldot takes no
 * checkpoint from within them: the node names their authorities as those of the genesis.
 */
const firstCheckpoint = 63;

/** Height of the node's last final block. */
const finalHeight = async (): Promise<number> => (await headerAt(await ask<Hex>('chain_getFinalizedHead'))).number;

/** Where the log of a light client says that it started. */
function startOf({ log }: LightClient): number {
  const found = log.join('\n').match(/starting at: \S+ \(#(\d+)\)/);
  assert.ok(found, `the log does not say where it starts:\n${log.join('\n')}`);
  return Number(found[1]);
}

/** Waits until the light client has seen a block of this height or a higher one become final. */
const finalAt = (client: PolkadotClient, height: number) =>
  within(
    60,
    `finality of block ${height} in the light client`,
    firstValueFrom(client.finalizedBlock$.pipe(filter(({ number }) => number >= height)))
  );

/** Waits until the node has finalised this height. */
async function nodeFinal(height: number): Promise<void> {
  while ((await finalHeight()) < height) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The node's specification, which is megabytes long: asked for once, when the chain has final blocks. */
let specification: Promise<NodeSpec>;

describe('smoldot from a checkpoint', () => {
  let light: LightClient;
  let client: PolkadotClient;
  let checkpoint: number;

  before(async () => {
    specification = within(180, 'final block after two epochs', nodeFinal(firstCheckpoint)).then(nodeSpec);
    const spec = await checkpointSpec(await specification);
    checkpoint = blockHeader.dec(spec.lightSyncState.finalizedBlockHeader).number;
    light = await startLight(spec);
    client = createClient(getSmProvider(() => light.chain));
  });

  after(async () => {
    client?.destroy();
    await light?.stop();
  });

  it('starts there', () => {
    assert.equal(startOf(light), checkpoint);
    assert.ok(checkpoint > 0);
  });

  it('follows finality, and has the blocks that the node has', async () => {
    const height = await finalHeight();
    const first = await finalAt(client, height);
    assert.equal(first.hash, await ask<Hex>('chain_getBlockHash', first.number));
    const next = await finalAt(client, first.number + 2);
    assert.equal(next.hash, await ask<Hex>('chain_getBlockHash', next.number));
  });

  it('reads a balance with proof', async () => {
    const { address } = account('Alice');
    const { hash, number } = await client.getFinalizedBlock();
    const release = client.hodlBlock(hash);
    const read: any = await client.getUnsafeApi().query.System!.Account!.getValue(address, { at: hash });
    assert.ok(read.data.free > token, `Alice has ${read.data.free}`);

    // The node's proof leads to the same value under the state root of the light client's own header.
    const key = (await client.getUnsafeApi().query.System!.Account!.getKey(address)) as Hex;
    const { proof } = await ask<{ proof: Hex[] }>('state_getReadProof', [key], hash);
    const { stateRoot } = await client.getBlockHeader(hash);
    const proven = provenValue(stateRoot as Hex, proof, fromHex(key));
    assert.ok(proven, `block ${number}`);
    assert.deepEqual(proven, fromHex((await client.rawQuery(key, { at: hash }))!));
    release();
  });

  it('sends a transfer and sees it final', async () => {
    const api = client.getUnsafeApi();
    const { address } = account(`Light${Date.now()}`);
    const call = api.tx.Balances!.transfer_keep_alive!({ dest: { type: 'Id', value: address }, value: 3n * token });
    const { block, ok, dispatchError } = await within(
      90,
      'finality of the transfer',
      call.signAndSubmit(signerOf(account('Alice')))
    );
    assert.ok(ok, `refused: ${JSON.stringify(dispatchError)}`);
    // Read at the last final block, which is this one or follows it.
    const { data }: any = await api.query.System!.Account!.getValue(address);
    assert.equal(data.free, 3n * token);
    // It is final for the node too.
    assert.equal(await ask<Hex>('chain_getBlockHash', block.number), block.hash);
    assert.ok((await finalHeight()) >= block.number);
  });
});

describe('smoldot from the genesis', () => {
  it('comes to the same block as the node', async () => {
    const light = await startLight(genesisSpec(await specification));
    const client = createClient(getSmProvider(() => light.chain));
    try {
      assert.equal(startOf(light), 0);
      const height = await finalHeight();
      const reached = await finalAt(client, height);
      assert.equal(reached.hash, await ask<Hex>('chain_getBlockHash', reached.number));
    } finally {
      client.destroy();
      await light.stop();
    }
  });
});
