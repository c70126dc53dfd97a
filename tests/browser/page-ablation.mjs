import assert from 'node:assert/strict';
import { classifyDrawn, drawnPng, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const OFF = ['Mixed_4b/Branch_0', 'Mixed_4d/Branch_3'];

/** @param {Page} page @param {string} branch */
const lane = (page, branch) => page.locator(`.lane:has([aria-label="${branch}"][role=switch])`);
/** @param {Page} page @param {string} branch */
const toggle = (page, branch) => page.locator('#map').getByRole('switch', { name: branch, exact: true });
/** @param {Page} page */
const thumbnails = (page) => page.locator('.lane canvas').evaluateAll((all) => all.map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));

/** Waits for the answer with what is off now. @param {Page} page */
const settled = (page) => page.locator('#shift[aria-busy=false] .shift').waitFor();

/**
 * The classes' probabilities that the package gives for the picture on the page.
 * @param {Page} page
 * @param {string[]} off
 * @returns {Promise<Record<string, number>>} by class
 */
async function probabilities(page, off) {
  const bytes = await drawnPng(page);
  return page.evaluate(
    async ({ off, bytes }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load('googlenet-imagenet', { device: 'cpu' });
      const { predictions } = await net.ablate(bytes, { off, topK: 1000 });
      net.dispose();
      return Object.fromEntries(predictions.map(({ label, probability }) => [label, probability]));
    },
    { off, bytes },
  );
}

visit('a switch shows what the answer is without its branch, class by class', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  const labels = await page.locator('#top5 .label').allTextContents();
  const whole = await page.locator('#top5').textContent();
  await toggle(page, OFF[0]).click();
  await settled(page);
  await toggle(page, OFF[1]).click();
  await page.locator('#shift[aria-busy=false]', { hasText: OFF[1] }).waitFor();
  assert.match(await page.locator('#shift').textContent(), /^Answer with Mixed_4b\/Branch_0, Mixed_4d\/Branch_3 off/);
  assert.deepEqual(await page.locator('#top5 .label').allTextContents(), labels, 'the order is kept');

  const [before, now] = [await probabilities(page, []), await probabilities(page, OFF)];
  for (const [k, label] of labels.entries()) {
    const row = page.locator('#top5 li').nth(k);
    assert.equal(await row.locator('.p').textContent(), `${now[label] >= 0.9995 ? '100' : (100 * now[label]).toFixed(1)} %`);
    const shown = (await row.locator('.difference').textContent()).replace('−', '-').replace('±', '');
    assert.ok(Math.abs(parseFloat(shown) - 100 * (now[label] - before[label])) <= 0.06, `${label}: ${shown}`);
    const [bar, tick] = [row.locator('.bar'), row.locator('.bar u')];
    const [outer, inner] = [await bar.boundingBox(), await tick.boundingBox()];
    assert.ok(Math.abs((inner.x + inner.width / 2 - outer.x) / outer.width - before[label]) < 0.02, `${label}: the tick is the answer with all on`);
  }
  assert.ok(labels.some((label) => Math.abs(now[label] - before[label]) > 0.01), 'these branches matter');
  const [likeliest] = Object.entries(now).sort(([, a], [, b]) => b - a);
  const named = await page.locator('#shift b').allTextContents();
  assert.equal(named.length, likeliest[0] === labels[0] ? 0 : 1);
  if (named.length > 0) assert.match(named[0], new RegExp(likeliest[0]));

  await page.getByRole('button', { name: 'Switch all on' }).click();
  assert.ok(await page.locator('#shift').isHidden());
  assert.equal(await page.locator('#top5').textContent(), whole);
});

visit('what comes after a branch that is off is redrawn, what comes before is not', { width: 1600, hash: '#layer=Mixed_4e' }, async (page) => {
  await classifyDrawn(page);
  const before = await thumbnails(page);
  const statistics = await page.locator('.branch dl').allTextContents();
  const names = await page.locator('.lane [role=switch]').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel));
  await toggle(page, OFF[1]).click();
  await settled(page);
  const after = await thumbnails(page);
  const at = names.indexOf(OFF[1]);
  assert.deepEqual(after.slice(0, at), before.slice(0, at));
  for (const [i, name] of names.entries()) if (i > at) assert.notEqual(after[i], before[i], name);
  assert.equal(await lane(page, OFF[1]).getAttribute('data-state'), 'off');
  assert.equal(await lane(page, OFF[1]).locator('.share').textContent(), '0 %');
  assert.notDeepEqual(await page.locator('.branch dl').allTextContents(), statistics, 'the open module shows the maps of this run');
  await page.keyboard.press('0');
  assert.deepEqual(await thumbnails(page), before);
  assert.deepEqual(await page.locator('.branch dl').allTextContents(), statistics);
});

visit('keys switch branches of the open module, and what is off stays off for the next picture', { hash: '#layer=Mixed_4b' }, async (page) => {
  await classifyDrawn(page);
  await page.keyboard.press('1');
  await settled(page);
  assert.equal(await toggle(page, 'Mixed_4b/Branch_0').isChecked(), false);
  await page.click('[data-name="rings.png"]');
  await page.locator('#imageMeta', { hasText: 'rings.png · 448 × 448' }).waitFor();
  await page.locator('#top5 .difference').first().waitFor();
  await page.keyboard.press('1');
  assert.ok(await page.locator('#shift').isHidden());
  await page.locator('.card[data-modules=Mixed_4b] > button').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await settled(page);
  assert.match(await page.locator('#shift').textContent(), /Mixed_4b\/Branch_0/);
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4b', 'a switch opens nothing');
});

