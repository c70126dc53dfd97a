// Runs the tests of the other browser engines: node tests/engines/run.mjs

import { fileURLToPath } from 'node:url';
import { runFiles } from '../report.mjs';

runFiles([fileURLToPath(new URL('smoke.mjs', import.meta.url))]);
