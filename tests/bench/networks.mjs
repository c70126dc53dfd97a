// The networks that are measured in Chromium, each with weights in our own layout.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convert } from '../../pkg/dist/node/convert.js';
import { randomWeights } from '../browser/random-weights.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} Network
 * @property {string} id as `inception models` lists it
 * @property {string} title
 * @property {string} address of its weights on the local server
 * @property {string} [keys] the list of keys in tests/reference/keys that random weights are made for; without it the file is in the repository
 */

/** @type {Network} */
export const V3 = { id: 'inception-v3-slim', title: "Inception-v3, nsfwjs's weights", address: '/models/nsfw-inception-v3.safetensors' };

/** @type {Network} */
export const GOOGLENET = { id: 'googlenet-torchvision', title: "GoogLeNet, torchvision's", address: '/random/googlenet.safetensors', keys: 'torchvision_googlenet' };

/** @type {Network[]} */
export const NETWORKS = [
  V3,
  GOOGLENET,
  { id: 'inception-v4', title: 'Inception-v4', address: '/random/inception-v4.safetensors', keys: 'timm_inception_v4' },
  { id: 'inception-resnet-v2', title: 'Inception-ResNet-v2', address: '/random/inception-resnet-v2.safetensors', keys: 'timm_inception_resnet_v2' },
];

/** Auxiliary heads: they would be computed too, by our engine alone. */
const AUXILIARY = /^aux/i;

/**
 * @param {Network} network
 * @returns {Promise<Buffer>} a safetensors file whose keys are public layer names
 */
export async function weightsOf({ id, title, address, keys }) {
  if (keys === undefined) return readFile(join(ROOT, address));
  /** @type {import('../browser/random-weights.mjs').Key[]} */
  const list = JSON.parse(await readFile(join(ROOT, `tests/reference/keys/${keys}.json`), 'utf8'));
  const bytes = randomWeights(list.filter(({ name }) => !AUXILIARY.test(name)));
  const entry = { id, title, network: id, url: '', bytes: bytes.length, sha256: null, classes: 0, labels: '', license: '', source: '', offline: true, auxiliary: /** @type {const} */ ('none') };
  return Buffer.from(await convert([{ name: `${id}.safetensors`, bytes }], entry, null));
}
