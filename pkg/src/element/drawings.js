import { keepLook, keptLooks } from './kept-looks.js';
import { SIZE, STAGE_SIZE, STEPS, keyOf, stagesOf, targetOf } from './looks.js';
import { openPart } from './shown.js';
import { failureFrom } from './questions.js';
import { siteLooks } from './site-looks.js';

/** @typedef {import('../index.js').Inception} Net */
/** @typedef {import('../gradients.js').Drawn} Grown */
/** @typedef {import('./looks.js').Aim} Aim */
/** @typedef {import('./looks.js').Drawing} Drawing */
/** @typedef {import('./looks.js').Work} Work */
/** @typedef {Readonly<import('./state.js').State>} State */

/** Between two pictures of one that grows, in milliseconds. */
const SHOWN_AFTER = 100;
/** How pictures are kept; a browser that does not write it writes PNG. */
const KEPT_AS = { type: 'image/webp', quality: 0.95 };

/** Has the network draw what channels look for: one that is asked for, and all of a layer while nothing else is asked. */
export class Drawings {
  /** Ends the picture that was asked for. */
  #drawing = new AbortController();
  /** Ends the pictures of a layer. */
  #atlas = new AbortController();
  /** What is at work gives way while its own question is true. @type {{ isBusy: (state: State) => boolean, turn: AbortController } | null} */
  #atWork = null;
  /** Layers and modules whose pictures have been read. @type {Set<string>} */
  #read = new Set();

