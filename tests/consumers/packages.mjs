// The tarballs themselves: what npm, bundlers and TypeScript make of them, and what is in them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PACKAGES, run, tool } from './projects.mjs';

/** The six wasm artefacts are 3.6 MB and the scripts 0.9 MB: another artefact, source maps or weights do not fit. */
const MOST_BYTES = 5_600_000;

/** Exported files that are no modules, which have no types. */
const NO_MODULES = ['googlenet-imagenet.safetensors', 'nsfw-inception-v3.safetensors'];

const WEIGHTS = /\.(safetensors|pth?|bin|onnx|npy)$/;

for (const { name, tarball } of PACKAGES) {
  test(`${name} can be published`, async () => {
    const { files } = await published(name, tarball);
    for (const wanted of ['package.json', 'README.md']) assert.ok(files.includes(wanted), wanted);
  });

  test(`publint finds nothing in ${name}`, () => run(tool('publint'), ['run', tarball, '--strict']));

  test(`types resolve in ${name}`, () =>
    run(tool('attw'), [tarball, '--profile', 'esm-only', '--exclude-entrypoints', ...NO_MODULES]));

  test(`${name} depends on nothing`, async () => {
    const manifest = JSON.parse(await inside(tarball, 'package.json'));
    assert.deepEqual(Object.keys(manifest).filter((key) => /dependencies$/i.test(key)), []);
    assert.deepEqual(Object.keys(manifest.scripts ?? {}).filter((script) => /install|prepare/.test(script)), []);
  });
}

test('inception-web holds no weights and stays small', async () => {
  const { files, bytes } = await published(PACKAGES[0].name, PACKAGES[0].tarball);
  assert.deepEqual(files.filter((file) => WEIGHTS.test(file)), []);
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes unpacked; ${MOST_BYTES} at most`);
});

test('every exported file is in its tarball', async () => {
  for (const { name, tarball } of PACKAGES) {
    const { files } = await published(name, tarball);
    const { exports } = JSON.parse(await inside(tarball, 'package.json'));
    for (const target of Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)))) {
      const [start, end = ''] = target.replace('./', '').split('*');
      assert.ok(files.some((file) => file.startsWith(start) && file.endsWith(end)), `${name}: ${target}`);
    }
  }
});

test('the README lists every error code and every model of the catalog', async () => {
  const { tarball } = PACKAGES[0];
  const readme = await inside(tarball, 'README.md');
  const codes = /type ErrorCode =([^;]*);/.exec(await inside(tarball, 'dist/index.d.ts'))?.[1].match(/[\w-]+/g) ?? [];
  const models = JSON.parse(await inside(tarball, 'dist/models/catalog.json')).map((/** @type {{ id: string }} */ { id }) => id);
  assert.ok(codes.length > 10 && models.length > 0);
  assert.deepEqual([...codes, ...models].filter((name) => !readme.includes(`\n| \`${name}\` |`)), []);
});

/**
 * The text of a file in a tarball.
 * @param {string} tarball
 * @param {string} path
 */
const inside = (tarball, path) => run('tar', ['xzOf', tarball, `package/${path}`]);

/** @type {Map<string, Promise<{ files: string[], bytes: number }>>} */
const asked = new Map();

/**
 * What `npm publish` would send.
 * @param {string} name
 * @param {string} tarball
 */
function published(name, tarball) {
  const answer = asked.get(name) ?? dryRun(name, tarball);
  asked.set(name, answer);
  return answer;
}

/**
 * @param {string} name
 * @param {string} tarball
 */
async function dryRun(name, tarball) {
  const told = JSON.parse(await run('npm', ['publish', '--dry-run', '--json', '--loglevel=error', tarball]));
  const { files, unpackedSize } = told[name] ?? told;
  return { files: files.map((/** @type {{ path: string }} */ file) => file.path), bytes: unpackedSize };
}
