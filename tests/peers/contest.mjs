// Engines side by side: their answers are compared, then their times.

import assert from 'node:assert/strict';
import { found, leave, race } from '../bench/visits.mjs';

/** @typedef {{ name: string, open: () => Promise<import('playwright-core').Page> }} Candidate an engine, and how its page is opened anew */

/** How far probabilities of the same pixels may be apart. */
export const TOLERANCE = 1e-4;

/**
 * @param {Candidate[]} candidates ours first
 * @param {number} threads that each must have
 * @param {{ runs: number, visits: number }} counts
 * @throws where an engine answers otherwise than ours, or runs with another number of threads
 */
export async function contest(candidates, threads, counts) {
  await checkAnswers(candidates, threads);
  return race(candidates.map(({ open }) => open), counts);
}

/**
 * @param {Candidate[]} candidates
 * @param {number} threads
 */
async function checkAnswers(candidates, threads) {
  /** @type {number[]} */
  let ours = [];
  for (const { name, open } of candidates) {
    const page = await open();
    /** @type {{ probabilities: number[], threads: number }} */
    const { probabilities, threads: used } = await found(page);
    const workers = page.workers?.().length ?? threads - 1;
    await leave(page);
    assert.equal(used, threads, `threads of ${name}`);
    assert.ok(workers >= threads - 1, `${name} has ${workers} workers`);
    if (name === candidates[0]?.name) ours = probabilities;
    assert.equal(probabilities.length, ours.length, `classes of ${name}`);
    const difference = Math.max(...probabilities.map((p, i) => Math.abs(p - (ours[i] ?? NaN))));
    assert.ok(difference <= TOLERANCE, `probabilities of ${name} differ from ours by ${difference}`);
  }
}

/**
 * @param {number[][]} figures of each candidate
 * @returns {number[][]} in multiples of the first candidate's
 */
export const ratios = (figures) => figures.map((row) => row.map((figure, i) => figure / (figures[0]?.[i] ?? NaN)));
