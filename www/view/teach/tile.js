import { el } from '../../../pkg/dist/element/dom.js';
import { THUMBNAIL } from '../../teach/thumbnails.js';

/**
 * A picture's thumbnail: drawn, since a content security policy may allow no images from memory.
 * @param {import('../../teach/state.js').Example} example
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @returns {HTMLElement}
 */
export function tile({ thumbnail }, tag, { class: more = '', ...properties } = {}) {
  const box = el(tag, { class: `th ${more}`.trim(), ...properties });
  if (thumbnail !== null) draw(box, thumbnail);
  return box;
}

/** @param {HTMLElement} box @param {Uint8Array} thumbnail */
async function draw(box, thumbnail) {
  const bitmap = await createImageBitmap(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (thumbnail)])).catch(() => null);
  if (bitmap === null) return;
  const canvas = el('canvas', { width: THUMBNAIL, height: THUMBNAIL, 'aria-hidden': true });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, THUMBNAIL, THUMBNAIL);
  bitmap.close();
  box.append(canvas);
}
