/**
 * What Node.js does otherwise than browsers; `node/` fills it in.
 * @type {{ base: (() => string) | null, readFile: ((url: string) => Promise<{ bytes: Uint8Array, type: string }>) | null, hasWorkers: boolean, modelAt: ((url: string) => Promise<import('./model-files.js').LoadedFile[]>) | null, LocalClient: (new () => import('./protocol.js').Client) | null, name: string }}
 */
export const platform = { base: null, readFile: null, hasWorkers: true, modelAt: null, LocalClient: null, name: 'this browser' };
