// SPDX-License-Identifier: Apache-2.0

// Writes the raw specification for one of the networks, for those who run zombienet themselves:
//
//   MILLRACE_NODE=FILE node --import tsx src/make-spec.ts NETWORK OUTPUT

import { resolve } from 'node:path';

import { nodeBinary, readConfig, validatorsOf } from './config.ts';
import { makeSpec } from './genesis.ts';

const [network, output] = process.argv.slice(2);
if (network === undefined || output === undefined) {
  console.error('Usage: MILLRACE_NODE=FILE node --import tsx src/make-spec.ts NETWORK OUTPUT');
  process.exit(2);
}
const file = resolve(output);
const binary = nodeBinary();
await makeSpec(binary, file, network, validatorsOf(readConfig(network, binary, file)));
console.log(file);
