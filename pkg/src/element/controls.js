import { compareActions } from './compare-actions.js';
import { inspectActions } from './inspect.js';
import { lookActions } from './look-actions.js';
import { neighbourOf, openModule } from './shown.js';
import { headOf, kindOf, modulesOf, whyOf } from './why.js';

/**
 * What the user can do.
 * @param {import('./state.js').Store} store
 * @param {import('./runner.js').Runner} runner
 * @param {import('./own-model.js').OwnModel} own
 * @param {import('./film.js').Film} film
 * @param {import('./compare-runner.js').CompareRunner} comparison
 * @param {import('./drawings.js').Drawings} drawings
 */
export function connectControls(store, runner, own, film, comparison, drawings) {
  const actions = {
    /** @param {import('./index.js').PictureSource} source */
    showPicture: (source) => runner.showSource(source),
    /** Shows the whole picture, or what the network sees of it. */
    toggleWhole: () => store.set({ whole: !store.state.whole }),
    retryLoad: () => own.retry(),
    cancelLoad: () => own.cancel(),
    /** Runs the picture again, in full: a video stops at the frame that is shown. */
    run: () => (store.state.live ? film.stop() : runner.run()),
    cancelRun: () => runner.cancelRun(),
    /** Opens it, where Grad-CAM is taken from then on. @param {string} module or stem or head */
    openModule: (module) => {
      runner.open(module);
      const { why, model } = store.state;
      const head = headOf(store.state);
      if (model && kindOf(why) === 'gradcam' && modulesOf(model.network, head).some(({ name }) => name === module)) actions.setWhy(whyOf('gradcam', module, head));
    },
    /** @param {1 | -1} step to the next module or the one before, if there is one */
    openNeighbour: (step) => {
      const next = neighbourOf(store.state, step);
      if (next) runner.open(next.name);
    },
    /** @param {string[]} branches @param {boolean} on */
    switchBranches: (branches, on) => runner.switchBranches(branches, on),
    /** @param {number} index of a branch of the open module */
    switchInModule: (index) => {
      const branch = openModule(store.state)?.branches[index]?.name;
      if (branch !== undefined) runner.switchBranches([branch], store.state.off.has(branch));
    },
    allOn: () => runner.switchBranches([...store.state.off], true),
    /** Ranks the branches; a video stops before. */
    rank: () => {
      film.stop();
      runner.rank();
    },
    /** Times every layer, or stops doing so. */
    toggleMeasuring: () => {
      if (store.state.times?.status === 'running') return runner.cancelMeasuring();
      film.stop();
      runner.measure();
    },
    cancelRanking: () => runner.cancelRanking(),
    /** Ranks the branches, or puts the ranking away. */
    toggleRanking: () => {
      const { ranking } = store.state;
      if (ranking === null) actions.rank();
      else if (ranking.status === 'running') runner.cancelRanking();
      else store.set({ ranking: null });
    },
    toggleTimes: () => store.set({ timesOpen: !store.state.timesOpen }),
    /** @param {number} zoom of the map; 1: it fits */
    setZoom: (zoom) => store.set({ zoom }),
    /** @param {string} label */
    toggleStack: (label) => {
      const openStacks = new Set(store.state.openStacks);
      if (!openStacks.delete(label)) openStacks.add(label);
      store.set({ openStacks });
    },
    ...inspectActions(store, runner),
    ...lookActions(store, drawings),
    ...compareActions(store, comparison),
  };
  return actions;
}

/** @typedef {ReturnType<typeof connectControls>} Actions */
