import { t } from '../i18n.js';

/** The content-safety model's id in the catalog; it gets a title that nobody takes for a general classifier. */
const CONTENT_SAFETY = 'nsfw-inception-v3';

/**
 * @param {import('../state.js').Choice} choice
 * @param {string} title
 * @returns {string} the title that the page shows for a model
 */
export function modelTitle(choice, title) {
  return choice.kind === 'catalog' ? entryTitle(choice.id, title) : title;
}

/**
 * @param {string} id
 * @param {string} title
 */
export function entryTitle(id, title) {
  return id === CONTENT_SAFETY ? t('nsfwTitle') : title;
}

/**
 * A layer in few characters, as on the chips: `3×3/2·96`, `pool 3×3/2`.
 * @param {import('../network.js').Step} step
 * @returns {string}
 */
export function chipText({ kind, detail }) {
  const size = detail.replace(/(\d)x(?=\d)/g, '$1×').replace(', ', '·');
  switch (kind) {
    case 'max-pool':
      return `${t('pool')} ${size}`;
    case 'avg-pool':
      return detail === 'global' ? `avg ${t('pool')}` : `avg ${t('pool')} ${size}`;
    case 'lrn':
      return detail === 'l2 norm' ? 'L2' : 'LRN';
    case 'linear':
      return detail === 'batch norm' ? detail : `linear ${size}`;
    case 'add':
      return `+ ${t('shortcut')}`;
    default:
      return size;
  }
}

/** @param {Pick<import('../../pkg/dist/index.js').Prediction, 'label' | 'index'>} prediction */
export function className({ label, index }) {
  return label ?? t('classN', { i: index });
}
