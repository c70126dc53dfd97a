// Checkpoints of every format in the browser, as their exporters write them: the engine fetches what reads them.

import assert from 'node:assert/strict';
import { ONE_EACH } from './fixture.mjs';
import { pageTest } from './harness.mjs';

/** Of the spread of the logits, as tests/reference asks. */
const TOLERANCE = 2e-4;

for (const [format, name] of Object.entries(ONE_EACH)) {
  pageTest(`${format}: ${name} answers as its framework does`, {}, async (page) => {
    const { error } = await page.evaluate(async (name) => {
      const [{ Engine }, { answer }] = await Promise.all([import('/pkg/dist/engine.js'), import('/tests/browser/fixture.mjs')]);
      const read = async (path) => new Uint8Array(await (await fetch(`/tests/reference/formats/${path}`)).arrayBuffer());
      return answer(Engine, name, read);
    }, name);
    assert.ok(error < TOLERANCE, `${error}`);
  });
}

pageTest('what reads other formats is fetched when one is opened, and no earlier', {}, async (page) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const converters = () => asked.filter((url) => url.includes('inception_convert')).length;
  await page.evaluate(async () => (await Inception.load('/models/googlenet-imagenet.safetensors')).dispose());
  assert.equal(converters(), 0);
  const { code } = await page.evaluate(() => outcomeOf(Inception.load(new File(['text'], 'model.h5'))));
  assert.equal(code, 'bad-weights');
  assert.equal(converters(), 2, 'its wasm and its glue');
});
