/**
 * @param {string} css
 * @returns {() => CSSStyleSheet} for `adoptedStyleSheets`, which no content security policy forbids; made when it is first asked for, since
 *   a server can make none
 */
export function sheetFrom(css) {
  /** @type {CSSStyleSheet | undefined} */
  let sheet;
  return () => {
    if (sheet !== undefined) return sheet;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  };
}
