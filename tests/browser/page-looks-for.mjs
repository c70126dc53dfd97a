// What a channel looks for: a picture that grows in the channel view, what is kept of it, and the atlas of a branch.

import assert from 'node:assert/strict';
import { check, withAxe } from './axe.mjs';
import { drawSmall } from './small-drawings.mjs';
import { visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const LAYER = 'Mixed_4d/Branch_2';
const OPEN = `#layer=Mixed_4d&channel=${LAYER},8,9,8&open=1`;
/** The first picture of a site that has none. */
const expected = /googlenet-imagenet\.atlas/;

/** @param {Page} page @param {string | RegExp} text */
const said = (page, text) => page.locator('.looks-for [role=status]:not(.quiet)', { hasText: text }).waitFor();

/** @param {Page} page */
const picture = (page) => page.locator('#lookPicture').evaluate((canvas) => canvas.toDataURL());

/** The picture two frames after the next click. @param {Page} page */
const atNextFrames = (page) =>
  page.locator('#lookPicture').evaluate(async (canvas) => {
    await new Promise((resolve) => addEventListener('click', resolve, { once: true, capture: true }));
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    return canvas.toDataURL();
  });

/** @param {Page} page @param {string} act */
const press = (page, act) => page.locator(`.look-after [data-act=${act}]`).click();

/** @param {Page} page */
const pixels = (page) => page.locator('#lookPicture').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data);

/** The pixels of a picture that grows in one go. @param {Page} page @param {{ seed: number, steps: number }} how */
const asAtOnce = (page, how) =>
  page.evaluate(
    async ({ layer, how }) => {
      const { asked } = globalThis;
      const { pixels } = await document.querySelector('inception-inspector').net.visualize({ layer, channel: 8 }, { ...how, onStep: () => undefined });
      asked.pop();
      return pixels;
    },
    { layer: LAYER, how },
  );

/** Where the picture at work is, in percent. @param {Page} page */
const progress = async (page) => Number(await page.locator('.look-work [role=progressbar]').getAttribute('aria-valuenow'));

/** What was asked of the network: seed and steps. @param {Page} page */
const steps = (page) => page.evaluate(() => globalThis.asked.map(({ seed, steps }) => [seed, steps]));

/** @param {Page} page */
const open = (page) => page.locator('#lookStart').waitFor();

visit('a picture grows in front of the eyes, is stopped with L, goes on, and is there after a reload', { hash: OPEN, width: 1600 }, async (page) => {
  await open(page);
  // All steps: it must still be growing when it is stopped, and again when it is seen to go on, on a fast machine, too.
  await drawSmall(page, { steps: 128 });
  await page.locator('#large').focus();
  await page.keyboard.press('l');
  await page.locator('.look-work .row', { hasText: /^Step (1[6-9]|[2-9]\d) of 128, \d+ s left/ }).waitFor();
  assert.ok((await progress(page)) > 0);
  assert.ok((await page.locator('.look-film canvas').count()) >= 1);
  const early = await picture(page);
  await page.keyboard.press('l');
  await said(page, /^Stopped at step \d+ of 128$/);
  const stopped = Number(/\d+/.exec(await page.locator('.looks-for [role=status]').textContent()));
  assert.ok(stopped >= 16 && stopped % 4 === 0, `stopped at ${stopped}`);
  const kept = await picture(page);
  await press(page, 'goOn');
  await page.locator('.look-work').waitFor({ state: 'visible' });
  assert.ok((await progress(page)) >= Math.floor((100 * stopped) / 128), 'it begins where it was');
  await page.locator('.look-work .row', { hasText: /^Step \d+/ }).waitFor();
  await said(page, /^128 steps, activation [\d.]+$/);
  assert.deepEqual(await page.evaluate(() => globalThis.asked.map(({ target }) => target)), [1, 2].map(() => ({ layer: LAYER, channel: 8 })));
  assert.deepEqual(await steps(page), [[0, 128], [0, 128 - stopped]]);
  assert.notEqual(await picture(page), kept);
  assert.equal(await page.locator('.look-film li').count(), 5);
  assert.notEqual(await picture(page), early);
  assert.equal(await page.locator('#lookPicture').getAttribute('aria-label'), 'What it looks for, Channel 8');
  const text = await page.locator('.looks-for [role=status]').textContent();

  await page.reload();
  await said(page, text);
  assert.equal(await page.locator('#lookPicture').evaluate((canvas) => canvas.width), 64);
  assert.equal(await page.locator('.look-film li').count(), 5);
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'savePicture')]);
  assert.equal(download.suggestedFilename(), 'googlenet-imagenet_Mixed_4d_Branch_2_ch8_looks-for_seed0.png');
});

