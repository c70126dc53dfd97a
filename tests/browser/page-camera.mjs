import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { Rate } from '../../pkg/src/element/film.js';
import { CLASSES, classifyDrawn, modelBytes, drop, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

/** A camera that shows a moving test picture, and a browser that lets pages use it. */
const FILM = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** Remembers the streams that the page gets and the runs that it asks for. @param {Page} page */
async function spy(page) {
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices?.getUserMedia.bind(mediaDevices);
    globalThis.tracks = [];
    if (open)
      mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        globalThis.tracks.push(...stream.getTracks());
        return stream;
      };
  });
}

/** Counts how many frames are at the network at once, and which layers they ask for. @param {Page} page */
function watchRuns(page) {
  return page.evaluate(async () => {
    const { Inception } = await import('/pkg/dist/index.js');
    const { ablate } = Inception.prototype;
    globalThis.runs = { now: 0, most: 0, done: 0, layers: [] };
    Inception.prototype.ablate = async function (image, options) {
      const { runs } = globalThis;
      runs.layers.push(options.layers);
      runs.most = Math.max(runs.most, ++runs.now);
      try {
        return await ablate.call(this, image, options);
      } finally {
        runs.now -= 1;
        runs.done += 1;
      }
    };
  });
}

const rate = (/** @type {Page} */ page) => page.locator('#cameraRate', { hasText: /^\d+(\.\d)? frames per second$/ });
const meta = (/** @type {Page} */ page, text = 'Camera · 640 × 480') => page.locator('#imageMeta', { hasText: text });
const live = (/** @type {Page} */ page) => page.evaluate(() => globalThis.tracks.filter(({ readyState }) => readyState === 'live').length);
const seen = (/** @type {Page} */ page) => page.locator('#seen').evaluate((canvas) => canvas.toDataURL());

