// What an app of the consumer tests is. Its files are all that its user writes, beside a `package.json` with its scripts.

/**
 * @typedef {object} App
 * @property {string} name of its folder
 * @property {string[]} installed what it needs beside the packages
 * @property {Record<string, string>} scripts of its package.json
 * @property {Record<string, string>} files by their paths
 * @property {Build[]} builds
 */

/**
 * One way of building and serving it.
 * @typedef {object} Build
 * @property {string} name
 * @property {boolean} [isAlways] whether it belongs to the common ones, which every run of the tests has; the others need `--all`
 * @property {string} [script] that builds it, if any
 * @property {string} served the folder that is served then, by any server of files
 * @property {string} [assets] where `npx inception-web assets --out` puts the package's files; without them a load has to say so
 * @property {boolean} [isIsolated] whether the page is cross-origin isolated
 * @property {boolean} [hasInlineScripts] whether its pages hold scripts, which the policy of the package's README forbids
 * @property {string} [path] of the page
 * @property {(folder: string) => Promise<import('./servers.mjs').Answering>} [start] a server of its own in place of the folder
 */

export {};