  /**
   * @param {import('./state.js').Store} store
   * @param {() => Net | null} net
   * @param {() => string | URL | undefined} modelsUrl folder of models, beside which a site may have pictures
   */
  constructor(store, net, modelsUrl) {
    this.store = store;
    this.net = net;
    this.modelsUrl = modelsUrl;
    store.watch(
      ({ model }) => [model?.info.backbone.digest],
      () => this.#forget(),
    );
    store.watch(
      ({ model, module, inner, shows, large }) => [model, module, inner, shows, large],
      () => this.#readKept(),
    );
    store.watch(
      (state) => [this.#atWork?.isBusy(state)],
      (state) => {
        if (this.#atWork?.isBusy(state)) this.#atWork.turn.abort();
      },
    );
  }

  /** @param {Aim} aim @param {{ seed?: number, steps?: number }} [how] */
  async start(aim, { seed = 0, steps = STEPS } = {}) {
    const { store } = this;
    await this.stop();
    const { signal } = (this.#drawing = new AbortController());
    /** @type {Work} */
    let work = { aim, seed, steps, done: 0, status: 'waiting', left: null, picture: null, value: 0, film: [], failure: null };
    const show = (/** @type {Partial<Work>} */ changes) => {
      work = { ...work, ...changes };
      if (!signal.aborted) store.set({ drawing: work });
    };
    show({});
    try {
      await this.#draw(aim, { seed, steps, signal, isBusy: isAsked }, show);
    } catch (error) {
      return show({ status: 'failed', failure: failureFrom(error, store.state.model?.info.title ?? '') });
    }
    if (signal.aborted) return;
    await this.#keep(work);
    if (store.state.drawing?.aim === aim) store.set({ drawing: null });
  }

  /** What has grown so far is kept. */
  async stop() {
    this.#drawing.abort();
    const { drawing, drawn } = this.store.state;
    const before = drawing && drawn.get(keyOf(drawing.aim));
    const isLess = before?.seed === drawing?.seed && (before?.done ?? 0) > (drawing?.done ?? 0);
    if (drawing !== null && drawing.status !== 'failed' && !isLess) await this.#keep(drawing);
    if (this.store.state.drawing === drawing) this.store.set({ drawing: null });
  }

  /** Draws what each channel of a layer looks for, those that have no picture yet, until it is paused. @param {string} layer */
  async startAtlas(layer) {
    const { store } = this;
    this.pauseAtlas();
    const { signal } = (this.#atlas = new AbortController());
    const channels = store.state.model?.layers.get(layer)?.shape[0] ?? 0;
    const aims = Array.from({ length: channels }, (_, channel) => ({ layer, channel, target: /** @type {const} */ ('channel') }));
    const lacking = () => aims.filter((aim) => isLacking(store.state, aim));
    /** @type {number[]} seconds that each took */
    const took = [];
    /** @type {import('./looks.js').AtlasWork} */
    let at = { layer, status: 'running', channel: null, left: null, failure: null };
    const show = (/** @type {Partial<typeof at>} */ changes) => {
      at = { ...at, ...changes };
      if (!signal.aborted) store.set({ atlas: at });
    };
    signal.addEventListener('abort', () => {
      if (store.state.atlas === at) store.set({ atlas: { ...at, status: 'paused', channel: null } });
    });
    const isBusy = (/** @type {State} */ state) => isAsked(state) || (state.drawing !== null && state.drawing.status !== 'failed');
    try {
      for (let [aim] = lacking(); aim !== undefined; [aim] = lacking()) {
        const average = took.length > 0 ? took.reduce((sum, seconds) => sum + seconds, 0) / took.length : null;
        show({ channel: aim.channel, left: average && average * lacking().length });
        const started = performance.now();
        /** @type {Work} */
        let work = { aim, seed: 0, steps: STEPS, done: 0, status: 'running', left: null, picture: null, value: 0, film: [], failure: null };
        await this.#draw(aim, { seed: 0, steps: STEPS, signal, isBusy }, (changes) => {
          work = { ...work, ...changes };
          if (average === null && work.left !== null) show({ left: (work.left + (performance.now() - started) / 1000) * lacking().length });
        });
        if (signal.aborted) return;
        took.push((performance.now() - started) / 1000);
        await this.#keep(work);
      }
      if (store.state.atlas === at) store.set({ atlas: null });
    } catch (error) {
      show({ status: 'failed', channel: null, failure: failureFrom(error, store.state.model?.info.title ?? '') });
    }
  }

  pauseAtlas() {
    this.#atlas.abort();
  }

  /**
   * @param {Aim} aim
   * @param {{ seed: number, steps: number, signal: AbortSignal, isBusy: (state: State) => boolean }} how isBusy: what it gives way to, and begins again after
   * @param {(changes: Partial<Work>) => void} show
   */
  async #draw(aim, { seed, steps, signal, isBusy }, show) {
    for (;;) {
      await this.#rest(isBusy, signal);
      signal.throwIfAborted();
      const net = this.net();
      const { model } = this.store.state;
      if (net === null || model === null) return;
      const turn = new AbortController();
      signal.addEventListener('abort', () => turn.abort(), { signal: turn.signal });
      const mine = (this.#atWork = { isBusy, turn });
      try {
        show({ status: 'running' });
        await net.visualize(targetOf(aim, model), { size: SIZE, steps, seed, signal: turn.signal, onStep: growing(show) });
        return;
      } catch (error) {
        if (signal.aborted || !turn.signal.aborted) throw error;
        show({ status: 'waiting', left: null });
      } finally {
        if (this.#atWork === mine) this.#atWork = null;
      }
    }
  }

  /**
   * Waits until nothing else is asked, nor drawn.
   * @param {(state: State) => boolean} isBusy
   * @param {AbortSignal} signal
   */
  async #rest(isBusy, signal) {
    const isFree = () => signal.aborted || (this.#atWork === null && !isBusy(this.store.state));
    // Questions follow one another: one that ends may be followed by the next in the same moment.
    do await new Promise((resolve) => setTimeout(resolve, 20));
    while (!isFree());
  }

  /** @param {Work} work */
  async #keep({ aim, seed, steps, done, value, picture, film }) {
    const { store } = this;
    const digest = store.state.model?.info.backbone.digest;
    if (picture === null || digest === undefined) return;
    const [blob, ...stages] = await Promise.all([written(picture, SIZE), ...film.map(({ picture }) => written(picture, STAGE_SIZE))]);
    /** @type {Drawing} */
    const drawing = { aim, seed, steps, done, value, picture: blob, film: stages.map((picture, i) => ({ step: film[i]?.step ?? 0, picture })), made: Date.now() };
    const isKept = await keepLook(digest, drawing);
    const bitmap = await createImageBitmap(picture);
    if (store.state.model?.info.backbone.digest !== digest) return;
    store.set({ drawn: new Map(store.state.drawn).set(keyOf(aim), { ...drawing, bitmap }), looksKept: isKept });
  }

  /** Reads what is kept of the layers that are shown, where it is to be seen. */
  async #readKept() {
    const { store } = this;
    const { model, module, inner, shows, large } = store.state;
    const part = openPart(store.state);
    if (model === null || part === null || (shows === 'maps' && !large)) return;
    const layers = part.branches.flatMap(({ name }) => [name, inner.get(name) ?? name]);
    const isSite = shows === 'looks' && this.#isFirst(`site of ${module}`);
    const fresh = [...new Set(layers)].filter((layer) => this.#isFirst(layer));
    const { digest } = model.info.backbone;
    const ofSite = isSite ? await siteLooks(model, this.modelsUrl(), part.name) : [];
    const kept = (await Promise.all(fresh.map((layer) => keptLooks(digest, layer)))).flat();
    const mine = await Promise.all(latest(kept).map(async (drawing) => ({ ...drawing, bitmap: await createImageBitmap(drawing.picture) })));
    if (store.state.model?.info.backbone.digest !== digest || ofSite.length + mine.length === 0) return;
    // What has been drawn meanwhile is later than both, and what this browser made goes before the site's.
    const entries = [...ofSite, ...mine].map((drawn) => /** @type {const} */ ([keyOf(drawn.aim), drawn]));
    store.set({ drawn: new Map([...entries, ...store.state.drawn]) });
  }

  /** @param {string} what @returns {boolean} whether it is read for the first time */
  #isFirst(what) {
    if (this.#read.has(what)) return false;
    this.#read.add(what);
    return true;
  }

  /** What was of other weights. */
  #forget() {
    this.#drawing.abort();
    this.#atlas.abort();
    this.#read.clear();
    this.store.set({ drawing: null, atlas: null, drawn: new Map() });
  }
}

/** @param {State} state @returns {boolean} whether something is asked of the network that somebody waits for */
function isAsked({ run, shift, ranking, explanation, reason, times, compare, live }) {
  return live || [run, shift, ranking, explanation, reason, times, compare].some((question) => question?.status === 'running');
}

/** @param {State} state @param {Aim} aim @returns {boolean} whether it has no picture, or one that was stopped */
function isLacking({ drawn }, aim) {
  const known = drawn.get(keyOf(aim));
  return known === undefined || known.done < known.steps;
}

/** @param {Drawing[]} drawings the latest last @returns {Drawing[]} the latest of each aim */
function latest(drawings) {
  return [...new Map(drawings.map((drawing) => [keyOf(drawing.aim), drawing])).values()];
}

/**
 * Tells of a picture that grows, not at every step.
 * @param {(changes: Partial<Work>) => void} show
 * @returns {(step: number, steps: number, picture: Grown | null) => void}
 */
function growing(show) {
  const started = performance.now();
  let shown = 0;
  /** @type {Work['film']} */
  let film = [];
  return (done, steps, grown) => {
    const now = performance.now();
    const left = (((now - started) / done) * (steps - done)) / 1000;
    if (grown === null) return show({ done, steps, left });
    const picture = new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (grown.pixels), grown.width, grown.height);
    const isStage = done === steps || film.length < stagesOf(steps).filter((stage) => stage <= done).length;
    if (isStage) film = [...film, { step: done, picture }];
    if (!isStage && done < steps && now - shown < SHOWN_AFTER) return show({ done, steps, left });
    shown = now;
    show({ done, steps, left, picture, value: grown.value, film });
  };
}

/**
 * @param {ImageData} picture
 * @param {number} side
 * @returns {Promise<Blob>} as it is kept
 */
async function written(picture, side) {
  const own = new OffscreenCanvas(picture.width, picture.height);
  own.getContext('2d')?.putImageData(picture, 0, 0);
  const canvas = new OffscreenCanvas(Math.min(side, picture.width), Math.min(side, picture.height));
  const context = canvas.getContext('2d');
  if (context) context.imageSmoothingQuality = 'high';
  context?.drawImage(own, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob(KEPT_AS);
}
