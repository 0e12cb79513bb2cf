// SPDX-License-Identifier: Apache-2.0

// The node's program, asked for keys, signatures and specifications.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Failure } from './failure.mjs';

/** The four session keys: their names in the genesis, their types in a keystore, and their schemes. */
export const SESSION_KEYS = [
  { name: 'authority_discovery', type: 'audi', scheme: 'sr25519' },
  { name: 'babe', type: 'babe', scheme: 'sr25519' },
  { name: 'beefy', type: 'beef', scheme: 'ecdsa' },
  { name: 'grandpa', type: 'gran', scheme: 'ed25519' }
];

/** What signs a founder's statement: the account and the session keys. */
export const SIGNERS = [{ name: 'account', scheme: 'sr25519' }, ...SESSION_KEYS];

/** Letters of an address. Anything else would be taken for a path of derivation, or for a phrase. */
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{40,60}$/;

export class Program {
  #file;

  constructor(file) {
    this.#file = file;
    this.version = this.#run(['--version']).trim();
  }

  /** Makes a new secret: its phrase and its address. */
  generate(scheme) {
    const made = JSON.parse(this.#run(['key', 'generate', '--scheme', scheme, '--output-type', 'json']));
    return { phrase: made.secretPhrase, address: made.ss58PublicKey };
  }

  /** The address of the secret in a file. */
  addressOf(scheme, file) {
    const command = ['key', 'inspect', '--scheme', scheme, '--output-type', 'json', file];
    return JSON.parse(this.#run(command)).ss58PublicKey;
  }

  /** The public key behind an address, as hexadecimal digits without a prefix; nothing if it is none. */
  publicKey(scheme, address) {
    if (!ADDRESS.test(address)) {
      return null;
    }
    const text = this.#run(['key', 'inspect', '--scheme', scheme, '--output-type', 'json', address]);
    // The program says that it does not understand an address, and succeeds.
    return text.startsWith('{') ? JSON.parse(text).publicKey.replace(/^0x/, '') : null;
  }

  /** The signature of the secret in a file. */
  sign(scheme, file, message) {
    return this.#run(['sign', '--scheme', scheme, '--suri', file, '--message', message]).trim();
  }

  /** Whether the secret behind an address has signed the message. */
  hasSigned(scheme, address, message, signature) {
    const command = ['verify', '--scheme', scheme, '--message', message, '--', signature, address];
    return this.#spawn(command).status === 0;
  }

  /** Writes a new node key, and tells its peer id. */
  generateNodeKey(file) {
    this.#run(['key', 'generate-node-key', '--chain', 'staging', '--file', file]);
    return this.peerId(file);
  }

  /** The peer id of the node key in a file. */
  peerId(file) {
    return this.#run(['key', 'inspect-node-key', '--file', file]).trim();
  }

  /** Puts the secret in a file into a keystore. */
  insertKey({ basePath, chain, key, file }) {
    const where = ['--base-path', basePath, '--chain', chain];
    this.#run(['key', 'insert', ...where, '--scheme', key.scheme, '--key-type', key.type, '--suri', file]);
  }

  /** Makes the raw specification of a live network. */
  createSpecification({ network, title, patch, bootnodes, output }) {
    const addresses = bootnodes.flatMap((address) => ['--bootnode', address]);
    const named = ['--preset', 'staging', '--name', title, '--id', network, '--chain-type', 'live'];
    const command = ['chain-spec', 'create', ...named, '--patch', patch, ...addresses, '--raw'];
    this.#run([...command, '--output', output]);
  }

  /** The hash of the block that a specification begins with. */
  genesisHash(chain) {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-genesis-'));
    const where = ['--chain', chain, '--base-path', folder];
    try {
      // Whatever opens the database writes the first block.
      this.#run(['export-blocks', '--from', '0', '--to', '0', ...where, join(folder, 'blocks')]);
      return JSON.parse(this.#run(['chain-info', ...where])).genesis_hash;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #run(command) {
    const { status, signal, stdout, stderr } = this.#spawn(command);
    if (status !== 0) {
      const said = stderr.trim() || (signal ? `it was ended by ${signal}` : `it ended with code ${status}`);
      throw new Failure(`\`${this.#file} ${command.slice(0, 2).join(' ')}\` failed: ${said}`);
    }
    return stdout;
  }

  #spawn(command) {
    const result = spawnSync(this.#file, command, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (result.error) {
      throw new Failure(
        `${this.#file} cannot be run: ${result.error.message}`,
        'Build the node (cargo build --release --workspace --locked), and name it: --node FILE'
      );
    }
    return result;
  }
}
