// Checkpoints of every format in Node.js, as their exporters write them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Engine } from '../../pkg/dist/engine.js';
import { Inception } from '../../pkg/dist/node/index.js';
import { ONE_EACH, answer } from '../browser/fixture.mjs';
import { MODEL, ROOT, nodeTest } from './package.mjs';

/** Of the spread of the logits, as tests/reference asks. */
const TOLERANCE = 2e-4;

const read = (path) => readFile(join(ROOT, 'tests/reference/formats', path));

for (const [format, name] of Object.entries(ONE_EACH)) {
  nodeTest(`${format}: ${name} answers as its framework does`, async () => {
    const { error } = await answer(Engine, name, read);
    assert.ok(error < TOLERANCE, `${error}`);
  });
}

nodeTest('a compressed file is what it was before, a damaged one is told', async () => {
  const packed = gzipSync(await readFile(MODEL));
  const net = await Inception.load(new File([packed], 'googlenet.safetensors.gz'));
  assert.equal(net.info.network, 'googlenet');
  net.dispose();
  await assert.rejects(Inception.load(new File([packed.subarray(0, 1 << 20)], 'cut.safetensors.gz')), { code: 'bad-weights', message: /cut\.safetensors\.gz is compressed and damaged or cut short/ });
});

nodeTest('a file on this computer becomes a model of a folder, with its entry', async (folder) => {
  const out = join(folder, 'models');
  const packed = join(folder, 'mine.safetensors.gz');
  await writeFile(packed, gzipSync(await readFile(MODEL)));
  const cli = join(ROOT, 'pkg/dist/node/cli.js');
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'models', 'add', packed, '--out', out]);
  assert.match(stdout, /mine\.safetensors/);
  const [entry] = JSON.parse(await readFile(join(out, 'catalog.json'), 'utf8'));
  assert.deepEqual([entry.id, entry.network, entry.classes, entry.url], ['mine', 'googlenet', 1000, 'mine.safetensors']);
  const failed = await promisify(execFile)(process.execPath, [cli, 'models', 'add', join(folder, 'none.h5'), '--out', out]).catch((error) => error);
  assert.match(failed.stderr, /unknown-model: .*none\.h5; it is no file here, and the catalog has/);
});
