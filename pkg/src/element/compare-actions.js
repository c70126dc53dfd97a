import { bringsPicture, contentOf } from './transfer.js';

/**
 * What the user can do in the comparison.
 * @param {import('./state.js').Store} store
 * @param {import('./compare-runner.js').CompareRunner} comparison
 */
export function compareActions(store, comparison) {
  const set = (/** @type {Partial<import('./compare.js').Comparison>} */ changes) => {
    const { compare } = store.state;
    if (compare !== null) store.set({ compare: { ...compare, ...changes } });
  };
  const actions = {
    /** @param {import('./compare.js').Comparison['kind']} kind */
    compareWith: (kind) => comparison.open(kind),
    closeCompare: () => comparison.close(),
    /** @param {import('./compare-runner.js').Source} source @param {string} [name] @param {string} [alternative] its id, where it is one */
    comparePicture: (source, name, alternative) => comparison.showSource(source, name, { alternative }),
    /** @param {import('./compare.js').Choice} choice */
    compareModel: (choice) => comparison.load(choice),
    /** @param {DataTransfer} data @returns {boolean} whether there was something to compare with */
    compareTransfer: (data) => {
      const content = contentOf(data);
      const isModel = content.model.length > 0;
      if (isModel) comparison.load(content.model);
      else if (bringsPicture(content)) comparison.showSource(data);
      return isModel || bringsPicture(content);
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
