import { setLanguage } from './i18n.js';
import { FIRST_LOOK } from './maps.js';

/**
 * An inspector's one state. Views watch the parts they show; only the runner and the controls' actions change it.
 *
 * @typedef {object} State
 * @property {Language} lang
 * @property {'light' | 'dark' | null} theme null until the element is in a document
 * @property {Loading | null} loading the model that the element itself is fetching, or that has failed
 * @property {Model | null} model the model in use
 * @property {string | null} modelTitle what the page calls it; null: as it calls itself
 * @property {import('../index.js').DeviceChange | null} moved what became of that model's GPU
 * @property {Picture | null} picture the picture that is shown
 * @property {Failure | null} pictureFailure why the last picture was not taken
 * @property {boolean} live whether pictures are frames of a video, one after another
 * @property {Run} run
 * @property {string | null} module the module that is open, or 'stem' or 'head'
 * @property {ModuleMaps | null} maps feature maps of the open module
 * @property {import('./lanes.js').Activity | null} activity what the map shows of the last run
 * @property {Passed | null} passed how far the run at work has come; null while none is, or none has told
 * @property {ReadonlySet<string>} off branches that are switched off
 * @property {import('./shift.js').Shift | null} shift what that does to the answer; null while nothing is off
 * @property {import('./shift.js').Ranking | null} ranking
 * @property {ReadonlyMap<string, string>} inner by branch, the layer inside it that is shown instead of its end
 * @property {ReadonlyMap<string, import('./maps.js').BranchMaps>} innerMaps by layer, for the last result
 * @property {import('./maps.js').Look} look how channel maps are shown
 * @property {Spot | null} spot the value that is read
 * @property {Spot | null} pin the value that is read while no other is
 * @property {boolean} large whether the pinned channel is shown large
 * @property {number} overlay opacity of the channel over the picture, from 0 to 1
 * @property {number | null} chosen index of the class that is to be explained; null: the likeliest, where that costs no guess
 * @property {Explanation | null} explanation
 * @property {number} camOpacity of the class map, or of what explains the answer instead, from 0 to 1
 * @property {import('./why.js').Why} why how the answer is explained over the picture
 * @property {import('./reasons.js').Reason | null} reason what explains it, where that is not the class map
 * @property {'maps' | 'looks'} shows whether the grids show what channels do with the picture, or what they look for
 * @property {import('./looks.js').Target} lookTarget what a picture of what is looked for is grown for
 * @property {import('./looks.js').Work | null} drawing the one that grows
 * @property {import('./looks.js').AtlasWork | null} atlas those of a layer's channels, while they are drawn
 * @property {ReadonlyMap<string, import('./looks.js').Drawn>} drawn those that are there, by what they are of
 * @property {boolean} looksKept whether the browser keeps them
 * @property {import('./times.js').Times | null} times null until they are measured
 * @property {import('../index.js').Filters | null} filters of the first convolution, once the stem has been opened
 * @property {boolean} timesOpen whether the strip of times is unfolded
 * @property {boolean} whole whether the whole picture is shown, with the part that the network sees marked on it
 * @property {number} zoom of the map; 1: it fits
 * @property {ReadonlySet<string>} openStacks labels of the stacks that are unfolded
 * @property {import('./compare.js').Comparison | null} compare null while nothing is compared
 * @property {Required<import('./index.js').Alternatives>} alternatives what the page offers to compare with
 *
 * @typedef {'en' | 'zh'} Language
 * @typedef {{ code: string, detail: string, sentence?: { key: string, values?: Record<string, string> }, error?: unknown }} Failure
 *   `sentence` says it instead of the code's own; `error` is what it was made of
 *
 * @typedef {object} Loading
 * @property {string} title
 * @property {import('../index.js').Progress | null} progress
 * @property {Failure | null} failure
 *
 * @typedef {object} Model
 * @property {import('../index.js').ModelInfo} info
 * @property {import('./network.js').Network} network
 * @property {ReadonlyMap<string, import('../index.js').LayerInfo>} layers by name
 *
 * @typedef {object} Picture
 * @property {string} name
 * @property {Blob | ImageBitmap} blob the file, or a frame of a video
 * @property {ImageBitmap | null} preview null where this browser cannot show the format
 * @property {number} brought pictures that came together, of which this is the first
 * @property {number} frames of the file, of which the first is shown
 * @property {{ width: number, height: number, copy: ImageBitmap } | null} scaled its size, and what is run instead, where it is too large for the engine
 * @property {import('./index.js').PictureSource} [source] what the page or somebody gave
 *
 * @typedef {object} Run
 * @property {'idle' | 'running' | 'done' | 'cancelled' | 'failed'} status
 * @property {'answer' | 'module'} purpose of the last run: a new answer, or the maps of another module
 * @property {Answer | null} result
 * @property {Picture | null} of the picture that the result belongs to
 * @property {Failure | null} failure
 *
 * @typedef {{ modules: ReadonlySet<string>, done: number, total: number }} Passed names of the modules that are done, and of layers outside of modules
 * @typedef {{ layer: string, channel: number, y: number, x: number }} Spot one value of a layer's output
 *
 * @typedef {object} Explanation of one class's logit for a picture
 * @property {number} classIndex
 * @property {Picture} of
 * @property {ReadonlySet<string>} off branches that are switched off
 * @property {boolean} isWhole whether it is, or is to be, known what each channel adds
 * @property {'running' | 'done' | 'failed'} status
 * @property {import('../index.js').Cam | null} cam
 * @property {import('../index.js').Contributions | null} contributions
 * @property {Failure | null} failure
 *
 * @typedef {Omit<import('../index.js').Result, 'layers' | 'statistics'>} Answer
 *
 * @typedef {object} ModuleMaps
 * @property {string} module
 * @property {import('./maps.js').BranchMaps[]} branches of the last run; zero where a branch is off
 * @property {ReadonlyMap<string, FormerMaps>} former branches that are off, as they were with nothing off; of a video, in an earlier frame
 *
 * @typedef {{ maps: import('./maps.js').BranchMaps, share: number }} FormerMaps with the branch's share of the module's energy
 */

