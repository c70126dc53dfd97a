import { $, rove, setTabStop } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { fillIn } from '../../pkg/dist/element/view/texts.js';
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
  const languages = $('#languages');
  rove(languages, '[role=radio]', { choose: true });
  languages.addEventListener('click', (/** @type {Event} */ event) => {
    const { lang } = /** @type {HTMLElement} */ (event.target).dataset;
    if (lang === 'en' || lang === 'zh') actions.setLanguage(lang);
  });
  $('#theme').addEventListener('click', actions.toggleTheme);
  $('.skip').addEventListener('click', (/** @type {Event} */ event) => {
    event.preventDefault();
    inspector.focus();
  });

  store.watch(
    ({ lang }) => [lang],
    ({ lang }) => {
      document.documentElement.lang = inspector.lang = lang === 'zh' ? 'zh-Hans' : 'en';
      document.title = t('title');
      fillIn(document);
      for (const button of languages.children) button.ariaChecked = String(button.dataset.lang === lang);
      setTabStop(languages, '[role=radio]');
    },
  );
  store.watch(
    ({ model, lang }) => [model?.info.network, lang],
    ({ model }) => ($('#purpose').textContent = t('purpose', { network: networkTitle(model?.info.network ?? FIRST_NETWORK) })),
  );
  store.watch(
    ({ theme }) => [theme],
    ({ theme }) => {
      document.documentElement.dataset.theme = theme;
      inspector.setAttribute('theme', theme);
    },
  );
  store.watch(
    ({ device }) => [device],
    ({ device }) => inspector.setAttribute('device', device),
  );
}
