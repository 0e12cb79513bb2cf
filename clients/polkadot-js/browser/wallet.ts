// SPDX-License-Identifier: Apache-2.0

// A wallet extension as far as pages can see one: an entry of `window.injectedWeb3`, the interface that
// @polkadot/extension-inject describes. It holds one development account and, unlike a wallet for people,
// asks nobody before it signs. What it was asked to sign is kept for the test to read.

import type { InjectedExtension } from '@polkadot/extension-inject/types';
import { Keyring } from '@polkadot/keyring';
import { TypeRegistry } from '@polkadot/types';
import type { SignerPayloadJSON, SignerPayloadRaw } from '@polkadot/types/types';
import { hexToU8a, u8aToHex, u8aWrapBytes } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';

interface Asked {
  transactions: SignerPayloadJSON[];
  messages: SignerPayloadRaw[];
}

declare global {
  interface Window {
    injectedWeb3: Record<string, unknown>;
    asked: Asked;
  }
}

const asked: Asked = { transactions: [], messages: [] };

async function enable(): Promise<Omit<InjectedExtension, 'name' | 'version'>> {
  await cryptoWaitReady();
  const pair = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri('//Alice');
  const accounts = [{ address: pair.address, name: 'Alice', type: 'sr25519' as const }];
  return {
    accounts: {
      get: async () => accounts,
      subscribe: (tell) => {
        tell(accounts);
        return () => {};
      }
    },
    signer: {
      signPayload: async (payload) => {
        asked.transactions.push(payload);
        const registry = new TypeRegistry();
        registry.setSignedExtensions(payload.signedExtensions);
        const { version } = payload;
        const signed = registry.createType('ExtrinsicPayload', payload, { version }).sign(pair);
        return { id: asked.transactions.length, ...signed };
      },
      signRaw: async (message) => {
        asked.messages.push(message);
        const signature = u8aToHex(pair.sign(u8aWrapBytes(hexToU8a(message.data))));
        return { id: asked.messages.length, signature };
      }
    }
  };
}

window.asked = asked;
window.injectedWeb3 = { ...window.injectedWeb3, 'test-wallet': { version: '1.0.0', enable } };
