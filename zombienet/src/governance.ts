// SPDX-License-Identifier: Apache-2.0

// A decision by referendum, from the preimage to the last vote.

import { type developmentAccount, onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';
import type { Api } from './node.ts';

/** Signs for an account. */
export type Pair = ReturnType<typeof developmentAccount>;

/** A call that can be signed and sent. */
type Call = Parameters<typeof submit>[1];

/** The origin that a referendum asks for, as the chain's metadata spells it. Its track follows from it. */
export type Origin = { system: 'Root' } | { Origins: string };

/** Who proposes, who pays the deposit of the decision, and who votes. */
export interface Citizens {
  proposer: Pair;
  depositor: Pair;
  voters: Pair[];
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
  api: Api,
  call: Call,
  origin: Origin,
  { proposer, depositor }: Citizens
): Promise<number> {
  const bytes = call.method.toU8a();
  await submit(api, api.tx.preimage!.notePreimage!(call.method.toHex()), proposer);
  const proposal = { Lookup: { hash: call.method.hash, len: bytes.length } };
  const submitted = await submit(
    api,
    api.tx.referenda!.submit!(origin, proposal, { After: 1 }),
    proposer
  );
  const index = onlyEvent(submitted.events, 'referenda', 'Submitted').data[0].toNumber();
  await submit(api, api.tx.referenda!.placeDecisionDeposit!(index), depositor);
  return index;
}

/** Every voter says aye. */
export async function approve(
  api: Api,
  index: number,
  { voters }: Citizens,
  { amount, conviction }: Ballot
): Promise<void> {
  const vote = { Standard: { vote: { aye: true, conviction }, balance: amount } };
  await Promise.all(
    voters.map((voter) => submit(api, api.tx.convictionVoting!.vote!(index, vote), voter))
  );
}

/** What has become of a referendum, such as `Ongoing`, `Approved` or `Rejected`. */
export async function fate(api: Api, index: number): Promise<string> {
  const info = (await api.query.referenda!.referendumInfoFor!(index)) as any;
  return info.isSome ? info.unwrap().type : 'None';
}
