// SPDX-License-Identifier: Apache-2.0

// What a founder does alone: makes keys, and puts them where the node finds them.

import { constants, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Failure, say } from './failure.mjs';
import { SESSION_KEYS, SIGNERS } from './program.mjs';
import { signedText, statement } from './statement.mjs';

/** What the node key is called, in the founder's folder and in the node's. */
const NODE_KEY = 'node-key';
const INSTALLED_NODE_KEY = 'secret_ed25519';

/** Makes all keys of a founder in a new folder. */
export function makeKeys(program, { network, name, address, folder }) {
  makeFolder(folder);
  const [account, validator] = [join(folder, 'account'), join(folder, 'validator')];
  makeFolder(account);
  makeFolder(validator);

  const secrets = {};
  const addresses = {};
  for (const { name: key, scheme } of SIGNERS) {
    const made = program.generate(scheme);
    secrets[key] = join(key === 'account' ? account : validator, `${key}.phrase`);
    addresses[key] = made.address;
    writeFileSync(secrets[key], `${made.phrase}\n`, { flag: 'wx', mode: 0o600 });
  }
  const peer = program.generateNodeKey(join(validator, NODE_KEY));

  const { account: own, ...keys } = addresses;
  const stated = statement({ network, name, account: own, keys, peer, address });
  const text = signedText(stated);
  const proofs = Object.fromEntries(
    SIGNERS.map(({ name: key, scheme }) => [key, program.sign(scheme, secrets[key], text)])
  );
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ ...stated, proofs }, null, 2)}\n`, { flag: 'wx' });

  say(`${file} is public: send it to the other founders.`);
  say(`${account} holds the account's phrase: write it down, and keep it away from the validator's machine.`);
  say(`${validator} is for the validator's machine: scripts/keys install, then destroy it.`);
}

/** Puts the keys of a `validator` folder where the node of this chain looks for them. */
export function installKeys(program, { from, chain, basePath }) {
  const id = chainId(chain);
  const nodeKey = join(from, NODE_KEY);
  const secrets = SESSION_KEYS.map((key) => ({ key, file: join(from, `${key.name}.phrase`) }));
  for (const file of [nodeKey, ...secrets.map((secret) => secret.file)]) {
    if (!existsSync(file)) {
      throw new Failure(`${file} is missing.`, 'Give the folder validator/ that `scripts/keys make` has written.');
    }
  }

  const folder = resolve(basePath, 'chains', id);
  const [network, keystore] = [join(folder, 'network'), join(folder, 'keystore')];
  const installed = join(network, INSTALLED_NODE_KEY);
  if (existsSync(installed) && readFileSync(installed, 'utf8').trim() !== readFileSync(nodeKey, 'utf8').trim()) {
    throw new Failure(
      `${installed} is another node's key, and is not overwritten.`,
      'Another node has run here. Choose another --base-path, or move that file away.'
    );
  }
  for (const { key, file } of secrets) {
    program.insertKey({ basePath, chain, key, file });
    const address = program.addressOf(key.scheme, file);
    const stored = join(keystore, hex(key.type) + program.publicKey(key.scheme, address));
    if (!existsSync(stored)) {
      throw new Failure(`${key.name} was put into the keystore, but is not there: ${stored}`);
    }
    say(`${key.name}: ${address}`);
  }
  mkdirSync(network, { recursive: true, mode: 0o700 });
  if (!existsSync(installed)) {
    copyFileSync(nodeKey, installed, constants.COPYFILE_EXCL);
  }
  say(`The keys are in ${folder}. Give it to the user of the node (chown -R), and destroy ${from}.`);
}

function chainId(chain) {
  try {
    const { id } = JSON.parse(readFileSync(chain, 'utf8'));
    if (typeof id === 'string' && /^[0-9A-Za-z_-]+$/.test(id)) {
      return id;
    }
  } catch (error) {
    throw new Failure(`${chain} is no specification of a chain: ${error.message}`);
  }
  throw new Failure(`${chain} is no specification of a chain: it has no usable id.`);
}

/** Makes a folder for the user alone. */
function makeFolder(folder) {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const exists = error.code === 'EEXIST';
    throw new Failure(
      exists ? `${folder} exists, and nothing is overwritten.` : `${folder} cannot be made: ${error.message}`,
      exists ? 'Choose another one with --folder, or move that one away.' : 'Choose another one with --folder.'
    );
  }
}

function hex(text) {
  return Buffer.from(text, 'utf8').toString('hex');
}
