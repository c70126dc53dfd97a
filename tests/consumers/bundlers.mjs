// The Vite example built by other bundlers, without a line of configuration: by those that find workers by themselves, and by those
// that take `npx inception-web assets`.

import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { keep } from './answers.mjs';
import { generatedPicture } from './pictures.mjs';
import { EXAMPLES, freshFolder, install, run, tool } from './projects.mjs';
import { startStatic } from './static-server.mjs';
import { askList, closeBrowser, visit } from './visits.mjs';

const LIMIT_MS = 300_000;

const INSTALLED = ['vite5@npm:vite@5.4.21', 'vite6@npm:vite@6.4.6', 'vite7@npm:vite@7.3.8', 'rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3'];

/** @typedef {{ name: string, command: (out: string) => string[], assets: boolean, isolated: boolean }} Bundler assets: whether it is told of them */

/** @type {(name: string, isolated: boolean) => Bundler} */
const vite = (name, isolated) => ({ name, command: (out) => ['node', `node_modules/${name}/bin/vite.js`, 'build', '--outDir', out, '--logLevel', 'error'], assets: false, isolated });

/** @type {Bundler[]} */
const BUNDLERS = [
  vite('vite5', true),
  vite('vite6', false),
  vite('vite7', true),
  { name: 'esbuild', command: (out) => [tool('esbuild'), 'main.js', '--bundle', '--format=esm', `--outdir=${out}`, '--log-level=warning'], assets: true, isolated: true },
  { name: 'rollup', command: (out) => ['node', 'node_modules/rollup/dist/bin/rollup', 'main.js', '--plugin', 'node-resolve', '--dir', out, '--silent'], assets: true, isolated: false },
];

describe('bundlers', () => {
  /** @type {string} */
  let folder;

  before(async () => {
    folder = freshFolder('bundlers');
    cpSync(join(EXAMPLES, 'vite'), folder, { recursive: true });
    rmSync(join(folder, 'vite.config.js'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await install(folder, INSTALLED);
  });
  after(closeBrowser);

  for (const { name, command, assets, isolated } of BUNDLERS) {
    test(`${name} builds the example, and the build answers`, { timeout: LIMIT_MS }, async () => {
      const out = join(folder, `dist-${name}`);
      const [program = '', ...args] = command(out);
      await run(program, args, folder);
      if (assets) {
        await run('npx', ['--no-install', 'inception-web', 'assets', '--out', out], folder);
        cpSync(join(folder, 'index.html'), join(out, 'index.html'));
      }
      const server = await startStatic(out, isolated);
      try {
        const { name: picture, path } = generatedPicture();
        await visit(server.address, isolated, async (page) => keep(name, picture, await askList(page, path)));
      } finally {
        await server.close();
      }
    });
  }
});