/** What is shown at first, beside channels. */
export const FIRST_SETTINGS = { camOpacity: 0.5, why: /** @type {import('./why.js').Why} */ ('cam'), shows: /** @type {'maps' | 'looks'} */ ('maps'), timesOpen: false, whole: false, zoom: 1 };

/** @returns {State} nothing loaded, nothing shown */
export function firstState() {
  return {
    lang: 'en',
    theme: null,
    loading: null,
    model: null,
    modelTitle: null,
    moved: null,
    picture: null,
    pictureFailure: null,
    live: false,
    module: null,
    look: FIRST_LOOK,
    pin: null,
    overlay: 0,
    lookTarget: 'channel',
    drawing: null,
    atlas: null,
    drawn: new Map(),
    looksKept: true,
    ...FIRST_SETTINGS,
    compare: null,
    alternatives: { pictures: [], models: [] },
    ...withoutModel(),
  };
}

/** What a new model, or none, begins with. */
export function withoutModel() {
  return {
    run: /** @type {Run} */ ({ status: 'idle', purpose: 'answer', result: null, of: null, failure: null }),
    maps: null,
    activity: null,
    passed: null,
    off: /** @type {ReadonlySet<string>} */ (new Set()),
    shift: null,
    ranking: null,
    chosen: null,
    explanation: null,
    reason: null,
    times: null,
    filters: /** @type {import('../index.js').Filters | null} */ (null),
    openStacks: /** @type {ReadonlySet<string>} */ (new Set()),
    ...nothingRead(),
  };
}

/** What another module begins with, its pinned channel aside. */
export function nothingRead() {
  return {
    inner: /** @type {ReadonlyMap<string, string>} */ (new Map()),
    innerMaps: /** @type {State['innerMaps']} */ (new Map()),
    spot: null,
    large: false,
  };
}

/**
 * What was read of a state, the language always: texts are in it.
 * @template {{ lang: Language }} S
 */
class Reads {
  /** @type {Map<keyof S, unknown>} */
  #seen = new Map();

  /** @param {Readonly<S>} state @returns {Readonly<S>} the same, of which each read is noted */
  of(state) {
    /** @type {Map<keyof S, unknown>} */
    const seen = (this.#seen = new Map([['lang', state.lang]]));
    return new Proxy(state, {
      get(_, property) {
        const key = /** @type {keyof S} */ (property);
        seen.set(key, state[key]);
        return state[key];
      },
    });
  }

  /** @param {Readonly<S>} state @returns {boolean} whether it has all of that still */
  holdIn(state) {
    return this.#seen.size > 0 && [...this.#seen].filter(([key, value]) => !Object.is(state[key], value)).length === 0;
  }
}

/**
 * What is made of a state, made anew only when something that it was made of is another.
 * @template {{ lang: Language }} S
 * @template T
 * @param {(state: Readonly<S>) => T} make
 * @returns {(state: Readonly<S>) => T}
 */
export function remembered(make) {
  /** @type {Reads<S>} */
  const reads = new Reads();
  /** @type {T} */
  let made;
  return (state) => {
    if (!reads.holdIn(state)) made = make(reads.of(state));
    return made;
  };
}

/**
 * @template {{ lang: Language }} S
 * @param {S} initial
 */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<() => void>} */
  const watchers = new Set();

  /**
   * Renders in the state's language: other stores may have texts in another one.
   * @param {(state: Readonly<S>) => void} render
   */
  function show(render) {
    setLanguage(state.lang);
    render(state);
  }

  return {
    /** @returns {Readonly<S>} */
    get state() {
      return state;
    },

    /** @param {Partial<S>} changes */
    set(changes) {
      state = { ...state, ...changes };
      for (const watcher of watchers) watcher();
    },

    show,

    /**
     * Calls `render` now, and again whenever one of the values that `pick` returns is another one.
     * @param {(state: Readonly<S>) => unknown[]} pick
     * @param {(state: Readonly<S>) => void} render
     */
    watch(pick, render) {
      let seen = pick(state);
      watchers.add(() => {
        const now = pick(state);
        if (now.every((value, i) => Object.is(value, seen[i]))) return;
        seen = now;
        show(render);
      });
      show(render);
    },

    /**
     * Calls `render` now, and again whenever something that it read of the state is another, or the language is.
     * @param {(state: Readonly<S>) => void} render
     */
    follow(render) {
      /** @type {Reads<S>} */
      const reads = new Reads();
      const again = () => show(() => render(reads.of(state)));
      watchers.add(() => reads.holdIn(state) || again());
      again();
    },
  };
}

/** @typedef {ReturnType<typeof createStore<State>>} Store */
