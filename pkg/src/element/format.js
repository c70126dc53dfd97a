/** From here on a number is written with an exponent: nobody counts so many digits. */
const LARGE = 1e6;

/**
 * Three significant digits, as the read-outs show values.
 * @param {number} value
 * @returns {string}
 */
export function digits(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= LARGE) return minus(value.toExponential(2).replace('+', ''));
  const text = size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toPrecision(3);
  return minus(text);
}

/**
 * One decimal, in percent without the unit.
 * @param {number} fraction
 * @returns {string}
 */
export function percent(fraction) {
  return fraction >= 0.9995 ? '100' : (fraction * 100).toFixed(1);
}

/**
 * @param {number} value of a class: a probability, or what a network without a last activation gives
 * @param {boolean} isValue
 * @returns {string}
 */
export function answered(value, isValue) {
  return isValue ? digits(value) : `${percent(value)} %`;
}

/**
 * @param {number} value
 * @param {boolean} isValue which has no share of anything
 * @returns {string} for the bar beside it
 */
export function barOf(value, isValue) {
  return isValue ? '0%' : `${value * 100}%`;
}

/**
 * @param {number} bytes
 * @returns {string} in MB (10^6), one decimal
 */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

/**
 * @param {number} count
 * @returns {string} for example `27.2 M`, `5.71 G`
 */
export function large(count) {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} G`;
  if (count >= 1e8) return `${(count / 1e6).toFixed(0)} M`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 1e3 ? `${(count / 1e3).toFixed(0)} k` : String(count);
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function milliseconds(ms) {
  return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}

/**
 * A difference of probabilities, in percentage points without the unit.
 * @param {number} change from -1 to 1
 * @returns {string}
 */
export function points(change) {
  const text = (Math.abs(change) * 100).toFixed(1);
  return text === '0.0' ? '±0' : `${change > 0 ? '+' : '−'}${text}`;
}

/** @param {string} text */
function minus(text) {
  return text.replaceAll('-', '−');
}
