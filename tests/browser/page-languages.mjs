import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { ROOT } from './harness.mjs';
import { classifyDrawn, visit } from './visit.mjs';

const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

describe('the tables of strings', () => {
  it('have the same keys with the same values to fill in', () => {
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
    for (const key of Object.keys(en)) assert.deepEqual(holes(zh[key]), holes(en[key]), key);
  });

  it('hold what the page asks for and nothing else', () => {
    const scripts = ['www', 'pkg/src/element'].flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((name) => join(folder, name)));
    const files = ['index.html', 'bench.html', ...scripts.filter((name) => name.endsWith('.js') && !name.includes('strings'))];
    const source = files.map((name) => readFileSync(join(ROOT, name), 'utf8')).join('\n');
    const asked = [...source.matchAll(/\bt\('([\w-]+)'|data-(?:text|label)="([\w-]+)"/g)].map(([, call, attribute]) => call ?? attribute);
    for (const key of asked) assert.ok(key in en, `${key} is asked for but not in the tables`);
    // A term's title and explanation are asked for by the term's name.
    const nameOf = (/** @type {string} */ key) => (/^[tg][A-Z]/.test(key) && `t${key.slice(1)}` in en && `g${key.slice(1)}` in en ? key.slice(1) : key);
    const unused = Object.keys(en).filter((key) => !key.startsWith('err-') && !new RegExp(`['"]${nameOf(key)}['"]`).test(source));
    assert.deepEqual(unused, []);
  });
});

/** @param {import('./visit.mjs').Page} page */
function preferChinese(page) {
  return page.addInitScript(() => Object.defineProperty(navigator, 'language', { value: 'zh-CN' }));
}

visit("the page speaks the browser's language", { ready: false, prepare: preferChinese }, async (page) => {
  assert.equal(await page.locator('h1').textContent(), zh.title);
});

visit('the page speaks the chosen language everywhere, and keeps it', {}, async (page, address) => {
  await classifyDrawn(page);
  await page.click('[data-lang=zh]');
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
  assert.equal(await page.title(), zh.title);
  assert.equal(await page.locator('#modelName').textContent(), 'GoogLeNet');
  assert.match(await page.locator('#networkFacts').textContent(), new RegExp(zh.convs));
  assert.match(await page.locator('.branch .read').first().textContent(), /个通道$/);
  assert.match(await page.evaluate(() => location.hash), /lang=zh/);
  await page.goto(address);
  await page.locator('h1', { hasText: zh.title }).waitFor();
});

visit('the page is dark or light, as the system or the user likes it', { ready: false }, async (page) => {
  const theme = () => page.locator('html').getAttribute('data-theme');
  const reload = async () => {
    await page.reload();
    await page.locator('html[data-theme]').waitFor();
  };
  await page.emulateMedia({ colorScheme: 'dark' });
  await reload();
  assert.equal(await theme(), 'dark');
  await page.locator('#samples [role=radio]').first().waitFor();
  await page.click('#theme');
  assert.equal(await theme(), 'light');
  await reload();
  assert.equal(await theme(), 'light');
});
