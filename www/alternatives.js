import { isFromHub, isHere } from './catalog.js';
import { t } from '../pkg/dist/element/i18n.js';
import { entryTitle } from './view/titles.js';

/** What the view calls the user's own picture among those to compare with, whatever its file is called. */
export const OWN = 'own';

/**
 * What the inspector offers to compare with: samples, and the catalog without files of the page's own host that may not be there.
 * @param {import('./state.js').Entry[]} entries
 * @param {import('./state.js').Kept[]} kept
 * @param {import('./state.js').State['samples']} pictures of the samples, by their ids
 * @param {import('./samples.js').Sample[]} samples that suit the model
 * @param {File | null} own picture
 * @returns {import('../pkg/dist/element/index.js').Alternatives}
 */
export function alternativesOf(entries, kept, pictures, samples, own) {
  const offered = samples.flatMap((sample) => {
    const image = pictures.get(sample.id);
    const title = 'title' in sample ? sample.title : t(sample.label);
    return image ? { name: sample.name, title, image } : [];
  });
  return {
    pictures: [...(own ? [{ id: OWN, name: own.name, image: own }] : []), ...offered],
    models: entries.flatMap((entry) => {
      const { id, title, bytes, reachable } = entry;
      const here = isHere(entry, kept);
      if (!here && !isFromHub(entry) && !reachable) return [];
      return { id, title: entryTitle(id, title), bytes: here ? 0 : bytes, reachable: here || reachable };
    }),
  };
}
