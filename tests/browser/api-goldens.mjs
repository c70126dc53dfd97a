// One network of each family in the wasm build: generated weights, every end point against the reference libraries.

import assert from 'node:assert/strict';
import { pageTest } from './harness.mjs';

const SOURCES = [
  'paper_googlenet',
  'cadene_bninception',
  'torchvision_inception_v3',
  'seed_inception_v3_slim',
  'timm_inception_v4',
  'facenet_inception_resnet_v1',
  'timm_inception_resnet_v2',
];

/** Of the spread of the logits, and of an end point's largest value. */
const TOLERANCE = 2e-4;

const ARTEFACTS = [
  { simd: 'relaxed', isolated: true },
  { simd: 'simd128', isolated: false },
];

for (const { simd, isolated } of ARTEFACTS) {
  for (const source of SOURCES) {
    pageTest(`equals the reference: ${source}, ${simd}`, { isolated }, async (page) => {
      const report = await page.evaluate((source) => import('/tests/browser/parity.mjs').then((m) => m.compare(source)), source);
      assert.equal(report.simd, simd);
      assert.ok(report.endpoints.length > 50);
      for (const { name, error } of [...report.endpoints, ...report.vectors]) {
        assert.ok(error < TOLERANCE, `${name}: ${error}`);
      }
    });
  }
}
