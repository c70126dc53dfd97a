// Runs the tests of the packed packages as their users meet them, and of the package in Node.js:
// node tests/consumers/run.mjs [--all] [FILE...]
// Without --all apps of the common set-ups alone; those that are left out are named as skipped.

import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runFiles } from '../report.mjs';
import { CONSUMERS } from './projects.mjs';

/** The longest first. */
const FILES = [
  'apps', 'examples', 'packages', 'types', 'frameworks', 'places', 'extension', '../node/chromium', '../node/classify', '../node/drawing', '../node/formats', '../node/labels-file', '../node/models', '../node/teach',
  '../node/threads', '../node/words',
];

/** Much of it waits: for npm, for a browser. */
const SIDE_BY_SIDE = 2;

rmSync(CONSUMERS, { recursive: true, force: true });
const { values, positionals } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });
if (values.all) process.env.INCEPTION_ALL_CONSUMERS = '1';
const named = positionals.map((file) => resolve(file));
runFiles(named.length > 0 ? named : FILES.map((name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url))), undefined, SIDE_BY_SIDE);
