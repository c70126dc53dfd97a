// Runs the tests of the packed packages as their users meet them, and of the package in Node.js: node tests/consumers/run.mjs [FILE...]

import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFiles } from '../report.mjs';
import { CONSUMERS } from './projects.mjs';

const ALL = ['packages', 'types', 'places', 'bundlers', 'examples', '../node/chromium', '../node/classify', '../node/formats', '../node/labels-file', '../node/models', '../node/threads', '../node/words'];

rmSync(CONSUMERS, { recursive: true, force: true });
const named = process.argv.slice(2).map((file) => resolve(file));
runFiles(named.length > 0 ? named : ALL.map((name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url))));
