// Checkpoints of every format in the browser, as their exporters write them: the engine fetches what reads them.

import assert from 'node:assert/strict';
import { ONE_EACH } from './fixture.mjs';
import { pageTest } from './harness.mjs';

/** Of the spread of the logits, as tests/reference asks. */
const TOLERANCE = 2e-4;

for (const [format, name] of Object.entries(ONE_EACH)) {
  pageTest(`${format}: ${name} answers as its framework does`, {}, async (page) => {
    const { error } = await page.evaluate(async (name) => {
      const [{ Engine }, { answer }] = await Promise.all([import('/pkg/dist/engine/engine.js'), import('/tests/browser/fixture.mjs')]);
      const read = async (path) => new Uint8Array(await (await fetch(`/tests/reference/formats/${path}`)).arrayBuffer());
      return answer(Engine, name, read);
    }, name);
    assert.ok(error < TOLERANCE, `${error}`);
  });
}

pageTest('an ONNX model at an address brings the file of its values', {}, async (page) => {
  const { error, asked } = await page.evaluate(async () => {
    const [{ Engine }, { answer }] = await Promise.all([import('/pkg/dist/engine/engine.js'), import('/tests/browser/fixture.mjs')]);
    const read = async (path) => new Uint8Array(await (await fetch(`/tests/reference/formats/${path}`)).arrayBuffer());
    const real = fetch;
    const asked = [];
    const { error } = await answer(Engine, 'onnx_tv_v3_dynamo', read, (files) => {
      globalThis.fetch = async (url, init) => {
        const [folder, name] = new URL(url, location.href).pathname.split('/').slice(-2);
        if (folder !== 'made') return real(url, init);
        asked.push(name);
        return new Response(files.find((file) => file.name === name)?.bytes);
      };
      return [{ name: 'model.onnx', url: new URL('/made/model.onnx?download=true', location.href).href }];
    });
    return { error, asked };
  });
  assert.deepEqual(asked, ['model.onnx', 'model.onnx.data']);
  assert.ok(error < TOLERANCE, `${error}`);
});

pageTest('a compressed file is read from a File', {}, async (page) => {
  const network = await page.evaluate(async () => {
    const { body } = await fetch('/models/googlenet-imagenet.safetensors');
    const packed = await new Response(body.pipeThrough(new CompressionStream('gzip'))).blob();
    const net = await Inception.load(new File([packed], 'mine.safetensors.gz'));
    const { network } = net.info;
    await net.dispose();
    return network;
  });
  assert.equal(network, 'googlenet');
});

pageTest('what reads other formats is fetched when one is opened, and no earlier', {}, async (page) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const converters = () => asked.filter((url) => url.includes('inception_convert')).length;
  await page.evaluate(async () => (await Inception.load('/models/googlenet-imagenet.safetensors')).dispose());
  assert.equal(converters(), 0);
  const { code } = await page.evaluate(() => outcomeOf(Inception.load(new File(['text'], 'model.h5'))));
  assert.equal(code, 'bad-weights');
  assert.equal(converters(), 1);
});
