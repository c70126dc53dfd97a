/**
 * What runs without workers do otherwise than pages; `node/` and `in-thread.js` fill it in.
 * @type {{ base: (() => string) | null, readFile: ((url: string) => Promise<{ bytes: Uint8Array, type: string }>) | null, lackOfWorkers: () => string | null, modelAt: ((url: string) => Promise<import('./model-files.js').LoadedFile[]>) | null, LocalClient: (new () => import('./protocol.js').Client) | null, name: string }}
 */
export const platform = {
  base: null,
  readFile: null,
  lackOfWorkers: () => (typeof Worker === 'function' ? null : 'there are no workers here, so the engine runs in this thread'),
  modelAt: null,
  LocalClient: null,
  name: 'this browser',
};
