import { isTouch } from '../dom.js';
import { t } from '../i18n.js';

/** Texts that say something else to a finger. @type {Record<string, string>} */
const TOUCH = { stEmpty: 'stEmptyTouch' };

/**
 * Every text that stands in the markup itself.
 * @param {import('../state.js').Store} store
 * @param {ShadowRoot} shadow
 */
export function mountTexts(store, shadow) {
  store.watch(
    ({ lang }) => [lang],
    ({ lang }) => {
      for (const part of /** @type {Iterable<HTMLElement>} */ (shadow.children)) part.lang = lang === 'zh' ? 'zh-Hans' : 'en';
      fillIn(shadow);
    },
  );
}

/** @param {ParentNode} root */
export function fillIn(root) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = textOf(element.getAttribute('data-text') ?? '');
  for (const element of root.querySelectorAll('[data-label]')) element.ariaLabel = t(element.getAttribute('data-label') ?? '');
}

/** @param {string} key */
function textOf(key) {
  return t((isTouch() && TOUCH[key]) || key);
}
