import { t } from '../../pkg/dist/element/i18n.js';

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
