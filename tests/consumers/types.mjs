// The types of the installed packages under both ways in which TypeScript resolves modules of packages.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOT, freshFolder, install, run, tool } from './projects.mjs';

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const SOURCE = here('types.ts');
const ELSEWHERE = ['types-elsewhere.ts', 'types-worker.ts'];
const STRICT = ['--strict', '--noEmit', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
const FOR_BROWSERS = ['--target', 'ES2022', '--lib', 'ES2022,DOM,DOM.Iterable', '--types', ''];
const RESOLUTION = {
  bundler: ['--module', 'ESNext', '--moduleResolution', 'bundler'],
  nodenext: ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
};

/** Projects that are no page, and what they compile. @type {[what: string, flags: string[], files: string[]][]} */
const OTHERS = [
  ['without any types but the language\'s', ['--lib', 'ES2022', '--types', ''], ['types-elsewhere.ts']],
  ['with those of workers', ['--lib', 'ES2022,WebWorker', '--types', ''], ELSEWHERE],
  ['with those of Node.js', ['--lib', 'ES2022', '--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types'), '--skipLibCheck'], ['types-elsewhere.ts']],
];

/** Types that an element or an error has from elsewhere. */
const INHERITED = ['constructor', 'prototype', 'listener', 'HTMLElementTagNameMap', 'HTMLElement', 'CustomEvent', 'HTMLElementEventMap'];

describe('types', () => {
  const folder = freshFolder('types');

  before(async () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await install(folder);
    for (const name of ['types.ts', ...ELSEWHERE]) copyFileSync(here(name), join(folder, name));
  });

  for (const [name, flags] of Object.entries(RESOLUTION)) {
    test(`every use compiles under moduleResolution ${name}`, () => run(tool('tsc'), [...STRICT, ...FOR_BROWSERS, ...flags, 'types.ts'], folder));
  }

  for (const [what, flags, files] of OTHERS) {
    test(`a project ${what} compiles, and is told what is wrong`, async () => {
      // Where libraries are not checked, a name that is missing there would stand for anything.
      for (const skip of flags.includes('--skipLibCheck') ? [[]] : [[], ['--skipLibCheck']]) {
        await run(tool('tsc'), [...STRICT, '--target', 'ES2022', ...RESOLUTION.bundler, ...flags, ...skip, ...files], folder);
      }
    });
  }

  for (const declarations of ['index.d.ts', 'model.d.ts', 'results.d.ts', 'gradients.d.ts', 'teacher.d.ts', 'element/index.d.ts']) {
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
