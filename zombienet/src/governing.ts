// SPDX-License-Identifier: Apache-2.0

// A decision of the chain: two thirds of the technical committee check a call, and a referendum has
// it dispatched with root rights. All of this works while nothing becomes final.

import assert from 'node:assert/strict';

import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { Event } from '@polkadot/types/interfaces';

import { within } from '../../clients/polkadot-js/src/chain.ts';
import { happens } from './happening.ts';

/** A transaction, or a call that another one carries. */
export type Transaction = SubmittableExtrinsic<'promise'>;

/** How long a transaction may wait for a block, and a referendum for its end, in seconds. */
const BLOCK_SECONDS = 60;
const REFERENDUM_SECONDS = 180;

/** What each of two voters votes with: 9,000,000 MILL, in the smallest unit, without a lock. */
const AYE = {
  Standard: { balance: 9_000_000_000_000_000_000n, vote: { aye: true, conviction: 'None' } }
};

/** More than the committee's motion needs, which only notes a hash. */
const MOTION_WEIGHT = { proofSize: 100_000, refTime: 1_000_000_000 };
const MOTION_BYTES = 1_000;

/**
 * Sends a transaction and waits until a block has it, final or not. It never expires: a limit in time
 * might be counted from the last final block.
 */
export function include(api: ApiPromise, transaction: Transaction, pair: KeyringPair): Promise<Event[]> {
  const name = `${transaction.method.section}.${transaction.method.method}`;
  let unsubscribe = () => {};
  const included = new Promise<Event[]>((resolve, reject) => {
    transaction
      .signAndSend(pair, { era: 0 }, ({ dispatchError, events, isError, status }) => {
        if (dispatchError?.isModule) {
          const { name: error, section } = api.registry.findMetaError(dispatchError.asModule);
          reject(new Error(`${name} fails with ${section}.${error}`));
        } else if (dispatchError || isError) {
          reject(new Error(`${name} fails with ${dispatchError ?? status.type}`));
        } else if (status.isInBlock) {
          resolve(events.map(({ event }) => event));
        }
      })
      .then((stop) => {
        unsubscribe = stop;
      }, reject);
  });
  return within(BLOCK_SECONDS, `block with ${name}`, included).finally(() => unsubscribe());
}

/**
 * Has `call` dispatched with root rights, by two of the three members of the committee, who are also
 * the only voters. Gives how many blocks that took.
 */
export async function decide(
  api: ApiPromise,
  call: Transaction,
  [first, second]: [KeyringPair, KeyringPair]
): Promise<number> {
  const { convictionVoting, preimage, referenda, technicalCommittee, utility, whitelist } = api.tx as any;
  const hash = call.method.hash;
  const check = whitelist.whitelistCall(hash);
  const motion = ((await api.query.technicalCommittee!.proposalCount!()) as any).toNumber();
  const agree = technicalCommittee.vote(check.method.hash, motion, true);
  const { method: dispatch } = whitelist.dispatchWhitelistedCallWithPreimage(call);
  const poll = ((await api.query.referenda!.referendumCount!()) as any).toNumber();
  const start = (await api.rpc.chain.getHeader()).number.toNumber();

  const proposal = { Lookup: { hash: dispatch.hash, len: dispatch.encodedLength } };
  const submission = [
    preimage.notePreimage(dispatch.toHex()),
    technicalCommittee.propose(2, check, MOTION_BYTES),
    agree,
    referenda.submit({ Origins: 'WhitelistedCaller' }, proposal, { After: 1 }),
    convictionVoting.vote(poll, AYE)
  ];
  await include(api, utility.batchAll(submission), first);
  const support = [
    agree,
    technicalCommittee.close(check.method.hash, motion, MOTION_WEIGHT, MOTION_BYTES),
    referenda.placeDecisionDeposit(poll),
    convictionVoting.vote(poll, AYE)
  ];
  await include(api, utility.batchAll(support), second);

  const isIt = ({ callHash }: any) => callHash.eq(hash);
  const { data, height } = await happens(
    api,
    'whitelist.WhitelistedCallDispatched',
    start,
    REFERENDUM_SECONDS,
    isIt
  );
  assert(data.result.isOk, `the call was dispatched and failed: ${data.result}`);
  return height - start;
}
