// Measures the package in Chromium: node tests/browser/bench.mjs [--runs N] [--threads N]
// Inception-v3 and GoogLeNet, each on the simd128 artefact, then on the relaxed one with 1 to N threads, then on WebGPU: on
// SwiftShader, which plays a GPU on the processor, or with the browser flags of INCEPTION_GPU_FLAGS.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from './chromium.mjs';
import { randomWeights } from './random-weights.mjs';
import { startServers } from './servers.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODELS = ['models/nsfw-inception-v3.safetensors', 'models/random-googlenet.safetensors'];

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, threads: { type: 'string', default: '2' } },
});
const runs = Number(values.runs);
const most = Number(values.threads);
if (!(runs >= 1 && most >= 1)) throw new RangeError('--runs and --threads take a number of at least 1');

/**
 * In the page: loads a model, classifies a picture once cold and then `runs` times warm. Times are milliseconds.
 * @param {{ address: string, device: 'cpu' | 'webgpu', threads: number, runs: number }} options
 */
async function measure({ address, device, threads, runs }) {
  const model = await (await fetch(address)).arrayBuffer();
  const image = new ImageData(320, 320);
  image.data.forEach((_, i, data) => { data[i] = i % 4 === 3 ? 255 : (i * 7) % 256; });

  const start = performance.now();
  const net = await globalThis.Inception.load(model, { device, threads });
  const load = performance.now() - start;
  const cold = (await net.classify(image)).timing.run;
  const loadAndFirst = performance.now() - start;
  const times = [];
  for (let i = 0; i < runs; i += 1) times.push((await net.classify(image)).timing.run);
  times.sort((a, b) => a - b);
  const { network, simd, adapter, threads: { used } } = net.info;
  net.dispose();
  return { network, place: adapter ?? simd, used: adapter === null ? String(used) : '-', figures: [times[runs >> 1], times[0], cold, load, loadAndFirst] };
}

const HEADINGS = ['median ms', 'fastest ms', 'cold ms', 'load ms', 'load + first ms'];
const servers = await startServers();
const browser = await launch();
const onGpu = await launch(process.env.INCEPTION_GPU_FLAGS?.split(' ') ?? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']);
try {
  const keys = JSON.parse(await readFile(join(ROOT, 'tests/reference/keys/paper_googlenet.json'), 'utf8'));
  const googlenet = randomWeights(keys);
  const configurations = [{ in: browser, device: 'cpu', server: servers.plain, threads: 1 }];
  for (let threads = 1; threads <= most; threads += 1) configurations.push({ in: browser, device: 'cpu', server: servers.isolated, threads });
  configurations.push({ in: onGpu, device: 'webgpu', server: servers.isolated, threads: 1 });

  console.log(['browser'.padEnd(19), 'artefact or GPU'.padEnd(20), 'threads', ...HEADINGS].join('  '));
  for (const model of MODELS) {
    for (const { in: where, device, server, threads } of configurations) {
      const page = await where.newPage();
      await page.route('**/random-googlenet.safetensors', (route) => route.fulfill({ body: googlenet }));
      await page.goto(new URL('tests/browser/blank.html', server).href);
      await page.waitForFunction(() => 'Inception' in globalThis);
      const { network, place, used, figures } = await page.evaluate(measure, { address: `/${model}`, device, threads, runs });
      const cells = figures.map((ms, i) => ms.toFixed(1).padStart(HEADINGS[i].length));
      console.log([network.padEnd(19), place.padEnd(20), used.padStart(7), ...cells].join('  '));
      await page.close();
    }
  }
} finally {
  await Promise.all([browser.close(), onGpu.close()]);
  servers.stop();
}
