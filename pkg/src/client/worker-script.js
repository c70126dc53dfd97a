import { script } from '../assets.js';

/**
 * A worker's script, where its address is not for bundlers to find.
 * @typedef {{ url: string, isElsewhere: boolean }} Script isElsewhere: on another origin than the page
 */

/**
 * @param {string | null} workerUrl null: beside this script
 * @param {string} name of the file
 * @returns {Script | null} null: beside this script, on the page's origin
 */
export function scriptOf(workerUrl, name) {
  const isWeb = /^https?:/.test(script);
  const url = workerUrl ?? (isWeb ? script.replace(/[^/]*$/, name) : '');
  const isElsewhere = /^https?:/.test(url) && new URL(url).origin !== globalThis.location?.origin;
  return workerUrl === null && !isElsewhere ? null : { url, isElsewhere };
}

/** Scripts of this origin that import those of others, by their addresses: a worker's own script has to be of the page's origin. @type {Map<string, string>} */
const imports = new Map();

/**
 * @param {Script} script
 * @returns {string}
 */
export function addressOf({ url, isElsewhere }) {
  if (!isElsewhere) return url;
  const own = imports.get(url) ?? URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' }));
  imports.set(url, own);
  return own;
}
