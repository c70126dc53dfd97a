/**
 * @param {string} css
 * @returns {CSSStyleSheet} for `adoptedStyleSheets`, which no content security policy forbids
 */
export function sheetFrom(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
