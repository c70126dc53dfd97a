// Fresh folders with the packed packages in them, as npm installs them or as they unpack.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

/** After this long a program hangs. */
const LIMIT_MS = 600_000;

export const CONSUMERS = join(ROOT, 'target/consumers');
export const EXAMPLES = join(ROOT, 'examples');
export const VERIFY = join(ROOT, '../shared/verify');

/** The packages, the engine's first; that of the content filter where its model was there. */
export const PACKAGES = ['pkg', 'pkg/googlenet', 'pkg/nsfw'].flatMap((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const tarball = join(ROOT, 'target/dist', `${name}-${version}.tgz`);
  if (existsSync(tarball)) return [{ name: /** @type {string} */ (name), version: /** @type {string} */ (version), tarball }];
  if (folder === 'pkg/nsfw') return [];
  throw new Error(`${tarball} is missing; cargo xtask dist makes it`);
});

/** A program of the root's `node_modules`. @param {string} name */
export const tool = (name) => join(ROOT, 'node_modules/.bin', name);

/**
 * Runs a program to its end; its output is part of the error where it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {string} [cwd]
 * @returns {Promise<string>} what it wrote to standard output
 */
export async function run(program, args, cwd = ROOT) {
  try {
    return (await promisify(execFile)(program, args, { cwd, maxBuffer: 1 << 26, timeout: LIMIT_MS })).stdout;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`${[program, ...args].join(' ')} in ${cwd}\n${stdout}\n${stderr}`);
  }
}

/**
 * An empty folder.
 * @param {string} name
 */
export function freshFolder(name) {
  const folder = join(CONSUMERS, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Installs the packages, and what else the folder's `package.json` asks for.
 * @param {string} folder
 * @param {string[]} [others] further packages
 * @param {typeof PACKAGES} [packages]
 */
export async function install(folder, others = [], packages = PACKAGES) {
  await run('npm', [...INSTALL, ...packages.map(({ tarball }) => tarball), ...others], folder);
}

/**
 * An app in a folder of its own, with what it needs: the engine's package, GoogLeNet and its own.
 * @param {import('./apps/app.mjs').App} app
 * @returns {Promise<string>} the folder
 */
export async function installedApp({ name, installed, scripts, files }) {
  const folder = freshFolder(`app-${name}`);
  const manifest = { name: `inception-web-${name}`, private: true, type: 'module', scripts };
  for (const [path, text] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await install(folder, installed, PACKAGES.slice(0, 2));
  return folder;
}

/**
 * A copy of an example in which its `npm install` was run.
 * @param {string} name
 * @param {string[]} [others] what is installed in place of the versions that the example names, for example `vite@7`
 * @returns {Promise<string>} the folder
 */
export async function installedExample(name, others = []) {
  const folder = freshFolder([name, ...others].join('-'));
  cpSync(join(EXAMPLES, name), folder, { recursive: true });
  await install(folder, others);
  return folder;
}

/**
 * A copy of an example with `npm/NAME@VERSION/` beside it, the layout of content delivery networks.
 * @param {string} name
 * @returns {Promise<string>} the folder
 */
export async function unpackedExample(name) {
  const folder = freshFolder(name);
  cpSync(join(EXAMPLES, name), folder, { recursive: true });
  for (const { name, version, tarball } of PACKAGES) {
    const into = join(folder, 'npm', `${name}@${version}`);
    mkdirSync(into, { recursive: true });
    await run('tar', ['xzf', tarball, '--strip-components=1', '-C', into]);
  }
  return folder;
}

/**
 * Vite's development server with the project's own configuration.
 * @param {string} folder
 * @param {boolean} isolated
 * @returns {Promise<{ address: string, close: () => Promise<void> }>}
 */
export async function startVite(folder, isolated) {
  const { createServer } = await import(pathToFileURL(join(folder, 'node_modules/vite/dist/node/index.js')).href);
  const server = await createServer({
    root: folder,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, headers: isolated ? ISOLATION : {} },
  });
  await server.listen();
  return { address: server.resolvedUrls.local[0], close: () => server.close() };
}

/** What makes a page cross-origin isolated. */
export const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
