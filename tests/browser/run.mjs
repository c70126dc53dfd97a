// Runs the browser tests: node tests/browser/run.mjs [FILE...]

import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFiles } from '../report.mjs';
import { startServers } from './servers.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const named = process.argv.slice(2).map((file) => resolve(file));
const all = readdirSync(folder).filter((name) => /^((api|page|site)-.*|kernels)\.mjs$/.test(name)).sort();

const servers = await startServers();
process.env.INCEPTION_ISOLATED = servers.isolated;
process.env.INCEPTION_PLAIN = servers.plain;

// Tests wait more than they compute: two files side by side take two thirds of the time on two processors.
runFiles(named.length > 0 ? named : all.map((name) => join(folder, name)), servers.stop, 2);
