// SPDX-License-Identifier: Apache-2.0

// Follows final blocks, and holds what the chain says about its validators against what its blocks
// show.
//
// The schedule is asked for ahead of its slots. After each block,
//
// - a block that was not won by lottery was made by whom the schedule named, and no answer about a
//   slot ever changed;
// - each slot without a block counts as missed by whom the schedule named, each block as made by
//   its author, and the chain's own numbers are the same for every candidate;
// - exactly those are jailed who missed more than their share of enough slots;
// - a set that an election decided on stays as it is and takes office.

import assert from 'node:assert/strict';

import { type Slot, slotOf } from './blocks.ts';
import type { Node } from './node.ts';

/** Nobody is jailed before this many slots were its own. */
const MIN_EXPECTED = 25;

/** How far ahead the schedule is asked for. */
const AHEAD = 64;

/** More candidates than there are. */
const ALL = 64;

/** What the chain says about a candidate, as far as it is needed here. */
export interface Candidate {
  account: string;
  made: number;
  missed: number;
  rank: number | null;
  status: any;
}

/** The validators of an era. */
export interface ValidatorSet {
  version: number;
  validators: { account: string }[];
}

/** The network's numbers, as far as they are needed here. */
export interface NetworkView {
  era: number;
  eraSession: number;
  session: number;
  params: { absenceLimit: number; jailEras: number };
}

/** The era in which somebody's jail term ends; nothing if it is free. */
export const jailedUntil = (candidate: Candidate): number | undefined => candidate.status.jailed?.until;

export class Chronicle {
  /** Blocks so far by how their slots were won, and slots without a block. */
  counts = { empty: 0, primary: 0, secondary: 0 };
  /** The last final block that was read: its height, hash, and what the chain says after it. */
  height = 0;
  hash: string | null = null;
  network: NetworkView | null = null;
  candidates = new Map<string, Candidate>();
  set: ValidatorSet | null = null;
  /** By how many blocks finality was behind, at most. */
  lag = 0;

  readonly #node: Node;
  readonly #epochSlots: number;
  #firstSlot: number | null = null;
  #slot: number | null = null;
  readonly #schedule = new Map<number, string>();
  /** What everybody did in this era, by account. */
  readonly #made = new Map<string, number>();
  readonly #missed = new Map<string, number>();
  readonly #jailed = new Set<string>();
  /** The set that the last election decided on, until it is in office. */
  #next: ValidatorSet | null = null;

  /** Asks this node, which runs all the time. */
  constructor(node: Node, epochSlots: number) {
    this.#node = node;
    this.#epochSlots = epochSlots;
  }

  /** Reads all final blocks that are new. */
  async advance(): Promise<void> {
    const [head, best] = [await this.#node.final(), await this.#node.best()];
    this.lag = Math.max(this.lag, best.height - head.height);
    while (this.height < head.height) {
      this.height += 1;
      await this.#read();
    }
  }

  /** What the chain says about a candidate. */
  candidate(account: string): Candidate {
    const candidate = this.candidates.get(account);
    assert(candidate, `${account} is no candidate`);
    return candidate;
  }

  /** Accounts of the validators in office. */
  get members(): string[] {
    return this.set!.validators.map((seat) => seat.account);
  }

  /** Reads the next block. */
  async #read(): Promise<void> {
    const ask = (method: string, ...params: unknown[]) => this.#node.ask(method, ...params);
    this.hash = await this.#node.hashAt(this.height);
    const block = slotOf(await ask('chain_getHeader', this.hash));
    const era = this.network?.era;
    this.network = await ask('dpos_network', this.hash);
    const inOffice = this.set;
    this.set = await ask('dpos_validatorSet', null, this.hash);
    this.#expect(inOffice, await ask('dpos_nextSet', this.hash));
    const candidates: Candidate[] = await ask('dpos_candidates', 0, ALL, this.hash);
    this.candidates = new Map(candidates.map((it) => [it.account, it]));
    const some = candidates[this.height % candidates.length]!;
    assert.deepEqual(await ask('dpos_candidate', some.account, this.hash), some);
    this.#firstSlot ??= block.slot;
    if (era !== undefined && this.network!.era !== era) {
      this.#beginEra();
    }
    this.#countSlots(block);
    this.#compare();
    this.#note(await ask('dpos_proposerSchedule', AHEAD, this.hash));
  }

