/**
 * The page's own state: the language, the models and what is loaded. What the inspector shows is the inspector's.
 *
 * @typedef {object} State
 * @property {'en' | 'zh'} lang
 * @property {'light' | 'dark'} theme
 * @property {Device} device where models are to run
 * @property {Catalog} catalog
 * @property {Kept[]} kept the models' files that the browser keeps
 * @property {import('./own-models.js').OwnModel[]} own the user's own models that the browser keeps
 * @property {boolean} keepOwn whether own models that come are kept
 * @property {boolean} ownRefused whether the browser did not keep the own model in use
 * @property {File | null} labels class names for the next own model
 * @property {{ title: string, why: 'ownLost' | 'ownRemoved' | 'ownGone' } | null} lost the own model that a reload could not bring back
 * @property {string | null} removed title of the own model in use that was removed from this computer
 * @property {import('./own-pictures.js').Lost[]} lostFiles own pictures, and an own model to compare with, that a reload could not bring back
 * @property {File | null} compared the own picture that the comparison had before a reload
 * @property {string | null} unknown the address's id of a model that there is not
 * @property {Loading | null} loading the model that is being fetched or has failed
 * @property {Model | null} model the model in use
 * @property {import('../pkg/dist/index.js').DeviceChange | null} moved what became of the GPU
 * @property {SelfTest} selfTest
 * @property {ReadonlyMap<string, Blob>} samples files of the samples that are here, by id
 * @property {string | null} picture name of the picture that the inspector shows
 * @property {import('./samples.js').Sample | null} sample which of the samples that is
 * @property {readonly boolean[] | null} tour which of its steps are done; null while it is closed
 * @property {import('./camera.js').CameraState} camera
 * @property {Workspace} workspace
 * @property {boolean | null} mine whether one's own classes answer, where there are some; null: as nobody has chosen yet, in Teach they do
 * @property {import('./teach/state.js').Teach} teach one's own classes
 * @property {import('./dream/state.js').Dream} dream
 *
 * @typedef {'inspect' | 'teach' | 'dream'} Workspace what is done with the picture
 * @typedef {import('../pkg/dist/index.js').Device} Device
 * @typedef {{ entries: Entry[], asking: boolean, failure: Failure | null }} Catalog asking: whether files are there
 * @typedef {import('../pkg/dist/index.js').CatalogEntry & { reachable: boolean | null }} Entry
 * @typedef {{ url: string, bytes: number }} Kept
 * @typedef {import('../pkg/dist/element/state.js').Failure} Failure
 * @typedef {{ kind: 'catalog', id: string } | { kind: 'files' } & import('./own-models.js').OwnFiles | { kind: 'own', id: string, title: string }} Choice
 *
 * @typedef {object} Loading
 * @property {Choice} choice
 * @property {string} title
 * @property {Device} device where it is to run
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

/** @type {Workspace[]} */
export const WORKSPACES = ['inspect', 'teach', 'dream'];

/** @type {SelfTest} */
export const NOT_TESTED = { status: 'idle', result: null, failure: null };
