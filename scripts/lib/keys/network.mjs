// SPDX-License-Identifier: Apache-2.0

// What founders do together: one specification of all their keys.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { Failure, say } from './failure.mjs';
import { readStatement, verifyDistinct } from './statement.mjs';

/** The token's smallest units in one MILL. */
const MILL = 1_000_000_000_000n;

/** One percent, in parts of a billion. */
const PERCENT = 10_000_000;

/** Below this number of validators, finality stops as soon as one is absent. */
const ONE_MAY_FAIL = 4;

/** The runtime's code in a genesis state: the key is `:code`. */
const CODE = '0x3a636f6465';

/** Makes the specification of a new network in a new folder. */
export function merge(program, options) {
  const founders = readFounders(program, options);
  const patch = patchText(founders, options);
  try {
    mkdirSync(options.output);
  } catch (error) {
    throw new Failure(
      `${options.output} cannot be made: ${error.code === 'EEXIST' ? 'it exists already' : error.message}.`,
      'Choose another folder with --output.'
    );
  }
  try {
    const patchFile = join(options.output, 'patch.json');
    const spec = join(options.output, `${options.network}.json`);
    writeFileSync(patchFile, patch);
    say('Making the specification: the runtime is compiled, which takes up to a minute.');
    program.createSpecification({ ...options, patch: patchFile, bootnodes: bootnodes(founders), output: spec });
    const genesis = program.genesisHash(spec);
    const lines = [spec, patchFile, ...founders.map((founder) => founder.file)].map(
      (file) => `${sha256(readFileSync(file))}  ${basename(file)}`
    );
    writeFileSync(join(options.output, 'SHA256SUMS'), `${lines.join('\n')}\n`);
    report(program, { founders, genesis, lines, specification: JSON.parse(readFileSync(spec, 'utf8')) });
  } catch (error) {
    // A half-made specification must not be taken for a whole one.
    rmSync(options.output, { recursive: true, force: true });
    throw error;
  }
}

