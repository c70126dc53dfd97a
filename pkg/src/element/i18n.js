import en from './strings/en.js';
import zh from './strings/zh.js';

/** @type {Record<'en' | 'zh', Record<string, string>>} */
const TABLES = { en, zh };
/** @type {Record<string, string>} */
let table = en;

/** Before anything is rendered; the store does so. @param {'en' | 'zh'} lang */
export function setLanguage(lang) {
  table = TABLES[lang];
}

/**
 * A string of the current language, `{name}` filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => String(values[name] ?? whole));
}

/**
 * @param {import('./state.js').Failure} failure
 * @returns {string} its own sentence, else that for its code
 */
export function failureText({ code, detail, sentence }) {
  return sentence ? t(sentence.key, sentence.values) : t(`err-${code}`, { detail });
}
