import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERIFY } from './harness.mjs';
import { CLASSES, classifyDrawn, classifyPhoto, drawnPng, drop, modelBytes, visit } from './visit.mjs';

visit('the page names what photos show, as onnxruntime does', { needs: ['verify'] }, async (page) => {
  const golden = JSON.parse(readFileSync(join(VERIFY, 'golden.json'), 'utf8'));
  const names = readFileSync(join(VERIFY, 'imagenet1k_labels.tsv'), 'utf8').split('\n').map((line) => line.split('\t')[2]);
  for (const photo of ['chelsea.png', 'coffee.png', 'rocket.jpg', 'flower.jpg']) {
    await classifyPhoto(page, photo);
    const [[likeliest]] = golden[photo.split('.')[0]].bvlc_googlenet.top5;
    assert.equal(await page.locator('#top5 .label').first().textContent(), names[likeliest], photo);
  }
});

visit('the page classifies a dropped file: five classes, likeliest first', {}, async (page) => {
  await classifyDrawn(page);
  const labels = await page.locator('#top5 .label').allTextContents();
  const shares = (await page.locator('#top5 .p').allTextContents()).map((text) => parseFloat(text));
  assert.equal(labels.length, 5);
  for (const label of labels) assert.ok(CLASSES.includes(label), label);
  assert.deepEqual(shares, [...shares].sort((a, b) => b - a));
  const sum = shares.reduce((a, b) => a + b, 0);
  assert.ok(sum > 0.5 && sum <= 100.3, `the five shares add up to ${sum} %`);
  assert.match(await page.locator('#imageMeta').textContent(), /^bars\.png · 320 × 240$/);
  assert.match(await page.locator('#answerTime').textContent(), /^\d+(\.\d)? ms$/);
});

visit('a file that is dropped on the image panel is taken once', { empty: true }, async (page) => {
  await page.evaluate(() => {
    globalThis.shown = 0;
    addEventListener('inception-picture', () => (globalThis.shown += 1));
  });
  const transfer = await page.evaluateHandle((png) => {
    const data = new DataTransfer();
    data.items.add(new File([png], 'bars.png', { type: 'image/png' }));
    return data;
  }, await drawnPng(page));
  await page.dispatchEvent('#photo', 'drop', { dataTransfer: transfer });
  await page.locator('#imageMeta', { hasText: 'bars.png · 320 × 240' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.shown), 1);
});

visit('a model that is dropped on the image panel is loaded', {}, async (page) => {
  await drop(page, { name: 'again.safetensors', type: '', bytes: modelBytes() }, '#photo');
  await page.locator('#modelName', { hasText: 'again.safetensors' }).waitFor();
  assert.equal(await page.locator('#imageNote').textContent(), '');
});

visit('the page says which model it is, what it costs and where it runs', {}, async (page) => {
  assert.equal(await page.locator('#modelName').textContent(), 'GoogLeNet');
  // The time of the first picture's answer stands behind the counts once it is there.
  const facts = / · 1\.58 G MACs · 57 convolutions · 7\.0 M parameters( · \d+(\.\d)? ms)?$/;
  assert.match(await page.locator('#networkFacts').textContent(), facts);
  assert.match(await page.locator('#device b').textContent(), /^CPU · \d+ threads?$/);
  assert.notEqual(await page.locator('#device small').textContent(), '');
});

visit('the page classifies different pictures differently', {}, async (page) => {
  const answers = [];
  for (const sample of ['landscape.png', 'rings.png']) {
    await page.click(`[data-name="${sample}"]`);
    await page.locator('#imageMeta', { hasText: `${sample} · 448 × 448` }).waitFor();
    await page.locator('#top5 .p').first().waitFor();
    answers.push(await page.locator('#top5').textContent());
  }
  assert.notEqual(answers[0], answers[1]);
});

visit('the page classifies in one thread where the page is not isolated', { isolated: false }, async (page) => {
  await classifyDrawn(page);
  assert.equal(await page.locator('#device b').textContent(), 'CPU · 1 thread');
});

/** Adds a policy to the page. @param {import('./visit.mjs').Page} page @param {string} address */
function addPolicy(page, address) {
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https:";
  return page.route(address, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
  });
}

visit('the page classifies under a strict content security policy', { prepare: addPolicy }, (page) => classifyDrawn(page));

visit('the page never scrolls sideways', {}, async (page) => {
  const fits = async (/** @type {string} */ what, /** @type {() => Promise<void>} */ show = async () => undefined) => {
    for (const width of [320, 360, 861, 1024, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      await show();
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(excess, 0, `${what}, ${width} px`);
    }
  };
  await fits('empty');
  await classifyDrawn(page);
  await fits('with an answer');
  await fits('with the list of models', async () => {
    await page.keyboard.press('Escape');
    await page.click('#model');
  });
});
