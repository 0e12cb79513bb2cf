// SPDX-License-Identifier: Apache-2.0

// zombienet's own program runs a test in its own language against two validators.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import { nodeBinary, readConfig, validatorsOf } from '../src/config.ts';
import { makeSpec } from '../src/genesis.ts';
import { guard, signal } from '../src/process.ts';
import { program } from '../src/zombie.ts';

/** How long zombienet may take, in seconds. */
const SECONDS = 240;

const home = fileURLToPath(new URL('..', import.meta.url));

/** Runs zombienet on a test of its own, with its files in `folder`; gives its exit code and what it said. */
async function zombienet(folder: string, test: string): Promise<{ code: number | null; output: string }> {
  const args = ['--provider', 'native', '--dir', folder, '--force', 'test', join(home, 'tests', test)];
  // While it runs a test, zombienet ends without its nodes when it is told to: they must follow by themselves.
  const env = { ...process.env, MILLRACE_NODE: [...guard, nodeBinary()].join(' ') };
  const child = spawn(program, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += stripVTControlCharacters(text)));
  }
  const giveUp = () => signal(child.pid!, 'SIGTERM');
  const timer = setTimeout(giveUp, SECONDS * 1000);
  process.once('exit', giveUp);
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.on('error', reject).on('close', resolve)
    );
    return { code, output };
  } finally {
    clearTimeout(timer);
    process.off('exit', giveUp);
  }
}

it('zombienet runs two.zndsl', async () => {
  const folder = await mkdtemp(join(process.env.MILLRACE_NETWORKS ?? tmpdir(), 'zndsl-'));
  const spec = join(folder, 'spec.json');
  const config = readConfig('two', nodeBinary(), spec);
  await makeSpec(nodeBinary(), spec, 'two', validatorsOf(config));
  const { code, output } = await zombienet(folder, 'two.zndsl');
  if (code !== 0) {
    console.log(output);
  }
  assert.equal(code, 0);
  const lines = (await readFile(join(home, 'tests/two.zndsl'), 'utf8')).match(/^\w+: (is|reports) /gm)!.length;
  assert.match(output, new RegExp(`Result: ${lines}/${lines}`));
  await rm(folder, { force: true, recursive: true });
});
