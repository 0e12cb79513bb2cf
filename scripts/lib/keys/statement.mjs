// SPDX-License-Identifier: Apache-2.0

// What a founder states in public, signed by each key that it names.

import { readFileSync } from 'node:fs';

import { Failure } from './failure.mjs';
import { SESSION_KEYS, SIGNERS } from './program.mjs';

const FORMAT = 'millrace-founder-1';

/** What names of networks and of founders are made of: they become names of files. */
export const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** Addresses over TCP, with or without WebSocket, that can be looked up or dialled. */
export const NODE_ADDRESS = /^\/(dns|dns4|dns6|ip4|ip6)\/[0-9A-Za-z.:-]+\/tcp\/[0-9]{1,5}(\/ws)?$/;

const PEER = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/;

/** A statement before it is signed. */
export function statement({ network, name, account, keys, peer, address }) {
  return { format: FORMAT, network, name, account, keys, peer, ...(address ? { address } : {}) };
}

/** The text that is signed: it has one form only, whatever a file looks like. */
export function signedText({ proofs: _, ...stated }) {
  return `Millrace founder\n${JSON.stringify(sorted(stated))}`;
}

function sorted(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])])
  );
}

/**
 * Reads a founder's file and checks it: complete, nothing more, for this network, signed by each key.
 *
 * Returns the statement, with the public keys as bytes in `publicKeys`, by the name of the signer.
 */
export function readStatement(program, file, network) {
  const read = parse(file);
  verifyShape(file, read, network);
  const signers = SIGNERS.map(({ name, scheme }) => {
    const address = name === 'account' ? read.account : read.keys[name];
    return { name, scheme, address, publicKey: program.publicKey(scheme, address) };
  });
  for (const { name, scheme, address, publicKey } of signers) {
    if (publicKey === null) {
      throw new Failure(`${file}: ${name} is no ${scheme} address: ${address}`, askAgain(read));
    }
  }
  const text = signedText(read);
  for (const { name, scheme, address } of signers) {
    if (!program.hasSigned(scheme, address, text, read.proofs[name])) {
      throw new Failure(
        `${file}: the key ${name} has not signed this file. It was changed, or its secret is not the founder's.`,
        askAgain(read)
      );
    }
  }
  const publicKeys = Object.fromEntries(signers.map(({ name, publicKey }) => [name, publicKey]));
  return { ...read, file, publicKeys };
}

/** Checks that nothing is used twice, by two founders or by one for two purposes. */
export function verifyDistinct(founders) {
  const seen = new Map();
  const add = (what, owner, value) => {
    if (seen.has(value)) {
      const problem = `${what} of ${owner} is the same as ${seen.get(value)}.`;
      throw new Failure(problem, 'Each founder makes keys of its own.');
    }
    seen.set(value, `${what} of ${owner}`);
  };
  for (const { file, name, peer, publicKeys } of founders) {
    add('the name', file, name);
    add('the peer id', file, peer);
    for (const signer of SIGNERS) {
      add(`the key ${signer.name}`, file, publicKeys[signer.name]);
    }
  }
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${error.message}`);
  }
}

function verifyShape(file, read, network) {
  const refuse = (problem) => {
    throw new Failure(`${file}: ${problem}`, 'Take the file that `scripts/keys make` has written, unchanged.');
  };
  const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const verifyFields = (what, value, needed, optional = []) => {
    if (!isObject(value)) {
      refuse(`${what} is no object`);
    }
    const missing = needed.find((key) => !(key in value));
    const unknown = Object.keys(value).find((key) => !needed.includes(key) && !optional.includes(key));
    if (missing !== undefined || unknown !== undefined) {
      refuse(missing === undefined ? `${what} has a field ${unknown}` : `${what} has no field ${missing}`);
    }
  };
  const names = SESSION_KEYS.map((key) => key.name);
  const fields = ['format', 'network', 'name', 'account', 'keys', 'peer', 'proofs'];
  verifyFields('the file', read, fields, ['address']);
  verifyFields('keys', read.keys, names);
  verifyFields('proofs', read.proofs, ['account', ...names]);
  const texts = [read.name, read.account, read.peer, read.address ?? ''];
  if (![...texts, ...Object.values(read.keys), ...Object.values(read.proofs)].every((it) => typeof it === 'string')) {
    refuse('every value has to be text');
  }
  if (read.format !== FORMAT) {
    refuse(`its format is ${read.format}, not ${FORMAT}`);
  }
  if (read.network !== network) {
    refuse(`it is for the network ${read.network}, not for ${network}`);
  }
  if (!NAME.test(read.name)) {
    refuse('the name has other letters than a-z, 0-9, - and _, or more than 32');
  }
  if (!PEER.test(read.peer)) {
    refuse(`this is no peer id: ${read.peer}`);
  }
  if (read.address !== undefined && !NODE_ADDRESS.test(read.address)) {
    refuse(`this is no address of a node: ${read.address}`);
  }
  if (!Object.values(read.proofs).every((it) => /^0x[0-9a-f]{128,130}$/.test(it))) {
    refuse('a proof is no signature');
  }
}

function askAgain({ name }) {
  return `Ask ${name} for the file again, and compare checksums over another channel, such as a call.`;
}
