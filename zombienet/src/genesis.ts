// SPDX-License-Identifier: Apache-2.0

// The chain that a network starts with.
//
// zombienet's native provider would write session keys of its own into a specification, and amounts
// above 2^64 as zero. It leaves a raw one as it is, so the node makes that.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { guard } from './process.ts';

const execute = promisify(execFile);

/** What the node's binary prints. It ends with this process. */
async function run(binary: string, args: string[]): Promise<string> {
  const [program, ...rest] = [...guard, binary, ...args] as [string, ...string[]];
  return (await execute(program, rest)).stdout;
}

/** What each validator has staked itself: 100,000 MILL, in the smallest unit. */
const SELF_BOND = 100_000_000_000_000_000n;

/** The commission of each validator, in parts of a billion. */
const COMMISSION = 50_000_000;

/** JSON, also with big integers. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** What differs from the preset `local_testnet`. */
export interface Genesis {
  /** Slots of a session; one slot is two seconds. Nothing keeps the preset's 30, and 10 is the least. */
  epochSlots?: number;
  /** Sessions of an era. Nothing keeps the preset's three. */
  sessionsPerEra?: number;
  /** Anything else, as the runtime's genesis spells it: `{ dpos: { params: { maxValidators: 5 } } }`. */
  patch?: { [key: string]: Json };
}

/** The account and the session keys that derive from `//Name`. */
async function keysOf(binary: string, name: string): Promise<{ account: string; session: { [key: string]: string } }> {
  const inspect = async (scheme: string): Promise<string> => {
    const command = ['key', 'inspect', '--scheme', scheme, '--output-type', 'json', `//${name}`];
    return JSON.parse(await run(binary, command)).ss58PublicKey;
  };
  const [sr25519, ed25519, ecdsa] = [
    await inspect('sr25519'),
    await inspect('ed25519'),
    await inspect('ecdsa')
  ];
  const session = { authority_discovery: sr25519, babe: sr25519, beefy: ecdsa, grandpa: ed25519 };
  return { account: sr25519, session };
}

/** Both objects in one; where both have a value that is no object, the second's. */
function merged(one: { [key: string]: Json }, other: { [key: string]: Json }): { [key: string]: Json } {
  const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
    value !== null && typeof value === 'object' && !Array.isArray(value);
  const result = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

/** JSON in which big integers are numbers. `JSON.stringify` refuses them. */
function toJson(value: Json): string {
  const marked = JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? `bigint:${it}` : it));
  return marked.replaceAll(/"bigint:(-?\d+)"/g, '$1');
}

/**
 * Writes the raw specification of a new chain to `file`. Its validators, such as `Alice`, are all
 * candidates with the same stake, with session keys that derive from their names. Gives their accounts.
 */
export async function makeSpec(
  binary: string,
  file: string,
  name: string,
  validators: string[],
  { epochSlots, sessionsPerEra, patch = {} }: Genesis = {}
): Promise<string[]> {
  const keys = await Promise.all(validators.map((validator) => keysOf(binary, validator)));
  const accounts = keys.map(({ account }) => account);
  const ours: { [key: string]: Json } = {
    dpos: {
      candidates: accounts.map((account) => [account, SELF_BOND, COMMISSION]),
      ...(sessionsPerEra === undefined ? {} : { params: { sessionsPerEra } })
    },
    ...(epochSlots === undefined ? {} : { network: { epochSlots } }),
    session: { keys: keys.map(({ account, session }) => [account, account, session]) }
  };
  const patchFile = join(dirname(file), `${name}-patch.json`);
  await writeFile(patchFile, toJson(merged(ours, patch)));
  await run(binary, [
    ...['chain-spec', 'create', '--preset', 'local_testnet', '--patch', patchFile],
    ...['--name', `Network ${name}`, '--id', `network_${name}`, '--chain-type', 'local'],
    ...['--raw', '--output', file]
  ]);
  return accounts;
}
