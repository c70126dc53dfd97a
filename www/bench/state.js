/**
 * What the page that measures this machine knows.
 *
 * @typedef {object} State
 * @property {'en' | 'zh'} lang
 * @property {'light' | 'dark'} theme
 * @property {'before' | 'running' | 'report'} phase
 * @property {import('./subjects.js').Subject[]} subjects the models that can be measured
 * @property {ReadonlySet<string>} models ids of those that are to be
 * @property {ReadonlySet<string>} places ids of the devices on which
 * @property {import('./machine.js').Machine | null} machine null until it is known
 * @property {import('../state.js').Failure | null} failure why there is no catalog of models
 * @property {Course | null} course how far the measurement is
 * @property {boolean} paused since the page is hidden
 * @property {import('./report.js').Report | null} report what has been measured: now, or when the page was last used
 * @property {boolean} cancelled whether the last measurement was ended by the user
 * @property {number} runs that are counted at most, a row
 * @property {'network' | 'slowest'} order of the layers
 * @property {boolean} allLayers whether all of them are shown
 * @property {string | null} layersOf id of the model whose layers are shown; null: the first
 *
 * @typedef {object} Course
 * @property {number} i of the row at work, from 1
 * @property {number} n how many rows there are
 * @property {import('./subjects.js').Subject} subject
 * @property {import('./places.js').Place} place
 * @property {number} fraction of the whole, from 0 to 1
 * @property {number} left in seconds
 *
 * @typedef {ReturnType<typeof import('../../pkg/dist/element/state.js').createStore<State>>} Store
 */

/** Runs of a row, where nobody asks for another number. */
const RUNS = 30;
const MOST_RUNS = 1000;

/** @returns {number} how many runs of a row the address asks for at most: `#runs=10` */
export function runsAsked() {
  const asked = Number(new URLSearchParams(location.hash.slice(1)).get('runs') ?? RUNS);
  return Number.isInteger(asked) && asked >= 1 && asked <= MOST_RUNS ? asked : RUNS;
}
