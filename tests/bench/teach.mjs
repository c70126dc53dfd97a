// What it takes to teach in a browser, on one thread: node tests/bench/teach.mjs [--runs N] [--browser NAME]
// Prints Markdown.

import { launch } from '../engines/index.mjs';
import { readArguments } from './arguments.mjs';
import { V3 } from './networks.mjs';
import { photoOf, serve } from './served.mjs';
import { Servers } from './server.mjs';
import { machineOf, median, number, section, table, text } from './table.mjs';

const [EXAMPLES, CLASSES] = [2000, 20];

const { runs, browser: engine } = readArguments([V3]);
const browser = await launch(engine);
const servers = await Servers.start();
try {
  console.error('    teaching');
  await serve(browser, servers, V3);
  const page = await browser.newPage();
  await page.goto(`${servers.isolated}/tests/browser/blank.html`);
  const { dimensions, trainings, features, classify } = await page.evaluate(measured, { model: V3.address, photo: photoOf(V3), examples: EXAMPLES, classes: CLASSES, runs });
  section(
    'Training',
    `${EXAMPLES} examples of ${dimensions} features in ${CLASSES} classes, made up (64 directions, ReLU), in ${machineOf(browser)}: medians of ${runs} calls of \`train\`, ` +
      'each in a worker of its own.',
    table([text('penalty'), number('folds'), number('ms'), number('in the worker'), number('accuracy', 3)], trainings.map(({ l2, folds, ms, own, accuracy }) => [String(l2), folds, median(ms), median(own), accuracy])),
  );
  section(
    'Features of images',
    `${V3.title}, one thread, in turns on one image: medians of ${4 * runs} runs.`,
    table([text('call'), number('ms', 1)], [['classify', median(classify)], ['add', median(features)]]),
  );
} finally {
  await browser.close();
  servers.stop();
}

/**
 * In the page: trains on made-up features of a network, and times the features of images beside whole answers.
 * @param {{ model: string, photo: string, examples: number, classes: number, runs: number }} what
 */
async function measured({ model, photo, examples, classes, runs }) {
  const { Inception } = await import('/pkg/dist/index.js');
  const net = await Inception.load(model, { device: 'cpu', threads: 1, cache: false });
  const image = await createImageBitmap(await (await fetch(photo)).blob());
  const dimensions = net.info.backbone.length;
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const normal = () => uniform() + uniform() + uniform() + uniform() - 2;
  const rank = 64;
  const directions = Float32Array.from({ length: rank * dimensions }, normal);
  const centres = Float32Array.from({ length: classes * rank }, normal);
  const teacher = await net.teach();
  const given = Array.from({ length: examples }, (_, i) => {
    const label = i % classes;
    const features = Float32Array.from({ length: dimensions }, () => 0.3 * normal());
    for (let k = 0; k < rank; k += 1) {
      const weight = 0.35 * centres[label * rank + k] + normal();
      for (let j = 0; j < dimensions; j += 1) features[j] += (weight * directions[k * dimensions + j]) / 3;
    }
    return { label: `class ${label}`, name: '', thumbnail: null, features: features.map((x) => Math.max(x, 0)) };
  });
  teacher.put(given);
  const trainings = [];
  for (const [l2, folds] of /** @type {[number | 'auto', number][]} */ ([[1000, 0], [1000, 5], ['auto', 5]])) {
    const [ms, own] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
    let accuracy = null;
    for (let run = 0; run < runs; run += 1) {
      const started = performance.now();
      const report = await teacher.train({ l2, folds });
      ms.push(performance.now() - started);
      own.push(report.ms);
      accuracy = report.accuracy;
    }
    trainings.push({ l2, folds, ms, own, accuracy });
  }
  const [features, classify] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let run = -2; run < 4 * runs; run += 1) {
    for (const [times, call] of /** @type {const} */ ([[classify, () => net.classify(image)], [features, () => teacher.add(image, 'another')]])) {
      const started = performance.now();
      await call();
      if (run >= 0) times.push(performance.now() - started);
    }
  }
  net.dispose();
  return { dimensions, trainings, features, classify };
}
