import { $, rove, setTabStop } from '../dom.js';
import { setLanguage, t } from '../i18n.js';

/**
 * Language, theme and every text that stands in the document itself. Mounted first: the views after it speak the language it sets.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountChrome(store, actions) {
  const languages = $('#languages');
  rove(languages, '[role=radio]', { choose: true });
  languages.addEventListener('click', (/** @type {Event} */ event) => {
    const { lang } = /** @type {HTMLElement} */ (event.target).dataset;
    if (lang === 'en' || lang === 'zh') actions.setLanguage(lang);
  });
  $('#theme').addEventListener('click', actions.toggleTheme);

  store.watch(
    ({ lang }) => [lang],
    ({ lang }) => {
      setLanguage(lang);
      document.documentElement.lang = lang === 'zh' ? 'zh-Hans' : 'en';
      document.title = t('title');
      for (const element of document.querySelectorAll('[data-text]')) element.textContent = t(element.getAttribute('data-text') ?? '');
      for (const element of document.querySelectorAll('[data-label]')) element.ariaLabel = t(element.getAttribute('data-label') ?? '');
      for (const button of languages.children) button.ariaChecked = String(button.dataset.lang === lang);
      setTabStop(languages, '[role=radio]');
    },
  );
  store.watch(
    ({ theme }) => [theme],
    ({ theme }) => {
      document.documentElement.dataset.theme = theme;
    },
  );
}
