// Runs test files one after another. Ends with the tests that were skipped and a line `N passed, N failed, N skipped`.

import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/**
 * @param {string[]} files
 * @param {() => void} [onEnd]
 */
export function runFiles(files, onEnd) {
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
    onEnd?.();
    for (const line of skipped) console.log(line);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.exitCode = counts.failed > 0 ? 1 : 0;
  });
  stream.compose(new spec()).pipe(process.stdout);
}