visit('a run that is cancelled leaves the answer with what is off', {}, async (page) => {
  await classifyDrawn(page);
  await toggle(page, OFF[0]).click();
  await settled(page);
  const answer = await page.locator('#top5').textContent();
  await page.evaluate((branch) => {
    inside('#run').click();
    inside(`.switch[aria-label="${branch}"]`).click();
    inside('#runStatus button').click();
  }, OFF[1]);
  await page.locator('#runStatus', { hasText: 'Cancelled. The last result is kept.' }).waitFor();
  await page.locator('#shift[aria-busy=false]', { hasText: OFF[1] }).waitFor();
  assert.notEqual(await page.locator('#top5').textContent(), answer);
  assert.equal(await page.locator('.lane[data-state=off]').count(), 2);
});

visit('all branches are ranked by what switching each off changes', { width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.evaluate(() => {
    globalThis.seen = new Set();
    new MutationObserver(() => {
      const bar = inside('#ranking [role=progressbar]');
      if (bar) globalThis.seen.add(bar.ariaLabel);
    }).observe(inside('#ranking'), { childList: true });
  });
  await page.click('#rank');
  await page.locator('#ranking ol').waitFor();
  const seen = await page.evaluate(() => [...globalThis.seen]);
  assert.ok(seen.length > 10 && seen.includes('Switching off 20 of 36 branches'), seen.join('\n'));
  assert.equal(await page.locator('#ranking li').count(), 12);
  await page.click('#ranking .more');
  const rows = await page.locator('#ranking li').evaluateAll((items) =>
    items.map((item) => ({
      branch: item.querySelector('button').textContent,
      change: parseFloat(item.querySelector('.num').textContent.replace('−', '-').replace('±', '')),
      width: item.querySelector('i').getBoundingClientRect().width / item.querySelector('.signed').getBoundingClientRect().width,
      toTheLeft: item.querySelector('i').getBoundingClientRect().left < item.querySelector('.signed').getBoundingClientRect().left + item.querySelector('.signed').clientWidth / 2 - 0.5,
    })),
  );
  assert.equal(new Set(rows.map(({ branch }) => branch)).size, 36);
  for (const [k, { change, width, toTheLeft, branch }] of rows.entries()) {
    assert.ok(k === 0 || Math.abs(change) <= Math.abs(rows[k - 1].change), 'the largest change first');
    if (Math.abs(change) >= 1) assert.equal(toTheLeft, change < 0, branch);
    assert.ok(Math.abs(width - Math.abs(change / rows[0].change) / 2) < 0.02, `${branch}: ${width} of the bar for ${change} pp`);
  }
  const title = await page.locator('#ranking h3').textContent();
  const label = await page.locator('#top5 .label').first().textContent();
  assert.equal(title, `Change of ${label} when one branch is off`);
  const [before, now] = [await probabilities(page, []), await probabilities(page, [rows[0].branch])];
  assert.ok(Math.abs(rows[0].change - 100 * (now[label] - before[label])) <= 0.06);
  await page.locator('#ranking li button').first().click();
  assert.equal(await page.locator('#h-mod').textContent(), rows[0].branch.split('/')[0]);
});

visit('a ranking can be cancelled, and gives way to a switch', {}, async (page) => {
  await classifyDrawn(page);
  await page.click('#rank');
  await page.locator('#ranking [role=progressbar]').waitFor();
  await page.locator('#ranking button', { hasText: 'Cancel' }).click();
  await page.locator('#ranking', { hasText: 'Cancelled.' }).waitFor();
  await page.locator('#ranking button', { hasText: 'Try again' }).click();
  await page.locator('#ranking [role=progressbar]').waitFor();
  await toggle(page, OFF[0]).click();
  await page.locator('#ranking', { hasText: 'Cancelled.' }).waitFor();
  await settled(page);
  await page.click('#rank');
  assert.ok(await page.locator('#ranking').isHidden());
});

visit('a branch is switched in the module view too, which says what the ranking found', { width: 1600, hash: '#layer=Mixed_4b' }, async (page) => {
  await classifyDrawn(page);
  const view = page.locator(`.branch[data-branch="${OFF[0]}"]`);
  const [own, effect] = [view.getByRole('switch', { name: OFF[0], exact: true }), view.locator('.effect')];
  const energies = await page.locator('.branch .stats div:first-child dd').allTextContents();
  assert.equal(energies.length, 4);
  assert.ok(Math.abs(energies.reduce((sum, text) => sum + parseFloat(text), 0) - 100) <= 2, `${energies}`);
  assert.equal(await effect.textContent(), '');
  await page.click('#rank');
  await page.locator('#ranking ol').waitFor();
  await page.click('#ranking .more');
  const ranked = await page.locator('#ranking li', { hasText: OFF[0] }).textContent();
  const shown = /^if off (\S+) pp$/.exec(await effect.textContent());
  assert.ok(shown && ranked.includes(shown[1]), `${ranked}: ${await effect.textContent()}`);
  await own.press('Space');
  await settled(page);
  assert.equal(await own.isChecked(), false);
  assert.equal(await toggle(page, OFF[0]).isChecked(), false);
  assert.equal(await view.locator('.stats div:first-child dd').textContent(), energies[0], 'from before');
  await own.click();
  await page.locator('#shift').waitFor({ state: 'hidden' });
  assert.equal(await toggle(page, OFF[0]).isChecked(), true);
});
