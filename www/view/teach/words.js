import { t } from '../../../pkg/dist/element/i18n.js';

/** @param {number} n @returns {string} with the separators of the language */
export function number(n) {
  return n.toLocaleString(document.documentElement.lang || 'en');
}

/** @param {number} n */
export function pictureCount(n) {
  return n === 1 ? t('pictureOne') : t('pictures', { n: number(n) });
}

/** @param {number} labels @param {number} examples */
export function ofAll(labels, examples) {
  return `${labels === 1 ? t('classOne') : t('classesN', { n: number(labels) })}${t('comma')}${pictureCount(examples)}`;
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

/** @param {import('../../teach/state.js').ClassName | undefined} label */
export function titleOf(label) {
  return label ?? t('noneOf');
}
