// The inspector as an element of somebody else's page: networks, pictures, views.

import assert from 'node:assert/strict';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { MODEL } from './harness.mjs';
import { ELEMENT, elementTest, loadNet, told, untilTold } from './host.mjs';
import { countFreed, CLASSES, drawnPng } from './visit.mjs';

elementTest('attributes alone classify a picture and draw the map', `<inception-inspector id="one" model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await page.locator('#top5 .p').first().waitFor();
  const labels = await page.locator('#top5 .label').allTextContents();
  assert.ok(labels.length === 5 && labels.every((label) => CLASSES.includes(label)), labels.join());
  assert.equal(await page.locator('.card').count(), 9);
  assert.equal(await page.locator('.lane:not(.waiting)').count(), 36);
  assert.equal(await page.locator('#imageMeta').textContent(), 'bars.png · 320 × 240');
  const [{ detail, id }] = await told(page, 'result');
  assert.equal(id, 'one');
  assert.equal(detail.predictions[0].label, await page.locator('#top5 .label').first().textContent());
  assert.equal((await told(page, 'picture')).length, 1);
  assert.equal((await told(page, 'run')).length, 1);
  assert.deepEqual(await told(page, 'error'), []);
});

elementTest('a catalog id is looked up in the folder that models-url names', '<inception-inspector model="googlenet-imagenet" models-url="/models" device="cpu"></inception-inspector>', async (page) => {
  await page.locator('.card').first().waitFor();
  assert.equal(await page.evaluate(() => document.querySelector('inception-inspector').net.info.id), 'googlenet-imagenet');
});

elementTest('two elements on one page do not disturb each other', '<inception-inspector id="one"></inception-inspector><inception-inspector id="two" lang="zh" theme="dark"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(async (model) => {
    const { Inception } = await import('/pkg/dist/index.js');
    globalThis.other = await Inception.load(model, { device: 'cpu', labels: Array.from({ length: 1000 }, (_, i) => `number ${i}`) });
    const [one, two] = document.querySelectorAll('inception-inspector');
    Object.assign(one, { net: globalThis.net });
    Object.assign(two, { net: globalThis.other });
    one.show('bars.png');
    const pixels = new ImageData(200, 100);
    pixels.data.fill(200);
    two.show(pixels, 'grey');
  }, `/${MODEL}`);
  await untilTold(page, 'result', 2);
  const [one, two] = ['#one', '#two'].map((id) => page.locator(id));
  const labels = (/** @type {typeof one} */ inspector) => inspector.locator('#top5 .label').allTextContents();
  assert.ok((await labels(one)).every((label) => CLASSES.includes(label)));
  assert.ok((await labels(two)).every((label) => /^number \d+$/.test(label)));
  assert.equal(await one.locator('#imageMeta').textContent(), 'bars.png · 320 × 240');
  assert.equal(await two.locator('#imageMeta').textContent(), 'grey · 200 × 100');
  assert.equal(await one.locator('#h-net').textContent(), en.network);
  assert.equal(await two.locator('#h-net').textContent(), zh.network);

  const before = await one.locator('#branches').textContent();
  await two.locator('.card[data-modules=Mixed_5c] > button').click();
  await two.locator('#sort').selectOption('mean');
  await two.locator('.lane [role=switch]').first().click();
  await two.locator('#shift[aria-busy=false] .shift').waitFor();
  assert.equal(await one.locator('#h-mod').textContent(), 'Mixed_3b');
  assert.equal(await two.locator('#h-mod').textContent(), 'Mixed_5c');
  assert.equal(await one.locator('#sort').inputValue(), 'index');
  assert.equal(await one.locator('#branches').textContent(), before);
  assert.ok(await one.locator('#shift').isHidden());
  assert.ok((await told(page, 'view')).every(({ id }, k) => k < 2 || id === 'two'));
  await one.locator('#top5 [role=radio]').first().click();
  await one.locator('.contributions .sum').waitFor();
  assert.match(await one.locator('#contributions').textContent(), /logit/);
  assert.match(await one.locator('.branch .read').first().textContent(), /channels/);
  assert.match(await two.locator('.branch .read').first().textContent(), /个通道/);
});

elementTest(
  'a network and a view that are set before the element is defined take effect',
  '<inception-inspector id="one"></inception-inspector>',
  async (page) => {
    await loadNet(page);
    await page.evaluate(async (element) => {
      const inspector = document.querySelector('inception-inspector');
      Object.assign(inspector, { net: globalThis.net, view: { layer: 'Mixed_4d', palette: 'viridis', pin: { layer: 'Mixed_4d/Branch_1', channel: 3, y: 1, x: 2 } } });
      await import(element);
      inspector.show('bars.png');
    }, ELEMENT);
    await untilTold(page, 'result');
    assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4d');
    assert.equal(await page.locator('#readout .who b').textContent(), 'Channel 3');
    const view = await page.evaluate(() => document.querySelector('inception-inspector').view);
    const look = { sort: 'index', reverse: false, scale: 'channel', palette: 'viridis', hideDead: false, tile: 40 };
    const settings = { off: [], explain: null, camOpacity: 0.5, why: 'cam', shows: 'maps', times: false, whole: false, zoom: 1, compare: null, otherPicture: null, compareModule: null, difference: true, byDifference: false };
    assert.deepEqual(view, { layer: 'Mixed_4d', inner: [], pin: { layer: 'Mixed_4d/Branch_1', channel: 3, y: 1, x: 2 }, large: false, ...look, ...settings });
  },
  { define: false },
);

elementTest('a view is set as far as the network has it, and told', '<inception-inspector id="one" src="bars.png"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: globalThis.net }));
  await untilTold(page, 'result');
  const set = (/** @type {any} */ view) =>
    page.evaluate((view) => {
      const inspector = document.querySelector('inception-inspector');
      inspector.view = view;
      return inspector.view;
    }, view);
  const inner = { layer: 'Mixed_3c/Branch_1/Conv2d_0a_1x1', channel: 7, y: 0, x: 0 };
  assert.deepEqual((await set({ layer: 'Mixed_3c', pin: inner, scale: 'layer' })).pin, inner);
  await page.locator('#readout .who', { hasText: inner.layer }).waitFor();
  assert.equal((await told(page, 'view')).at(-1).detail.layer, 'Mixed_3c');
  const kept = await set({ layer: 'Mixed_9z', sort: 'size' });
  assert.deepEqual([kept.layer, kept.sort, kept.scale], ['Mixed_3c', 'index', 'layer']);
  assert.deepEqual((await set({ layer: 'Mixed_4b', pin: inner })).pin, null, 'a channel of another module');
});

elementTest('two elements can be held to one view', '<inception-inspector src="bars.png"></inception-inspector><inception-inspector src="bars.png"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => {
    const both = [...document.querySelectorAll('inception-inspector')];
    both.forEach((inspector, k) => {
      Object.assign(inspector, { net: globalThis.net });
      inspector.addEventListener('inception-view', ({ detail }) => Object.assign(both[1 - k], { view: detail }));
    });
  });
  await untilTold(page, 'result', 2);
  const views = () => page.locator('inception-inspector').evaluateAll((both) => both.map(({ view }) => view));
  const [one, two] = [0, 1].map((k) => page.locator('inception-inspector').nth(k));
  await one.locator('.card[data-modules=Mixed_4c] > button').click();
  await two.locator('.grid').nth(1).press('Home');
  await page.keyboard.press('Enter');
  await one.locator('#sort').selectOption('max');
  const [left, right] = await views();
  assert.deepEqual(left, right);
  assert.deepEqual([left.layer, left.sort, left.pin.layer], ['Mixed_4c', 'max', 'Mixed_4c/Branch_1']);
});

elementTest('an element that leaves the document disposes of its own model, and loads it again when it comes back', `<inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await untilTold(page, 'result');
  const net = await page.evaluateHandle(() => document.querySelector('inception-inspector').net);
  await page.evaluate(() => {
    globalThis.inspector = document.querySelector('inception-inspector');
    globalThis.inspector.remove();
  });
  await page.waitForFunction(() => globalThis.inspector.net === null);
  assert.equal(await net.evaluate((net) => net.classify('bars.png').catch(({ code }) => code)), 'disposed');
  await page.evaluate(() => (globalThis.inspector.view = { layer: 'Mixed_4b' }));
  await page.evaluate(() => document.body.append(globalThis.inspector));
  await untilTold(page, 'result', 2);
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4b', 'what was looked at is looked at again');
});

