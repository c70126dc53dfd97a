// A user's own model file: a GoogLeNet with random weights, as many classes as wanted, and no names.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './harness.mjs';
import { randomWeights } from './random-weights.mjs';

const KEYS = JSON.parse(readFileSync(join(ROOT, 'tests/reference/keys/paper_googlenet.json'), 'utf8'));

/**
 * @param {number} classes
 * @returns {Buffer} a safetensors file
 */
export function ownModelFile(classes) {
  const own = KEYS.filter(({ name }) => !/^loss[12]/.test(name));
  return randomWeights(own.map((key) => (key.name.startsWith('loss3/classifier') ? { ...key, shape: [classes, ...key.shape.slice(1)] } : key)));
}
