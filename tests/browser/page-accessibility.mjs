// What axe-core finds on the page in the states that a visitor meets: nothing serious.

import { check, withAxe } from './axe.mjs';
import { onDisk } from './on-disk.mjs';
import { ownModelFile } from './own-model-file.mjs';
import { classifyDrawn, drawnPng, drop, visit } from './visit.mjs';

visit('axe finds nothing serious from the first visit to an explained answer', { prepare: withAxe }, async (page) => {
  await check(page, 'first visit');
  await page.click('#model');
  await check(page, 'list of models');
  await page.keyboard.press('Escape');
  await classifyDrawn(page);
  await check(page, 'an answer');
  await page.locator('#top5 [role=radio]').first().click();
  await page.locator('.contributions .sum').waitFor();
  await check(page, 'an explained answer');
  const grid = page.locator('.branch .grid').first();
  await grid.focus();
  await grid.press('Home');
  await grid.press('Enter');
  await page.locator('#readout .who b').waitFor();
  await check(page, 'a pinned channel');
  await grid.press('o');
  await page.locator('#large[open]').waitFor();
  await check(page, 'a channel shown large');
});

/** Hubs that are there. @param {Page} page */
async function withHubs(page) {
  await withAxe(page);
  await page.route(/^https:/, (route) => route.fulfill({ status: 200, headers: { 'access-control-allow-origin': '*' } }));
}

visit('axe finds nothing serious in the list of models with own ones and those of hubs', { prepare: withHubs }, async (page) => {
  await page.setInputFiles('#modelFiles', onDisk({ name: 'mine.safetensors', buffer: ownModelFile(5) }));
  await page.click('#model');
  await page.getByRole('button', { name: 'Remove mine.safetensors from this computer' }).waitFor();
  await page.locator('.get').first().waitFor();
  await check(page, 'all kinds of models');
  await page.keyboard.press('Escape');
  await page.setInputFiles('#labelsFile', { name: 'two.txt', mimeType: '', buffer: Buffer.from('one\ntwo') });
  await page.locator('#modelStatus [role=alert]').waitFor();
  await check(page, 'labels that do not fit');
  await page.click('#theme');
  await page.click('[data-lang=zh]');
  await page.click('#model');
  await check(page, 'the other language and theme');
});

visit('axe finds nothing serious with branches off, ranked and measured', { prepare: withAxe, width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.locator('#map').getByRole('switch', { name: 'Mixed_4b/Branch_0', exact: true }).click();
  await page.locator('#shift[aria-busy=false] .shift').waitFor();
  await check(page, 'a branch off');
  await page.click('#rank');
  await page.locator('#ranking ol').waitFor();
  await check(page, 'a ranking');
  await page.click('#times');
  await page.click('#measure');
  await page.locator('.time-head h3', { hasText: 'Time by module' }).waitFor();
  await check(page, 'times');
});

visit('axe finds nothing serious in a comparison', { prepare: withAxe, width: 1600 }, async (page) => {
  await classifyDrawn(page);
  await page.click('#compareToggle');
  await check(page, 'nothing compared yet');
  await drop(page, { name: 'other.png', type: 'image/png', bytes: await drawnPng(page, 200) }, '#compare');
  await page.locator('#compare .side[data-side=B] .difference').first().waitFor();
  await page.locator('#compare .grid').first().focus();
  await page.keyboard.press('Home');
  await check(page, 'two pictures');
  await page.locator('#compareKind [data-kind=model]').click();
  await page.click('#compareModels button:text-is("GoogLeNet")');
  await page.locator('#compareModule').waitFor();
  await check(page, 'two models');
});

visit('axe finds nothing serious while the camera runs', { prepare: withAxe, flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] }, async (page) => {
  await page.click('#camera');
  await page.locator('#cameraRate', { hasText: /\d/ }).waitFor();
  await check(page, 'frames');
});

for (const { theme, lang, width } of [{ theme: 'dark', lang: 'en', width: 1600 }, { theme: 'dark', lang: 'zh', width: 360 }, { theme: 'light', lang: 'zh', width: 1024 }]) {
  visit(`axe finds nothing serious in ${theme}, ${lang}, at ${width} px`, { prepare: withAxe, width, hash: `#theme=${theme}&lang=${lang}` }, async (page) => {
    await classifyDrawn(page);
    await page.locator('#top5 [role=radio]').first().click();
    await page.locator('.contributions .sum').waitFor();
    await check(page, 'an explained answer');
  });
}

for (const theme of /** @type {const} */ (['light', 'dark'])) {
  visit(`axe finds nothing serious in the stem and the head (${theme})`, { prepare: withAxe, width: 1366, hash: `#theme=${theme}` }, async (page) => {
    await classifyDrawn(page);
    await page.getByRole('button', { name: 'Open the stem' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#stem .note').waitFor();
    await page.locator('#stem .grid').focus();
    await check(page, 'the stem');
    await page.getByRole('button', { name: 'Open the head' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#head .score').waitFor();
    await check(page, 'the head');
  });
}
