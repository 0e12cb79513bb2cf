// SPDX-License-Identifier: Apache-2.0

// The key ceremony, with the node's program named by MILLRACE_NODE. No test here makes a specification:
// that compiles the runtime, and is what `docs/operating/new-network.md` follows.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { differencesOf, patchText } from './network.mjs';
import { Program } from './program.mjs';
import { readStatement, signedText, verifyDistinct } from './statement.mjs';

const binary = process.env.MILLRACE_NODE ?? 'millrace';
const script = fileURLToPath(new URL('../../keys', import.meta.url));
const program = new Program(binary);
let folder;

/** Runs the script as a founder does; its exit code and what it says. */
function keys(...words) {
  const { status, stderr } = spawnSync(script, [...words, '--node', binary], { cwd: folder, encoding: 'utf8' });
  return { status, said: stderr };
}

const read = (name) => JSON.parse(readFileSync(join(folder, name, `${name}.json`), 'utf8'));

/** Writes a changed statement to a file of its own. */
function changed(name, change) {
  const statement = read(name);
  change(statement);
  const file = join(folder, 'changed.json');
  writeFileSync(file, JSON.stringify(statement));
  return file;
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-keys-'));
  for (const name of ['ann', 'ben']) {
    assert.equal(keys('make', '--network', 'mynet', '--name', name, '--address', '/dns/a.example/tcp/1').status, 0);
  }
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('secrets are for the user alone, and the public file holds none of them', () => {
  const published = readFileSync(join(folder, 'ann/ann.json'), 'utf8');
  const files = ['account', 'validator'].flatMap((part) =>
    readdirSync(join(folder, 'ann', part)).map((file) => join(folder, 'ann', part, file))
  );
  assert.equal(files.length, 6);
  for (const file of files) {
    assert.equal(statSync(file).mode & 0o077, 0, file);
    assert.ok(!published.includes(readFileSync(file, 'utf8').trim()), file);
  }
});

test('existing keys are not overwritten', () => {
  const account = readFileSync(join(folder, 'ann/account/account.phrase'), 'utf8');
  const { status, said } = keys('make', '--network', 'mynet', '--name', 'ann');
  assert.equal(status, 1);
  assert.match(said, /ann exists, and nothing is overwritten/);
  assert.equal(readFileSync(join(folder, 'ann/account/account.phrase'), 'utf8'), account);
});

test('a statement is read back with the public keys behind its addresses', () => {
  const { publicKeys } = readStatement(program, join(folder, 'ann/ann.json'), 'mynet');
  assert.equal(publicKeys.account.length, 64);
  assert.equal(publicKeys.beefy.length, 66);
});

const mistyped = (address) => address.replace(/.$/, (last) => (last === 'z' ? 'y' : 'z'));

const FORGERIES = [
  ['another network', (it) => (it.network = 'other'), /for the network other/],
  ['another name', (it) => (it.name = 'eve'), /has not signed this file/],
  ['another peer', (it) => (it.peer = read('ben').peer), /has not signed this file/],
  ['another address', (it) => (it.address = '/dns/evil.example/tcp/1'), /has not signed this file/],
  ['no address any more', (it) => delete it.address, /has not signed this file/],
  ["somebody else's key", (it) => (it.keys.beefy = read('ben').keys.beefy), /has not signed this file/],
  ["somebody else's proof", (it) => (it.proofs.babe = read('ben').proofs.babe), /babe has not signed/],
  ['a mistyped address', (it) => (it.account = mistyped(it.account)), /no sr25519 address/],
  ['a development key', (it) => (it.keys.babe = '//Alice'), /no sr25519 address/],
  ['a key of another scheme', (it) => (it.keys.grandpa = it.keys.beefy), /no ed25519 address/],
  ['a key that is missing', (it) => delete it.keys.grandpa, /keys has no field grandpa/],
  ['a field too many', (it) => (it.stake = 1), /has a field stake/],
  ['a proof that is an option', (it) => (it.proofs.babe = '--help'), /a proof is no signature/],
  ['an unknown format', (it) => (it.format = 'millrace-founder-2'), /its format is/]
];

for (const [what, change, message] of FORGERIES) {
  test(`a file is refused with ${what}`, () => {
    assert.throws(() => readStatement(program, changed('ann', change), 'mynet'), { message });
  });
}

test('the order of fields does not matter to the signature', () => {
  const file = changed('ann', () => {});
  const backwards = Object.fromEntries(Object.entries(read('ann')).reverse());
  writeFileSync(file, JSON.stringify(backwards));
  assert.equal(readStatement(program, file, 'mynet').name, 'ann');
  assert.equal(signedText(backwards), signedText(read('ann')));
});

test('founders who share a key are refused', () => {
  const founders = ['ann', 'ben'].map((name) =>
    readStatement(program, join(folder, name, `${name}.json`), 'mynet')
  );
  verifyDistinct(founders);
  founders[1].publicKeys.babe = founders[0].publicKeys.authority_discovery;
  const message = /the key babe of .* is the same as the key authority_discovery of/;
  assert.throws(() => verifyDistinct(founders), { message });
});

test('one founder counts once', () => {
  const twice = ['ann/ann.json', 'ann/ann.json'];
  const { status, said } = keys('merge', '--network', 'mynet', '--title', 'T', '--output', 'out', ...twice);
  assert.equal(status, 1);
  assert.match(said, /the name of .* is the same/);
  assert.ok(!existsSync(join(folder, 'out')));
});

test('amounts keep all their digits', () => {
  const more = join(folder, 'more.json');
  const others = '{"balances":[["5x 12345678901234567890",12345678901234567890]]}';
  writeFileSync(more, `{"balances":${others},"dpos":{"params":{"a":1}}}`);
  const founders = [readStatement(program, join(folder, 'ann/ann.json'), 'mynet')];
  const amounts = { balance: '123456789012', stake: '7', commission: 5, committee: true };
  const text = patchText(founders, { ...amounts, patch: more });
  assert.match(text, /\b123456789012000000000000\b/);
  assert.match(text, /\b7000000000000,\s+50000000\b/);
  assert.match(text, /"5x 12345678901234567890",\s+12345678901234567890\b/);
  const patch = JSON.parse(text);
  assert.deepEqual(patch.technicalCommittee, { members: [founders[0].account] });
  assert.deepEqual(patch.dpos.params, { a: 1 });
  assert.equal(patch.balances.balances.length, 2);
});

test('the patch cannot bring validators of its own', () => {
  const patch = join(folder, 'validators.json');
  const amounts = { balance: '2', stake: '1', commission: 5, committee: false, patch };
  for (const more of ['{"session":{"keys":[]}}', '{"dpos":{"candidates":[]}}']) {
    writeFileSync(patch, more);
    assert.throws(() => patchText([], amounts), { message: /names session keys or candidates/ });
  }
});

test('a comparison sees every difference, and the runtime apart', () => {
  const spec = (code, balance) => ({
    id: 'mynet',
    bootNodes: [],
    genesis: { raw: { top: { '0x3a636f6465': code, '0x01': balance } } }
  });
  const none = { differences: [], runtimeDiffers: false };
  assert.deepEqual(differencesOf(spec('0xaa', '0x1'), spec('0xaa', '0x1')), none);
  assert.deepEqual(differencesOf(spec('0xaa', '0x1'), spec('0xbb', '0x1')), { ...none, runtimeDiffers: true });
  const { differences } = differencesOf(spec('0xaa', '0x1'), { ...spec('0xaa', '0x2'), bootNodes: ['/dns/evil'] });
  assert.deepEqual(differences.sort(), ['/bootNodes/0', '/genesis/raw/top/0x01']);
});

test('keys are installed where the node looks for them, once', () => {
  const chain = join(folder, 'local.json');
  writeFileSync(chain, spawnSync(binary, ['export-chain-spec', '--chain', 'local'], { maxBuffer: 1 << 27 }).stdout);
  const install = (name) => keys('install', '--from', `${name}/validator`, '--chain', chain, '--base-path', 'data');
  for (let time = 0; time < 2; time++) {
    const { status, said } = install('ann');
    assert.equal(status, 0, said);
  }
  const data = join(folder, 'data/chains/millrace_local');
  const { publicKeys } = readStatement(program, join(folder, 'ann/ann.json'), 'mynet');
  const expected = {
    '62616265': 'babe',
    '6772616e': 'grandpa',
    '62656566': 'beefy',
    '61756469': 'authority_discovery'
  };
  const stored = Object.entries(expected).map(([type, key]) => type + publicKeys[key]);
  assert.deepEqual(readdirSync(join(data, 'keystore')).sort(), stored.sort());
  const nodeKey = join(data, 'network/secret_ed25519');
  assert.equal(program.peerId(nodeKey), read('ann').peer);
  assert.equal(statSync(nodeKey).mode & 0o077, 0);

  const { status, said } = install('ben');
  assert.equal(status, 1);
  assert.match(said, /another node's key, and is not overwritten/);
  assert.equal(readdirSync(join(data, 'keystore')).length, 4);
});

test('what is wrong with a command line is said', () => {
  const merge = ['merge', '--network', 'mynet', '--title', 'T', '--output', 'out', 'ann/ann.json'];
  for (const [words, message] of [
    [['make', '--name', 'ann'], /make needs --network/],
    [['make', '--network', 'My Net', '--name', 'x'], /--network has other letters/],
    [['make', '--network', 'mynet', '--name', 'x', '--address', 'example.org'], /--address is no address/],
    [[...merge, '--stake', '2000000'], /above --balance/],
    [[...merge, '--commission', '101'], /above 100/],
    [[...merge, '--balance', '1.5'], /whole number/],
    [['merge', '--network', 'mynet', '--title', 'T', '--output', 'out'], /needs the founders' files/]
  ]) {
    const { status, said } = keys(...words);
    assert.equal(status, 1, words.join(' '));
    assert.match(said, message);
  }
});
