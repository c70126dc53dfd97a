import { keepLook, keptLooks } from './kept-looks.js';
import { SIZE, STAGE_SIZE, STEPS, filmFor, keyOf, stagesOf, targetOf } from './looks.js';
import { openPart } from './shown.js';
import { failureFrom } from './questions.js';
import { siteLooks } from './site-looks.js';

/** @typedef {import('../index.js').Inception} Net */
/** @typedef {import('../gradients.js').Grown} Grown */
/** @typedef {import('./looks.js').Aim} Aim */
/** @typedef {import('./looks.js').Drawing} Drawing */
/** @typedef {import('./looks.js').Drawn} Drawn */
/** @typedef {import('./looks.js').Work} Work */
/** @typedef {Readonly<import('./state.js').State>} State */

/** Between two pictures of one that grows, in milliseconds. */
const SHOWN_AFTER = 100;
/** So many pictures, the latest, can go on where they were: what that takes is 0.6 MB each. */
const GOING_ON = 16;
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
  /** Ends when what was to be kept is. @type {Promise<void>} */
  #keeping = Promise.resolve();
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

  /** Begins a picture, or goes on with the one of that seed. @param {Aim} aim @param {{ seed?: number, steps?: number }} [how] */
  async start(aim, { seed = 0, steps = STEPS } = {}) {
    const { store } = this;
    await this.stop();
    const { signal } = (this.#drawing = new AbortController());
    /** @type {Work} */
    let work = begun(aim, seed, steps, store.state.drawn.get(keyOf(aim)));
    const show = (/** @type {Partial<Work>} */ changes) => {
      const isStage = (changes.film?.length ?? 0) > work.film.length && work.status === 'running';
      work = { ...work, ...changes };
      if (signal.aborted) return work;
      store.set({ drawing: work });
      // A page that is left in the middle begins there.
      if (isStage && work.done < steps) void this.#keep(work);
      return work;
    };
    show({});
    try {
      await this.#draw(signal, isAsked, show);
    } catch (error) {
      show({ status: 'failed', failure: failureFrom(error, store.state.model?.info.title ?? '') });
      return;
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
    const isLess = before?.seed === drawing?.seed && (before?.done ?? 0) > (drawing?.reached?.step ?? 0);
    if (drawing !== null && !isLess) await this.#keep(drawing);
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
        let work = begun(aim, 0, STEPS, store.state.drawn.get(keyOf(aim)));
        await this.#draw(signal, isBusy, (changes) => {
          work = { ...work, ...changes };
          if (average === null && work.left !== null) show({ left: (work.left + (performance.now() - started) / 1000) * lacking().length });
          return work;
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
   * Takes the steps that are left.
   * @param {AbortSignal} signal
   * @param {(state: State) => boolean} isBusy what it gives way to, and goes on after
   * @param {(changes: Partial<Work>) => Work} show
   */
  async #draw(signal, isBusy, show) {
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
        const work = show({ status: 'running' });
        const { seed, reached } = work;
        const steps = work.steps - (reached?.step ?? 0);
        const how = { size: SIZE, steps, seed, from: reached?.grown, signal: turn.signal, onStep: growing(work, show) };
        if (steps > 0) await net.visualize(targetOf(work.aim, model), how);
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

  /** Keeps what has grown, one after another, so that what is later stays. @param {Work} work @returns {Promise<void>} */
  #keep(work) {
    return (this.#keeping = this.#keeping.then(() => this.#write(work)));
  }

  /** @param {Work} work */
  async #write({ aim, seed, steps, film, reached }) {
    const { store } = this;
    const digest = store.state.model?.info.backbone.digest;
    if (reached === null || digest === undefined) return;
    const { step: done, grown } = reached;
    const picture = imageOf(grown);
    const stage = (/** @type {ImageData | Blob} */ picture) => (picture instanceof Blob ? picture : written(picture, STAGE_SIZE));
    const [blob, ...stages] = await Promise.all([written(picture, SIZE), ...film.map(({ picture }) => stage(picture))]);
    /** @type {Drawing} */
    const drawing = { aim, seed, steps, done, value: grown.value, picture: blob, film: stages.map((picture, i) => ({ step: film[i]?.step ?? 0, picture })), made: Date.now() };
    const isKept = await keepLook(digest, drawing);
    const bitmap = await createImageBitmap(picture);
    if (store.state.model?.info.backbone.digest !== digest) return;
    store.set({ drawn: withLatest(store.state.drawn, { ...drawing, bitmap, reached }), looksKept: isKept });
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
    const mine = await Promise.all(latest(kept).map(async (drawing) => ({ ...drawing, bitmap: await createImageBitmap(drawing.picture), reached: null })));
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
 * @param {Aim} aim
 * @param {number} seed
 * @param {number} steps in all
 * @param {Drawn | undefined} before
 * @returns {Work} what goes on from there, where that is of the same seed and can go on; else from the beginning
 */
function begun(aim, seed, steps, before) {
  const work = { aim, seed, steps, status: /** @type {const} */ ('waiting'), left: null, failure: null };
  const reached = before?.seed === seed && before.done < steps ? before.reached : null;
  if (!before || !reached) return { ...work, done: 0, picture: null, value: 0, film: [], reached: null };
  return { ...work, done: reached.step, picture: imageOf(reached.grown), value: reached.grown.value, film: filmFor(before.film, steps), reached };
}

/**
 * @param {ReadonlyMap<string, Drawn>} drawn
 * @param {Drawn} latest
 * @returns {Map<string, Drawn>} with that one at the end; only the last of them can go on where they were
 */
function withLatest(drawn, latest) {
  const all = new Map(drawn);
  all.delete(keyOf(latest.aim));
  all.set(keyOf(latest.aim), latest);
  const canGoOn = [...all].filter(([, { reached }]) => reached !== null);
  for (const [key, old] of canGoOn.slice(0, -GOING_ON)) all.set(key, { ...old, reached: null });
  return all;
}

/**
 * Tells of a picture that grows, not at every step.
 * @param {Work} work where it begins or goes on
 * @param {(changes: Partial<Work>) => void} show
 * @returns {(step: number, steps: number, picture: Grown | null) => void}
 */
function growing({ steps, reached, film: before }, show) {
  const started = performance.now();
  const from = reached?.step ?? 0;
  let [shown, film] = [0, before];
  return (step, _, grown) => {
    const now = performance.now();
    const done = from + step;
    const left = (((now - started) / step) * (steps - done)) / 1000;
    if (grown === null) return show({ done, left });
    const picture = imageOf(grown);
    const isStage = done === steps || film.length < stagesOf(steps).filter((stage) => stage <= done).length;
    if (isStage) film = [...film, { step: done, picture }];
    const isShown = isStage || now - shown >= SHOWN_AFTER;
    if (isShown) shown = now;
    show({ done, left, film, reached: { step: done, grown }, ...(isShown ? { picture, value: grown.value } : {}) });
  };
}

/** @param {Grown} grown */
function imageOf({ pixels, width, height }) {
  return new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (pixels), width, height);
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
