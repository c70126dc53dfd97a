import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCEPTED_PICTURES, READ_FORMATS, formatOf } from '../../pkg/src/client/pictures/picture-formats.js';
import { framesOf } from '../../pkg/src/client/pictures/picture-frames.js';
import { sizeOf } from '../../pkg/src/client/pictures/picture-size.js';
import en from '../../pkg/src/element/strings/en.js';
import zh from '../../pkg/src/element/strings/zh.js';
import { bring } from './bring.mjs';
import { classifyDrawn, drawnPng, drop, visit } from './visit.mjs';

/** @typedef {import('./visit.mjs').Page} Page */

const text = (/** @type {string} */ words) => new TextEncoder().encode(words);
const base64 = (/** @type {string} */ encoded) => Uint8Array.from(Buffer.from(encoded, 'base64'));
/** Pictures of 32 x 24 pixels, red on the left, blue on the right; the animations have three more frames. */
const FILES = {
  avif: base64(
    'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAOAAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAIAAAABgAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAQG1kYXQSAAoJGBE/dogIaDQgMikZR4eGIYeeeeaAAADE4b8k0cTtlBNHH/jMgh2jlQ+NOy7HGjfcTZk7qA==',
  ),
  webp: base64(
    'UklGRpYBAABXRUJQVlA4WAoAAAACAAAAHwAAFwAAQU5JTQYAAAAAAAAAAABBTk1GbgAAAAAAAAAAAB8AABcAAAAAAAJWUDggVgAAADAEAJ0BKiAAGAA+XSKNRaOiIRv0ADgFxLIAPIH4B+IH4AcgAJrFc9x8AAD+8NcD/+qRXmzgP//uDVZIfvW/9LJvJsuQH/kB/5Nklt//cn8qyBsOAAAAQU5NRj4AAAAAAAAAAAAfAAAXAAAAAAAAVlA4ICYAAABUAgCdASogABgALk02m02AAATEtIABIXlnEgAA/v03Lf+1YQAAAEFOTUZQAAAAAAAAAAAAHwAAFwAAAAAAAFZQOCA4AAAA9AIAnQEqIAAYAD5tMpVHgoCAAADYllAMkCgALIl1DFAA/vh8s/ELvZDn/uibKJrx/5t1ScI4AABBTk1GVgAAAAAAAAAAAB8AABcAAAAAAABWUDggPgAAADQDAJ0BKiAAGAA+bTSWR4KAgAAA2JZQDJAoB+AALWkGO1AA/vEKj//FnIxHZ5v/5glfkG8hf+MYWrt4AAAA',
  ),
  png: base64(
    'iVBORw0KGgoAAAANSUhEUgAAACAAAAAYCAIAAAAUMWhjAAAACGFjVEwAAAAEAAAAAHzNZtAAAAAaZmNUTAAAAAAAAAAgAAAAGAAAAAAAAAAAAAAAAQAAqDyI7QAAAC5JREFUeJxjPCEnx0AK8Pm2iiT1TCSpJgOMWjBqwagFoxaMWjBqwagFoxZQBwAAOZkDIDIV0z0AAAAaZmNUTAAAAAEAAAAgAAAAGAAAAAAAAAAAAAAAAQAAM09iOQAAABxmZEFUAAAAAnic7cEBAQAAAICQ/q/uCAoAgKoBCRgAAfPw+roAAAAaZmNUTAAAAAMAAAAgAAAAGAAAAAAAAAAAAAAAAQAA3tmx0AAAAClmZEFUAAAABHicY2SwYaApYKKt8aMWjFowasGoBaMWjFowasGoBdQCAAStAGwebBYyAAAAGmZjVEwAAAAFAAAAIAAAABgAAAAAAAAAAAAAAAEAADMTw6oAAAApZmRBVAAAAAZ4nGNkqGCgKWCirfGjFoxaMGrBqAWjFoxaMGrBqAXUAgAl8wCoeF2hPgAAAABJRU5ErkJggg==',
  ),
  gif: base64(
    'R0lGODdhIAAYAIEAAMgeHhQUyAAAAAAAACwAAAAAIAAYAAAIWgABCBxIsCCAAAgTKlwYwKDDgQwjJnz4UKJEig4tRsRoUCNDjgU9LgRJUKRCkhBNIkQpUOVKli4bwnTJ8iDNmSprxtR5E+VOnCZ55gQqUmhQoh6NFkWqUanHgAAh+QQBAAABACwAAAAAIAAYAIEAAAAAAAAAAAAAAAAILwABCBxIsKDBgwgTKlzIsKHDhxAjSpxIsaLFixgzatzIsaPHjyBDihxJsqTJjQEBACH5BAEAAAEALAAAAAAgABgAgQA8AAAAAAAAAAAAAAgvAAEIHEiwoMGDCBMqXMiwocOHECNKnEixosWLGDNq3Mixo8ePIEOKHEmypMmNAQEAIfkEAQAAAQAsAAAAACAAGACBAHgAAAAAAAAAAAAACC8AAQgcSLCgwYMIEypcyLChw4cQI0qcSLGixYsYM2rcyLGjx48gQ4ocSbKkyY0BAQA7',
  ),
  heic: text('\0\0\0\x18ftypheic\0\0\0\0mif1heic and no more'),
  tiff: text('II*\0 and no more'),
  svg: text('<?xml version="1.0"?>\n<!-- drawn > by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path fill="#c81e1e" d="M0 0h20v20H0z"/></svg>'),
};

