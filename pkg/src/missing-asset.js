/** Folders of the packages that development servers have bundled beforehand. */
const BUNDLED_BEFOREHAND = /\/\.?vite\/deps\//;

/**
 * What to do about a file of the package that is not where it is looked for: bundlers have left its address as it was.
 * @param {string} url
 * @returns {string} the rest of a sentence
 */
export function missingAsset(url) {
  if (BUNDLED_BEFOREHAND.test(url)) {
    return "the development server bundles packages beforehand, so exclude them from that: 'inception-web' in Vite's optimizeDeps.exclude, Angular's prebundle.exclude";
  }
  return "`npx inception-web assets --out FOLDER` puts the package's files where your build's own scripts are, or anywhere with Inception.configure({ assetsUrl })";
}
