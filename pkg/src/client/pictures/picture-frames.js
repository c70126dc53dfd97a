import { tag } from './picture-formats.js';

/**
 * @param {Uint8Array} bytes
 * @param {string} format name of it
 * @returns {number} 1 for a still picture, and where the file does not tell
 */
export function framesOf(bytes, format) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (format === 'GIF') return gifFrames(view);
    if (format === 'PNG') return pngFrames(view);
    if (format === 'WebP') return webpFrames(view);
    if (format === 'AVIF') return avifFrames(bytes, view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** @param {DataView} view */
function gifFrames(view) {
  const colours = (/** @type {number} */ flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  const afterBlocks = (/** @type {number} */ at) => {
    while (view.getUint8(at) !== 0) at += 1 + view.getUint8(at);
    return at + 1;
  };
  let frames = 0;
  for (let at = 13 + colours(view.getUint8(10)); at < view.byteLength; ) {
    const block = view.getUint8(at);
    if (block === 0x21) at = afterBlocks(at + 2);
    else if (block !== 0x2c) break;
    else {
      frames += 1;
      const data = at + 11 + colours(view.getUint8(at + 9));
      if (data >= view.byteLength) break;
      at = afterBlocks(data);
    }
  }
  return Math.max(1, frames);
}

/** Those of an APNG, as its animation control chunk says. @param {DataView} view */
function pngFrames(view) {
  for (let at = 8; tag(view, at + 4) !== 'IDAT'; at += 12 + view.getUint32(at)) {
    if (tag(view, at + 4) === 'acTL') return Math.max(1, view.getUint32(at + 8));
  }
  return 1;
}

/** @param {DataView} view */
function webpFrames(view) {
  let frames = 0;
  for (let at = 12; at + 8 <= view.byteLength; ) {
    if (tag(view, at) === 'ANMF') frames += 1;
    const length = view.getUint32(at + 4, true);
    at += 8 + length + (length & 1);
  }
  return Math.max(1, frames);
}

/** Those of an image sequence: the samples of its first track. @param {Uint8Array} bytes @param {DataView} view */
function avifFrames(bytes, view) {
  if (tag(view, 8) !== 'avis') return 1;
  for (let at = bytes.indexOf(0x73); at >= 0; at = bytes.indexOf(0x73, at + 1)) {
    if (tag(view, at) === 'stsz') return Math.max(1, view.getUint32(at + 12));
  }
  return 1;
}
