// What gradients take in a browser beside answers, and pictures that grow by them, on one thread: node tests/bench/gradients.mjs [--runs N]
// [--browser NAME]. Prints Markdown.

import { launch } from '../engines/index.mjs';
import { readArguments } from './arguments.mjs';
import { V3 } from './networks.mjs';
import { photoOf, serve } from './served.mjs';
import { Servers } from './server.mjs';
import { machineOf, median, number, section, table, text } from './table.mjs';

/** The site's own model and the one of the peers' bench, with the layer that a picture grows for. */
const MODELS = [
  { title: 'GoogLeNet', address: '/models/googlenet-imagenet.safetensors', layer: 'Mixed_4d' },
  { title: 'Inception-v3', address: V3.address, layer: 'Mixed_6c' },
];
const [SIZE, STEPS] = [128, 256];

const { runs, browser: engine } = readArguments([V3]);
const browser = await launch(engine);
const servers = await Servers.start();
try {
  await serve(browser, servers, V3);
  const page = await browser.newPage();
  await page.goto(`${servers.isolated}/tests/browser/blank.html`);
  const rows = [];
  let simd = '';
  for (const { title, address, layer } of MODELS) {
    console.error(`    ${title}`);
    const found = await page.evaluate(measured, { address, layer, photo: photoOf(V3), runs, size: SIZE, steps: STEPS });
    ({ simd } = found);
    const [answer, gradient] = [median(found.classify), median(found.gradient)];
    rows.push([title, answer, gradient, gradient / answer, found.seconds]);
  }
  section(
    'Gradients',
    `The gradient of a class's logit at the picture, in turns with answers to it, ${simd}, one thread, in ${machineOf(browser)}: medians of ${runs} runs; and a picture of ${SIZE} x ${SIZE} that grows for ${STEPS} steps, once.`,
    table([text('network'), number('answer ms', 1), number('gradient ms', 1), number('times', 2), number('picture s', 1)], rows),
  );
} finally {
  await browser.close();
  servers.stop();
}

/**
 * In the page.
 * @param {{ address: string, layer: string, photo: string, runs: number, size: number, steps: number }} what
 */
async function measured({ address, layer, photo, runs, size, steps }) {
  const { Inception } = await import('/pkg/dist/index.js');
  const net = await Inception.load(address, { device: 'cpu', threads: 1 });
  const image = await createImageBitmap(await (await fetch(photo)).blob());
  const [classify, gradient] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let run = -2; run < runs; run += 1) {
    for (const [times, call] of /** @type {const} */ ([[classify, () => net.classify(image)], [gradient, () => net.gradient(image, { of: { classIndex: 1 } })]])) {
      const started = performance.now();
      await call();
      if (run >= 0) times.push(performance.now() - started);
    }
  }
  // Another size has weights of its own, which are made ready once.
  await net.visualize({ layer, channel: 0 }, { size, steps: 1 });
  const started = performance.now();
  await net.visualize({ layer, channel: 0 }, { size, steps });
  const seconds = (performance.now() - started) / 1000;
  const { simd } = net.info;
  net.dispose();
  return { classify, gradient, seconds, simd };
}
