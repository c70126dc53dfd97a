import { el } from '../../../pkg/dist/element/dom.js';

/**
 * A picture's thumbnail; its address is given back once it is drawn.
 * @param {import('../../teach/state.js').Example} example
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @returns {HTMLElement}
 */
export function tile({ thumbnail }, tag, { class: more = '', ...properties } = {}) {
  const box = el(tag, { class: `th ${more}`.trim(), ...properties });
  if (thumbnail === null) return box;
  const src = URL.createObjectURL(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (thumbnail)]));
  const done = () => URL.revokeObjectURL(src);
  const image = el('img', { alt: '', decoding: 'async', draggable: false, on: { load: done, error: () => (done(), image.remove()) } });
  image.src = src;
  box.append(image);
  return box;
}
