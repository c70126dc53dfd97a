import { writeAddress } from './address.js';
import { pictureFrom, pictureFromUrl, pictureTaker } from './pictures.js';
import { contentOf } from './transfer.js';

/**
 * What the user can do in the comparison.
 * @param {import('./state.js').Store} store
 * @param {import('./compare-engine.js').CompareEngine} comparison
 */
export function compareActions(store, comparison) {
  const set = (/** @type {Partial<import('./compare.js').Comparison>} */ changes) => {
    const { compare } = store.state;
    if (compare !== null) store.set({ compare: { ...compare, ...changes } });
  };
  const take = pictureTaker(
    (picture) => comparison.show(picture),
    (pictureFailure) => set({ pictureFailure }),
  );
  const actions = {
    /** @param {import('./compare.js').Comparison['kind']} kind */
    compareWith: (kind) => comparison.open(kind),
    closeCompare: () => comparison.close(),
    /** @param {Blob} blob @param {string} name */
    comparePicture: (blob, name) => take(() => pictureFrom(blob, name)),
    /** @param {string} url @param {string} name a sample beside the page */
    compareSample: (url, name) => take(async () => ({ ...(await pictureFromUrl(url)), name })),
    /** @param {string} id */
    compareModel: (id) => comparison.load({ kind: 'catalog', id }),
    /** @param {File[]} files */
    compareFiles: (files) => comparison.load({ kind: 'files', files }),
    /** @param {DataTransfer} data */
    compareTransfer: (data) => {
      const { model, picture, address } = contentOf(data);
      if (model.length > 0) actions.compareFiles(model);
      else if (picture !== null) actions.comparePicture(picture, picture.name);
      else if (address !== null) take(() => pictureFromUrl(address));
    },
    /** @param {string} module of side B's model */
    compareModule: (module) => set({ module }),
    /** @param {Partial<Pick<import('./compare.js').Comparison, 'difference' | 'byDifference' | 'spot'>>} changes */
    setCompare: set,
    retryCompareLoad: () => {
      const choice = store.state.compare?.loading?.choice;
      if (choice !== undefined) comparison.load(choice);
    },
    cancelCompareLoad: () => comparison.cancelLoad(),
    runCompare: () => comparison.again(),
    cancelCompare: () => comparison.cancelRun(),
  };
  return actions;
}

/**
 * Keeps the model of side B in the address, and brings it back once the page has a model.
 * @param {import('./state.js').Store} store
 * @param {import('./compare-engine.js').CompareEngine} comparison
 * @param {string | null} id of a model in the catalog
 */
export function keepComparison(store, comparison, id) {
  let waiting = id;
  store.watch(
    ({ model, compare }) => [model === null, compare?.kind, compare?.model, compare?.loading?.choice],
    ({ model, compare }) => {
      if (model === null) return;
      const asked = waiting;
      waiting = null;
      if (asked !== null) return void comparison.load({ kind: 'catalog', id: asked });
      const choice = compare?.kind === 'model' ? (compare.loading ?? compare.model)?.choice : undefined;
      writeAddress({ compare: choice?.kind === 'catalog' ? choice.id : null });
    },
  );
}
