// Own classes in Node.js: taught, kept in a file, and answered by it.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inception } from '../../pkg/dist/node/index.js';
import { MODEL, nodeTest } from './package.mjs';

/** Bars of a width, across or down. @param {boolean} across @param {number} width */
function bars(across, width) {
  const side = 64;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let i = 0; i < side * side; i += 1) {
    const at = across ? Math.floor(i / side) : i % side;
    if (Math.floor(at / width) % 2 === 0) data.set([width * 9, 40, 90], 4 * i);
  }
  return { width: side, height: side, data };
}

nodeTest('teaches, keeps the head in a file, and answers with it by its path, its address and its bytes', async (folder) => {
  const net = await Inception.load(MODEL);
  const teacher = await net.teach();
  for (let width = 3; width < 9; width += 1) {
    await teacher.add(bars(true, width), 'across');
    await teacher.add(bars(false, width), 'down');
  }
  const report = await teacher.train();
  assert.deepEqual([report.judged, report.labels], [12, ['across', 'down']]);
  const head = await teacher.head();
  const path = join(folder, 'head.safetensors');
  await writeFile(path, head);
  for (const source of [path, pathToFileURL(path), head]) {
    await net.useHead(source);
    const { predictions } = await net.classify(bars(false, 6), { threshold: 0 });
    assert.deepEqual([net.info.classes, predictions[0].label], [2, 'down']);
    await net.useHead(null);
  }
  const other = await Inception.load(MODEL, { head: path });
  assert.deepEqual((await other.classify(bars(true, 6))).predictions[0].label, 'across');
  await assert.rejects(net.useHead(join(folder, 'no-such.safetensors')), { code: 'network' });
  other.dispose();
  net.dispose();
});
