import { t } from '../../pkg/dist/element/i18n.js';
import { titleOf } from '../catalog.js';

/** The content filter's id in the catalog; it gets a title that nobody takes for a general classifier. */
const CONTENT_FILTER = 'nsfw-inception-v3';

/**
 * @param {import('../state.js').Choice} choice
 * @param {string} title
 * @returns {string} the title that the page shows for a model
 */
export function modelTitle(choice, title) {
  return choice.kind === 'catalog' ? entryTitle(choice.id, title) : titleOf(choice, []);
}

/**
 * @param {string} id
 * @param {string} title
 */
export function entryTitle(id, title) {
  return id === CONTENT_FILTER ? t('filterTitle') : title;
}

/**
 * @param {import('../state.js').Entry} entry
 * @returns {string} what it was trained on, or what it does instead; empty where the catalog does not say
 */
export function usualData({ id, labels }) {
  if (id === CONTENT_FILTER) return t('filterNote2');
  return labels === 'imagenet1k' ? 'ImageNet' : '';
}

/**
 * @param {string} id of a network
 * @returns {string} what its papers call it, whichever library's weights it takes
 */
export function networkTitle(id) {
  const [family = id] = /^(googlenet|inception(-resnet)?-v\d)/.exec(id) ?? [];
  return family.replace('googlenet', 'GoogLeNet').replace('inception', 'Inception').replace('resnet', 'ResNet');
}
