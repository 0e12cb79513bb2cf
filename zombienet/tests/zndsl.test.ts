// SPDX-License-Identifier: Apache-2.0

// zombienet's own program runs a test in its own language against two validators.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { nodeBinary, readConfig, validatorsOf } from '../src/config.ts';
import { makeSpec } from '../src/genesis.ts';
import { ended, guard, signal } from '../src/process.ts';
import { program } from '../src/zombie.ts';

/** How long zombienet may take, in seconds. */
const SECONDS = 240;

const home = fileURLToPath(new URL('..', import.meta.url));

/** Runs zombienet on a test of its own, with its files in `folder`; gives its exit code. */
async function zombienet(folder: string, test: string): Promise<number | null> {
  const args = ['--provider', 'native', '--dir', join(folder, 'network'), 'test', join(home, 'tests', test)];
  // While it runs a test, zombienet ends without its nodes when it is told to: they must follow by themselves.
  const env = { ...process.env, MILLRACE_NODE: [...guard, nodeBinary()].join(' ') };
  const child = spawn(program, args, { cwd: home, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const giveUp = () => signal(child.pid!, 'SIGTERM');
  const timer = setTimeout(giveUp, SECONDS * 1000);
  process.once('exit', giveUp);
  try {
    return await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  } finally {
    clearTimeout(timer);
    process.off('exit', giveUp);
    await ended(child.pid!, 10);
  }
}

it('zombienet runs two.zndsl', async () => {
  const folder = await mkdtemp(join(process.env.MILLRACE_NETWORKS ?? tmpdir(), 'zndsl-'));
  const spec = join(folder, 'spec.json');
  const config = readConfig('two', nodeBinary(), spec);
  await makeSpec(nodeBinary(), spec, 'two', validatorsOf(config));
  assert.equal(await zombienet(folder, 'two.zndsl'), 0);
  await rm(folder, { force: true, recursive: true });
});
