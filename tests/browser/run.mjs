// Runs the browser tests one file after another: node tests/browser/run.mjs [FILE...]
// Ends with a line `N passed, N failed, N skipped` and the summary of node:test.

import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { startServers } from './servers.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const named = process.argv.slice(2).map((file) => resolve(file));
const all = readdirSync(folder).filter((name) => /^(api|page|site)-.*\.mjs$/.test(name)).sort();
const files = named.length > 0 ? named : all.map((name) => join(folder, name));

const servers = await startServers();
process.env.INCEPTION_ISOLATED = servers.isolated;
process.env.INCEPTION_PLAIN = servers.plain;

const counts = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const skipped = [];
const stream = run({ files, concurrency: 1 });
stream.on('test:pass', ({ name, skip, details }) => {
  if (details.type === 'suite' || files.includes(name)) return;
  if (skip === undefined || skip === false) counts.passed += 1;
  else {
    counts.skipped += 1;
    skipped.push(`SKIPPED ${name}: ${skip}`);
  }
});
stream.on('test:fail', ({ details }) => {
  if (details.type !== 'suite') counts.failed += 1;
});
stream.on('end', () => {
  servers.stop();
  for (const line of skipped) console.log(line);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
});
stream.compose(new spec()).pipe(process.stdout);
