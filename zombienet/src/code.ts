// SPDX-License-Identifier: Apache-2.0

// Blobs of the runtime that `scripts/blob` has built.

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The bytes of a variant, such as `rehearsal`. */
export function blob(variant: string): Buffer {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const target = process.env.CARGO_TARGET_DIR ?? join(cache, 'millrace', 'target');
  const file = join(target, 'blobs', `${variant}.wasm`);
  if (!existsSync(file)) {
    throw new Error(`there is no ${file}: build it by scripts/blob ${variant}`);
  }
  return readFileSync(file);
}
