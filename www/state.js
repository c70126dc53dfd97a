/**
 * The page's one state. Views watch the parts they show; only the engine and the controls' actions change it.
 *
 * @typedef {object} State
 * @property {'en' | 'zh'} lang
 * @property {'light' | 'dark'} theme
 * @property {import('../pkg/dist/index.js').Device} device where models are to run
 * @property {Catalog} catalog
 * @property {Loading | null} loading the model that is being fetched or has failed
 * @property {Model | null} model the model in use
 * @property {import('../pkg/dist/index.js').DeviceChange | null} moved what became of the GPU
 * @property {SelfTest} selfTest
 * @property {Picture | null} picture the picture that is shown
 * @property {Failure | null} pictureFailure why the last picture was not taken
 * @property {import('./camera.js').Camera} camera
 * @property {Run} run
 * @property {string | null} module the module that is open
 * @property {ModuleMaps | null} maps feature maps of the open module
 * @property {import('./lanes.js').Activity | null} activity what the map shows of the last run
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
 * @property {number | null} chosen index of the class that is explained
 * @property {Explanation | null} explanation
 * @property {number} camOpacity from 0 to 1
 * @property {import('./times.js').Times | null} times null until they are measured
 * @property {import('./compare.js').Comparison | null} compare null while nothing is compared
 * @property {ReadonlySet<string>} openStacks labels of the stacks that are unfolded
 *
 * @typedef {{ entries: Entry[], failure: Failure | null }} Catalog
 * @typedef {import('../pkg/dist/index.js').CatalogEntry & { reachable: boolean | null }} Entry
 * @typedef {{ code: string, detail: string }} Failure
 * @typedef {{ kind: 'catalog', id: string } | { kind: 'files', files: File[] }} Choice
 *
 * @typedef {object} Loading
 * @property {Choice} choice
 * @property {string} title
 * @property {import('../pkg/dist/index.js').Progress | null} progress
 * @property {Failure | null} failure
 *
 * @typedef {object} Model
 * @property {Choice} choice
 * @property {import('../pkg/dist/index.js').ModelInfo} info
 * @property {import('../pkg/dist/index.js').Device} asked where it was to run
 * @property {import('./network.js').Network} network
 * @property {ReadonlyMap<string, import('../pkg/dist/index.js').LayerInfo>} layers by name
 *
 * @typedef {object} SelfTest the comparison of the GPU with the CPU
 * @property {'idle' | 'running' | 'done' | 'failed'} status
 * @property {{ layer: string, error: number, ok: boolean } | null} result the layer that differs most
 * @property {Failure | null} failure
 *
 * @typedef {object} Picture
 * @property {string} name
 * @property {Blob | ImageBitmap} blob the file, or a frame of the camera
 * @property {ImageBitmap | null} preview null where this browser cannot show the format
 *
 * @typedef {object} Run
 * @property {'idle' | 'running' | 'done' | 'cancelled' | 'failed'} status
 * @property {'answer' | 'module'} purpose of the last run: a new answer, or the maps of another module
 * @property {Answer | null} result
 * @property {Picture | null} of the picture that the result belongs to
 * @property {Failure | null} failure
 *
 * @typedef {{ layer: string, channel: number, y: number, x: number }} Spot one value of a layer's output
 *
 * @typedef {object} Explanation of one class's logit for a picture
 * @property {number} classIndex
 * @property {Picture} of
 * @property {'running' | 'done' | 'failed'} status
 * @property {import('../pkg/dist/index.js').Cam | null} cam
 * @property {import('../pkg/dist/index.js').Contributions | null} contributions
 * @property {Failure | null} failure
 *
 * @typedef {Omit<import('../pkg/dist/index.js').Result, 'layers'>} Answer
 * @typedef {{ module: string, branches: import('./maps.js').BranchMaps[] }} ModuleMaps
 */

/** @type {SelfTest} */
export const NOT_TESTED = { status: 'idle', result: null, failure: null };

/**
 * @param {State} initial
 */
export function createStore(initial) {
  let state = initial;
  /** @type {Set<() => void>} */
  const watchers = new Set();
  return {
    /** @returns {Readonly<State>} */
    get state() {
      return state;
    },

    /** @param {Partial<State>} changes */
    set(changes) {
      state = { ...state, ...changes };
      for (const watcher of watchers) watcher();
    },

    /**
     * Calls `render` now, and again whenever one of the values that `pick` returns is another one.
     * @param {(state: Readonly<State>) => unknown[]} pick
     * @param {(state: Readonly<State>) => void} render
     */
    watch(pick, render) {
      let seen = pick(state);
      watchers.add(() => {
        const now = pick(state);
        if (now.every((value, i) => Object.is(value, seen[i]))) return;
        seen = now;
        render(state);
      });
      render(state);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
