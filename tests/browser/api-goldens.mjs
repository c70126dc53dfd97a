// One network of each family in the wasm build, on the CPU and on WebGPU: generated weights, every end point and its gradient against
// the reference libraries.

import assert from 'node:assert/strict';
import { SOURCES, assertReference } from './families.mjs';
import { SWIFTSHADER, pageTest, withoutSharedMemory } from './harness.mjs';

const PLACES = [
  { simd: 'relaxed', isolated: true, device: 'cpu', threads: 2, sources: SOURCES },
  // Threads divide the same kernels' work: one of each kind shows that one alone does it, on a page that is not isolated.
  { simd: 'relaxed', isolated: false, device: 'cpu', threads: 1, sources: SOURCES.slice(0, 3) },
  { simd: 'simd128', isolated: false, device: 'cpu', threads: 1, sources: SOURCES },
  // Without residual sums, with two convolutions in a row, and with residual sums: the others have the same shaders, which run natively for all,
  // and here with INCEPTION_EVERY_FAMILY=1.
  { simd: 'relaxed', isolated: true, device: 'webgpu', threads: 1, flags: SWIFTSHADER, sources: SOURCES.filter((name) => process.env.INCEPTION_EVERY_FAMILY || /googlenet|torchvision|resnet_v1/.test(name)) },
];

/** In the page. */
const compareHere = ({ source, device }) => import('/tests/browser/parity.mjs').then((m) => m.compare(source, device));

/** In a worker, which alone may wait for another thread. */
const compareInWorker = ({ source }) =>
  new Promise((resolve, reject) => {
    const worker = new Worker('/tests/browser/workers/parity.mjs', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(source);
  });

for (const { simd, isolated, device, threads, flags, sources } of PLACES) {
  for (const source of sources) {
    pageTest(`equals the reference: ${source}, ${device}, ${simd}, ${threads === 1 ? '1 thread' : `${threads} threads`}`, { isolated, flags }, async (page) => {
      if (simd === 'simd128') await page.evaluate(withoutSharedMemory, { error: 'TypeError', most: 0 });
      const report = await page.evaluate(threads === 1 ? compareHere : compareInWorker, { source, device });
      assert.equal(report.simd, simd);
      assert.equal(report.device, device);
      assert.equal(report.threads, threads);
      assertReference(report);
    });
  }
}