visit('a page that is left while a picture grows has its last stage', { hash: OPEN, width: 1600 }, async (page) => {
  await open(page);
  await drawSmall(page, { steps: 64 });
  await page.click('#lookStart');
  await page.locator('.look-work .row', { hasText: /^Step (3[2-9]|[4-9]\d|1[01]\d) of 128/ }).waitFor();
  await page.reload();
  await said(page, /^Stopped at step (8|24|56) of 128$/);
  assert.ok((await page.locator('.look-film li').count()) >= 2);
});

visit('another start gives another picture, more steps go on with the same, and each target has its own', { hash: OPEN, width: 1600 }, async (page) => {
  await open(page);
  await drawSmall(page);
  await page.click('#lookStart');
  await said(page, /^128 steps/);
  const first = await picture(page);
  await press(page, 'again');
  await page.locator('.look-work').waitFor({ state: 'visible' });
  await said(page, /^128 steps/);
  assert.notEqual(await picture(page), first);
  const second = await picture(page);
  const [soon] = await Promise.all([atNextFrames(page), press(page, 'longer')]);
  await page.locator('.look-work').waitFor({ state: 'visible' });
  assert.equal(soon, second, 'it stays until there is a later one');
  assert.ok((await progress(page)) >= 50, 'it begins where it was');
  await said(page, /^256 steps/);
  assert.deepEqual(await page.locator('.look-film li').allTextContents(), ['0', '16', '64', '128', '256']);
  assert.deepEqual(await pixels(page), await asAtOnce(page, { seed: 1, steps: 256 }));
  await page.locator('.looks-for').getByRole('radio', { name: 'Branch' }).click();
  await page.click('#lookStart');
  await said(page, /^128 steps/);
  await page.getByRole('radio', { name: 'Middle' }).click();
  await page.locator('#lookStart').waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.asked.map(({ target, seed, steps }) => [target.channel ?? null, seed, steps])), [[8, 0, 128], [8, 1, 128], [8, 1, 128], [null, 0, 128]]);
  await page.locator('.looks-for').getByRole('radio', { name: 'Channel' }).click();
  await said(page, /^256 steps/);
  await page.locator('#large').focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('#lookStart').waitFor();
});

visit('what somebody waits for goes first, and the picture goes on after it', { hash: OPEN, width: 1600 }, async (page) => {
  await open(page);
  await drawSmall(page, { steps: 128 });
  await page.click('#lookStart');
  await page.locator('.look-work .row', { hasText: /^Step (16|[2-9]\d)/ }).waitFor();
  await page.click('#samples [data-name="coffee.jpg"]');
  await page.locator('#imageMeta', { hasText: 'coffee.jpg · ' }).waitFor();
  assert.equal(await page.locator('.look-work').isVisible(), true, 'the answer did not wait for the picture');
  await page.waitForFunction(() => globalThis.asked.length === 2);
  const [, [, left]] = await steps(page);
  assert.ok(left <= 112 && left % 4 === 0, `${left} steps are left`);
  assert.ok((await progress(page)) >= Math.floor((100 * (128 - left)) / 128), 'it goes on where it was');
  await said(page, /^128 steps/);
  assert.equal(await page.locator('.look-film li').count(), 5);
  assert.deepEqual(await pixels(page), await asAtOnce(page, { seed: 0, steps: 128 }));
});