const meta = (/** @type {Page} */ page, /** @type {string} */ words) => page.locator('#imageMeta', { hasText: words }).waitFor();
const said = (/** @type {Page} */ page, /** @type {string} */ words) => page.locator('#imageNote [role=status]', { hasText: words }).waitFor();
const refused = (/** @type {Page} */ page, /** @type {string} */ words) => page.locator('#imageNote [role=alert]', { hasText: words }).waitFor();
const fill = (/** @type {string} */ sentence, /** @type {Record<string, string | number>} */ values) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
/** Colours of the left and the right of what the network sees. @param {Page} page */
const sides = (page) => page.locator('#seen').evaluate((canvas) => [0.25, 0.75].map((x) => [...canvas.getContext('2d').getImageData(x * canvas.width, canvas.height / 2, 1, 1).data.slice(0, 3)]));

test('pictures are known by their bytes, whatever they are called', () => {
  const known = Object.entries(FILES).map(([name, bytes]) => [name, formatOf(bytes)?.name.toLowerCase()]);
  for (const [name, format] of known) assert.equal(format, name);
  for (const other of ['', 'hello', '<!doctype html><html><svg></svg></html>', '<svgx/>', '\0\0\0\x18ftypisom\0\0\0\0']) assert.equal(formatOf(text(other)), null, other);
  assert.equal(formatOf(text(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" [ <!ENTITY a "b"> ]>\n<svg/>`))?.name ?? null, null, 'a root without space');
  assert.equal(formatOf(text(`\n<!DOCTYPE svg [ <!ENTITY a "b"> ]>\n<svg width="3">`))?.name, 'SVG');
});

test('files say how many frames they have and how large they are', () => {
  for (const [name, bytes] of Object.entries({ PNG: FILES.png, WebP: FILES.webp, GIF: FILES.gif })) {
    assert.equal(framesOf(bytes, name), 4, name);
    assert.deepEqual(sizeOf(bytes, name), { width: 32, height: 24 }, name);
    for (let length = 0; length < bytes.length; length++) {
      assert.ok(framesOf(bytes.slice(0, length), name) >= 1);
      sizeOf(bytes.slice(0, length), name);
    }
  }
  assert.equal(framesOf(FILES.avif, 'AVIF'), 1);
});

visit('every format that the page asks for is shown', {}, async (page) => {
  await classifyDrawn(page);
  for (const input of ['#uploadFile', '#pictureFile']) assert.equal(await page.locator(input).getAttribute('accept'), ACCEPTED_PICTURES);
  assert.equal(ACCEPTED_PICTURES.split(',').length, READ_FORMATS.length);
  await bring(page, [{ name: 'red.avif', bytes: FILES.avif }]);
  await meta(page, 'red.avif · 32 × 24');
  const [[red, , little], [less, , blue]] = await sides(page);
  assert.ok(red > 150 && little < 80 && less < 80 && blue > 150);
  await bring(page, [{ name: 'red.svg', bytes: FILES.svg }]);
  await meta(page, 'red.svg · 1024 × 512');
  assert.deepEqual(await sides(page), [[200, 30, 30], [255, 255, 255]]);
  await page.locator('#uploadFile').setInputFiles([{ name: 'sized.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"><path fill="blue" d="M450 0h450v600H450z"/></svg>') }]);
  await meta(page, 'sized.svg · 900 × 600');
  assert.deepEqual(await sides(page), [[255, 255, 255], [0, 0, 255]]);
  for (const type of ['image/jpeg', 'image/webp']) {
    const bytes = await page.evaluate(async (type) => {
      const canvas = new OffscreenCanvas(300, 200);
      canvas.getContext('2d');
      return new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer());
    }, type);
    await bring(page, [{ name: type.slice(6), bytes }]);
    await meta(page, `${type.slice(6)} · 300 × 200`);
  }
});

visit('what the browser does not read is named, with the way out, and the former picture stays', { hash: '#lang=en' }, async (page) => {
  await classifyDrawn(page);
  const answer = await page.locator('#top5').textContent();
  const all = READ_FORMATS.join(', ');
  for (const [name, bytes, words] of /** @type {const} */ ([
    ['photo.heic', FILES.heic, fill(en.formatUnread, { format: 'HEIC' })],
    ['photo.jpg', FILES.heic, fill(en.formatUnread, { format: 'HEIC' })],
    ['scan.tif', FILES.tiff, fill(en.formatUnread, { format: 'TIFF' })],
    ['empty.png', new Uint8Array(0), en.pictureEmpty],
    ['notes.md', text('hello'), fill(en.noPicture, { formats: all })],
    ['broken.svg', text('<svg xmlns="http://www.w3.org/2000/svg"><g></svg>'), 'the SVG file is damaged'],
  ])) {
    await bring(page, [{ name, bytes }]);
    await refused(page, words);
    assert.match(await page.locator('#imageMeta').textContent(), /^bars\.png/);
    assert.equal(await page.locator('#top5').textContent(), answer);
  }
  await page.click('[data-lang=zh]');
  await bring(page, [{ name: 'photo.heic', bytes: FILES.heic }]);
  await refused(page, fill(zh.formatUnread, { format: 'HEIC' }));
});

visit('a damaged picture gives way to the one before it, even while that is still awaited', {}, async (page) => {
  const png = await drawnPng(page);
  await bring(page, [{ name: 'good.png', bytes: png }]);
  await page.waitForFunction(() => globalThis.inside('#imageMeta').textContent.startsWith('good.png'));
  await bring(page, [{ name: 'half.png', bytes: png.slice(0, png.length / 2) }]);
  await refused(page, 'This file cannot be read as an image: ');
  await meta(page, 'good.png · 320 × 240');
  await page.locator('#top5 .p').first().waitFor();
});

visit('of several pictures the first is shown, and the page says how many there were', {}, async (page) => {
  const png = await drawnPng(page);
  const named = (/** @type {string} */ name) => ({ name, type: name.endsWith('png') ? 'image/png' : '', bytes: png });
  await bring(page, [named('notes.txt'), named('one.png'), named('two.png'), named('three.png')]);
  await meta(page, 'one.png · 320 × 240');
  await said(page, fill(en.someShown, { n: 3 }));
  await bring(page, [named('alone.png')], { target: '#photo' });
  await meta(page, 'alone.png · 320 × 240');
  assert.equal(await page.locator('#imageNote').textContent(), '');
  await page.locator('#uploadFile').setInputFiles(['a.png', 'b.png'].map((name) => ({ name, mimeType: 'image/png', buffer: Buffer.from(png) })));
  await meta(page, 'a.png · 320 × 240');
  await said(page, fill(en.someShown, { n: 2 }));
  await page.click('[data-lang=zh]');
  await said(page, fill(zh.someShown, { n: 2 }));
  await page.click('[data-lang=en]');
  await bring(page, [named('p.png'), named('q.png')], { event: 'paste' });
  await meta(page, 'p.png · 320 × 240');
  await said(page, fill(en.someShown, { n: 2 }));
  await page.click('#compareToggle');
  await bring(page, [named('x.png'), named('y.png')], { target: '#compare' });
  await page.locator('#compare .side[data-side=B] .name', { hasText: 'x.png' }).waitFor();
  await page.locator('#compareStatus [role=status]', { hasText: fill(en.someShown, { n: 2 }) }).waitFor();
});

visit('of an animation the first frame is shown, and the page says so', {}, async (page) => {
  for (const name of /** @type {const} */ (['gif', 'png', 'webp'])) {
    await bring(page, [{ name: `moving.${name}`, bytes: FILES[name] }]);
    await meta(page, `moving.${name} · 32 × 24`);
    await said(page, fill(en.firstFrame, { n: 4 }));
    const [[red], [, , blue]] = await sides(page);
    assert.ok(red > 150 && blue > 150, `${name}: ${red}, ${blue}`);
  }
  await classifyDrawn(page);
  assert.equal(await page.locator('#imageNote').textContent(), '');
});

visit('of a folder the first picture is shown, by name; without one the page says so', {}, async (page) => {
  const png = await drawnPng(page);
  const inside = (/** @type {string[]} */ ...names) => names.map((name) => ({ name, bytes: png }));
  await bring(page, [], { folders: { holiday: inside('10.png', 'notes.txt', '9.png', '11.jpg', 'older/1.png', 'older/oldest/2.png', 'older/oldest/2.txt') } });
  await meta(page, '9.png · 320 × 240');
  await said(page, fill(en.someShown, { n: 5 }));
  await bring(page, [], { folders: { deep: inside('notes.txt', 'older/inner.png') }, target: '#photo' });
  await meta(page, 'inner.png · 320 × 240');
  assert.equal(await page.locator('#imageNote').textContent(), '');
  const kept = await page.locator('#imageMeta').textContent();
  await bring(page, [], { folders: { papers: inside('notes.txt') } });
  await refused(page, fill(en.folderEmpty, { name: 'papers' }));
  await bring(page, [], { folders: { locked: null } });
  await refused(page, fill(en.folderUnreadable, { name: 'locked' }));
  assert.equal(await page.locator('#imageMeta').textContent(), kept);
  await page.click('#compareToggle');
  await bring(page, [], { folders: { papers: [] }, target: '#compare' });
  await page.locator('#compareStatus [role=alert]', { hasText: fill(en.folderEmpty, { name: 'papers' }) }).waitFor();
});

visit('of files and folders together the first is shown, and all are counted', {}, async (page) => {
  const png = await drawnPng(page);
  const inside = (/** @type {string[]} */ ...names) => names.map((name) => ({ name, bytes: png }));
  await bring(page, inside('alone.png'), { folders: { one: inside('a.png', 'b.png'), two: inside('deep/c.png', 'd.png') } });
  await meta(page, 'alone.png · 320 × 240');
  await said(page, fill(en.someShown, { n: 5 }));
  await bring(page, [], { folders: { papers: inside('notes.txt'), two: inside('c.png', 'd.png') }, target: '#photo' });
  await meta(page, 'c.png · 320 × 240');
  await said(page, fill(en.someShown, { n: 2 }));
  await bring(page, [], { folders: { papers: inside('notes.txt'), locked: null } });
  await refused(page, fill(en.folderUnreadable, { name: 'locked' }));
});

visit('a picture whose address has a stray % is shown under the name that is there, and what is no address is named', {}, async (page) => {
  await page.route('**/100%25%20cat%.png', async (route) => route.fulfill({ contentType: 'image/png', body: Buffer.from(await drawnPng(page)) }));
  const show = (/** @type {string} */ address) => page.evaluate((url) => document.querySelector('inception-inspector').show(url), address);
  await meta(page, 'chelsea.jpg');
  await show('/100%25%20cat%.png');
  await meta(page, '100%25%20cat%.png · 320 × 240');
  await show('http://[');
  await refused(page, fill(en['err-network'], { detail: 'http://[' }));
});

visit('a file that is gone when it is read is named', {}, async (page) => {
  await classifyDrawn(page);
  await page.evaluate(() => {
    Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
  });
  await drop(page, { name: 'gone.png', type: 'image/png', bytes: new Uint8Array(4) });
  await refused(page, fill(en.fileUnreadable, { name: 'gone.png' }));
  await meta(page, 'bars.png');
});

visit('a model and a picture that are dropped together are both taken', {}, async (page) => {
  const png = await drawnPng(page);
  await bring(page, [{ name: 'words.safetensors', bytes: text('no model') }, { name: 'with.png', type: 'image/png', bytes: png }]);
  await page.locator('#modelStatus [role=alert]').waitFor();
  await meta(page, 'with.png · 320 × 240');
});
