// The page of the Vite example, without a line of configuration: by bundlers that find workers by themselves, and by those that take
// `npx inception-web assets`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../projects.mjs';

/** The scripts of the example, which know nothing of their bundler. */
const exampleFile = (/** @type {string} */ name) => readFileSync(join(EXAMPLES, 'vite', name), 'utf8');
const FILES = { 'index.html': exampleFile('index.html'), 'main.js': exampleFile('main.js') };

/** Its page, where a bundler takes scripts alone. */
const PAGE = 'cp index.html';

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'bundlers',
    installed: ['vite5@npm:vite@5.4.21', 'vite6@npm:vite@6.4.6', 'vite7@npm:vite@7.3.8', 'rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3', 'esbuild@0.28.2'],
    scripts: {
      vite5: 'node node_modules/vite5/bin/vite.js build --outDir vite5',
      vite6: 'node node_modules/vite6/bin/vite.js build --outDir vite6',
      vite7: 'node node_modules/vite7/bin/vite.js build --outDir vite7',
      esbuild: `esbuild main.js --bundle --format=esm --outdir=esbuild --log-level=warning && ${PAGE} esbuild`,
      rollup: `rollup main.js --plugin node-resolve --dir rollup --silent && ${PAGE} rollup`,
    },
    files: FILES,
    builds: [
      { name: 'Vite 5', script: 'vite5', served: 'vite5', isAlways: true, isIsolated: true },
      { name: 'Vite 6', script: 'vite6', served: 'vite6', isAlways: true },
      { name: 'Vite 7', script: 'vite7', served: 'vite7', isAlways: true, isIsolated: true },
      { name: 'esbuild', script: 'esbuild', served: 'esbuild', assets: 'esbuild', isAlways: true, isIsolated: true },
      { name: 'Rollup', script: 'rollup', served: 'rollup', assets: 'rollup', isAlways: true },
    ],
  },
  {
    name: 'rspack',
    installed: ['@rspack/core@2.3.4', '@rspack/cli@2.2.8', '@rsbuild/core@2.3.2'],
    scripts: {
      rspack: `rspack build --mode production --entry ./main.js --output-path rspack && ${PAGE} rspack`,
      rsbuild: 'rsbuild build',
    },
    files: {
      ...FILES,
      'page.html': FILES['index.html'].replace(/<script.*/, ''),
      'rsbuild.config.mjs': "export default { source: { entry: { index: './main.js' } }, html: { template: './page.html' }, output: { distPath: { root: 'rsbuild' } } };\n",
    },
    builds: [
      { name: 'Rspack', script: 'rspack', served: 'rspack', isIsolated: true },
      { name: 'Rsbuild', script: 'rsbuild', served: 'rsbuild' },
    ],
  },
  {
    name: 'more-bundlers',
    installed: ['bun@1.4.5', 'parcel@2.16.4', 'rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3', '@web/rollup-plugin-import-meta-assets@2.3.3'],
    scripts: {
      bun: 'bun build ./index.html --outdir bun',
      'bun:script': `bun build ./main.js --outdir bun-script && ${PAGE} bun-script`,
      parcel: 'parcel build index.html --dist-dir parcel --no-cache',
      rollup: `rollup --config && ${PAGE} rollup`,
    },
    files: {
      ...FILES,
      'rollup.config.js': `import nodeResolve from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';

export default { input: 'main.js', output: { dir: 'rollup' }, plugins: [nodeResolve(), importMetaAssets()] };
`,
    },
    builds: [
      { name: 'Bun', script: 'bun', served: 'bun', assets: 'bun', isIsolated: true },
      { name: 'Bun, a script', script: 'bun:script', served: 'bun-script', assets: 'bun-script' },
      { name: 'Parcel', script: 'parcel', served: 'parcel', isIsolated: true, hasInlineScripts: true },
      { name: 'Rollup with import-meta-assets', script: 'rollup', served: 'rollup', assets: 'rollup/assets' },
    ],
  },
];