/** Makes the specification anew and compares it with a published one. */
export function compare(program, options) {
  const founders = readFounders(program, options);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-compare-'));
  try {
    const [patchFile, spec] = [join(folder, 'patch.json'), join(folder, 'spec.json')];
    writeFileSync(patchFile, patchText(founders, options));
    say('Making the specification anew: the runtime is compiled, which takes up to a minute.');
    program.createSpecification({ ...options, patch: patchFile, bootnodes: bootnodes(founders), output: spec });
    const [published, own] = [readSpecification(options.spec), readSpecification(spec)];
    const { differences, runtimeDiffers } = differencesOf(published, own);
    if (differences.length > 0) {
      const shown = differences.slice(0, 10).map((difference) => `differs: ${difference}`);
      throw new Failure(
        `${options.spec} is not what these founders and amounts make: ${differences.length} differences.`,
        ...shown,
        'Compare the command lines (title, amounts, files), then ask who made it.'
      );
    }
    if (runtimeDiffers) {
      say('note: the runtime is another build than the one in this program; everything else is the same.');
      say(`      in ${options.spec}: sha256 ${codeSha256(published)}`);
      say(`      in this program: sha256 ${codeSha256(own)}`);
      say('      Have it built from the same commit by the same compiler, or check who built it.');
    }
    const lines = [`${sha256(readFileSync(options.spec))}  ${basename(options.spec)}`];
    report(program, { founders, genesis: program.genesisHash(options.spec), lines, specification: published });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readFounders(program, { files, network }) {
  const founders = files.map((file) => readStatement(program, file, network));
  verifyDistinct(founders);
  // One order, so that everybody makes the same genesis.
  founders.sort((a, b) => (a.publicKeys.account < b.publicKeys.account ? -1 : 1));
  if (founders.length < ONE_MAY_FAIL) {
    const count = founders.length;
    say(`note: with ${count} validators, finality stops as soon as one is absent; ${ONE_MAY_FAIL} bear that.`);
  }
  return founders;
}

function bootnodes(founders) {
  return founders.filter((it) => it.address !== undefined).map((it) => `${it.address}/p2p/${it.peer}`);
}

/** What founders add to the preset, as JSON. Amounts are above what JavaScript's numbers can hold. */
export function patchText(founders, { balance, stake, commission, committee, patch }) {
  const more = patch === undefined ? {} : readPatch(patch);
  const inUnits = (mill) => marked(BigInt(mill) * MILL);
  const balances = founders.map(({ account }) => [account, inUnits(balance)]);
  const merged = {
    ...more,
    balances: { ...more.balances, balances: [...balances, ...(more.balances?.balances ?? [])] },
    session: {
      keys: founders.map(({ account, keys }) => [
        account,
        account,
        {
          authority_discovery: keys.authority_discovery,
          babe: keys.babe,
          beefy: keys.beefy,
          grandpa: keys.grandpa
        }
      ])
    },
    dpos: {
      ...more.dpos,
      candidates: founders.map(({ account }) => [account, inUnits(stake), commission * PERCENT])
    }
  };
  if (committee) {
    merged.technicalCommittee = { members: founders.map(({ account }) => account) };
  }
  return `${JSON.stringify(merged, null, 2).replaceAll(/"integer:(\d+)"/g, '$1')}\n`;
}

function marked(integer) {
  return `integer:${integer}`;
}

/** Reads what is added besides founders, with integers that keep all their digits. */
function readPatch(file) {
  let more;
  try {
    const text = readFileSync(file, 'utf8');
    JSON.parse(text);
    // Outside of strings, integers that a number cannot hold are marked; `patchText` takes the mark away.
    const tokens = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
      /^\d{16,}$/.test(token) ? `"${marked(token)}"` : token
    );
    more = JSON.parse(tokens);
  } catch (error) {
    throw new Failure(`the patch ${file} cannot be read: ${error.message}`);
  }
  if (more === null || typeof more !== 'object' || Array.isArray(more)) {
    throw new Failure(`the patch ${file} is no JSON object.`);
  }
  if ('session' in more || more.dpos?.candidates !== undefined) {
    throw new Failure(
      `the patch ${file} names session keys or candidates.`,
      'Those come from founders, each with a file of its own.'
    );
  }
  return more;
}

function readSpecification(file) {
  try {
    const specification = JSON.parse(readFileSync(file, 'utf8'));
    if (specification.genesis?.raw?.top?.[CODE] !== undefined) {
      return specification;
    }
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${error.message}`);
  }
  throw new Failure(`${file} is no raw specification.`, 'Compare the one that is going to be published.');
}

/** Paths at which two specifications differ, the runtime's code aside. */
export function differencesOf(published, own) {
  const differences = [];
  const visit = (path, a, b) => {
    if (path === `/genesis/raw/top/${CODE}`) {
      return;
    }
    const areObjects = [a, b].every((it) => it !== null && typeof it === 'object');
    if (areObjects) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        visit(`${path}/${key}`, a[key], b[key]);
      }
    } else if (a !== b) {
      differences.push(path);
    }
  };
  visit('', published, own);
  const code = (specification) => specification.genesis.raw.top[CODE];
  return { differences, runtimeDiffers: code(published) !== code(own) };
}

function report(program, { founders, genesis, lines, specification }) {
  const addresses = specification.bootNodes.length;
  say(`founders:      ${founders.map((founder) => founder.name).sort().join(', ')}`);
  say(`bootnodes:     ${addresses === 0 ? 'none: new nodes need --bootnodes' : addresses}`);
  say(`program:       ${program.version}`);
  say(`runtime:       sha256 ${codeSha256(specification)}`);
  for (const line of lines) {
    say(`sha256:        ${line}`);
  }
  process.stdout.write(`genesis hash:  ${genesis}\n`);
}

function codeSha256(specification) {
  return sha256(Buffer.from(specification.genesis.raw.top[CODE].slice(2), 'hex'));
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
