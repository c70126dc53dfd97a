// The page that `cargo xtask demo` serves.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { launch } from './chromium.mjs';
import { LIMIT_MS, NEEDS, waitUntil } from './harness.mjs';
import { startServer } from './servers.mjs';

test('the demo opens again after its server has ended', { timeout: 3 * LIMIT_MS }, async (t) => {
  if (!existsSync(NEEDS.wasm.path)) return t.skip(`${NEEDS.wasm.path} is missing (${NEEDS.wasm.from})`);
  const server = await startServer(['demo', '--built']);
  const browser = await launch();
  try {
    assert.equal(new URL(server.address).hostname, '127.0.0.1', "another origin than the repository's page");
    const page = await browser.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(server.address);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await waitUntil(page, async () => {
      const cache = await caches.open('inception-web-models-1');
      return (await cache.keys()).some(({ url }) => url.endsWith('.safetensors'));
    });
    server.process.kill();
    await once(server.process, 'exit');
    await page.reload();
    await page.locator('.card').first().waitFor();
    assert.ok(await page.evaluate(() => crossOriginIsolated));
  } finally {
    await browser.close();
    server.process.kill();
  }
});
