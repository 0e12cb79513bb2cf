// SPDX-License-Identifier: Apache-2.0

// zombienet's own program, which starts the nodes of a description.
//
// It runs as a process of its own: it ends itself when something fails, and it brings packages that
// would be there twice.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { NetworkConfig } from './config.ts';
import { guard, isAlive, run } from './process.ts';
import { until } from './waiting.ts';

/** How long zombienet may take to start a network, in seconds. */
const SPAWN_SECONDS = 240;

/** Where npm puts it. */
export const program = fileURLToPath(new URL('../node_modules/.bin/zombienet', import.meta.url));

/** A process that zombienet started. */
export interface Started {
  pid: number;
  /** The program and its arguments. */
  command: string[];
  log: string;
}

/**
 * Starts the nodes of a description, with their files in `folder`, which exists. Gives zombienet's
 * process, which must live as long as they do, and theirs by name.
 */
export async function spawnNetwork(
  folder: string,
  config: NetworkConfig
): Promise<{ pid: number; started: Map<string, Started> }> {
  const file = join(folder, 'network.json');
  // What ends this process ends zombienet, and then the nodes.
  config.relaychain.default_command = [...guard, config.relaychain.default_command].join(' ');
  await writeFile(file, JSON.stringify(config, null, 2));
  const log = join(folder, 'zombienet.log');
  const options = ['--provider', 'native', '--dir', folder, '--force', '--spawn-concurrency', '8'];
  const pid = run([process.execPath, program, ...options, 'spawn', file], log);
  const network = await until(`zombienet has started the nodes; see ${log}`, SPAWN_SECONDS, async () =>
    // It writes this when all run. The file may not be complete yet, which is no JSON.
    isAlive(pid) ? JSON.parse(await readFile(join(folder, 'zombie.json'), 'utf8')) : { isOver: true }
  );
  if (network.isOver) {
    throw new Error(`zombienet ended:\n${(await readFile(log, 'utf8')).split('\n').slice(-30).join('\n')}`);
  }
  const started = new Map<string, Started>();
  for (const [name, it] of Object.entries<any>(network.client.processMap)) {
    // What it hands to a shell; the guard is put before it again by who starts it again.
    const command = it.cmd.join(' ').split(/\s+/).slice(guard.length);
    started.set(name, { pid: it.pid, command, log: it.logs });
  }
  return { pid, started };
}
