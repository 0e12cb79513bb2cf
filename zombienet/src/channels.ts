// SPDX-License-Identifier: Apache-2.0

// A channel of two development accounts, as the client opens and disputes it.

import {
  callOf,
  channelId,
  channelParams,
  openPayload,
  plainState,
  signatures,
  statePayload
} from '../../clients/polkadot-js/src/channel.ts';
import { developmentAccount, onlyEvent, submit } from '../../clients/polkadot-js/src/chain.ts';
import type { Api } from './node.ts';

/** One MILL, in the smallest unit. */
export const MILL = 10n ** 12n;

/** Hexadecimal text of some bytes. */
const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

/** A channel between two development accounts. */
export class Channel {
  readonly id: string;
  /** Whether the first of the two comes second in the channel's order. */
  readonly #isSwapped: boolean;
  readonly #names: [string, string];

  /** Opens one by `api`, with these deposits of the two, in the smallest unit. */
  static async open(
    api: Api,
    names: [string, string],
    deposits: [bigint, bigint],
    challengeBlocks: number
  ): Promise<Channel> {
    const pairs = names.map((name) => developmentAccount(api, name));
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    const nonce = BigInt(Date.now());
    const params: any = channelParams(api, { pairs, challengeBlocks, openBy: best + 50, nonce });
    const isSwapped = params.participants[0].account.toHex() !== hex(pairs[0]!.publicKey);
    const channel = new Channel(hex(channelId(api, params)), names, isSwapped);
    const ordered = channel.#inOrder(deposits);
    const consents = signatures(openPayload(api, params, ordered), pairs);
    const { events } = await submit(api, callOf(api, 'open')(params, ordered, consents), pairs[0]!);
    const opened = onlyEvent(events, 'channels', 'ChannelOpened').data[0].toHex();
    if (opened !== channel.id) {
      throw new Error(`the chain opened ${opened}, not ${channel.id}`);
    }
    return channel;
  }

  private constructor(id: string, names: [string, string], isSwapped: boolean) {
    this.id = id;
    this.#names = names;
    this.#isSwapped = isSwapped;
  }

  /** A state that both signed, as arguments of a call sent by `api`: the state, and their signatures. */
  signed(api: Api, version: number, balances: [bigint, bigint]): unknown[] {
    const state = plainState(api, { channel: this.id, version, balances: this.#inOrder(balances) });
    const pairs = this.#names.map((name) => developmentAccount(api, name));
    return [state, signatures(statePayload(api, state), pairs)];
  }

  #inOrder([first, second]: [bigint, bigint]): bigint[] {
    return this.#isSwapped ? [second, first] : [first, second];
  }
}
