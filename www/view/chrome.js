import { $ } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { mountLook } from './look.js';
import { networkTitle } from './titles.js';

/** The network of the page's first model, which is named until one is there. */
const FIRST_NETWORK = 'googlenet';

/**
 * Language, theme, device and every text that stands in the document itself.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {import('../../pkg/dist/element/index.js').InceptionInspector} inspector
 */
export function mountChrome(store, actions, inspector) {
  mountLook(store, actions, () => t('title'));
  $('.skip').addEventListener('click', (/** @type {Event} */ event) => {
    event.preventDefault();
    inspector.focus();
  });

  store.watch(
    ({ lang }) => [lang],
    () => (inspector.lang = document.documentElement.lang),
  );
  store.watch(
    ({ model, lang }) => [model?.info.network, lang],
    ({ model }) => ($('#purpose').textContent = t('purpose', { network: networkTitle(model?.info.network ?? FIRST_NETWORK) })),
  );
  store.watch(
    ({ theme }) => [theme],
    ({ theme }) => inspector.setAttribute('theme', theme),
  );
  store.watch(
    ({ device }) => [device],
    ({ device }) => inspector.setAttribute('device', device),
  );
}
