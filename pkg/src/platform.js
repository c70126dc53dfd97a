/**
 * What Node.js does otherwise than browsers; `node/` fills it in.
 * @type {{ base: (() => string) | null, readFile: ((url: string) => Promise<{ bytes: Uint8Array, type: string }>) | null, hasWorkers: boolean, name: string }}
 */
export const platform = { base: null, readFile: null, hasWorkers: true, name: 'this browser' };
