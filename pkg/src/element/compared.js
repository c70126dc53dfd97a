import { pairsOf } from './compare.js';

/**
 * @typedef {import('./compare.js').Compared} Compared
 * @typedef {import('./maps.js').BranchMaps} BranchMaps
 * @typedef {{ maps: BranchMaps, channel: number, y: number, x: number, value: number }} Place
 * @typedef {{ pair: import('./compare.js').Pair, channel: number, a: Place | null, b: Place | null, change: number | null }} Reading
 */

/**
 * The value that is read, on both sides: the one under the pointer in the comparison before the one in the module view.
 * @param {Readonly<import('./state.js').State>} state
 * @returns {Reading | null}
 */
export function comparedOf(state) {
  const pairs = pairsOf(state);
  const spot = state.compare?.spot ?? fromModule(pairs, state.spot ?? state.pin);
  const pair = pairs.find(({ index }) => index === spot?.index);
  if (!spot || !pair) return null;
  const [own, other] = spot.side === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
  const here = placeIn(own?.maps ?? null, spot);
  const there = here && placeIn(other?.maps ?? null, here);
  if (here === null) return null;
  const [a, b] = spot.side === 'a' ? [here, there] : [there, here];
  return { pair, channel: spot.channel, a, b, change: pair.difference && a && b ? b.value - a.value : null };
}

/**
 * @param {import('./compare.js').Pair[]} pairs
 * @param {import('./state.js').Spot | null} spot
 * @returns {Compared | null}
 */
function fromModule(pairs, spot) {
  const pair = pairs.find(({ a }) => a !== null && a.branch.name === spot?.layer);
  return spot && pair ? { side: 'a', index: pair.index, channel: spot.channel, y: spot.y, x: spot.x } : null;
}

/**
 * The same channel and the same place of the picture in other maps.
 * @param {BranchMaps | null} maps
 * @param {{ maps?: BranchMaps, channel: number, y: number, x: number }} spot
 * @returns {Place | null} null where there is no such channel
 */
function placeIn(maps, { maps: from = maps ?? undefined, channel, y, x }) {
  if (maps === null || from === undefined || channel >= maps.channels) return null;
  const scaled = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ to) => Math.min(to - 1, Math.floor(((at + 0.5) / size) * to));
  const [row, column] = [scaled(y, from.height, maps.height), scaled(x, from.width, maps.width)];
  return { maps, channel, y: row, x: column, value: maps.data[(channel * maps.height + row) * maps.width + column] ?? 0 };
}
