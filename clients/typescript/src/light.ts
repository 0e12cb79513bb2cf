// SPDX-License-Identifier: Apache-2.0

// A light client: smoldot, as everybody installs it, with a chain specification and nothing else.

import { start } from 'smoldot';

import { ask, type HeaderJson, type Hex, within } from './rpc.ts';

/** As much of a chain specification as is changed here. */
export interface ChainSpec {
  name: string;
  bootNodes: string[];
  genesis: { raw: unknown } | { stateRootHash: Hex };
  lightSyncState?: { finalizedBlockHeader: Hex };
}

/** A specification as the node gives it. */
export type NodeSpec = ChainSpec & Required<Pick<ChainSpec, 'lightSyncState'>>;

/**
 * The node's own specification with a checkpoint at its last final block, and the node as the one to ask.
 *
 * Throws if the node has no WebSocket address for peers, the only kind that a browser can dial.
 */
export async function nodeSpec(): Promise<NodeSpec> {
  const addresses = await ask<string[]>('system_localListenAddresses');
  const bootNodes = addresses.filter((address) => /\/ws\/p2p\//.test(address));
  if (bootNodes.length === 0) {
    throw new Error(
      `the node listens on ${addresses.join(', ')}, of which a light client can dial none; ` +
        'start it with --listen-addr /ip4/127.0.0.1/tcp/30334/ws'
    );
  }
  return { ...(await ask<NodeSpec>('sync_state_genSyncSpec', true)), bootNodes };
}

/**
 * The specification that is handed to light clients: they start at the checkpoint, and of the genesis need
 * only its state root, not the megabytes of state.
 */
export async function checkpointSpec(spec: NodeSpec): Promise<NodeSpec> {
  const genesis = await ask<HeaderJson>('chain_getHeader', await ask<Hex>('chain_getBlockHash', 0));
  return { ...spec, genesis: { stateRootHash: genesis.stateRoot } };
}

/** The specification without a checkpoint: everything since the genesis is checked. */
export function genesisSpec({ lightSyncState: _, ...spec }: NodeSpec): ChainSpec {
  return spec;
}

/** A running light client and what it said. */
export interface LightClient {
  /** The chain as `polkadot-api` wants it. */
  chain: Awaited<ReturnType<ReturnType<typeof start>['addChain']>>;
  /** What smoldot wrote, a line each. */
  log: string[];
  stop: () => Promise<void>;
}

/** Starts a light client that knows only `spec`. Throws smoldot's own words if it refuses the specification. */
export async function startLight(spec: ChainSpec): Promise<LightClient> {
  const log: string[] = [];
  const client = start({
    maxLogLevel: 3,
    logCallback: (level, target, message) => log.push(`${level} ${target}: ${message}`)
  });
  try {
    const chain = await within(60, 'valid specification', client.addChain({ chainSpec: JSON.stringify(spec) }));
    return { chain, log, stop: () => client.terminate() };
  } catch (error) {
    // It would keep the process alive.
    await client.terminate();
    throw error;
  }
}
