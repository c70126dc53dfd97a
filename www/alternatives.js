import { isFromHub, isKept } from './catalog.js';
import { t } from '../pkg/dist/element/i18n.js';
import { SAMPLES, drawnCanvas } from './samples.js';
import { entryTitle } from './view/titles.js';

/** The samples' pictures by their ids; the same ones each time. */
const images = new Map(SAMPLES.map((sample) => [sample.id, 'url' in sample ? sample.url : drawnCanvas(sample.draw)]));

/**
 * What the inspector offers to compare with: samples, and the catalog without files of the page's own host that may not be there.
 * @param {import('./state.js').Entry[]} entries
 * @param {import('./state.js').Kept[]} kept
 * @param {import('./samples.js').Sample[]} samples
 * @returns {import('../pkg/dist/element/index.js').Alternatives}
 */
export function alternativesOf(entries, kept, samples) {
  return {
    pictures: samples.map((sample) => ({
      name: sample.name,
      title: 'title' in sample ? sample.title : t(sample.label),
      image: /** @type {string | HTMLCanvasElement} */ (images.get(sample.id)),
    })),
    models: entries.flatMap((entry) => {
      const { id, title, bytes, offline, reachable } = entry;
      const isHere = offline || isKept(entry, kept);
      if (!isHere && !isFromHub(entry) && !reachable) return [];
      return { id, title: entryTitle(id, title), bytes: isHere ? 0 : bytes, reachable: isHere || reachable };
    }),
  };
}
