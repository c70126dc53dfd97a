// The page that measures this machine, as it is published.

import assert from 'node:assert/strict';
import { POLICY, disconnect, siteTest } from './site.mjs';

/** Measures the offline model on one thread. @param {import('./site.mjs').Page} page */
async function measure(page) {
  for (const label of await page.locator('.checks label:not(:has(:disabled))').all()) {
    await label.locator('input').setChecked(/^(GoogLeNet|CPU, 1 thread)$/.test((await label.locator('span').textContent()) ?? ''));
  }
  await page.click('#start');
  await page.locator('#report .rows').waitFor();
  assert.match(await page.locator('.rows tbody tr').innerText(), /^GoogLeNet\s+CPU, 1 thread\s+[\d.]+\s/);
}

siteTest('bench.html becomes isolated, measures under a strict content security policy, asks no other host, and works without a connection', { headers: { 'content-security-policy': `${POLICY}; report-uri /reports` } }, async (visit) => {
  const { page, context, address, host } = visit;
  /** @type {string[]} */
  const foreign = [];
  context.on('request', (request) => new URL(request.url()).protocol === 'blob:' || request.url().startsWith(address) || foreign.push(request.url()));
  await page.goto(`${address}bench.html#runs=1&lang=en`);
  await page.waitForFunction(() => crossOriginIsolated);
  await page.locator('#start').waitFor();
  await measure(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save JSON' }).click()]);
  assert.match(download.suggestedFilename(), /\.json$/);
  assert.deepEqual(host.reports, []);

  await disconnect(visit);
  await page.reload();
  await page.locator('#report .rows').waitFor();
  await page.click('#again');
  await measure(page);
  assert.deepEqual([foreign, host.requests], [[], []]);
});
