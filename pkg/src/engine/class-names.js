import { imagenetAddress } from '../assets.js';
import { baseAddress } from '../shared/addresses.js';
import { looksLikeHtml } from '../shared/download.js';
import { InceptionError } from '../shared/errors.js';
import { fetchList, parsed } from './store/lists.js';

/**
 * The lists of class names that the package itself has, one name a line: models come without them, and pages without a folder of models.
 * Bundlers take text for what it is; some make modules of JSON.
 * @type {Record<string, () => string>}
 */
const OWN_LISTS = { imagenet1k: () => imagenetAddress() ?? new URL('models/imagenet1k.txt', baseAddress()).href };

/**
 * @param {string} name of the list, for example `imagenet1k`
 * @param {Pick<import('../shared/protocol.js').LoadRequest, 'modelsUrl' | 'cache'>} request `modelsUrl`: the folder of the lists that are not the package's own
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<string[]>}
 * @throws {InceptionError} `network`, `aborted`
 */
export async function fetchClassNames(name, { modelsUrl, cache }, signal) {
  const own = OWN_LISTS[name]?.();
  if (own !== undefined) return fetchList(own, signal, cache, linesOf);
  const { href: url } = new URL(`${encodeURIComponent(name)}.json`, modelsUrl);
  const labels = await fetchList(url, signal, cache, parsed);
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string')) {
    throw new InceptionError('network', `${url} (it is not a list of class names)`);
  }
  return labels;
}

/**
 * @param {string} url
 * @param {Uint8Array} bytes
 * @returns {string[]}
 */
function linesOf(url, bytes) {
  if (looksLikeHtml(bytes)) throw new InceptionError('network', `${url} (it answered with a web page)`);
  return new TextDecoder().decode(bytes).trimEnd().split('\n');
}
