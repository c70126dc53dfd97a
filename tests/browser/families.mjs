// What every build of the engine is held against: one network of each family, with generated weights.

import assert from 'node:assert/strict';

/** Sources of tests/reference. */
export const SOURCES = [
  'paper_googlenet',
  'cadene_bninception',
  'torchvision_inception_v3',
  'seed_inception_v3_slim',
  'timm_inception_v4',
  'facenet_inception_resnet_v1',
  'timm_inception_resnet_v2',
];

/** Of the spread of the logits, and of an end point's largest value. */
export const TOLERANCE = 2e-4;

/** Of a gradient's norm, and of its samples by the tensor's root mean square, as the native tests have it: a ReLU may fall the other way. */
const GRADIENT = { norm: 0.005, samples: 0.08 };

/**
 * Holds what parity.mjs has found of a network against the tolerances.
 * @param {Awaited<ReturnType<typeof import('./parity.mjs').compare>>} report
 */
export function assertReference({ endpoints, vectors, gradients }) {
  assert.ok(endpoints.length > 50);
  for (const { name, error } of [...endpoints, ...vectors]) assert.ok(error < TOLERANCE, `${name}: ${error}`);
  assert.ok(gradients.length > 50);
  for (const { name, norm, samples } of gradients) {
    assert.ok(norm <= GRADIENT.norm && samples <= GRADIENT.samples, `gradient at ${name}: ${norm}, ${samples}`);
  }
}
