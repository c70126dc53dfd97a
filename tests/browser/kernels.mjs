// Every kernel and every transformed form of a convolution against its reference, in the instruction sets of both
// artefacts that pages load. The checks are crate/kernel-checks; what fails here says which case, as it does natively.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KERNELS, NEEDS, pageTest } from './harness.mjs';

const CHECKS = ['convolutions', 'transformed_convolutions', 'pools', 'global_average', 'lrn', 'linear'];
const CASES = 100;
const SEEDS = [1, 2, 3];
/** `f32x4.relaxed_madd`, as it is encoded. */
const RELAXED_MADD = '\xfd\x85\x02';

for (const simd of ['simd128', 'relaxed']) {
  for (const check of CHECKS) {
    pageTest(`equals its reference: ${check}, ${simd}`, { needs: ['kernels'] }, async (page) => {
      await serveKernels(page);
      const found = await page.evaluate(run, { simd, check, cases: CASES, seeds: SEEDS });
      assert.deepEqual(found.names, CHECKS);
      assert.ok(found.failure === undefined, found.failure);
    });
  }
}

test('the relaxed artefact has relaxed SIMD in it', (t) => {
  if (!existsSync(NEEDS.kernels.path)) return t.skip(`${NEEDS.kernels.path} is missing (${NEEDS.kernels.from})`);
  const found = readFileSync(join(KERNELS, 'kernels_relaxed.wasm')).toString('latin1').split(RELAXED_MADD).length - 1;
  assert.ok(found > 10, `${found} times relaxed_madd`);
});

/**
 * Answers `/kernels/NAME` with what `cargo xtask test` built.
 * @param {import('playwright-core').Page} page
 */
function serveKernels(page) {
  return page.route('**/kernels/*', (route) =>
    route.fulfill({ path: join(KERNELS, new URL(route.request().url()).pathname.split('/').pop()) }),
  );
}

/**
 * In the page: the names of all checks, and what the first seed that fails says.
 * @param {{ simd: string, check: string, cases: number, seeds: number[] }} what
 */
async function run({ simd, check, cases, seeds }) {
  const { default: glue } = await import(`/kernels/kernels_${simd}.js`);
  const kernels = glue();
  await kernels.default({ module_or_path: await WebAssembly.compileStreaming(fetch(`/kernels/kernels_${simd}.wasm`)) });
  const names = kernels.names();
  for (const seed of seeds) {
    try {
      const failure = kernels.run(check, cases, seed);
      if (failure !== undefined) return { names, failure: `seed ${seed}: ${failure}` };
    } catch (error) {
      return { names, failure: `seed ${seed}: ${kernels.take_panic() ?? error}` };
    }
  }
  return { names };
}
