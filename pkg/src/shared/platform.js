/**
 * What places do each in its own way; `index.js`, `in-thread.js` and `node/` fill it in.
 * @type {{ base: (() => string) | null, addressOf: ((path: string) => string) | null, readFile: ((url: string) => Promise<{ bytes: Uint8Array, type: string }>) | null, lackOfWorkers: () => string | null, openWorker: (() => import('./protocol.js').EngineWorker) | null, startHelpers: import('./protocol.js').LoadHooks['startHelpers'] | null, isIsolated: () => boolean, processors: () => number, modelAt: ((url: string) => Promise<import('../engine/model-files.js').LoadedFile[]>) | null, localClient: (() => Promise<import('./protocol.js').Client>) | null, teaching: () => Promise<import('./protocol.js').TeachScript>, name: string }}
 */
export const platform = {
  base: null,
  addressOf: null,
  readFile: null,
  lackOfWorkers: () => (typeof Worker === 'function' ? null : 'there are no workers here, so the engine runs in this thread'),
  openWorker: null,
  startHelpers: null,
  isIsolated: () => globalThis.crossOriginIsolated === true,
  processors: () => globalThis.navigator?.hardwareConcurrency ?? 1,
  modelAt: null,
  localClient: null,
  teaching: () => Promise.reject(new Error('this entry of the package does not teach')),
  name: 'this browser',
};