/** @param {Page} page @param {boolean} hidden */
function hide(page, hidden) {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('the rate is that of the last second and a half, or of the last two frames', () => {
  const rate = new Rate();
  assert.equal(rate.count(0), null);
  assert.equal(rate.count(500), 2);
  assert.equal(rate.count(750), 2 / 0.75);
  assert.equal(rate.count(10_750), 0.1);
  const steady = new Rate();
  for (let i = 0; i < 100; i++) steady.count(40 * i);
  assert.ok(Math.abs(steady.count(4000) - 25) < 1e-9);
});

visit('the camera is classified frame by frame, with the open module and its lanes', { flags: FILM, prepare: spy, width: 1600, empty: true, hash: '#layer=Mixed_4b' }, async (page) => {
  await watchRuns(page);
  await page.click('#camera');
  await rate(page).waitFor();
  await meta(page).waitFor();
  assert.equal(await page.locator('#camera').textContent(), 'Stop camera');
  const labels = await page.locator('#top5 .label').allTextContents();
  assert.ok(labels.length === 5 && labels.every((label) => CLASSES.includes(label)), labels.join());
  assert.equal(await page.locator('.lane:not(.waiting)').count(), 4);
  assert.equal(await page.locator('.card[data-modules=Mixed_4b] .lane:not(.waiting)').count(), 4);
  assert.ok((await page.locator('.branch dd').allTextContents()).every((text) => /\d/.test(text)));
  const before = await seen(page);
  await page.waitForFunction((before) => globalThis.inside('#seen').toDataURL() !== before, before);
  await page.click('.card[data-modules=Mixed_5c] > button');
  await page.waitForFunction(() => globalThis.inside('#h-mod').textContent === 'Mixed_5c' && globalThis.insideAll('.branch dd').length === 16 && globalThis.insideAll('.branch dd').every((dd) => /\d/.test(dd.textContent)));
  const { most, done, layers } = await page.evaluate(() => globalThis.runs);
  assert.equal(most, 1, 'one frame is in flight at a time');
  assert.ok(done >= 3);
  assert.deepEqual(layers[0], [0, 1, 2, 3].map((k) => `Mixed_4b/Branch_${k}`), 'only what is shown is asked for');
});

visit('when the camera stops, its last frame stays, with every branch', { flags: FILM, prepare: spy, width: 1600, empty: true }, async (page) => {
  await page.click('#camera');
  await rate(page).waitFor();
  assert.equal(await live(page), 1);
  await page.click('#camera');
  const kept = await seen(page);
  assert.equal(await live(page), 0);
  assert.equal(await page.locator('#camera').textContent(), 'Camera');
  await page.waitForFunction(() => globalThis.insideAll('.lane.waiting').length === 0);
  assert.ok(await page.locator('#cameraRate').isHidden());
  await meta(page).waitFor();
  assert.equal(await seen(page), kept);
  await page.click('.card[data-modules=Mixed_4f] > button');
  assert.ok((await page.locator('.branch dd').allTextContents()).every((text) => /\d/.test(text)));
  await page.locator('#top5 [role=radio]').first().click();
  await page.locator('.contributions .sum').waitFor();
});

visit('a branch is switched off in the frames that follow', { flags: FILM, prepare: spy, empty: true }, async (page) => {
  await page.click('#camera');
  await rate(page).waitFor();
  await watchRuns(page);
  await page.locator('#map').getByRole('switch', { name: 'Mixed_3b/Branch_1', exact: true }).click();
  await page.locator('.branch[data-branch="Mixed_3b/Branch_1"] .grid-note', { hasText: en.switchedOffLive }).waitFor();
  assert.match(await page.locator('#shift').textContent(), /^Answer with Mixed_3b\/Branch_1 off/);
  await page.click('#run');
  await page.locator('#shift[aria-busy=false] .shift').waitFor();
  await page.locator('#top5 .difference').first().waitFor();
  assert.equal(await live(page), 0, 'another run stops the camera');
});

visit('another picture stops the camera and takes its place', { flags: FILM, prepare: spy, empty: true }, async (page) => {
  await page.click('#camera');
  await rate(page).waitFor();
  await classifyDrawn(page);
  assert.equal(await live(page), 0);
  assert.equal(await page.locator('#camera').textContent(), 'Camera');
  await page.waitForFunction(() => globalThis.insideAll('.lane.waiting').length === 0);
  await meta(page, 'bars.png · 320 × 240').waitFor();
});

visit('the camera pauses while the page is hidden, and goes on', { flags: FILM, prepare: spy, empty: true }, async (page) => {
  await page.click('#camera');
  await rate(page).waitFor();
  await hide(page, true);
  await page.locator('#cameraNote', { hasText: en.cameraHidden }).waitFor();
  await page.waitForFunction(() => globalThis.tracks.every(({ readyState }) => readyState === 'ended'));
  assert.ok(await page.locator('#cameraRate').isHidden());
  const still = await seen(page);
  await hide(page, false);
  await page.waitForFunction((still) => globalThis.inside('#seen').toDataURL() !== still, still);
  await rate(page).waitFor();
  assert.equal(await page.locator('#cameraNote').textContent(), '');
  assert.equal(await live(page), 1);
});

visit('a camera that is asked for before the first sample has come starts, and is not ended by it', { flags: FILM, prepare: spy, ready: false }, async (page) => {
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    // Not before the sample is there.
    const sample = new Promise((resolve) => document.querySelector('inception-inspector').addEventListener('inception-picture', resolve, { once: true }));
    mediaDevices.getUserMedia = async (wanted) => (await sample, open(wanted));
    document.querySelector('inception-inspector').show('/www/samples/rocket.jpg', 'on its way');
    document.querySelector('#camera').click();
  });
  await rate(page).waitFor();
  assert.equal(await live(page), 1);
});

visit('the camera goes on with another model', { flags: FILM, prepare: spy }, async (page) => {
  await meta(page, 'chelsea.jpg').waitFor();
  await page.click('#camera');
  await rate(page).waitFor();
  await watchRuns(page);
  await drop(page, { name: 'again.safetensors', type: '', bytes: modelBytes() });
  await page.locator('#modelName', { hasText: 'again.safetensors' }).waitFor();
  await page.evaluate(() => (globalThis.runs.done = 0));
  await page.waitForFunction(() => globalThis.runs.done >= 3);
  await page.locator('#top5 .p').first().waitFor();
  assert.equal(await live(page), 1);
  await page.reload();
  await page.locator('#cameraNote', { hasText: en.cameraReloaded }).waitFor();
  await page.reload();
  await meta(page, 'chelsea.jpg').waitFor();
  assert.equal(await page.locator('#cameraNote').textContent(), '', 'once');
});

