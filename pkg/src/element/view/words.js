import { t } from '../i18n.js';

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

/** @param {Pick<import('../../index.js').Prediction, 'label' | 'index'>} prediction */
export function className({ label, index }) {
  return label ?? t('classN', { i: index });
}

/** @param {Pick<import('../../index.js').ModelInfo, 'labels'>} info @param {number} index */
export function classNamed({ labels }, index) {
  return className({ index, label: labels?.[index] ?? null });
}
