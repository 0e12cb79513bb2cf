// SPDX-License-Identifier: Apache-2.0

// What a block's header says about its slot and its author.

/** What precedes the author's part of a header: a digest of the kind "pre-runtime" for BABE. */
const PRE_RUNTIME_BABE = [0x06, ...Buffer.from('BABE')];

/** Kinds of authors, as BABE writes them. A primary author won the slot by lottery. */
const PRIMARY = 1;
const SECONDARY = 2;

/** Reads SCALE's compact integer at `offset`: its value, and where it ends. */
function compact(bytes: Buffer, offset: number): [number, number] {
  const first = bytes.readUInt8(offset);
  const mode = first & 3;
  if (mode === 0) {
    return [first >> 2, offset + 1];
  }
  if (mode === 1) {
    return [bytes.readUInt16LE(offset) >> 2, offset + 2];
  }
  throw new Error('a digest is longer than 2^14 bytes');
}

/** What a header says about its slot. */
export interface Slot {
  /** The author's place in the set of validators. */
  author: number;
  /** Whether the author won the slot by lottery. */
  isPrimary: boolean;
  slot: number;
}

/** What JSON-RPC tells of a header, as far as it is needed here. */
export interface Header {
  number: string;
  digest: { logs: string[] };
}

/** The slot of a block, the index of its author, and whether it won the slot by lottery. */
export function slotOf(header: Header): Slot {
  for (const log of header.digest.logs) {
    const bytes = Buffer.from(log.slice(2), 'hex');
    if (PRE_RUNTIME_BABE.every((byte, at) => bytes[at] === byte)) {
      const [length, start] = compact(bytes, PRE_RUNTIME_BABE.length);
      const kind = bytes[start];
      if (start + length !== bytes.length || (kind !== PRIMARY && kind !== SECONDARY)) {
        throw new Error(`a header's digest is none of this chain's: ${log}`);
      }
      return {
        author: bytes.readUInt32LE(start + 1),
        isPrimary: kind === PRIMARY,
        slot: Number(bytes.readBigUInt64LE(start + 5))
      };
    }
  }
  throw new Error(`block ${Number(header.number)} does not say who made it`);
}
