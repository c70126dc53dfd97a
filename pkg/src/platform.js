/**
 * What Node.js does otherwise than browsers; `node/` fills it in.
 * @type {{ base: (() => string) | null, readFile: ((url: string) => Promise<{ bytes: Uint8Array, type: string }>) | null, hasWorkers: boolean, modelAt: ((url: string) => Promise<import('./model-files.js').LoadedFile[]>) | null, otherFormats: (() => Promise<typeof import('./other-formats.js')>) | null, LocalClient: (new () => import('./protocol.js').Client) | null, name: string }}
 */
export const platform = { base: null, readFile: null, hasWorkers: true, modelAt: null, otherFormats: null, LocalClient: null, name: 'this browser' };

/** What reads other formats than safetensors. */
export const otherFormats = () => platform.otherFormats?.() ?? import('./other-formats.js');
