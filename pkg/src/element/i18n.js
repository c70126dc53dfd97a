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
  return filled(table, key, values);
}

/**
 * @param {Record<string, string>} table
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
function filled(table, key, values) {
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => String(values[name] ?? whole));
}

/** Sentences on failures whose detail is a sentence of the engine or of the browser, not the name of something. */
const IN_ENGLISH = new Set(['bad-image', 'bad-weights', 'bad-labels', 'bad-option', 'no-webgpu', 'device-lost', 'unsupported', 'internal'].map((code) => `err-${code}`).concat('notFetched'));

/**
 * @param {import('./state.js').Failure} failure
 * @returns {{ before: string, after: string, isApart: boolean } | null} what stands around its detail, where that is English; isApart: in
 *   another language, which it is to be set apart from
 */
export function failureParts({ code, sentence }) {
  const key = sentence?.key ?? `err-${code}`;
  const [before, after] = (IN_ENGLISH.has(key) ? (table[key] ?? '') : '').split('{detail}');
  return after === undefined ? null : { before: before ?? '', after, isApart: table !== en };
}

/**
 * @param {import('./state.js').Failure} failure
 * @returns {string} its own sentence, else that for its code
 */
export function failureText({ code, detail, sentence }) {
  return t(sentence?.key ?? `err-${code}`, { detail, ...sentence?.values });
}

/**
 * @param {NonNullable<import('./state.js').Failure['sentence']>} sentence
 * @returns {string} for developers, whatever the language
 */
export function inEnglish({ key, values = {} }) {
  return filled(en, key, values);
}
