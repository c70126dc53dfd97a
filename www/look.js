import { remember, remembered, writeAddress } from './address.js';

/**
 * Language and theme, which every page of the site has.
 *
 * @typedef {object} Look
 * @property {'en' | 'zh'} lang
 * @property {'light' | 'dark'} theme
 *
 * @typedef {{ readonly state: Readonly<Look>, set(changes: Partial<Look>): void, watch(pick: (look: Look) => unknown[], render: (look: Look) => void): void }} LookStore
 * @typedef {ReturnType<typeof lookActions>} LookActions
 */

/**
 * How a page looks at first, whose theme the document has from then on.
 * @param {{ lang: string | null, theme: string | null }} asked by the address
 * @returns {Look} what the address says, else what is remembered, else what the browser prefers
 */
export function firstLook({ lang, theme }) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const look = /** @type {Look} */ ({
    lang: (lang ?? remembered('lang') ?? navigator.language).startsWith('zh') ? 'zh' : 'en',
    theme: (theme ?? remembered('theme') ?? dark) === 'dark' ? 'dark' : 'light',
  });
  document.documentElement.dataset.theme = look.theme;
  return look;
}

/** What changes them: the address and this computer know it before the page shows it. @param {LookStore} store */
export function lookActions(store) {
  const actions = {
    /** @param {'en' | 'zh'} lang */
    setLanguage: (lang) => {
      remember('lang', lang);
      writeAddress({ lang });
      store.set({ lang });
    },
    toggleTheme: () => actions.setTheme(store.state.theme === 'dark' ? 'light' : 'dark'),
    /** @param {'light' | 'dark'} theme */
    setTheme: (theme) => {
      remember('theme', theme);
      writeAddress({ theme });
      store.set({ theme });
    },
    /** What an address says that was put into the open page's. @param {{ lang: string | null, theme: string | null }} asked */
    takeLook: ({ lang, theme }) => {
      if (lang === 'en' || lang === 'zh') actions.setLanguage(lang);
      if (theme === 'light' || theme === 'dark') actions.setTheme(theme);
    },
  };
  return actions;
}
