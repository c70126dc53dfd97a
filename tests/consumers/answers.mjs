// What the consumers answer, compared with one another and with the reference.

import assert from 'node:assert/strict';

const FROM_REFERENCE = 1e-4;
const AMONG_CONSUMERS = 1e-5;

/** The native engine's answer for the generated picture. */
export const RECORDED = { maze: 0.841622, coil: 0.09726, stove: 0.011711, 'theater curtain': 0.006957, matchstick: 0.003794 };

/** Classes that the examples show. */
export const SHOWN = 5;

/** @typedef {Record<string, number>} Probabilities by class name */

/** By picture. @type {Map<string, { consumer: string, probabilities: Probabilities }[]>} */
const answers = new Map();

/**
 * Keeps an answer, which must be that of the consumers before.
 * @param {string} consumer
 * @param {string} picture
 * @param {Probabilities} probabilities
 */
export function keep(consumer, picture, probabilities) {
  const others = answers.get(picture) ?? [];
  for (const other of others) assertClose(probabilities, other.probabilities, AMONG_CONSUMERS, `${picture}: ${consumer}, ${other.consumer}`);
  answers.set(picture, [...others, { consumer, probabilities }]);
}

/**
 * Compares every consumer's answer with the reference's.
 * @param {string} picture
 * @param {Probabilities} expected
 */
export function checkKept(picture, expected) {
  for (const { consumer, probabilities } of keptOf(picture)) check(probabilities, expected, `${picture}: ${consumer}`);
}

/**
 * Every consumer's answer has this class before all others.
 * @param {string} picture
 * @param {string} label
 */
export function checkFirst(picture, label) {
  for (const { consumer, probabilities } of keptOf(picture)) {
    const [first] = Object.keys(probabilities).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
    assert.equal(first, label, `${picture}: ${consumer}`);
  }
}

/** @param {string} picture */
function keptOf(picture) {
  const kept = answers.get(picture) ?? [];
  assert.ok(kept.length > 0, `${picture} was classified`);
  return kept;
}

/**
 * Compares an answer with the reference's.
 * @param {Probabilities} found
 * @param {Probabilities} expected
 * @param {string} what
 */
export function check(found, expected, what) {
  assertClose(found, expected, FROM_REFERENCE, `${what}, the reference`);
}

/**
 * @param {string} predictions as JSON
 * @returns {Probabilities}
 */
export function probabilitiesOf(predictions) {
  return Object.fromEntries(JSON.parse(predictions).map((/** @type {import('../../pkg/src/index.js').Prediction} */ { label, probability }) => [label, probability]));
}

/**
 * @param {Probabilities} found
 * @param {Probabilities} wanted
 * @param {number} tolerance
 * @param {string} what
 */
function assertClose(found, wanted, tolerance, what) {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(wanted).sort(), what);
  for (const [label, probability] of Object.entries(wanted)) {
    const close = Math.abs(found[label] - probability) <= tolerance;
    assert.ok(close, `${what}: ${label} is ${found[label]} and ${probability}`);
  }
}
