// Holds a page against axe-core.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ROOT } from './harness.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** Loads the checker before the page; nothing fades, since a fading text has a contrast of its own. @param {Page} page */
export async function withAxe(page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.addInitScript({ path: join(ROOT, 'node_modules/axe-core/axe.min.js') });
}

/**
 * Fails where the page as it is now has a serious violation of WCAG 2.2 AA, or of axe's best practices.
 * @param {Page} page
 * @param {string} state for the message
 */
export async function check(page, state) {
  const found = await page.evaluate(async () => {
    const { violations, passes } = await axe.run(document, { resultTypes: ['violations'] });
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return {
      passes: passes.length,
      serious: serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.flat().join(' ')} (${failureSummary})`).join('; ')}`),
    };
  });
  assert.ok(found.passes > 15, `${state}: axe looked at the page`);
  assert.deepEqual(found.serious, [], state);
}
