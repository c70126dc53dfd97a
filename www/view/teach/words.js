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

/** @param {import('../../teach/state.js').ClassName | undefined} label */
export function titleOf(label) {
  return label ?? t('noneOf');
}
