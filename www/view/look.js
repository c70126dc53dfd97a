import { $, rove, setTabStop } from '../../pkg/dist/element/dom.js';
import { fillIn } from '../../pkg/dist/element/view/texts.js';

/**
 * The controls of language and theme in a page's header, and every text that stands in the document itself.
 * @param {import('../look.js').LookStore} store
 * @param {import('../look.js').LookActions} actions
 * @param {() => string} title of the document, in the language of the moment
 */
export function mountLook(store, actions, title) {
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
      document.documentElement.lang = lang === 'zh' ? 'zh-Hans' : 'en';
      document.title = title();
      fillIn(document);
      for (const button of languages.children) button.ariaChecked = String(button.dataset.lang === lang);
      setTabStop(languages, '[role=radio]');
    },
  );
  store.watch(
    ({ theme }) => [theme],
    ({ theme }) => (document.documentElement.dataset.theme = theme),
  );
}
