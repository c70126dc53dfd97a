// The first visit: a sample runs by itself, and its class map lies over it.

import assert from 'node:assert/strict';
import { classifyDrawn, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const ANSWER = '#top5 [role=radio]';
const MAP = '#camLayer:not([hidden])';

/** @param {Page} page */
const visibility = (page) => page.locator('#camLayer').evaluate((map) => getComputedStyle(map).visibility);

visit('a first visit answers for a cat, and shows where it sees it', {}, async (page, address) => {
  await page.locator(MAP).waitFor();
  assert.equal(await page.locator(`${ANSWER} .label`).first().textContent(), 'Egyptian cat');
  assert.deepEqual(await page.locator(ANSWER).evaluateAll((rows) => rows.map((row) => row.ariaChecked)), ['true', 'false', 'false', 'false', 'false']);
  assert.equal(await page.locator('#camLayer').evaluate((map) => map.style.opacity), '0.5');
  assert.equal(await page.locator('#camOpacity').inputValue(), '50');
  assert.equal(await page.locator('#explain [data-term=Exact]').count(), 1);
  assert.equal(await page.locator('.contributions').count(), 0, 'what each channel adds is told when it is asked for');
  assert.equal(await page.locator('#samples [aria-checked=true]').getAttribute('data-name'), 'chelsea.jpg');
  assert.equal(page.url(), new URL(address).href, 'what is as it is at first is not in the address');
  assert.equal(await page.evaluate(() => focused()), await page.evaluate(() => document.body), 'the focus is where the browser put it');
});

visit('the class map follows the picture, and waits for its answer', {}, async (page) => {
  await page.locator(MAP).waitFor();
  await page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    globalThis.calls = [];
    for (const name of ['classify', 'cam', 'contributions']) {
      const call = Inception.prototype[name];
      Inception.prototype[name] = async function (...values) {
        globalThis.calls.push(name);
        const answer = await call.apply(this, values);
        globalThis.calls.push(`${name} done`);
        return answer;
      };
    }
  });
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.waitForFunction(() => globalThis.calls.includes('cam done'));
  assert.deepEqual(await page.evaluate(() => globalThis.calls), ['classify', 'classify done', 'cam', 'cam done']);
  const best = await page.locator(`${ANSWER} .label`).first().textContent();
  await page.waitForFunction((best) => inside('#camLayer').ariaLabel?.includes(best), best);
  await page.locator(ANSWER).nth(1).click();
  await page.locator('.contributions .sum').waitFor();
  assert.equal(await page.locator(ANSWER).nth(1).getAttribute('aria-checked'), 'true');
  assert.deepEqual(await page.evaluate(() => globalThis.calls.slice(4)), ['cam', 'cam done', 'contributions', 'contributions done']);
});

visit('while a channel is read, the class map is not shown', { width: 1600 }, async (page) => {
  await page.locator(MAP).waitFor();
  assert.equal(await visibility(page), 'visible');
  await page.locator('.branch .grid').first().hover();
  await page.locator('#fieldLayer:not(.empty)').waitFor();
  assert.equal(await visibility(page), 'hidden');
  await page.locator('#h-answer').hover();
  await page.locator('#fieldLayer.empty').waitFor({ state: 'attached' });
  assert.equal(await visibility(page), 'visible');
});

visit('a class map that is hidden asks nothing of the network', { hash: '#cam=0' }, async (page) => {
  await page.locator(ANSWER).first().waitFor();
  assert.equal(await page.locator('#camLayer').isHidden(), true);
  assert.equal(await page.locator('#top5 [aria-checked=true]').count(), 0);
  await page.locator('#camOpacity').fill('40');
  await page.locator(MAP).waitFor();
  assert.match(page.url(), /#cam=40$/);
});

visit('only what adds up is explained unasked', { ready: false }, async (page) => {
  const explained = await page.evaluate(async () => {
    const { explainedClass } = await import('/pkg/dist/element/explained.js');
    const linear = (/** @type {string} */ name) => ({ name, kind: 'linear', macs: 10, head: name.startsWith('AuxLogits') ? 'AuxLogits' : null });
    const stateOf = (/** @type {string[]} */ names, changes = {}) => ({
      chosen: null,
      camOpacity: 0.5,
      look: { sort: 'index' },
      module: 'Mixed_5b',
      run: { result: { predictions: [{ index: 3 }] } },
      model: { info: { classes: 5 }, layers: new Map(names.map((name) => [name, linear(name)])) },
      ...changes,
    });
    const hidden = ['FC_1b', 'Logits'];
    return [
      stateOf(['Logits']),
      stateOf(['AuxLogits/FC', 'AuxLogits', 'Logits']),
      stateOf(['Logits'], { camOpacity: 0 }),
      stateOf(hidden),
      stateOf(hidden, { look: { sort: 'contribution' } }),
      stateOf(hidden, { module: 'head' }),
      stateOf(hidden, { chosen: 1 }),
      stateOf(['Logits'], { run: { result: null } }),
    ].map(explainedClass);
  });
  assert.deepEqual(explained, [3, 3, null, null, 3, 3, 1, null]);
});

visit(
  'where the photo is missing, the page opens with one that it draws',
  { expected: /404/, prepare: (page) => page.route('**/www/samples/*', (route) => route.fulfill({ status: 404 })) },
  async (page) => {
    await page.locator('#imageMeta', { hasText: 'landscape.png' }).waitFor();
    await page.locator(ANSWER).first().waitFor();
    assert.equal(await page.locator('#imageNote .note').count(), 0);
  },
);

/** The first sample comes when `release` is called. @param {Page & { release?: () => void }} page */
async function holdSample(page) {
  const released = new Promise((resolve) => (page.release = () => resolve(undefined)));
  await page.route('**/www/samples/chelsea*', async (route) => {
    await released;
    await route.continue();
  });
}

visit('a picture that is brought while the first sample is on its way stays', { prepare: holdSample }, async (page) => {
  await classifyDrawn(page, 'mine.png');
  const answered = page.waitForResponse(/samples\/chelsea/);
  /** @type {{ release: () => void }} */ (/** @type {unknown} */ (page)).release();
  await (await answered).finished();
  await page.locator('#samples [data-name^=chelsea] canvas').evaluate(async (canvas) => {
    while (canvas.getContext('2d').getImageData(48, 48, 1, 1).data[3] === 0) await new Promise(requestAnimationFrame);
  });
  assert.equal(await page.evaluate(() => document.querySelector('inception-inspector').picture.name), 'mine.png');
});
