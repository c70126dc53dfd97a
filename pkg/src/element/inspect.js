import { csv, fileName, npy, png, save } from './export.js';
import { explainedClass } from './explained.js';
import { channelOf, peakOf } from './maps.js';
import { mapsOf, openModule, readOf, shownBranches } from './shown.js';
import { headOf, kindOf, layerOf, modulesOf, whyOf } from './why.js';

/** @typedef {import('./state.js').Spot} Spot */

/** Opacity of a map that was hidden when its class, or another map, is chosen. */
const VISIBLE = 0.5;

/**
 * What the user can do in the module view, with channels and with classes.
 * @param {import('./state.js').Store} store
 * @param {import('./runner.js').Runner} runner
 */
export function inspectActions(store, runner) {
  return {
    /** @param {Partial<import('./maps.js').Look>} changes */
    setLook: (changes) => {
      store.set({ look: { ...store.state.look, ...changes } });
      if (changes.sort === 'contribution') runner.explain();
    },
    /** @param {string} branch @param {string | null} layer inside it; null: its end */
    openInner: (branch, layer) => runner.openInner(branch, layer),
    /** @param {Spot | null} spot */
    read: (spot) => store.set({ spot }),
    /** @param {Spot | null} pin */
    pin: (pin) => store.set({ pin }),
    /** @param {Spot} pin */
    openLarge: (pin) => store.set({ pin, large: true }),
    /** Pins another channel of the layer whose channel is pinned, where it is largest. @param {number} channel */
    pinChannel: (channel) => {
      const { pin } = store.state;
      const maps = pin && mapsOf(store.state, pin.layer);
      if (pin && maps) store.set({ pin: { layer: pin.layer, channel, ...peakAt(maps, channel) } });
    },
    closeLarge: () => store.set({ large: false }),
    /** Opens the module that a channel belongs to, and pins it. @param {string} name @param {number} channel of the module's output */
    showChannel: (name, channel) => {
      if (store.state.module !== name) runner.open(name);
      const place = branchAt(openModule(store.state), channel);
      if (place === null) return;
      const inner = new Map(store.state.inner);
      inner.delete(place.layer);
      const maps = mapsOf(store.state, place.layer);
      store.set({ inner, spot: null, pin: { ...place, ...(maps ? peakAt(maps, place.channel) : { y: 0, x: 0 }) } });
    },
    /** @param {number} overlay */
    setOverlay: (overlay) => store.set({ overlay }),
    /** @param {number} classIndex */
    choose: (classIndex) => {
      store.set({ chosen: classIndex, camOpacity: store.state.camOpacity || VISIBLE });
      runner.explain();
    },
    /** @param {number} camOpacity */
    setCamOpacity: (camOpacity) => {
      store.set({ camOpacity });
      if (camOpacity > 0 && explainedClass(store.state) === null) chooseFirst();
      else runner.explain();
    },
    /** @param {import('./why.js').Why} why */
    setWhy: (why) => store.set({ why, camOpacity: store.state.camOpacity || VISIBLE }),
    /** @param {1 | -1} step to the module after the one where Grad-CAM is taken, or before */
    moveWhy: (step) => {
      const { why, model } = store.state;
      if (model === null || kindOf(why) !== 'gradcam') return;
      const head = headOf(store.state);
      const modules = modulesOf(model.network, head);
      const next = modules[modules.findIndex(({ name }) => name === layerOf(why, model.network, head)) + step];
      if (next) store.set({ why: whyOf('gradcam', next.name, head) });
    },
    findReason: () => runner.findReason(),
    stopReason: () => runner.stopReason(),
    /** @param {number} index of the branch */
    saveGrid: async (index) => {
      const shown = shownBranches(store.state).find(({ branch }) => branch.index === index);
      if (shown?.order) save(await png(shown, shown.order), nameOf(store.state, [shown.layer.name], 'png'));
    },
    /** @param {number} index of the branch */
    saveMaps: (index) => {
      const maps = shownBranches(store.state).find(({ branch }) => branch.index === index)?.maps;
      if (maps) save(npy(maps.data, [maps.channels, maps.height, maps.width]), nameOf(store.state, [maps.name], 'npy'));
    },
    /** Those of the branches that are on. */
    saveStatistics: () => {
      const { module, off } = store.state;
      const known = shownBranches(store.state).flatMap(({ branch, maps }) => (off.has(branch.name) ? [] : (maps ?? [])));
      save(csv(known), nameOf(store.state, [module ?? ''], 'csv'));
    },
    saveChannelPicture: async () => {
      const read = readOf(store.state);
      if (read) save(await png(read.shown, [read.spot.channel]), nameOf(store.state, [read.spot.layer, `ch${read.spot.channel}`], 'png'));
    },
    saveChannel: () => {
      const read = readOf(store.state);
      if (read) save(npy(channelOf(read.maps, read.spot.channel), [read.maps.height, read.maps.width]), nameOf(store.state, [read.spot.layer, `ch${read.spot.channel}`], 'npy'));
    },
  };

  function chooseFirst() {
    const first = store.state.run.result?.predictions[0];
    if (first === undefined) return;
    store.set({ chosen: first.index });
    runner.explain();
  }
}

/** @param {import('./maps.js').BranchMaps} maps @param {number} channel */
function peakAt(maps, channel) {
  const { y, x } = peakOf(maps, channel);
  return { y, x };
}

/**
 * @param {import('./network.js').Module | null} module
 * @param {number} channel of its output
 * @returns {{ layer: string, channel: number } | null} the same channel in its branch
 */
export function branchAt(module, channel) {
  let first = 0;
  for (const { name, channels } of module?.branches ?? []) {
    if (channel < first + channels) return { layer: name, channel: channel - first };
    first += channels;
  }
  return null;
}

/**
 * A file's name for what is saved of the picture in the model.
 * @param {Readonly<import('./state.js').State>} state
 * @param {string[]} what
 * @param {string} extension
 */
export function nameOf({ run, model }, what, extension) {
  return fileName([run.of?.name.replace(/\.\w+$/, '') ?? '', model?.info.id ?? '', ...what], extension);
}
