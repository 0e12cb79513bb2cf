// SPDX-License-Identifier: Apache-2.0

// Development accounts as each library wants to have them.

import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { getPolkadotSigner, type PolkadotSigner } from 'polkadot-api/signer';

await cryptoWaitReady();

/** A development account, such as `Dave`, with the key that signs for it. */
export const account = (name: string): KeyringPair =>
  new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(`//${name}`);

/** The same for polkadot-api. */
export const signerOf = (pair: KeyringPair): PolkadotSigner =>
  getPolkadotSigner(pair.publicKey, 'Sr25519', (bytes) => pair.sign(bytes));
