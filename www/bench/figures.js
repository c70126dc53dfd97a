/** A machine slows down where the last third of the runs takes so much longer than the first, and longer than most of those. */
const SLOWER = 1.1;
/** Fewer runs say nothing about that. */
const FEWEST_TO_COMPARE = 12;

/**
 * @param {number[]} values at least one
 * @param {number} share from 0 to 1
 * @returns {number} the value below which that share of them lies, between two neighbours in proportion
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below = NaN, above = below] = sorted.slice(Math.floor(at));
  return below + (above - below) * (at % 1);
}

/** @param {number[]} values at least one */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * @param {number[]} runs milliseconds, in the order in which they were measured
 * @returns {number | null} by how many per cent the last were slower than the first; null: by nothing that would be worth a word
 */
export function slowing(runs) {
  if (runs.length < FEWEST_TO_COMPARE) return null;
  const third = Math.floor(runs.length / 3);
  const [first, last] = [runs.slice(0, third), median(runs.slice(-third))];
  const isSlower = last > SLOWER * median(first) && last > quantile(first, 0.75);
  return isSlower ? Math.round((last / median(first) - 1) * 100) : null;
}

/**
 * Three significant digits and never more.
 * @param {number} ms
 * @returns {string}
 */
export function inMs(ms) {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

/** @param {number} ms of one @returns {string} pictures a second, as in the table */
export function rate(ms) {
  return (1000 / ms).toFixed(1);
}
