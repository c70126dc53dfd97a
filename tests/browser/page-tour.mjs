// Three steps to try: each ends by itself when it is done.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { check, withAxe } from './axe.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** @param {Page} page */
async function tourOf(page) {
  const steps = await page.locator('#tourSteps li').evaluateAll((items) => items.map((item) => (item.classList.contains('done') ? 'done' : (item.getAttribute('aria-current') ?? ''))));
  return { steps, highlight: await page.locator('#inspector').getAttribute('highlight'), samples: await page.locator('#samples.toured').count() };
}

/** @param {Page} page @param {number} step */
const waitFor = (page, step) => page.locator(`#tourSteps li:nth-child(${step})[aria-current=step]`).waitFor();

/** What is outlined inside the inspector. @param {Page} page */
const outlined = (page) => page.evaluate(() => insideAll('*').filter((element) => getComputedStyle(element).outlineStyle === 'dashed').map((element) => element.className));

visit('each step of the tour ends when it is done, and the tour stays closed', { width: 1600, prepare: withAxe }, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  assert.deepEqual(await tourOf(page), { steps: ['step', '', ''], highlight: null, samples: 1 });
  assert.equal(await page.getByRole('region', { name: en.tour }).count(), 1);
  assert.equal(await page.locator('#tour').evaluate((tour) => tour.contains(document.activeElement)), false);
  await check(page, 'first step');

  await page.click('#samples [data-name="coffee.jpg"]');
  await waitFor(page, 2);
  assert.deepEqual(await tourOf(page), { steps: ['done', 'step', ''], highlight: 'channels', samples: 0 });
  assert.deepEqual(await outlined(page), ['grid']);

  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  await page.locator('.branch .grid').first().hover();
  await waitFor(page, 3);
  assert.deepEqual(await tourOf(page), { steps: ['done', 'done', 'step'], highlight: 'switches', samples: 0 });
  assert.deepEqual(await outlined(page), ['switch']);
  await check(page, 'third step');

  await page.locator('#map').getByRole('switch', { name: 'Mixed_3b/Branch_0', exact: true }).click();
  await page.locator('#tourSteps li.done:nth-child(3)').waitFor();
  assert.deepEqual(await tourOf(page), { steps: ['done', 'done', 'done'], highlight: null, samples: 0 });
  assert.equal(await page.locator('#tourNext').textContent(), en.tourEnd);
  await page.reload();
  await page.locator('.card').first().waitFor();
  assert.equal(await page.locator('#tour').isHidden(), true);

  await page.keyboard.press('?');
  await page.click('#tourAgain');
  await waitFor(page, 1);
  assert.equal(await page.locator('#tour').isVisible(), true);
});

visit('the tour goes on and ends by keyboard, and gives the focus back', {}, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.locator('#sort').focus();
  for (let step = 2; step <= 3; step++) {
    await page.locator('#tourNext').focus();
    await page.keyboard.press('Enter');
    await waitFor(page, step);
  }
  assert.equal(await page.locator('#tourNext').textContent(), en.tourEnd);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#tour').isHidden(), true);
  assert.equal(await page.evaluate(() => focused().id), 'sort');
  await page.reload();
  await page.locator('.card').first().waitFor();
  assert.equal(await page.locator('#tour').isHidden(), true);
});

visit('steps that are done are so after a reload', {}, async (page) => {
  await page.locator('#camLayer:not([hidden])').waitFor();
  await page.click('#samples [data-name="coffee.jpg"]');
  await waitFor(page, 2);
  await page.reload();
  await waitFor(page, 2);
  assert.deepEqual((await tourOf(page)).steps, ['done', 'step', '']);
});

visit('the tour speaks of fingers where there is no pointer, one step at a time where there is little room', { hash: '#lang=zh', width: 360 }, async (page) => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setDeviceMetricsOverride', { width: 360, height: 740, deviceScaleFactor: 1, mobile: true });
  await devtools.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 });
  await page.waitForFunction(() => matchMedia('(pointer: coarse)').matches);
  const shown = () => page.locator('#tourSteps li:visible span').allTextContents();
  assert.deepEqual(await shown(), [zh.tour1touch]);
  await page.locator('#tourNext').click();
  assert.deepEqual(await shown(), [zh.tour2touch]);
  const { left, right } = await page.locator('.tour-in').evaluate((strip) => strip.getBoundingClientRect().toJSON());
  assert.ok(left >= 0 && right <= 360, `${left} … ${right}`);
});

visit('a link with a branch off does not end the step that is about it', { hash: '#off=Mixed_3b/Branch_1&channel=Mixed_3b/Branch_0,3,4,5' }, async (page) => {
  await page.locator('#top5 .difference').first().waitFor();
  assert.deepEqual((await tourOf(page)).steps, ['step', '', '']);
});
