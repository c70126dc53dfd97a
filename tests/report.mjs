// Runs test files. Ends with the tests that were skipped and a line `N passed, N failed, N skipped`.

import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** A file that takes longer hangs, and is ended. */
const LIMIT_MS = 1_500_000;

/**
 * @param {string[]} files
 * @param {() => void} [onEnd]
 * @param {number} [atOnce] files that run side by side
 */
export function runFiles(files, onEnd, atOnce = 1) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const skipped = [];
  const stream = run({ files, concurrency: atOnce, timeout: LIMIT_MS });
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
    onEnd?.();
    for (const line of skipped) console.log(line);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.exitCode = counts.failed > 0 ? 1 : 0;
  });
  stream.compose(new spec()).pipe(process.stdout);
}
