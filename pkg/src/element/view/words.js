import { t } from '../i18n.js';

/** What the ways to explain an answer, and the methods of saliency, are called. */
export const KIND_NAMES = { cam: 'mCam', gradcam: 'mGrad', saliency: 'mSal', minus: 'mDiff' };
export const METHOD_NAMES = { gradient: 'sGradient', smooth: 'sSmooth', integrated: 'sIntegrated' };

/**
 * A layer in few characters, as on the chips: `3×3/2·96`, `pool 3×3/2`.
 * @param {import('../network.js').Step} step
 * @returns {string}
 */
export function chipText({ kind, detail, kernel, stride, shape: [channels, height, width] }) {
  const window = windowText(kernel, stride);
  switch (kind) {
    case 'conv':
      return `${window}·${channels}`;
    case 'max-pool':
      return `${t('pool')} ${window}`;
    case 'avg-pool':
      if (kernel !== null) return `avg ${t('pool')} ${window}`;
      return height * width === 1 ? `avg ${t('pool')}` : `avg ${t('pool')} → ${height}×${width}`;
    case 'lrn':
      return 'LRN';
    case 'l2-norm':
      return 'L2';
    case 'linear':
      return `linear ${channels}`;
    case 'add':
      return `+ ${t('shortcut')}`;
    default:
      return detail;
  }
}

/**
 * @param {import('../network.js').Step['kernel']} kernel
 * @param {import('../network.js').Step['stride']} stride
 * @returns {string} `3×3/2`; the stride where it is not 1
 */
function windowText(kernel, stride) {
  if (kernel === null || stride === null) return '';
  const [down, across] = stride;
  const step = down !== across ? `/${down}×${across}` : down > 1 ? `/${down}` : '';
  return `${kernel.join('×')}${step}`;
}

/** @param {import('../folded.js').AnswerRow} row */
export function rowName({ predictions: [first], isFolded }) {
  return isFolded || first === undefined ? t('unsafeRow') : className(first);
}

/** @param {Pick<import('../../index.js').Prediction, 'label' | 'index'>} prediction */
export function className({ label, index }) {
  return label ?? t('classN', { i: index });
}

/**
 * @param {import('../../index.js').LayerInfo['receptiveField']} field
 * @param {[number, number, number]} input
 * @returns {string} how much of the picture one value sees
 */
export function fieldSize({ size: [rows, columns] }, [, height, width]) {
  return rows >= height && columns >= width ? t('whole').toLowerCase() : `${Math.min(columns, width)} × ${Math.min(rows, height)} px`;
}

/**
 * @param {[number, number]} field smallest and largest receptive field, in pixels
 * @param {[number, number, number]} input
 * @returns {string} how much of the picture they see
 */
export function fieldRange([least, most], [, height, width]) {
  const side = Math.max(height, width);
  const upper = most >= side ? t('whole').toLowerCase() : `${most} px`;
  return least === most || least >= side ? upper : most >= side ? `${least} px – ${upper}` : `${least}–${upper}`;
}

/** @param {Pick<import('../../index.js').ModelInfo, 'labels'>} info @param {number} index */
export function classNamed({ labels }, index) {
  return className({ index, label: labels?.[index] ?? null });
}

/** @param {number} seconds */
export function timeLeft(seconds) {
  return seconds < 100 ? t('secondsLeft', { n: Math.max(1, Math.round(seconds)) }) : t('minutesLeft', { n: Math.round(seconds / 60) });
}

/** @param {number} bytes @returns {string} in MB (10^6) */
export function size(bytes) {
  const mb = bytes / 1e6;
  return mb < 1 ? mb.toFixed(2) : mb.toFixed(1);
}
