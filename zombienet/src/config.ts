// SPDX-License-Identifier: Apache-2.0

// Descriptions of networks in `networks/`, as zombienet reads them.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import utils from '@zombienet/utils';

/** A node of a description; zombienet knows more fields. */
export interface NodeConfig {
  name: string;
  /** Nothing means that it is one. */
  validator?: boolean;
  args?: string[];
  command?: string;
  p2p_port?: number;
  rpc_port?: number;
  prometheus_port?: number;
}

/** A description; zombienet knows more fields. */
export interface NetworkConfig {
  settings: { provider: string; timeout: number };
  relaychain: { chain: string; chain_spec_path: string; default_command: string; nodes: NodeConfig[] };
}

const folder = fileURLToPath(new URL('../networks', import.meta.url));

/** The file that describes a network. */
export function configFile(network: string): string {
  const file = join(folder, `${network}.toml`);
  if (!existsSync(file)) {
    const known = readdirSync(folder).map((it) => it.replace(/\.toml$/, ''));
    throw new Error(`there is no network ${network}; there are ${known.join(', ')}`);
  }
  return file;
}

/** The description of a network, with the node's binary and the chain's specification put in. */
export function readConfig(network: string, binary: string, spec: string): NetworkConfig {
  // zombienet fills its templates from the environment.
  Object.assign(process.env, { MILLRACE_NODE: binary, MILLRACE_SPEC: spec });
  return utils.readNetworkConfig(configFile(network)) as unknown as NetworkConfig;
}

/** `Alice` for `alice`: zombienet derives the keys of a node from its name with a capital. */
export const seedName = (node: string): string => node.charAt(0).toUpperCase() + node.slice(1);

/** The names from which the keys of a network's validators derive, such as `Alice`. */
export const validatorsOf = (config: NetworkConfig): string[] =>
  config.relaychain.nodes.filter((node) => node.validator !== false).map((node) => seedName(node.name));

/** The node's binary, from the environment. */
export function nodeBinary(): string {
  const binary = process.env.MILLRACE_NODE;
  if (binary === undefined || !existsSync(binary)) {
    throw new Error('MILLRACE_NODE must name the binary of the node; scripts/zombienet does that');
  }
  return binary;
}
