// What the pages that measure a network alone have in common: their options in the address, and the photo as the network's input.

/**
 * What a page says once it has loaded its model and run it once. Times are milliseconds.
 * @typedef {object} Subject
 * @property {number} loadAndFirst from the call that loads the model by its address to the first probabilities
 * @property {number} first the first run
 * @property {number[]} probabilities of the first run, by class
 * @property {number} threads how many the library says that it uses
 * @property {() => Promise<number>} run another run
 */

/** @type {{ model: string, photo: string, threads: number, preprocess: import('../../pkg/src/index.js').Preprocess, device?: import('../../pkg/src/index.js').Device }} */
export const options = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{}');

// For browsers whose driver does not tell of errors.
for (const kind of ['error', 'unhandledrejection']) {
  globalThis.addEventListener(kind, (/** @type {any} */ event) => Object.assign(globalThis, { failed: String(event.reason ?? event.error ?? event.message) }));
}

/** Until the browser has taken down the page before, and started the process that it keeps in reserve for the next; in milliseconds. */
const REST = 1000;

/**
 * The photo, once the browser rests, so that what is measured from then on is the library's alone.
 * @returns {Promise<ImageData>}
 */
export async function photo() {
  await new Promise((resolve) => setTimeout(resolve, REST));
  const image = Object.assign(new Image(), { src: options.photo });
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  if (context === null) throw new Error('there is no canvas');
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/**
 * The photo normalised as the model wants it.
 * @param {ImageData} image
 * @param {'NCHW' | 'NHWC'} layout
 */
export function normalized({ data, width, height }, layout) {
  const { scale, mean, std } = options.preprocess;
  const pixels = width * height;
  const input = new Float32Array(3 * pixels);
  for (let i = 0; i < input.length; i += 1) {
    const [pixel, channel] = layout === 'NCHW' ? [i % pixels, Math.floor(i / pixels)] : [Math.floor(i / 3), i % 3];
    input[i] = (data[4 * pixel + channel] * scale - mean[channel]) / std[channel];
  }
  return input;
}
