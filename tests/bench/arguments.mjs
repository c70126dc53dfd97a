import { parseArgs } from 'node:util';
import { NETWORKS } from './networks.mjs';

/**
 * `--runs N`: warm runs behind each median; `--visits N`: loads behind each median; `--network ID`, as often as wanted: only these.
 * @param {import('./networks.mjs').Network[]} [usual] where none is named
 * @returns {{ runs: number, visits: number, networks: import('./networks.mjs').Network[] }}
 */
export function readArguments(usual = NETWORKS) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10' },
      visits: { type: 'string', default: '5' },
      network: { type: 'string', multiple: true, default: usual.map(({ id }) => id) },
    },
  });
  const [runs, visits] = [Number(values.runs), Number(values.visits)];
  if (!(runs >= 1 && visits >= 1)) throw new RangeError('--runs and --visits take a number of at least 1');
  return { runs, visits, networks: NETWORKS.filter(({ id }) => values.network.includes(id)) };
}
