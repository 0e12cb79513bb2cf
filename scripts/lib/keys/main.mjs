// SPDX-License-Identifier: Apache-2.0

// The command line of scripts/keys, which prints the help and sets the umask.

import { parseArgs } from 'node:util';

import { Failure } from './failure.mjs';
import { installKeys, makeKeys } from './founder.mjs';
import { compare, merge } from './network.mjs';
import { Program } from './program.mjs';
import { NAME, NODE_ADDRESS } from './statement.mjs';

const TEXT = { type: 'string' };

const AMOUNTS = {
  balance: { type: 'string', default: '1000000' },
  stake: { type: 'string', default: '100000' },
  commission: { type: 'string', default: '5' },
  committee: { type: 'boolean', default: false },
  patch: TEXT
};

/** The options of each command, those that it cannot do without, and what it does. */
const COMMANDS = {
  make: {
    options: { network: TEXT, name: TEXT, address: TEXT, folder: TEXT },
    needed: ['network', 'name'],
    run: (program, { folder, ...options }) => makeKeys(program, { ...options, folder: folder ?? options.name })
  },
  merge: {
    options: { network: TEXT, title: TEXT, output: TEXT, ...AMOUNTS },
    needed: ['network', 'title', 'output'],
    files: true,
    run: (program, options) => merge(program, withAmounts(options))
  },
  compare: {
    options: { network: TEXT, title: TEXT, spec: TEXT, ...AMOUNTS },
    needed: ['network', 'title', 'spec'],
    files: true,
    run: (program, options) => compare(program, withAmounts(options))
  },
  install: {
    options: { from: TEXT, chain: TEXT, 'base-path': TEXT },
    needed: ['from', 'chain', 'base-path'],
    run: (program, { from, chain, 'base-path': basePath }) => installKeys(program, { from, chain, basePath })
  }
};

/** A mistake in the command line: the help is one word away. */
function misused(message) {
  return new Failure(message, '`scripts/keys --help` shows all options.');
}

function withAmounts({ balance, stake, commission, ...options }) {
  const amounts = { balance, stake, commission };
  for (const [name, text] of Object.entries(amounts)) {
    if (!/^[0-9]{1,15}$/.test(text)) {
      throw misused(`--${name} takes a whole number, not ${text}.`);
    }
  }
  if (Number(commission) > 100) {
    throw misused(`--commission is in percent: ${commission} is above 100.`);
  }
  if (BigInt(stake) > BigInt(balance)) {
    throw misused(`--stake ${stake} is above --balance ${balance}, of which it is a part.`);
  }
  return { ...options, balance, stake, commission: Number(commission) };
}

function parse(name, words) {
  const command = COMMANDS[name];
  let parsed;
  try {
    parsed = parseArgs({
      args: words,
      allowPositionals: command.files === true,
      options: { node: TEXT, ...command.options }
    });
  } catch (error) {
    throw misused(error.message);
  }
  const { values, positionals: files } = parsed;
  const missing = command.needed.find((option) => !values[option]);
  if (missing !== undefined) {
    throw misused(`${name} needs --${missing}.`);
  }
  if (command.files && files.length === 0) {
    throw misused(`${name} needs the founders' files.`);
  }
  for (const option of ['network', 'name']) {
    if (values[option] !== undefined && !NAME.test(values[option])) {
      throw misused(`--${option} has other letters than a-z, 0-9, - and _, or more than 32: ${values[option]}`);
    }
  }
  if (values.address !== undefined && !NODE_ADDRESS.test(values.address)) {
    throw misused(`--address is no address such as /dns/ann.example/tcp/30333: ${values.address}`);
  }
  return { ...values, files };
}

function main([name, ...words]) {
  const { node, ...options } = parse(name, words);
  const program = new Program(node ?? process.env.MILLRACE_NODE ?? 'millrace');
  COMMANDS[name].run(program, options);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) {
    throw error;
  }
  process.stderr.write(`error: ${error.message}\n`);
  for (const remedy of error.remedies) {
    process.stderr.write(`       ${remedy}\n`);
  }
  process.exitCode = 1;
}