elementTest('a network that is given stays its owner\'s', '<inception-inspector hotkeys src="bars.png"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: globalThis.net }));
  await untilTold(page, 'result');
  const usable = () => page.evaluate(async () => (await globalThis.net.classify('bars.png')).predictions.length);
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { net: null }));
  assert.equal(await page.locator('.card').count(), 0);
  assert.equal(await usable(), 5);
  await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    Object.assign(inspector, { net: globalThis.net });
    inspector.remove();
    globalThis.inspector = inspector;
  });
  assert.equal(await usable(), 5);
  await page.keyboard.press(']');
  assert.equal(await page.evaluate(() => globalThis.inspector.view.layer), 'Mixed_3b', 'no key acts on an element that is away');
});

elementTest('an element that works before it comes into the document is drawn when it does', '', async (page) => {
  await loadNet(page);
  await page.evaluate(() => {
    const inspector = document.createElement('inception-inspector');
    Object.assign(inspector, { net: globalThis.net });
    inspector.addEventListener('inception-result', () => document.body.append(inspector));
    inspector.show('bars.png');
  });
  const grid = page.locator('.grid canvas').first();
  await grid.waitFor();
  const drawn = () => grid.evaluate((canvas) => canvas.width > 100 && new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 16);
  await page.locator('#branches').evaluate((branches) => new Promise((resolve) => new ResizeObserver(() => requestAnimationFrame(resolve)).observe(branches)));
  assert.ok(await drawn());
  const [red, green, blue] = await page.locator('.histogram i').first().evaluate((bar) => getComputedStyle(bar).backgroundColor.match(/\d+/g).map(Number));
  assert.deepEqual([red, green, blue], [0x0b, 0x5c, 0xad], 'in the colour of its branch');
});