  /** What an election decided stays as it is, and takes office with its era. */
  #expect(inOffice: ValidatorSet | null, next: ValidatorSet | null): void {
    if (inOffice !== null && this.set!.version !== inOffice.version) {
      assert.deepEqual(this.set, this.#next, 'another set took office than was decided on');
      this.#next = null;
    } else if (this.#next !== null) {
      assert.deepEqual(next, this.#next, 'a decided set changed');
    }
    this.#next = next;
  }

  /** Liveness is counted anew in each era. */
  #beginEra(): void {
    this.#made.clear();
    this.#missed.clear();
    this.#jailed.clear();
  }

  /** The first slot of the era in which the last block lies. */
  get #eraSlot(): number {
    return this.#firstSlot! + this.network!.eraSession * this.#epochSlots;
  }

  /** Counts a block, and the slots since the one before. */
  #countSlots({ author, isPrimary, slot }: Slot): void {
    for (let empty = (this.#slot ?? slot - 1) + 1; empty < slot; empty += 1) {
      this.counts.empty += 1;
      this.#blame(empty);
    }
    const account = this.members[author]!;
    this.#made.set(account, (this.#made.get(account) ?? 0) + 1);
    if (isPrimary) {
      this.counts.primary += 1;
    } else {
      this.counts.secondary += 1;
      // Nobody could be asked about the slot of the first block.
      assert.equal(this.#schedule.get(slot) ?? account, account, `author of slot ${slot}`);
      assert(this.height === 1 || this.#schedule.has(slot), `nobody was named for slot ${slot}`);
    }
    this.#slot = slot;
  }

  /** Counts a slot without a block. */
  #blame(slot: number): void {
    const account = this.#schedule.get(slot);
    assert(account, `nobody was named for slot ${slot}`);
    if (slot < this.#eraSlot) {
      // It belongs to the era that ended, of which nothing is left to compare.
      return;
    }
    const missed = (this.#missed.get(account) ?? 0) + 1;
    this.#missed.set(account, missed);
    const expected = missed + (this.#made.get(account) ?? 0);
    const limit = Math.floor((expected * this.network!.params.absenceLimit) / 1e9);
    if (expected >= MIN_EXPECTED && missed > limit) {
      this.#jailed.add(account);
    }
  }

  /** Holds the chain's numbers against those of this chronicle. */
  #compare(): void {
    const { era, params } = this.network!;
    for (const [account, candidate] of this.candidates) {
      const who = `${account} after block ${this.height}`;
      assert.equal(candidate.made, this.#made.get(account) ?? 0, `blocks of ${who}`);
      assert.equal(candidate.missed, this.#missed.get(account) ?? 0, `missed slots of ${who}`);
      if (this.#jailed.has(account)) {
        assert.equal(jailedUntil(candidate), era + params.jailEras, `jail term of ${who}`);
      } else {
        // A term of an earlier era may not have ended.
        const until = jailedUntil(candidate) ?? 0;
        assert(until < era + params.jailEras, `${who} is jailed`);
      }
    }
  }

  /** Notes who is to make the blocks of the coming slots. */
  #note(schedule: { slot: number; validator: string }[]): void {
    assert(schedule.length > 0, 'the schedule is empty');
    for (const { slot, validator } of schedule) {
      assert.equal(this.#schedule.get(slot) ?? validator, validator, `the author of slot ${slot} changed`);
      this.#schedule.set(slot, validator);
    }
  }
}
