// Our engine beside others in one browser, with the same weights and the same photo:
// node tests/peers/bench.mjs [--runs N] [--visits N] [--network ID] [--browser NAME]
// Prints Markdown. Before a network is timed, every engine's probabilities are held against ours.

import { readArguments } from '../bench/arguments.mjs';
import { V3 } from '../bench/networks.mjs';
import { Servers } from '../bench/server.mjs';
import { machineOf, section, table } from '../bench/table.mjs';
import { launch } from '../engines/index.mjs';
import * as answers from './answers.mjs';
import { TOLERANCE } from './contest.mjs';
import { COLUMNS, measureNetwork } from './network.mjs';

const { networks, browser: engine, ...counts } = readArguments();

const browser = await launch(engine);
const servers = await Servers.start();
try {
  const rows = [];
  for (const network of networks) rows.push(...(await measureNetwork(browser, servers, network, counts)));
  section(
    'The networks alone, beside others',
    'From the normalised picture to probabilities: ours is `timing.run` of a result, TF.js\'s `predict` and `data`, onnxruntime\'s `session.run`. ' +
      'Load + first: from the call that loads the model by its address, from a local server in a fresh browser context that has come to rest, to the first probabilities. ' +
      `Engines take turns in ${machineOf(browser)}; medians of ${counts.visits} loads and ${counts.runs} warm runs. ` +
      `All have the same weights and the same picture, and their probabilities are within ${TOLERANCE} of ours. ` +
      'TF.js takes at most half of the processors that the browser reports, so its pages report twice the threads that are asked for.',
    table(COLUMNS, rows),
  );
  if (networks.includes(V3)) {
    section(
      "Whole answers with nsfwjs's weights",
      "From opening the page in a fresh browser context to the first names of classes, then further answers to the photo's address (ours) or element (nsfwjs). " +
        `One thread on a page that is not cross-origin isolated, two on one that is; medians of ${counts.visits} visits and ${counts.runs} further answers.`,
      table(answers.COLUMNS, await answers.measureAnswers(browser, servers, counts)),
    );
  }
} finally {
  await browser.close();
  servers.stop();
}