elementTest('an element alone compares two pictures that are chosen as files', '<inception-inspector id="one"></inception-inspector><inception-inspector id="two"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(() => {
    for (const inspector of document.querySelectorAll('inception-inspector')) Object.assign(inspector, { net: globalThis.net });
  });
  const [one, two] = ['#one', '#two'].map((id) => page.locator(id));
  const file = async (/** @type {string} */ name, /** @type {number} */ hue) => ({ name, mimeType: 'image/png', buffer: Buffer.from(await drawnPng(page, hue)) });
  await one.locator('#pictureFile').setInputFiles(await file('first.png', 30));
  await untilTold(page, 'result');
  await one.locator('#compareToggle').click();
  assert.equal(await one.locator('#compare .samples [role=radio]').count(), 0, 'nothing but files is offered');
  await one.locator('#comparePictures input[type=file]').setInputFiles(await file('second.png', 200));
  const [a, b] = ['A', 'B'].map((letter) => one.locator(`#compare .side[data-side=${letter}]`));
  await b.locator('.name', { hasText: 'second.png' }).waitFor();
  await b.locator('.difference').first().waitFor();
  assert.equal(await a.locator('.name').textContent(), 'first.png');
  assert.deepEqual(await b.locator('.label').allTextContents(), await a.locator('.label').allTextContents());
  assert.equal(await one.locator('#compare .cell[data-side="B − A"]:visible').count(), 4);
  assert.ok(await two.locator('#compare').isHidden());
  assert.equal((await told(page, 'result')).length, 1, 'what is compared is not the answer');
  await page.evaluate(() => (document.querySelector('inception-inspector').alternatives = { pictures: [{ name: 'bars.png', image: 'bars.png' }] }));
  await one.locator('#compare .samples [role=radio]').click();
  await b.locator('.name', { hasText: 'bars.png' }).waitFor();
  assert.equal(await two.locator('#compare .samples [role=radio]').count(), 0);
});

