import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './harness.mjs';
import { randomWeights } from './random-weights.mjs';
import { CLASSES, classifyDrawn, drawnPng, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/**
 * What the package itself says of a class of the picture that classifyDrawn drops.
 * @param {Page} page
 * @param {string} model id or address
 * @param {string | number} wanted label or index
 * @param {string[]} [off]
 */
async function explained(page, model, wanted, off = []) {
  const png = await drawnPng(page);
  return page.evaluate(
    async ({ model, png, wanted, off }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const net = await Inception.load(model);
      const index = typeof wanted === 'number' ? wanted : net.info.labels.indexOf(wanted);
      const cam = await net.cam(png, index, { off });
      const { contribution, ...rest } = await net.contributions(png, index, { off });
      const { receptiveField } = net.layers.find(({ name }) => name === rest.layer);
      const [, height, width] = net.info.input;
      net.dispose();
      return { cam: { ...cam, data: [...cam.data] }, contribution: [...contribution], ...rest, field: receptiveField, input: [height, width] };
    },
    { model, png, wanted, off },
  );
}

/** Opacity of the class activation map at pixels of the input, from 0 to 255. @param {Page} page @param {number[][]} pixels */
function alphasAt(page, pixels) {
  return page.locator('#camLayer').evaluate((canvas, pixels) => {
    const context = canvas.getContext('2d');
    return pixels.map(([y, x]) => context.getImageData(x, y, 1, 1).data[3]);
  }, pixels);
}

/** A map's opacity for its largest value, where 255 is opaque: the design has 1.25 times the value, clipped at 1. */
const OPAQUE = 1.25 * 255;

/**
 * Compares the drawn map with the one that the package gives, in the middle of what each position sees.
 * @param {Page} page
 * @param {Awaited<ReturnType<typeof explained>>} found
 */
async function checkMap(page, { cam, field, input }) {
  const middle = (axis, i) => field.start[axis] + field.size[axis] / 2 + i * field.stride[axis];
  const cells = cam.data.map((value, i) => ({ value, at: [middle(0, Math.floor(i / cam.width)), middle(1, i % cam.width)].map(Math.floor) }));
  const inside = cells.filter(({ at }) => at.every((v, axis) => v >= 0 && v < input[axis]));
  assert.ok(inside.length >= (cam.width - 1) * (cam.height - 1));
  const alphas = await alphasAt(page, inside.map(({ at }) => at));
  const max = Math.max(...cam.data);
  assert.ok(max > 0, 'the map has a positive part');
  // Half a pixel beside the middle the map may differ by a step's share of the neighbours' difference.
  const slack = OPAQUE / field.stride[0] + 2;
  inside.forEach(({ value, at }, i) => {
    const expected = Math.min(255, (Math.max(0, value) / max) * OPAQUE);
    assert.ok(Math.abs(alphas[i] - expected) <= slack, `${at}: ${alphas[i]}, ${expected}`);
  });
}

/** @param {string} text as the page writes numbers */
const numberOf = (text) => Number(text.replace('−', '-').replace('+', ''));

/**
 * Compares the listed contributions with those that the package gives.
 * @param {Page} page
 * @param {Awaited<ReturnType<typeof explained>>} found
 */
async function checkContributions(page, { contribution, bias, logit }) {
  const amounts = (await page.locator('.contributions .amount').allTextContents()).map(numberOf);
  const strongest = [...contribution].sort((a, b) => Math.abs(b) - Math.abs(a));
  const rest = strongest.slice(6).reduce((a, b) => a + b, 0);
  const near = (a, b) => assert.ok(Math.abs(a - b) <= 0.006 * Math.max(Math.abs(b), 0.01), `${a}, ${b}`);
  assert.equal(amounts.length, 8);
  [...strongest.slice(0, 6), rest, bias].forEach((value, i) => near(amounts[i], value));
  const [, sum, whole] = /^sum (\S+) = logit (\S+)$/.exec(await page.locator('.contributions .sum').textContent());
  assert.equal(sum, whole);
  near(numberOf(whole), logit);
}

visit('a class of the answer shows its exact activation map and contributions that sum to its logit', {}, async (page) => {
  await classifyDrawn(page);
  const first = page.locator('#top5 [role=radio]').first();
  await first.click();
  assert.equal(await first.getAttribute('aria-checked'), 'true');
  await page.locator('.contributions .sum').waitFor();
  assert.deepEqual(await page.locator('#explain .tag').allTextContents(), ['exact', 'exact']);
  assert.equal(await page.locator('#camLayer').evaluate((canvas) => getComputedStyle(canvas).opacity), '0.5');
  const label = await first.locator('.label').textContent();
  const found = await explained(page, 'googlenet-imagenet', label);
  assert.equal(found.exact, true);
  await checkMap(page, found);
  await checkContributions(page, found);
});

visit('the explanation follows branches that are switched off', { width: 1600 }, async (page) => {
  const off = ['Mixed_5b/Branch_0'];
  const model = 'googlenet-imagenet';
  await classifyDrawn(page);
  const first = page.locator('#top5 [role=radio]').first();
  const label = await first.locator('.label').textContent();
  await first.click();
  const sum = page.locator('.contributions .sum');
  const whole = await sum.textContent();
  await page.locator('#map').getByRole('switch', { name: off[0], exact: true }).click();
  await page.locator('#shift[aria-busy=false]', { hasText: off[0] }).waitFor();
  await page.locator('#explain[aria-busy=false] .contributions .sum').waitFor();
  assert.notEqual(await sum.textContent(), whole);
  const found = await explained(page, model, label, off);
  await checkMap(page, found);
  await checkContributions(page, found);
  await page.keyboard.press('0');
  await page.locator('#explain[aria-busy=false] .contributions .sum', { hasText: whole }).waitFor();
  await checkContributions(page, await explained(page, model, label));
});

visit('any class can be chosen; its opacity is what the slider says', {}, async (page) => {
  await classifyDrawn(page);
  assert.deepEqual((await page.locator('#camClass option').allTextContents()).sort(), [...CLASSES].sort());
  const last = await page.locator('#top5 .label').last().textContent();
  await page.selectOption('#camClass', { label: last });
  await page.locator('.contributions .sum').waitFor();
  assert.equal(await page.locator('#top5 [role=radio]').last().getAttribute('aria-checked'), 'true');
  await page.locator('#camOpacity').fill('20');
  assert.equal(await page.locator('#camLayer').evaluate((canvas) => getComputedStyle(canvas).opacity), '0.2');
  assert.equal(await page.locator('#explain output').textContent(), '20 %');
  await checkContributions(page, await explained(page, 'googlenet-imagenet', last));
});

visit('a contribution leads to its channel; channels sort by contribution in the last module alone', {}, async (page) => {
  await classifyDrawn(page);
  const option = page.locator('#sort option[value=contribution]');
  assert.equal(await option.isDisabled(), true);
  await page.locator('#top5 [role=radio]').first().click();
  const row = page.locator('.contributions button').first();
  const [branch, channel] = (await row.locator('.name').textContent()).split(' · Channel ');
  await row.click();
  await page.locator('#h-mod', { hasText: 'Mixed_5c' }).waitFor();
  await page.locator('#readout .who b', { hasText: `Channel ${channel}` }).waitFor();
  assert.equal(await page.locator('#readout .who span').textContent(), `Mixed_5c/${branch}`);
  assert.equal(await option.isDisabled(), false);
  await page.selectOption('#sort', 'contribution');
  const grid = page.locator(`.branch[data-branch="Mixed_5c/${branch}"] .grid`);
  await grid.focus();
  await grid.press('Home');
  const { contribution } = await explained(page, 'googlenet-imagenet', await page.locator('#top5 .label').first().textContent());
  const index = Number(branch.at(-1));
  const from = [0, 384, 768, 896][index];
  const to = [384, 768, 896, 1024][index];
  const own = contribution.slice(from, to);
  const best = own.indexOf(Math.max(...own));
  assert.match(await grid.locator('[role=option]').getAttribute('aria-label'), new RegExp(`^Channel ${best} `));
});

/** Puts an Inception-v1 with random weights and a hidden layer in its head into the catalog. @param {Page} page */
async function addHidden(page) {
  const entry = { id: 'random', title: 'Random', network: 'inception-v1-bn', url: 'random.safetensors', bytes: 32e6, sha256: null, classes: 1000, labels: '', license: '', source: '', offline: true, auxiliary: 'none' };
  const weights = randomWeights(JSON.parse(readFileSync(join(ROOT, 'tests/reference/keys/seed_inception_v1_c1000.json'), 'utf8')));
  await page.route('**/models/catalog.json', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: [...(await response.json()), entry] });
  });
  await page.route('**/random.safetensors', (route) => route.fulfill({ body: weights }));
}

visit('a head with a hidden layer is explained by gradient', { hash: '#model=random&layer=Mixed_5c', prepare: addHidden }, async (page) => {
  await classifyDrawn(page);
  const labels = await page.locator('#top5 .label').allTextContents();
  await page.locator('#top5 [role=radio]').nth(1).click();
  await page.locator('.contributions .sum').waitFor();
  assert.deepEqual(await page.locator('#explain .tag').allTextContents(), ['by gradient at this image', 'by gradient at this image']);
  const found = await explained(page, 'models/random.safetensors', Number(labels[1].replace('class ', '')));
  assert.equal(found.exact, false);
  await checkMap(page, found);
  await checkContributions(page, found);
});
