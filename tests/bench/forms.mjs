// What every form of a network's convolutions takes, on one thread, with relaxed SIMD where the browser has it, and which of them
// the engine has chosen: node tests/bench/forms.mjs [--runs N] [--network ID] [--browser NAME]
// Prints Markdown.

import { launch } from '../engines/index.mjs';
import { readArguments } from './arguments.mjs';
import { V3 } from './networks.mjs';
import { Servers } from './server.mjs';
import { machineOf, number, section, table, text } from './table.mjs';

const KERNELS = '/target/xtask/kernels/kernels_';
const COLUMNS = [text('kernel'), text('input'), number('outputs'), number('layers'), number('direct ms', 2), text('forms: ms'), text('chosen'), number('chosen / fastest', 2)];

const { networks, runs, browser: engine } = readArguments([V3]);
const browser = await launch(engine);
const servers = await Servers.start();
try {
  for (const { id, title } of networks) {
    console.error(`    ${title}: forms`);
    const page = await browser.newPage();
    // Clocks are finer where pages are isolated.
    await page.goto(`${servers.isolated}/tests/browser/blank.html`);
    const kinds = await page.evaluate(timed, { kernels: `${KERNELS}${engine === 'webkit' ? 'simd128' : 'relaxed'}`, network: id, runs });
    const about = `Medians of ${runs} runs of single convolutions in turns, weights in the cache, in ${machineOf(browser)}. A form is outputs down x across that share their products; its weights' size beside the direct one's is in brackets.`;
    section(`Forms of the convolutions of ${title}`, about, table(COLUMNS, kinds.map(row)));
    await page.close();
  }
} finally {
  await browser.close();
  servers.stop();
}

/** @param {{ kernel: string, input: string, outputs: number, count: number, chosen: string, forms: { form: string, ms: number, bytes: number }[] }} kind */
function row({ kernel, input, outputs, count, chosen, forms }) {
  const [direct, ...transformed] = forms;
  const written = transformed.map(({ form, ms, bytes }) => `${form}: ${ms.toFixed(2)} (${(bytes / direct.bytes).toFixed(1)})`);
  const taken = forms.find(({ form }) => form === chosen)?.ms ?? NaN;
  return [kernel, input, outputs, count, direct.ms, written.join(', '), chosen === '0x0' ? 'direct' : chosen, taken / Math.min(...forms.map(({ ms }) => ms))];
}

/**
 * In the page: every kind of convolution that has more than one form, and each form's time.
 * @param {{ kernels: string, network: string, runs: number }} what
 */
async function timed({ kernels, network, runs }) {
  const { default: glue } = await import(`${kernels}.js`);
  const { default: open, Timed, transformable } = glue();
  await open({ module_or_path: await WebAssembly.compileStreaming(fetch(`${kernels}.wasm`)) });
  const middle = (/** @type {number[]} */ list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? NaN;
  return transformable(network).map((/** @type {string} */ line) => {
    const [layer, count, kernel, input, outputs, chosen, others] = line.split(' ');
    const forms = ['0x0', ...others.split(',')].map((form) => ({ form, kernel: Timed.of(network, layer, ...form.split('x').map(Number)), times: /** @type {number[]} */ ([]) }));
    for (let run = -2; run < runs; run += 1) {
      for (const { kernel, times } of forms) {
        kernel.run();
        const started = performance.now();
        kernel.run();
        if (run >= 0) times.push(performance.now() - started);
      }
    }
    const measured = forms.map(({ form, kernel, times }) => ({ form, ms: middle(times), bytes: kernel.bytes() }));
    for (const { kernel } of forms) kernel.free();
    return { kernel, input, outputs: Number(outputs), count: Number(count), chosen, forms: measured };
  });
}
