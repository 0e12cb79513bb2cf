// SPDX-License-Identifier: Apache-2.0

// The browser, and the server of the page.

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';

const here = import.meta.dirname;

/** Where distributions put Chromium; `MILLRACE_CHROMIUM` names another one. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts Chromium without a window. Throws with the remedy if there is none. */
export function launch(): Promise<Browser> {
  const named = process.env.MILLRACE_CHROMIUM;
  const executablePath = named ?? places.find((place) => existsSync(place));
  if (executablePath === undefined || !existsSync(executablePath)) {
    throw new Error(
      `no Chromium at ${named ?? places.join(', ')}; install it (on Debian: apt-get install chromium) or name it in ` +
        'MILLRACE_CHROMIUM'
    );
  }
  // Its sandbox cannot be made inside a sandbox, nor by root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A script of this folder with all that it imports, for browsers. */
export async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, `${name}.ts`)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error'
  });
  return outputFiles[0]!.text;
}

/** Serves the page on a free port of this machine. */
export async function servePage(): Promise<{ origin: string; server: Server }> {
  const script = await bundle('page');
  const page = readFileSync(join(here, 'index.html'));
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, server };
}
