import { isKept } from './catalog.js';
import { t } from '../pkg/dist/element/i18n.js';
import { SAMPLES, drawnCanvas } from './samples.js';
import { entryTitle } from './view/titles.js';

/** The samples' pictures, in their order; the same ones each time. */
const images = SAMPLES.map((sample) => ('url' in sample ? sample.url : drawnCanvas(sample.draw)));

/**
 * What the inspector offers to compare with: the samples and the catalog.
 * @param {import('./state.js').Entry[]} entries
 * @param {import('./state.js').Kept[]} kept
 * @returns {import('../pkg/dist/element/index.js').Alternatives}
 */
export function alternativesOf(entries, kept) {
  return {
    pictures: SAMPLES.map((sample, i) => ({
      name: sample.name,
      title: 'title' in sample ? sample.title : t(sample.label),
      image: /** @type {string | HTMLCanvasElement} */ (images[i]),
    })),
    models: entries.map((entry) => {
      const { id, title, bytes, offline, reachable } = entry;
      const isHere = offline || isKept(entry, kept);
      return { id, title: entryTitle(id, title), bytes: isHere ? 0 : bytes, reachable: isHere || reachable };
    }),
  };
}
