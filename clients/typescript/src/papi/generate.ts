// SPDX-License-Identifier: Apache-2.0

// Generates polkadot-api's descriptors of the running chain, as the package `@polkadot-api/descriptors`:
//
//   MILLRACE_URL=ws://127.0.0.1:9944 npm run descriptors
//
// They are some megabytes that follow from the runtime's metadata alone, so they are made where the other
// packages are and not kept in the repository. Where they fit already, nothing is done.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Bytes, Option, Vector, u32 } from '@polkadot-api/substrate-bindings';

import { ask, fromHex, type Hex, toHex } from '../rpc.ts';

/** The newest version of the metadata that the chain offers and polkadot-api knows. */
async function metadata(): Promise<Uint8Array> {
  const known = [16, 15];
  const offered = Vector(u32).dec(fromHex(await ask<Hex>('state_call', 'Metadata_metadata_versions', '0x')));
  const version = known.find((one) => offered.includes(one));
  if (version === undefined) {
    throw new Error(`the chain offers metadata of versions ${offered}; polkadot-api needs one of ${known}`);
  }
  const answer = await ask<Hex>('state_call', 'Metadata_metadata_at_version', toHex(u32.enc(version)));
  const bytes = Option(Bytes()).dec(fromHex(answer));
  if (bytes === undefined) {
    throw new Error(`the chain offers metadata of version ${version} and gives none`);
  }
  return bytes;
}

// The folder that holds `node_modules` for good, which may be a link. The generator compiles nothing that
// lies within `node_modules`, so the descriptors lie beside and are linked from there.
const modules = realpathSync(join(import.meta.dirname, '../../node_modules'));
const folder = dirname(modules);
const config = join(folder, 'descriptors.json');
const source = join(folder, 'metadata.scale');
writeFileSync(source, await metadata());
writeFileSync(
  config,
  JSON.stringify({
    version: 0,
    descriptorPath: 'descriptors',
    entries: { millrace: { metadata: source } },
    options: { noDescriptorsPackage: true }
  })
);
execFileSync(process.execPath, [join(modules, 'polkadot-api/bin/cli.js'), 'generate', '--config', config], {
  cwd: folder,
  stdio: 'inherit'
});
const link = join(modules, '@polkadot-api/descriptors');
mkdirSync(dirname(link), { recursive: true });
if (!existsSync(link)) {
  symlinkSync(join(folder, 'descriptors'), link);
}
