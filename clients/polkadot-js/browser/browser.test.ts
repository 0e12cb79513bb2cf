// SPDX-License-Identifier: Apache-2.0

// A real browser against a running development chain: the page connects, the wallet signs, a channel opens.

import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { after, before, describe, it } from 'node:test';

import type { ApiPromise } from '@polkadot/api';
import type { Browser, Page } from 'playwright-core';

import { channelView } from '../src/channel.ts';
import { connect, developmentAccount } from '../src/chain.ts';
import { bundle, launch, servePage } from './chromium.ts';

const url = process.env.MILLRACE_URL ?? 'ws://127.0.0.1:9944';

describe('a page in Chromium', () => {
  let api: ApiPromise;
  let browser: Browser;
  let server: Server;
  let page: Page;
  let origin: string;

  before(async () => {
    api = await connect(url);
    browser = await launch();
    ({ origin, server } = await servePage());
    page = await browser.newPage();
    page.setDefaultTimeout(90_000);
  });

  after(async () => {
    await browser?.close();
    server?.close();
    await api?.disconnect();
  });

  /** What the page shows under a heading. */
  const shown = (id: string): Promise<string | null> => page.locator(`#${id}`).textContent();

  it('says so where no wallet is', async () => {
    await page.goto(`${origin}/?node=${url}`);
    await page.locator('#problem', { hasText: 'no wallet extension' }).waitFor();
  });

  it('opens a channel that the wallet has signed for', async () => {
    await page.addInitScript({ content: await bundle('wallet') });
    await page.goto(`${origin}/?node=${url}`);
    await page.locator('#open:enabled').click();
    const channel = page.locator('#channel', { hasText: /^0x[0-9a-f]{64}$/ });
    const problem = page.locator('#problem', { hasText: /./ });
    await channel.or(problem).waitFor();
    assert.equal(await shown('problem'), '');

    // The chain has this channel, with the account of the wallet.
    const alice = developmentAccount(api, 'Alice').address;
    assert.equal(await shown('account'), alice);
    const id = (await shown('channel'))!;
    const view = await channelView(api, id);
    assert.ok(view.isSome);
    const owners = view.unwrap().participants.map((one: any) => one.account.toString());
    assert.ok(owners.includes(alice));

    // The wallet signed the consent and the transaction; the page never saw a key of the account's.
    const asked = await page.evaluate(() => (globalThis as any).asked);
    assert.equal(asked.messages.length, 1);
    assert.equal(asked.transactions.length, 1);
    assert.equal(asked.transactions[0].address, alice);
    assert.equal(asked.transactions[0].genesisHash, api.genesisHash.toHex());
    assert.ok(asked.transactions[0].signedExtensions.includes('CheckMetadataHash'));
  });
});