visit('a branch fills its atlas in the background, pauses, goes on after a reload, and is one stop of the keyboard', { hash: `#layer=Mixed_4d&shows=looks`, width: 1600, expected }, async (page) => {
  const branch = page.locator(`.branch[data-branch="${LAYER}"]`);
  const count = (/** @type {RegExp} */ text) => branch.locator('.atlas-bar .row', { hasText: text }).waitFor();
  await count(/^0 of 64/);
  await drawSmall(page, { steps: 4 });
  await branch.locator('.atlas-toggle').click();
  await count(/^[2-9] of 64, about \d+ (s|min) left/);
  await branch.locator('.grid').focus();
  await page.keyboard.press('Home');
  assert.equal(await branch.locator('[role=option]').getAttribute('aria-label'), 'Channel 0');
  await page.keyboard.press('p');
  await count(/^\d+ of 64Go on$/);
  // A picture that was whole when it was paused is still being kept.
  await page.waitForTimeout(500);
  const [made] = (await branch.locator('.atlas-bar .row').textContent()).split(' ');
  await page.keyboard.press('End');
  assert.equal(await branch.locator('[role=option]').getAttribute('aria-label'), 'Channel 63, not made yet');
  assert.match(await branch.locator('.atlas-bar p').textContent(), /^Kept in this browser: 0\.\d\d MB$/);
  assert.match(new URL(page.url()).hash, /shows=looks/);

  await page.reload();
  await count(new RegExp(`^${made} of 64`));
  const isDrawn = await branch.locator('.grid canvas').evaluate(async (canvas) => {
    for (let frame = 0; frame < 300; frame += 1) {
      const { data } = canvas.getContext('2d').getImageData(10, 10, 20, 20);
      if (data.reduce((sum, value) => sum + value, 0) / data.length < 180) return true;
      await new Promise(requestAnimationFrame);
    }
    return false;
  });
  assert.ok(isDrawn, 'the first tile has its picture');
  await page.locator('#shows').getByRole('radio', { name: 'This picture' }).click();
  await branch.locator('.stats').waitFor();
});

/** A site with an atlas: a sheet of one colour a channel. @param {Page} page */
async function withAtlas(page) {
  await page.route('**/models/googlenet-imagenet.atlas/*', async (route) => {
    if (route.request().url().endsWith('.json')) {
      const sheets = [{ layer: 'Mixed_4d', file: 'Mixed_4d.png', columns: 32 }];
      const backbone = await page.evaluate(() => document.querySelector('inception-inspector').net.info.backbone.digest);
      return route.fulfill({ json: { backbone, tile: 4, steps: 256, seed: 0, sheets } });
    }
    const base64 = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(128, 64);
      const context = canvas.getContext('2d');
      for (let c = 0; c < 512; c += 1) {
        context.fillStyle = `rgb(${c % 256} ${c >> 8} 200)`;
        context.fillRect((c % 32) * 4, (c >> 5) * 4, 4, 4);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
      return btoa(String.fromCharCode(...bytes));
    });
    return route.fulfill({ contentType: 'image/png', body: Buffer.from(base64, 'base64') });
  });
}

visit('an atlas that lies beside the model is shown without drawing', { hash: '#layer=Mixed_4d&shows=looks', width: 1600, prepare: withAtlas }, async (page) => {
  const branch = page.locator(`.branch[data-branch="${LAYER}"]`);
  await branch.locator('.atlas-bar .row', { hasText: '64 of 64' }).waitFor();
  assert.equal(await branch.locator('.atlas-toggle').isHidden(), true);
  assert.equal(await branch.locator('.atlas-bar p').textContent(), 'From this site');
  const color = await branch.locator('.grid canvas').evaluate((canvas) => [...canvas.getContext('2d').getImageData(15, 15, 1, 1).data]);
  assert.deepEqual(color, [(128 + 256) % 256, (128 + 256) >> 8, 200, 255], 'channel 0 of the branch is number 384 of the module');
});

visit('what it looks for speaks Chinese, is accessible, and fits a phone', { hash: `${OPEN}&lang=zh&theme=dark`, width: 360, prepare: withAxe }, async (page) => {
  await open(page);
  await drawSmall(page);
  assert.equal(await page.locator('#lookStart').textContent(), '显示它在找什么');
  await page.click('#lookStart');
  await said(page, /^128 步，激活/);
  assert.ok(await page.evaluate(() => inside('#large').scrollWidth <= innerWidth));
  await check(page, 'what it looks for');
});
