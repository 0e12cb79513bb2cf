// SPDX-License-Identifier: Apache-2.0

// A decision by referendum, from the preimage to the last vote.

import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';

import { onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';

/** The origin that a referendum asks for, as the chain's metadata spells it. Its track follows from it. */
export type Origin = { system: 'Root' } | { Origins: string };

/** Who proposes, who pays the deposit of the decision, and who votes. */
export interface Citizens {
  proposer: KeyringPair;
  depositor: KeyringPair;
  voters: KeyringPair[];
}

/** What each voter says. */
export interface Ballot {
  /** In the smallest unit. */
  amount: bigint;
  /** For how long the amount stays locked if the vote wins, such as `Locked1x`. */
  conviction: string;
}

/**
 * Proposes `call` with this origin: notes it as a preimage, submits the referendum and pays the deposit
 * without which nothing is decided. Gives its number.
 */
export async function propose(
  api: ApiPromise,
  call: SubmittableExtrinsic<'promise'>,
  origin: Origin,
  { proposer, depositor }: Citizens
): Promise<number> {
  const bytes = call.method.toU8a();
  await submit(api as never, api.tx.preimage!.notePreimage!(call.method.toHex()) as never, proposer as never);
  const proposal = { Lookup: { hash: call.method.hash, len: bytes.length } };
  const submitted = await submit(
    api as never,
    api.tx.referenda!.submit!(origin, proposal, { After: 1 }) as never,
    proposer as never
  );
  const index = onlyEvent(submitted.events, 'referenda', 'Submitted').data[0].toNumber();
  await submit(api as never, api.tx.referenda!.placeDecisionDeposit!(index) as never, depositor as never);
  return index;
}

/** Every voter says aye. */
export async function approve(
  api: ApiPromise,
  index: number,
  { voters }: Citizens,
  { amount, conviction }: Ballot
): Promise<void> {
  const vote = { Standard: { vote: { aye: true, conviction }, balance: amount } };
  await Promise.all(
    voters.map((voter) => submit(api as never, api.tx.convictionVoting!.vote!(index, vote) as never, voter as never))
  );
}

/** What has become of a referendum, such as `Ongoing`, `Approved` or `Rejected`. */
export async function fate(api: ApiPromise, index: number): Promise<string> {
  const info = (await api.query.referenda!.referendumInfoFor!(index)) as any;
  return info.isSome ? info.unwrap().type : 'None';
}
