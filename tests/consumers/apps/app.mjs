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
 * @property {string} [served] the folder that is served then, by any server of files
 * @property {string} [server] or the command that starts a server of its own
 * @property {string} [posts] the path at which that server answers pictures; without it its page does
 * @property {string} [writes] or the file into which its script has written what it found in `picture.png`
 * @property {RegExp} [refused] or what its script says when it fails
 * @property {string} [assets] where `npx inception-web assets --out` puts the package's files; without them a load has to say so
 * @property {boolean} [isIsolated] whether the page is cross-origin isolated
 * @property {boolean} [hasInlineScripts] whether its pages hold scripts, which the policy of the package's README forbids
 */

export {};
