import { fileName, save } from '../../pkg/dist/element/export.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { networkOf } from '../../pkg/dist/element/network.js';
import { failureFrom } from '../../pkg/dist/element/questions.js';
import { layerAmong } from './state.js';

/** @typedef {import('./state.js').Dream} Dream */

/** Has the inspector's network dream in the picture that it shows. */
export class Dreaming {
  #running = new AbortController();
  /** The modules of the network. @type {import('../../pkg/dist/element/network.js').Module[]} */
  modules = [];

  /**
   * @param {import('../state.js').Store} store
   * @param {import('../../pkg/dist/element/index.js').InceptionInspector} inspector
   */
  constructor(store, inspector) {
    this.store = store;
    this.inspector = inspector;
    inspector.addEventListener('inception-load', () => this.#takeNetwork());
    inspector.addEventListener('inception-picture', () => this.#takePicture());
    // What somebody waits for goes first.
    inspector.addEventListener('inception-run', () => this.stop());
    store.watch(
      ({ workspace }) => [workspace],
      () => {
        this.#takeNetwork();
        this.#takePicture();
      },
    );
  }

  /** @param {Partial<Dream>} changes */
  #set(changes) {
    this.store.set({ dream: { ...this.store.state.dream, ...changes } });
  }

  #takeNetwork() {
    const { net } = this.inspector;
    if (this.store.state.workspace !== 'dream' || net === null) return;
    this.modules = networkOf(net.layers).modules;
    const layer = layerAmong(this.modules, this.store.state.dream.layer);
    if (layer !== this.store.state.dream.layer) this.setLayer(layer);
  }

  /** A picture that has not been dreamt in begins without one. */
  async #takePicture() {
    const { picture } = this.inspector;
    if (this.store.state.workspace !== 'dream' || picture === null || picture.blob === this.#blob) return;
    this.stop();
    this.#blob = picture.blob;
    const before = await createImageBitmap(picture.blob).catch(() => null);
    if (picture.blob === this.#blob) this.#set({ status: 'idle', of: picture.name, before, after: null, failure: null });
  }

  /** What was looked at last. @type {Blob | ImageBitmap | null} */
  #blob = null;

  /** @param {string | null} layer */
  setLayer(layer) {
    const branches = this.modules.find(({ name }) => name === layer)?.branches ?? [];
    this.#set({ layer, weights: Object.fromEntries(branches.map(({ name }) => [name, 1])) });
  }

  /** @param {string} branch @param {number} weight */
  setWeight(branch, weight) {
    this.#set({ weights: { ...this.store.state.dream.weights, [branch]: weight } });
  }

  /** @param {Partial<Pick<Dream, 'octaves' | 'steps' | 'strength'>>} changes */
  setHow(changes) {
    this.#set(changes);
  }

  /** @param {number} seed another one: another start */
  async start(seed) {
    const { net, picture } = this.inspector;
    const { dream } = this.store.state;
    if (net === null || picture === null || dream.layer === null) return;
    this.#running.abort();
    const { signal } = (this.#running = new AbortController());
    const { layer, weights: branches, octaves, steps, strength: stepSize } = dream;
    this.#set({ seed, status: 'running', done: 0, total: octaves * steps, each: steps, after: null, failure: null });
    /** @type {import('../../pkg/dist/gradients.js').DreamOptions['onStep']} */
    const onStep = (done, total, { pixels, width, height }) => {
      if (!signal.aborted) this.#set({ done, total, after: new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (pixels), width, height) });
    };
    try {
      await net.dream(picture.blob, { layer, branches }, { octaves, steps, stepSize, seed, signal, onStep });
      if (!signal.aborted) this.#set({ status: 'done' });
    } catch (error) {
      if (!signal.aborted) this.#set({ status: 'failed', failure: failureFrom(error, net.info.title) });
    }
  }

  /** What has been dreamt so far stays. */
  stop() {
    this.#running.abort();
    if (this.store.state.dream.status === 'running') this.#set({ status: 'stopped' });
  }

  async savePicture() {
    const file = await this.#file();
    if (file !== null) save(file, file.name);
  }

  /** Asks the network about the dream. */
  async usePicture() {
    const file = await this.#file();
    if (file !== null) await this.inspector.show(file, t('dreamOf', { name: this.store.state.dream.of }));
  }

  /** @returns {Promise<File | null>} a PNG */
  async #file() {
    const { after, of, layer } = this.store.state.dream;
    if (after === null) return null;
    const canvas = new OffscreenCanvas(after.width, after.height);
    canvas.getContext('2d')?.putImageData(after, 0, 0);
    return new File([await canvas.convertToBlob({ type: 'image/png' })], fileName([of.replace(/\.\w+$/, ''), 'dream', layer ?? ''], 'png'), { type: 'image/png' });
  }
}

