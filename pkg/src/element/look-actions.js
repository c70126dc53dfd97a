import { fileName, save } from './export.js';
import { STEPS, keyOf } from './looks.js';

/** @typedef {import('./looks.js').Aim} Aim */

/**
 * What the user can do with pictures of what channels look for.
 * @param {import('./state.js').Store} store
 * @param {import('./drawings.js').Drawings} drawings
 */
export function lookActions(store, drawings) {
  const drawnOf = (/** @type {Aim} */ aim) => store.state.drawn.get(keyOf(aim));
  const actions = {
    /** @param {'maps' | 'looks'} shows */
    setShows: (shows) => store.set({ shows }),
    /** @param {import('./looks.js').Target} lookTarget */
    setLookTarget: (lookTarget) => store.set({ lookTarget }),
    /** Begins, or goes on with what was stopped or failed. @param {Aim} aim */
    startLook: (aim) => {
      const { drawing } = store.state;
      const { seed, steps } = (drawing?.status === 'failed' && keyOf(drawing.aim) === keyOf(aim) ? drawing : drawnOf(aim)) ?? {};
      drawings.start(aim, { seed, steps });
    },
    /** Begins, goes on or stops; what is whole stays. @param {Aim} aim */
    toggleLook: (aim) => {
      const { drawing } = store.state;
      const known = drawnOf(aim);
      if (drawing !== null && drawing.status !== 'failed' && keyOf(drawing.aim) === keyOf(aim)) drawings.stop();
      else if (known === undefined || known.done < known.steps) actions.startLook(aim);
    },
    stopLook: () => {
      if (store.state.drawing !== null) drawings.stop();
    },
    /** From another start. @param {Aim} aim */
    againLook: (aim) => drawings.start(aim, { seed: (drawnOf(aim)?.seed ?? -1) + 1 }),
    /** The same picture, further. @param {Aim} aim */
    longerLook: (aim) => {
      const { seed, steps = 0 } = drawnOf(aim) ?? {};
      drawings.start(aim, { seed, steps: steps + STEPS });
    },
    /** @param {Aim} aim */
    saveLook: async (aim) => {
      const drawn = drawnOf(aim);
      if (drawn === undefined) return;
      const canvas = new OffscreenCanvas(drawn.bitmap.width, drawn.bitmap.height);
      canvas.getContext('2d')?.drawImage(drawn.bitmap, 0, 0);
      const what = { channel: [`ch${aim.channel}`], position: [`ch${aim.channel}`, 'position'], branch: [] }[aim.target];
      save(await canvas.convertToBlob({ type: 'image/png' }), fileName([store.state.model?.info.id ?? '', aim.layer, ...what, 'looks-for', `seed${drawn.seed}`], 'png'));
    },
    /** @param {string} layer */
    startAtlas: (layer) => {
      drawings.startAtlas(layer);
    },
    pauseAtlas: () => drawings.pauseAtlas(),
    /** Begins with a layer's channels, goes on or pauses. @param {string} layer */
    toggleAtlas: (layer) => {
      const { atlas } = store.state;
      if (atlas?.layer === layer && atlas.status === 'running') drawings.pauseAtlas();
      else drawings.startAtlas(layer);
    },
  };
  return actions;
}
