// The types of the installed packages under both ways in which TypeScript resolves modules of packages.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freshFolder, install, run, tool } from './projects.mjs';

const SOURCE = fileURLToPath(new URL('types.ts', import.meta.url));
const STRICT = ['--strict', '--noEmit', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
const FOR_BROWSERS = ['--target', 'ES2022', '--lib', 'ES2022,DOM,DOM.Iterable', '--types', ''];
const RESOLUTION = {
  bundler: ['--module', 'ESNext', '--moduleResolution', 'bundler'],
  nodenext: ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
};

/** Types that an element or an error has from elsewhere. */
const INHERITED = ['constructor', 'listener', 'HTMLElementTagNameMap'];

describe('types', () => {
  const folder = freshFolder('types');

  before(async () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await install(folder);
    copyFileSync(SOURCE, join(folder, 'types.ts'));
  });

  for (const [name, flags] of Object.entries(RESOLUTION)) {
    test(`every use compiles under moduleResolution ${name}`, () => run(tool('tsc'), [...STRICT, ...FOR_BROWSERS, ...flags, 'types.ts'], folder));
  }

  for (const declarations of ['index.d.ts', 'element/index.d.ts']) {
    test(`every name of ${declarations} is used`, () => {
      const declared = namesIn(withoutComments(read(join(folder, 'node_modules/inception-web/dist', declarations))));
      assert.ok(declared.length > 20, 'names are found');
      const used = withoutComments(read(SOURCE)).replace(/^import [^;]*;/gm, '');
      const unused = declared.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(used));
      assert.deepEqual(unused, []);
    });
  }
});

/** @param {string} path */
const read = (path) => readFileSync(path, 'utf8');

/** @param {string} text */
const withoutComments = (text) => text.replace(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, '');

/**
 * What is exported, and the members of classes, interfaces and object types.
 * @param {string} declarations
 */
function namesIn(declarations) {
  const exported = declarations.matchAll(/^export (?:class|interface|type|const|function) (\w+)/gm);
  const members = declarations.matchAll(/(?:^ +|[;{] *)(?:(?:static|readonly|get|set) )*'?([\w-]+)'?(?:<[^(]*>)?\??[:(]/gm);
  return [...new Set([...exported, ...members].map(([, name]) => name))].filter((name) => !INHERITED.includes(name));
}
