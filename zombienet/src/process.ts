// SPDX-License-Identifier: Apache-2.0

// Processes of nodes. zombienet starts the first ones and tells only their ids, so all are handled by
// id. They are children of this process, so an id is not used again before this process knows that
// its child has ended.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a node may take to write down what it has and end, in seconds. */
const STOP_SECONDS = 30;

/** What precedes a command so that it ends with this process, even when that is killed outright. */
export const guard: string[] = (() => {
  try {
    execFileSync('setpriv', ['--version'], { stdio: 'ignore' });
    return ['setpriv', '--pdeathsig', 'KILL'];
  } catch {
    return [];
  }
})();

/** Runs a command, with its output at the end of the file `log`; gives its id. */
export function run(command: string[], log: string): number {
  const output = openSync(log, 'a');
  try {
    const [program, ...args] = [...guard, ...command] as [string, ...string[]];
    const { pid } = spawn(program, args, { stdio: ['ignore', output, output] }).on('error', () => {});
    if (pid === undefined) {
      throw new Error(`cannot run ${program}`);
    }
    return pid;
  } finally {
    closeSync(output);
  }
}

/** Whether a child still runs; a paused one does. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Sends a signal to a child, if it still runs. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

/** Waits until a child has ended; false if it has not within `seconds`. */
export async function ended(pid: number, seconds: number): Promise<boolean> {
  const since = Date.now();
  while (isAlive(pid)) {
    if (Date.now() - since > seconds * 1000) {
      return false;
    }
    await sleep(50);
  }
  return true;
}

/** Asks a child to end, and ends it by force if it does not. */
export async function end(pid: number): Promise<void> {
  // A paused process would not hear the first.
  signal(pid, 'SIGCONT');
  signal(pid, 'SIGTERM');
  if (!(await ended(pid, STOP_SECONDS))) {
    signal(pid, 'SIGKILL');
    await ended(pid, STOP_SECONDS);
  }
}
