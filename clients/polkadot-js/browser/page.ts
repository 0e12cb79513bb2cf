// SPDX-License-Identifier: Apache-2.0

// A page as applications make them: it asks the wallet extension for an account, connects to the node by
// WebSocket, lets the extension sign, and opens a channel with Bob. The address of the node is in the query.

import { web3Accounts, web3Enable, web3FromAddress } from '@polkadot/extension-dapp';
import { Keyring } from '@polkadot/keyring';
import { hexToU8a, u8aCmp, u8aConcat, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, decodeAddress } from '@polkadot/util-crypto';

import { callOf, channelId, channelParams, channelView, openPayload } from '../src/channel.ts';
import { connect } from '../src/chain.ts';

const part = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;

/** Shows what went wrong where the user looks. */
const problem = (error: unknown): void => {
  part('problem').textContent = String(error);
};

/** What a wallet signs for a page: not the bytes alone, but wrapped, so that no page can pass off a transaction. */
async function consentBy(address: string, payload: Uint8Array): Promise<Uint8Array> {
  const { signer } = await web3FromAddress(address);
  const { signature } = await signer.signRaw!({ address, data: u8aToHex(payload), type: 'bytes' });
  const bytes = hexToU8a(signature);
  // Before the signature stands its kind, 1 for sr25519; some wallets leave it to the page to say so.
  return bytes.length === 64 ? u8aConcat(Uint8Array.of(1), bytes) : bytes;
}

async function start(): Promise<void> {
  const url = new URLSearchParams(location.search).get('node') ?? 'ws://127.0.0.1:9944';
  await cryptoWaitReady();
  if ((await web3Enable('Millrace test page')).length === 0) {
    throw new Error('no wallet extension lets this page in');
  }
  const [account] = await web3Accounts();
  if (account === undefined) {
    throw new Error('the wallet has no account for this page');
  }
  part('account').textContent = account.address;
  const api = await connect(url);
  const button = part<HTMLButtonElement>('open');
  button.disabled = false;
  button.onclick = () => open().catch(problem);

  async function open(): Promise<void> {
    button.disabled = true;
    const { address } = account!;
    const unit = 10n ** BigInt(api.registry.chainDecimals[0]!);
    const bob = new Keyring({ type: 'sr25519' }).addFromUri('//Bob');
    const own = decodeAddress(address);
    const best = (await api.rpc.chain.getHeader()).number.toNumber();
    const params = channelParams(api, {
      pairs: [{ publicKey: own }, bob],
      challengeBlocks: (api.consts.channels!.minChallengeBlocks as any).toNumber(),
      openBy: best + 60,
      nonce: BigInt(Date.now())
    });
    const bobIsFirst = u8aCmp(bob.publicKey, own) < 0;
    const deposits = bobIsFirst ? [1n * unit, 2n * unit] : [2n * unit, 1n * unit];
    const payload = openPayload(api, params, deposits);
    const ownConsent = await consentBy(address, payload);
    const bobsConsent = bob.sign(payload, { withType: true });
    const consents = bobIsFirst ? [bobsConsent, ownConsent] : [ownConsent, bobsConsent];
    const { signer } = await web3FromAddress(address);
    const id = u8aToHex(channelId(api, params));
    const call = callOf(api, 'open')(params, deposits, consents);
    await call.signAndSend(address, { signer }, async ({ dispatchError, isError, status }) => {
      if (dispatchError !== undefined || isError) {
        problem(dispatchError ?? status.type);
      } else if (status.isFinalized) {
        const view = await channelView(api, id);
        part('channel').textContent = view.isSome ? id : 'not there';
      }
    });
  }
}

start().catch(problem);
