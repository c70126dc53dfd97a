// Checkpoints of every format in Node.js, as their exporters write them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from '../../pkg/dist/engine.js';
import '../../pkg/dist/node/index.js';
import { ONE_EACH, answer } from '../browser/fixture.mjs';
import { ROOT, nodeTest } from './package.mjs';

/** Of the spread of the logits, as tests/reference asks. */
const TOLERANCE = 2e-4;

const read = (path) => readFile(join(ROOT, 'tests/reference/formats', path));

for (const [format, name] of Object.entries(ONE_EACH)) {
  nodeTest(`${format}: ${name} answers as its framework does`, async () => {
    const { error } = await answer(Engine, name, read);
    assert.ok(error < TOLERANCE, `${error}`);
  });
}
