// SPDX-License-Identifier: Apache-2.0

// The metadata hash (RFC 78), by which a signature says what its signer's wallet displayed.

import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';
import type { ApiPromise } from '@polkadot/api';
import type { SignerOptions } from '@polkadot/api/types';
import { u8aToHex } from '@polkadot/util';

/** The hash over the chain's metadata and its token, which hardware wallets compute too. */
export async function metadataHash(api: ApiPromise): Promise<`0x${string}`> {
  const metadata: any = await api.call.metadata!.metadataAtVersion!(15);
  const token = { decimals: api.registry.chainDecimals[0]!, tokenSymbol: api.registry.chainTokens[0]! };
  return u8aToHex(merkleizeMetadata(metadata.unwrap().toU8a(true), token).digest());
}

/** What makes @polkadot/api sign with this hash: mode 1 of the extension `CheckMetadataHash`. */
export const checked = (hash: `0x${string}`): Partial<SignerOptions> => ({ mode: 1, metadataHash: hash });

/**
 * Whether the chain's runtime knows its hash, as `MILLRACE_METADATA_HASH` says: `yes` if it was built with
 * `on-chain-release-build`. Whoever says it wrongly sees tests fail.
 */
export const knowsHash = (): boolean => process.env.MILLRACE_METADATA_HASH === 'yes';
