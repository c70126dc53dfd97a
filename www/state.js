/**
 * The page's own state: the language, the models and what is loaded. What the inspector shows is the inspector's.
 *
 * @typedef {object} State
 * @property {'en' | 'zh'} lang
 * @property {'light' | 'dark'} theme
 * @property {Device} device where models are to run
 * @property {Catalog} catalog
 * @property {Kept[]} kept the models' files that the browser keeps
 * @property {Loading | null} loading the model that is being fetched or has failed
 * @property {Model | null} model the model in use
 * @property {import('../pkg/dist/index.js').DeviceChange | null} moved what became of the GPU
 * @property {SelfTest} selfTest
 * @property {string | null} picture name of the picture that the inspector shows
 * @property {import('./samples.js').Sample | null} sample which of the samples that is
 * @property {readonly boolean[] | null} tour which of its steps are done; null while it is closed
 * @property {import('./camera.js').CameraState} camera
 *
 * @typedef {import('../pkg/dist/index.js').Device} Device
 * @typedef {{ entries: Entry[], failure: Failure | null }} Catalog
 * @typedef {import('../pkg/dist/index.js').CatalogEntry & { reachable: boolean | null }} Entry
 * @typedef {{ url: string, bytes: number }} Kept
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
 * @property {Device} asked where it was to run
 *
 * @typedef {object} SelfTest the comparison of the GPU with the CPU
 * @property {'idle' | 'running' | 'done' | 'failed'} status
 * @property {{ layer: string, error: number, ok: boolean } | null} result the layer that differs most
 * @property {Failure | null} failure
 *
 * @typedef {ReturnType<typeof import('../pkg/dist/element/state.js').createStore<State>>} Store
 */

/** @type {SelfTest} */
export const NOT_TESTED = { status: 'idle', result: null, failure: null };