elementTest('a model to compare with is the element\'s own: freed when the element leaves, loaded again when it comes back', `<inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await countFreed(page);
  await page.evaluate(() => (globalThis.inspector = document.querySelector('inception-inspector')));
  const compared = () => page.locator('#compare .side[data-side=B] .top3').waitFor();
  await page.evaluate((model) => (globalThis.inspector.view = { compare: model }), `/${MODEL}`);
  await compared();
  assert.equal((await told(page, 'view')).at(-1).detail.compare, `/${MODEL}`);
  await page.evaluate(() => globalThis.inspector.remove());
  await page.waitForFunction(() => globalThis.freed === 2);
  assert.equal(await page.evaluate(() => globalThis.inspector.view.compare), `/${MODEL}`);
  await page.evaluate(() => document.body.append(globalThis.inspector));
  await compared();
  await page.evaluate(() => (globalThis.inspector.view = { compare: null }));
  assert.ok(await page.locator('#compare').isHidden());
  assert.equal(await page.evaluate(() => globalThis.freed), 3);
});

elementTest('a video is classified frame by frame until it is stopped, and its last frame in full', '<inception-inspector id="one"></inception-inspector>', async (page) => {
  await loadNet(page);
  await page.evaluate(async () => {
    const inspector = document.querySelector('inception-inspector');
    Object.assign(inspector, { net: globalThis.net });
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
    const context = canvas.getContext('2d');
    let hue = 0;
    globalThis.drawing = setInterval(() => {
      context.fillStyle = `hsl(${(hue += 20)} 80% 50%)`;
      context.fillRect(0, 0, 160, 120);
    }, 30);
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
    await video.play();
    Object.assign(globalThis, { inspector, video });
    inspector.play(video, 'film');
  });
  await untilTold(page, 'frame', 3);
  const frames = await told(page, 'frame');
  assert.equal(frames[0].detail.rate, null);
  assert.ok(frames[2].detail.rate > 0);
  assert.equal(frames[0].id, 'one');
  assert.deepEqual(await told(page, 'run'), []);
  assert.equal(await page.locator('#imageMeta').textContent(), 'film · 160 × 120');
  assert.equal(await page.locator('.lane:not(.waiting)').count(), 4, 'the open module alone');
  await page.evaluate(() => globalThis.inspector.stop());
  await page.waitForFunction(() => globalThis.inspector.shadowRoot.querySelectorAll('.lane.waiting').length === 0);
  assert.equal(await page.evaluate(() => globalThis.inspector.picture.blob instanceof ImageBitmap), true);
  assert.equal((await told(page, 'stop')).length, 1);
  const stopped = (await told(page, 'frame')).length;
  assert.equal((await told(page, 'run')).length, 1);

  await page.evaluate(() => globalThis.inspector.play(globalThis.video));
  await untilTold(page, 'frame', stopped + 2);
  await page.evaluate(() => globalThis.inspector.show('bars.png'));
  await untilTold(page, 'stop', 2);
  await page.locator('#imageMeta', { hasText: 'bars.png · 320 × 240' }).waitFor();
  await page.evaluate(() => globalThis.inspector.play(globalThis.video));
  await untilTold(page, 'frame', stopped + 3);
  await page.evaluate(() => globalThis.inspector.remove());
  assert.equal((await told(page, 'stop')).length, 2, 'told to the element, which is away');
  const left = (await told(page, 'frame')).length;
  await page.evaluate(() => globalThis.net.classify('bars.png'));
  assert.equal((await told(page, 'frame')).length, left);
});
