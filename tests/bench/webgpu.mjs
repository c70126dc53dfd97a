// The package on WebGPU: node tests/bench/webgpu.mjs [--runs N] [--network ID]
// On SwiftShader, which plays a GPU on the processor, or with the browser flags of INCEPTION_GPU_FLAGS. Prints Markdown.

import { launch } from '../browser/chromium.mjs';
import { open } from './alone.mjs';
import { readArguments } from './arguments.mjs';
import { GOOGLENET, V3 } from './networks.mjs';
import { serve } from './served.mjs';
import { Servers } from './server.mjs';
import { fastest, machineOf, median, number, section, table, text } from './table.mjs';
import { again, found, leave, settled } from './visits.mjs';

const SWIFTSHADER = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const COLUMNS = [text('network'), text('adapter'), number('warm ms'), number('fastest ms'), number('cold ms'), number('load ms'), number('load + first ms')];

const { networks, runs } = readArguments([V3, GOOGLENET]);
const browser = await launch(process.env.INCEPTION_GPU_FLAGS?.split(' ') ?? SWIFTSHADER);
const servers = await Servers.start();
try {
  const rows = [];
  for (const network of networks) {
    console.error(`    ${network.title}: WebGPU`);
    await serve(browser, servers, network);
    const page = await open(browser, servers, network, { device: 'webgpu', threads: 1 });
    const { place, first, load, loadAndFirst } = await found(page);
    await settled(page);
    const warm = [];
    for (let i = 0; i < runs; i += 1) warm.push(await again(page));
    rows.push([network.title, place, median(warm), fastest(warm), first, load, loadAndFirst]);
    await leave(page);
    servers.drop(network.address);
  }
  section('On WebGPU', `Medians of ${runs} warm runs, one load, in ${machineOf(browser)}.`, table(COLUMNS, rows));
} finally {
  await browser.close();
  servers.stop();
}
