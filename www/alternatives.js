import { isKept } from './catalog.js';
import { t } from '../pkg/dist/element/i18n.js';
import { SAMPLES } from './samples.js';
import { entryTitle } from './view/titles.js';

/**
 * What the inspector offers to compare with: the samples and the catalog.
 * @param {import('./state.js').Entry[]} entries
 * @param {import('./state.js').Kept[]} kept
 * @param {import('./state.js').State['samples']} samples
 * @returns {import('../pkg/dist/element/index.js').Alternatives}
 */
export function alternativesOf(entries, kept, samples) {
  return {
    pictures: SAMPLES.flatMap((sample) => {
      const image = samples.get(sample.id);
      const title = 'title' in sample ? sample.title : t(sample.label);
      return image ? { name: sample.name, title, image } : [];
    }),
    models: entries.map((entry) => {
      const { id, title, bytes, offline, reachable } = entry;
      const isHere = offline || isKept(entry, kept);
      return { id, title: entryTitle(id, title), bytes: isHere ? 0 : bytes, reachable: isHere || reachable };
    }),
  };
}
