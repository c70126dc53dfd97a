// The inspector in frameworks: its types in their templates, each file of `frameworks/` against the framework's own types, and its import on their servers.

import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freshFolder, install, run, tool } from './projects.mjs';

const SOURCES = fileURLToPath(new URL('frameworks', import.meta.url));
const STRICT = ['--strict', '--noEmit', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--target', 'ES2022', '--lib', 'ES2022,DOM,DOM.Iterable', '--types', ''];
const RESOLUTION = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
const jsx = (/** @type {string} */ source, kind = 'react-jsx') => ['--jsx', kind, '--jsxImportSource', source];

/** @type {{ name: string, types: string, file: string, flags?: string[] }[]} */
const FRAMEWORKS = [
  { name: 'React 19', types: '@types/react@19', file: 'react.tsx', flags: jsx('react') },
  { name: 'React 18', types: '@types/react@18', file: 'react.tsx', flags: jsx('react') },
  { name: 'Preact', types: 'preact@10', file: 'preact.tsx', flags: jsx('preact') },
  { name: 'Solid', types: 'solid-js@1', file: 'solid.tsx', flags: jsx('solid-js', 'preserve') },
  { name: 'Vue', types: 'vue@3', file: 'vue.ts' },
  { name: 'Svelte', types: 'svelte@5', file: 'svelte.ts' },
];

describe('frameworks', () => {
  const folder = freshFolder('frameworks');
  const older = join(folder, 'react18');
  const folderOf = (/** @type {string} */ name) => (name === 'React 18' ? older : folder);

  before(() => Promise.all([folder, older].map(async (own) => {
    cpSync(SOURCES, own, { recursive: true });
    writeFileSync(join(own, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await install(own, FRAMEWORKS.filter(({ name }) => folderOf(name) === own).map(({ types }) => types));
  })));

  for (const { name, file, flags = [] } of FRAMEWORKS) {
    test(`the inspector has types in ${name}`, () => run(tool('tsc'), [...STRICT, ...RESOLUTION, ...flags, file], folderOf(name)));
  }

  test('a server imports the inspector, which does nothing there', async () => {
    const script = `for (const name of ['', '/react', '/preact', '/solid', '/vue', '/svelte']) console.log(Object.keys(await import('inception-web/element' + name)).join());`;
    assert.equal(await run('node', ['--input-type=module', '--eval', script], folder), 'InceptionInspector\n'.repeat(6));
  });
});
