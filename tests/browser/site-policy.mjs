import assert from 'node:assert/strict';
import { once } from 'node:events';
import { POLICY, THREADS, firstVisit, runsOn, siteTest } from './site.mjs';
import { classifyDrawn, drawnPng, drop } from './visit.mjs';

const headers = { 'content-security-policy': `${POLICY}; report-uri /reports` };

/** What a document or worker does against the policy, to see that it is told. */
const offend = () => {
  try {
    (0, eval)('1');
  } catch {
    return 'refused';
  }
  return 'allowed';
};

siteTest('the page keeps to a strict content security policy', { headers, expected: /Content Security Policy/ }, async (visit) => {
  const { page, context, host } = visit;
  await context.addInitScript(() => {
    globalThis.violations = [];
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => globalThis.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`), true);
  });
  /** @type {string[]} */
  const told = [];
  context.on('console', (message) => /Content Security Policy/.test(message.text()) && told.push(message.text()));
  await firstVisit(visit);
  await runsOn(page, THREADS);
  await classifyDrawn(page);
  await page.click('.card[data-modules="Mixed_4e"] > button');
  await page.locator('#branches[aria-busy=false]').waitFor();
  await page.locator('#branches .grid').first().press('ArrowRight');
  await page.click('[data-name="chelsea.jpg"], [data-name="rings.png"]');
  await page.locator('#imageMeta', { hasText: /^(chelsea\.jpg|rings\.png)/ }).waitFor();
  await page.click('#compareToggle');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) }, '#compare');
  await page.locator('#compare .pairs[aria-busy=false][data-stale=""]').waitFor();
  const violations = () => page.evaluate(() => globalThis.violations);
  assert.deepEqual(await violations(), []);
  assert.deepEqual(told, []);
  assert.deepEqual(host.reports, []);

  const [worker] = page.workers();
  assert.ok(worker, 'the engine runs in a worker');
  for (const realm of [page, worker]) {
    const reported = once(host, 'report');
    await realm.evaluate(`globalThis.setTimeout(${offend})`);
    await reported;
  }
  assert.equal((await violations()).length, 1, "the page's own violations are heard");
});
