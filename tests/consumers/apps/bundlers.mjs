// The page of the Vite example, without a line of configuration: by bundlers that find workers by themselves, and by those that take
// `npx inception-web assets`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../projects.mjs';

/** The scripts of the examples, which know nothing of their bundler. */
const exampleFile = (/** @type {string} */ name, example = 'vite') => readFileSync(join(EXAMPLES, example, name), 'utf8');
const FILES = { 'index.html': exampleFile('index.html'), 'main.js': exampleFile('main.js') };

/** Its page, where a bundler takes scripts alone. */
const PAGE = 'cp index.html';

/** The same as a script that is no module, which has to be told where it is; and with a worker of its own. */
const OTHERS = {
  'script.html': FILES['index.html'].replace(/<script.*/, '<script defer src="script.js"></script>'),
  'settings.js': "import { Inception } from 'inception-web';\n\nInception.configure({ assetsUrl: '/' });\n",
  'script.js': "import './settings.js';\nimport './main.js';\n",
  'worker.html': FILES['index.html'].replace('main.js', 'own.js'),
  'own.js': exampleFile('main.js', 'worker'),
  'worker.js': exampleFile('worker.js', 'worker').replace("'inception-web'", "'inception-web/in-thread'"),
};

/** The page of such a script. */
const SCRIPT_PAGE = (/** @type {string} */ folder) => `cp script.html ${folder}/index.html`;

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
      'esbuild:iife': `esbuild script.js --bundle --format=iife --outdir=esbuild-iife --log-level=error && ${SCRIPT_PAGE('esbuild-iife')}`,
      'rollup:iife': `rollup script.js --plugin node-resolve --format iife --inlineDynamicImports --dir rollup-iife --silent && ${SCRIPT_PAGE('rollup-iife')}`,
      'vite5:worker': 'node node_modules/vite5/bin/vite.js build --outDir vite5-worker --config vite.worker.js && mv vite5-worker/worker.html vite5-worker/index.html',
      'vite7:worker': 'node node_modules/vite7/bin/vite.js build --outDir vite7-worker --config vite.worker.js && mv vite7-worker/worker.html vite7-worker/index.html',
    },
    files: { ...FILES, ...OTHERS, 'vite.worker.js': "export default { worker: { format: 'iife' }, build: { rollupOptions: { input: 'worker.html' } } };\n" },
    builds: [
      { name: 'Vite 5', script: 'vite5', served: 'vite5', isAlways: true, isIsolated: true },
      { name: 'Vite 6', script: 'vite6', served: 'vite6', isAlways: true },
      { name: 'Vite 7', script: 'vite7', served: 'vite7', isAlways: true, isIsolated: true },
      { name: 'esbuild', script: 'esbuild', served: 'esbuild', assets: 'esbuild', isAlways: true, isIsolated: true },
      { name: 'Rollup', script: 'rollup', served: 'rollup', assets: 'rollup', isAlways: true },
      { name: 'esbuild, no module', script: 'esbuild:iife', served: 'esbuild-iife', assets: 'esbuild-iife', isAlways: true },
      { name: 'Rollup, no module', script: 'rollup:iife', served: 'rollup-iife', assets: 'rollup-iife', isAlways: true, isIsolated: true },
      { name: 'Vite 5, a worker that is no module', script: 'vite5:worker', served: 'vite5-worker', isAlways: true },
      { name: 'Vite 7, a worker that is no module', script: 'vite7:worker', served: 'vite7-worker', isAlways: true },
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
