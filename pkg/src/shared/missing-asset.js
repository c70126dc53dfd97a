/** Folders of the packages that development servers have bundled beforehand. */
const BUNDLED_BEFOREHAND = /\/\.?vite\/deps\//;

/**
 * What to do about a file of the package that is not where it is looked for: bundlers have left its address as it was.
 * @param {string} url
 * @returns {string} the rest of a sentence
 */
export function missingAsset(url) {
  if (BUNDLED_BEFOREHAND.test(url)) return "exclude 'inception-web' from prebundling (Vite: optimizeDeps.exclude, Angular: prebundle.exclude)";
  return "`npx inception-web assets --out FOLDER` puts it beside your build's scripts, or where Inception.configure({ assetsUrl }) says";
}
