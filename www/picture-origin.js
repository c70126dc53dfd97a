import { sampleShown } from './samples.js';

/**
 * Where a picture comes from: a sample's photo or drawing, an address, the camera, a file or the clipboard.
 * @typedef {'sample' | 'drawing' | 'address' | 'camera' | 'file'} Kind
 * @typedef {{ kind: Kind, address: string | null }} Origin address: where anybody can fetch it
 */

/**
 * @param {import('../pkg/dist/element/index.js').InspectorPicture} picture
 * @returns {Origin}
 */
export function originOf({ source }) {
  const sample = sampleShown(source);
  if (sample) return 'url' in sample ? { kind: 'sample', address: absolute(sample.url) } : { kind: 'drawing', address: null };
  if (source === null) return { kind: 'camera', address: null };
  const address = typeof source === 'string' || source instanceof URL ? absolute(String(source)) : null;
  return address?.startsWith('http') ? { kind: 'address', address } : { kind: 'file', address: null };
}

/** @param {string} url */
function absolute(url) {
  return new URL(url, document.baseURI).href;
}
