import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { isTooLarge, copySize } from '../../pkg/src/client/pictures/picture-size.js';
import en from '../../pkg/src/element/strings/en.js';
import { classifyDrawn, drop, visit } from './visit.mjs';

/** A PNG of one bit a pixel: black on the left, white on the right. @param {number} width @param {number} height */
function halvesPng(width, height) {
  const chunk = (/** @type {string} */ name, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 0xff);
  row.fill(0, 0, 1 + width / 16);
  const pixels = deflateSync(Buffer.concat(Array(height).fill(row)));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

test('the copy of a picture that is too large keeps its proportions, and fits every canvas', () => {
  assert.equal(isTooLarge({ width: 8192, height: 8192 }), false);
  assert.equal(isTooLarge({ width: 8193, height: 8192 }), true);
  assert.equal(isTooLarge({ width: 70_000, height: 1 }), true);
  for (const size of [{ width: 12_000, height: 9000 }, { width: 9000, height: 12_000 }, { width: 70_000, height: 1 }, { width: 60_000, height: 2000 }]) {
    const { width, height } = copySize(size);
    assert.ok(width * height <= 2 ** 24 && Math.max(width, height) <= 2 ** 14);
    assert.ok(Math.abs(width / height / (size.width / size.height) - 1) < 0.01 || height === 1);
  }
});

visit('a picture of 12000 x 9000 is scaled down and shown, and the page says so', {}, async (page) => {
  await classifyDrawn(page);
  await drop(page, { name: 'large.png', type: 'image/png', bytes: halvesPng(12_000, 9000) });
  await page.locator('#imageMeta', { hasText: 'large.png · 4729 × 3547' }).waitFor();
  await page.locator('#imageNote [role=status]', { hasText: en.scaledDown.replace('{w}', '12000').replace('{h}', '9000') }).waitFor();
  assert.equal(await page.locator('#imageNote [role=alert]').count(), 0);
  const [left, right] = await page.locator('#seen').evaluate((canvas) => [0.25, 0.75].map((x) => canvas.getContext('2d').getImageData(x * canvas.width, canvas.height / 2, 1, 1).data[0]));
  assert.deepEqual([left, right], [0, 255]);
  await page.locator('#top5 .p').first().waitFor();
  await classifyDrawn(page, 'next.png');
  assert.equal(await page.locator('#imageNote').textContent(), '');
});

visit('the package scales down files, bitmaps and canvases that are too large', {}, async (page) => {
  const png = halvesPng(12_000, 9000).toString('base64');
  const { file, bitmap } = await page.evaluate(async (png) => {
    const { net } = document.querySelector('inception-inspector');
    const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
    const options = { topK: 3 };
    const [file] = [await net.classify(bytes, options)];
    const whole = await createImageBitmap(new Blob([bytes]));
    const bitmap = await net.classify(whole, options);
    whole.close();
    return { file, bitmap };
  }, png);
  assert.deepEqual([file.image.width, file.image.height], [4729, 3547]);
  assert.deepEqual(bitmap.image, file.image);
  assert.deepEqual(bitmap.predictions, file.predictions);
});

visit('a picture of one line keeps to the page', {}, async (page) => {
  await drop(page, { name: 'line.png', type: 'image/png', bytes: halvesPng(16, 4000) });
  await page.locator('#imageMeta', { hasText: 'line.png · 16 × 4000' }).waitFor();
  const [left, right] = await page.locator('#seen').evaluate((canvas) => [0.25, 0.75].map((x) => canvas.getContext('2d').getImageData(x * canvas.width, canvas.height / 2, 1, 1).data[0]));
  assert.ok(left < 20 && right > 235, `${left}, ${right}`);
});
