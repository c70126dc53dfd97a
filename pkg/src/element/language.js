/**
 * @param {Element} element
 * @returns {'en' | 'zh'} what the nearest `lang` around the element says, else what the browser prefers
 */
export function languageOf(element) {
  const lang = declaredLanguage(element) || navigator.language;
  return /^zh\b/i.test(lang) ? 'zh' : 'en';
}

/**
 * @param {Element} element
 * @returns {string | null}
 */
function declaredLanguage(element) {
  const found = element.closest('[lang]');
  if (found !== null) return found.getAttribute('lang');
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? declaredLanguage(root.host) : null;
}
