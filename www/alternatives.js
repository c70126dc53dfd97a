import { t } from '../pkg/dist/element/i18n.js';
import { SAMPLES, drawnCanvas } from './samples.js';
import { entryTitle } from './view/titles.js';

/** The samples' pictures, in their order; the same ones each time. */
const images = SAMPLES.map((sample) => ('url' in sample ? sample.url : drawnCanvas(sample.draw)));

/**
 * What the inspector offers to compare with: the samples and the catalog.
 * @param {import('./state.js').Entry[]} entries
 * @returns {import('../pkg/dist/element/index.js').Alternatives}
 */
export function alternativesOf(entries) {
  return {
    pictures: SAMPLES.map((sample, i) => ({
      name: sample.name,
      title: 'title' in sample ? sample.title : t(sample.label),
      image: /** @type {string | HTMLCanvasElement} */ (images[i]),
    })),
    models: entries.map(({ id, title, bytes, offline, reachable }) => ({ id, title: entryTitle(id, title), bytes: offline ? 0 : bytes, reachable })),
  };
}
