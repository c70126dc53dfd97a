// The files that lie beside the package's scripts. Their addresses are relative to the script that says them: to this one in Node.js, elsewhere to a
// bundle that lies where this does. Each is written out, so that bundlers find it.

/** The script that this is in; empty where it is no module and does not know. */
export const script = import.meta.url || '';

/** @returns {Worker} on the engine's script */
export const ownWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'inception-web' });

/** @returns {Worker} on the script that trains heads */
export const ownTeachWorker = () => new Worker(new URL('./teach-worker.js', import.meta.url), { type: 'module', name: 'inception-web teach' });

/** @param {import('./shared/protocol.js').ArtefactName | 'convert' | 'look' | 'pictures' | 'teach'} name */
export function artefactAddress(name) {
  switch (name) {
    case 'simd128':
      return new URL('./wasm/inception_simd128.wasm', import.meta.url).href;
    case 'simd128_threads':
      return new URL('./wasm/inception_simd128_threads.wasm', import.meta.url).href;
    case 'relaxed':
      return new URL('./wasm/inception_relaxed.wasm', import.meta.url).href;
    case 'convert':
      return new URL('./wasm/inception_convert.wasm', import.meta.url).href;
    case 'look':
      return new URL('./wasm/inception_look.wasm', import.meta.url).href;
    case 'pictures':
      return new URL('./wasm/inception_pictures.wasm', import.meta.url).href;
    case 'teach':
      return new URL('./wasm/inception_teach.wasm', import.meta.url).href;
  }
}

/** The class names of ImageNet; null where the script does not know where it is. */
export const imagenetAddress = () => (import.meta.url ? new URL('./models/imagenet1k.txt', import.meta.url).href : null);
