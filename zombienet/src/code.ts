// SPDX-License-Identifier: Apache-2.0

// Blobs of the runtime that `scripts/blob` has built.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { nodeBinary } from './config.ts';

const run = promisify(execFile);

/** The file of a variant, such as `rehearsal`. */
export function blobFile(variant: string): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const target = process.env.CARGO_TARGET_DIR ?? join(cache, 'millrace', 'target');
  const file = join(target, 'blobs', `${variant}.wasm`);
  if (!existsSync(file)) {
    throw new Error(`there is no ${file}: build it by scripts/blob ${variant}`);
  }
  return file;
}

/** Compiles a blob as an operator does before an upgrade, for all nodes of this machine. */
export async function compileAhead(file: string): Promise<string> {
  return (await run(nodeBinary(), ['compile-runtime', file, '--chain', 'local'])).stdout.trim();
}
