// The package alone in a browser: node tests/bench/browser.mjs [--runs N] [--visits N] [--network ID] [--browser NAME]
// Prints Markdown: every network in every artefact, and where the time of Inception-v3 goes.

import { COLUMNS, PLACES, emptyPagePeak, measureAlone, open } from './alone.mjs';
import { launch } from '../engines/index.mjs';
import { readArguments } from './arguments.mjs';
import { KINDS, LAYERS, MODULES, byKind, byModule, slowest, timed } from './layers.mjs';
import { MEASURE_AT_ONCE } from './memory.mjs';
import { V3 } from './networks.mjs';
import { serve } from './served.mjs';
import { Servers } from './server.mjs';
import { machineOf, section, table } from './table.mjs';
import { again, leave } from './visits.mjs';

/** Profiles behind each median. */
const PROFILES = 3;

const { networks, browser: engine, ...counts } = readArguments();

const browser = await launch(engine, [MEASURE_AT_ONCE]);
const servers = await Servers.start();
try {
  await alone();
  if (networks.includes(V3)) await layersOfV3();
} finally {
  await browser.close();
  servers.stop();
}

async function alone() {
  const before = await emptyPagePeak(browser, servers);
  const rows = [];
  for (const network of networks) {
    await serve(browser, servers, network);
    for (const place of PLACES) {
      console.error(`    ${network.title}, threads: ${place.threads}`);
      const enter = () => open(browser, servers, network, place);
      rows.push([network.title, ...(await measureAlone(browser, enter, counts, before))]);
    }
    servers.drop(network.address);
  }
  section(
    'Our engine alone',
    `Medians of ${counts.runs} warm runs, and of ${counts.visits} loads in fresh browser contexts, in ${machineOf(browser)}. Cold: the first run. Load: from the call ` +
      'to the promise, by the address of the weights on a local server; load + first: to the first result. Memory in multiples of the f32 weights: the wasm memory; ' +
      'what `measureUserAgentSpecificMemory` says of the page after the runs (it does not answer where a thread waits inside wasm); ' +
      "and the most that the page's process has taken until the file was in the browser's cache, its code included, less that of an empty page.",
    table(COLUMNS, rows),
  );
}

async function layersOfV3() {
  console.error(`    ${V3.title}, layers`);
  const { layers } = await serve(browser, servers, V3);
  const profiles = [];
  for (const place of PLACES) {
    const page = await open(browser, servers, V3, place);
    const some = [];
    for (let i = 0; i < PROFILES; i += 1) some.push(await again(page, 'profile'));
    profiles.push(some);
    await leave(page);
  }
  const measured = timed(layers, profiles);
  section(
    'Where the time of Inception-v3 goes, by kind of layer',
    `Each layer by itself (\`net.profile\`, medians of ${PROFILES}), in the artefact that an isolated page gets. MFLOP: twice the multiply-adds of the plain convolution, however it is computed.`,
    table(KINDS, byKind(measured)),
  );
  section('By module', 'Layers outside of modules by themselves.', table(MODULES, byModule(measured)));
  section('The slowest layers', 'With the shapes of their outputs.', table(LAYERS, slowest(measured)));
}