visit('a camera that is unplugged says so and leaves its last frame', { flags: FILM, prepare: spy, empty: true }, async (page) => {
  await page.click('#camera');
  await rate(page).waitFor();
  await page.evaluate(() => {
    const [track] = globalThis.tracks;
    track.stop();
    track.dispatchEvent(new Event('ended'));
  });
  await page.locator('#cameraNote', { hasText: en.cameraEnded }).waitFor();
  await page.waitForFunction(() => globalThis.insideAll('.lane.waiting').length === 0);
  await meta(page).waitFor();
});

visit('where a frame cannot be classified the camera stops, and the page says why', { flags: FILM, prepare: spy }, async (page) => {
  await classifyDrawn(page);
  await page.evaluate(async () => {
    const { Inception, InceptionError } = await import('/pkg/dist/index.js');
    for (const call of ['ablate', 'classify']) Inception.prototype[call] = () => Promise.reject(new InceptionError('internal', 'no frame today'));
  });
  await page.click('#camera');
  await page.locator('#runStatus [role=alert]', { hasText: 'no frame today' }).waitFor();
  await page.waitForFunction(() => globalThis.tracks.length > 0 && globalThis.tracks.every(({ readyState }) => readyState === 'ended'));
  assert.equal(await page.locator('#camera').textContent(), 'Camera');
  await meta(page, 'Camera').waitFor();
});

visit('a camera that is stopped before its first frame leaves the picture and what is switched off', { flags: FILM, prepare: spy }, async (page) => {
  await classifyDrawn(page);
  await page.evaluate(() => {
    const button = document.querySelector('#camera');
    new MutationObserver((_, observer) => {
      if (document.querySelector('#cameraNote').textContent !== '' || button.textContent !== 'Stop camera') return;
      observer.disconnect();
      button.click();
    }).observe(document.querySelector('#cameraNote'), { childList: true });
    globalThis.inside('[role=switch][aria-label="Mixed_3b/Branch_1"]').click();
    button.click();
  });
  await page.locator('#camera', { hasText: /^Camera$/ }).waitFor();
  await page.locator('#shift[aria-busy=false] .shift').waitFor();
  await page.locator('#top5 .difference').first().waitFor();
  await meta(page, 'bars.png').waitFor();
  assert.equal(await live(page), 0);
});

for (const [what, flags, prepare, text] of /** @type {const} */ ([
  ['is refused', ['--use-fake-device-for-media-stream', '--deny-permission-prompts'], spy, 'cameraRefused'],
  ['is missing', ['--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream'], spy, 'cameraNone'],
  ['needs a secure page', FILM, (page) => page.addInitScript(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })), 'cameraInsecure'],
])) {
  visit(`where the camera ${what} the page says so and keeps the picture`, { flags: [...flags], prepare }, async (page) => {
    await classifyDrawn(page);
    const answer = await page.locator('#top5').textContent();
    await page.click('#camera');
    await page.locator('#cameraNote', { hasText: en[text] }).waitFor();
    assert.equal(await page.locator('#camera').textContent(), 'Camera');
    await page.click('[data-lang=zh]');
    assert.equal(await page.locator('#cameraNote').textContent(), zh[text]);
    assert.equal(await page.locator('#top5').textContent(), answer);
    await meta(page, 'bars.png').waitFor();
  });
}

visit('the camera works with the keyboard alone, in Chinese', { flags: FILM, prepare: spy, empty: true, hash: '#lang=zh' }, async (page) => {
  await page.locator('#upload').focus();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), zh.camera);
  await page.keyboard.press('Enter');
  await page.locator('#cameraRate', { hasText: /^每秒 \d+(\.\d)? 帧$/ }).waitFor();
  assert.equal(await page.locator('#camera').textContent(), zh.cameraStop);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => globalThis.insideAll('.lane.waiting').length === 0);
  await meta(page, '摄像头 · 640 × 480').waitFor();
});
