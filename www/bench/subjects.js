import { Inception } from '../../pkg/dist/index.js';
import { isFromHub, isKept, readCatalog } from '../catalog.js';
import { listOwn, readOwn } from '../own-models.js';
import { randomInceptionV3 } from './random-v3.js';

/**
 * A model that can be measured without fetching it from another host.
 *
 * @typedef {object} Subject
 * @property {string} id
 * @property {string} title
 * @property {string | null} network its id; null: not known before it is loaded
 * @property {'published' | 'random' | 'own'} weights
 * @property {number | null} download bytes that come from the page's own host; null: none
 * @property {boolean} usual whether it is measured where nobody chooses
 * @property {() => Promise<import('../../pkg/dist/index.js').ModelSource>} source
 */

/** The network that is measured with random weights where there are none of it. */
const V3 = { id: 'inception-v3', title: 'Inception-v3' };

/**
 * @returns {Promise<{ subjects: Subject[], failure: import('../state.js').Failure | null }>} what the catalog lists and this computer or the page's
 *   host has, an Inception-v3, and the user's own models; why there is no catalog
 */
export async function findSubjects() {
  const [{ entries, failure }, kept, own] = await Promise.all([readCatalog(Inception), Inception.cache.list(), listOwn()]);
  const here = entries.filter((entry) => isKept(entry, kept) || (entry.offline && !isFromHub(entry)));
  const published = here.map((entry, i) => /** @type {Subject} */ ({
    id: entry.id,
    title: entry.title,
    network: entry.network,
    weights: 'published',
    download: isKept(entry, kept) ? null : entry.bytes,
    usual: i === 0 || entry.network === V3.id,
    source: async () => entry,
  }));
  return { subjects: [...published, ...(here.some(({ network }) => network === V3.id) ? [] : [randomV3()]), ...own.map(ownSubject)], failure };
}

/** @returns {Subject} */
function randomV3() {
  /** @type {File | null} */
  let file = null;
  const source = async () => (file ??= randomInceptionV3());
  return { ...V3, id: `${V3.id} random`, network: V3.id, weights: 'random', download: null, usual: true, source };
}

/** @param {import('../own-models.js').OwnModel} own @returns {Subject} */
function ownSubject({ id, title }) {
  const source = async () => {
    const files = await readOwn(id);
    if (files === null) throw new Error(`${title} is not kept any more`);
    return files.files;
  };
  return { id: `own ${id}`, title, network: null, weights: 'own', download: null, usual: false, source };
}
