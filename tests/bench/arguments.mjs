import { parseArgs } from 'node:util';
import { ENGINES } from '../engines/index.mjs';
import { NETWORKS } from './networks.mjs';

/**
 * `--runs N`: warm runs behind each median; `--visits N`: loads behind each median; `--network ID`, as often as wanted: only these;
 * `--browser NAME`: another engine than Chromium.
 * @param {import('./networks.mjs').Network[]} [usual] where none is named
 * @returns {{ runs: number, visits: number, networks: import('./networks.mjs').Network[], browser: import('../engines/index.mjs').EngineName }}
 */
export function readArguments(usual = NETWORKS) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10' },
      visits: { type: 'string', default: '5' },
      browser: { type: 'string', default: 'chromium' },
      network: { type: 'string', multiple: true, default: usual.map(({ id }) => id) },
    },
  });
  const [runs, visits] = [Number(values.runs), Number(values.visits)];
  if (!(runs >= 1 && visits >= 1)) throw new RangeError('--runs and --visits take a number of at least 1');
  const browser = ENGINES.find((name) => name === values.browser);
  if (browser === undefined) throw new RangeError(`--browser takes ${ENGINES.join(', ')}`);
  return { runs, visits, browser, networks: NETWORKS.filter(({ id }) => values.network.includes(id)) };
}
