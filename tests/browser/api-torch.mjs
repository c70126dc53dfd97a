// PyTorch's state dicts in the browser.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ROOT, pageTest } from './harness.mjs';

pageTest('a state dict of torchvision gives what the same weights in safetensors give', {}, async (page) => {
  const { found, wanted, network, codes } = await page.evaluate(async () => {
    const { generateWeights } = await import('/tests/browser/generator.mjs');
    const { torchFile } = await import('/tests/browser/torch-file.mjs');
    const keys = await (await fetch('/tests/reference/keys/torchvision_googlenet.json')).json();
    const weights = generateWeights(keys);
    const file = new File([torchFile(weights)], 'googlenet.pth');
    const image = new ImageData(new Uint8ClampedArray(64 * 64 * 4).map((_, i) => (i * 31) % 251), 64, 64);
    const answers = [];
    let network = '';
    for (const model of [file, weights]) {
      const net = await Inception.load(model);
      network = net.info.network;
      answers.push((await net.classify(image, { topK: 1000 })).predictions);
      net.dispose();
    }
    const head = async (length) => (await outcomeOf(Inception.load(new File([file.slice(0, length)], 'cut.pth')))).code;
    return { found: answers[0], wanted: answers[1], network, codes: [await head(1000), await head(file.size - 1)] };
  });
  assert.equal(network, 'googlenet-torchvision');
  assert.equal(found.length, 1000);
  assert.deepEqual(found, wanted);
  assert.deepEqual(codes, ['bad-weights', 'bad-weights']);
});

pageTest('of a file that asks for code only its tensors are read', {}, async (page) => {
  await page.route('**/model.pth', (route) => route.fulfill({ path: join(ROOT, 'tests/reference/torch/model.pth') }));
  const { code, message } = await page.evaluate(() => outcomeOf(Inception.load(`${base}model.pth`)));
  assert.equal(code, 'bad-weights');
  assert.match(message, /belong to no known network: found bias, weight;/);
});
