// What the page draws of maps is what the command line draws: crate/tests/inspect.rs holds the engine against the same file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { POINTS, colorize } from '../../pkg/src/element/color-map.js';
import { peakOf } from '../../pkg/src/element/maps.js';

const reference = JSON.parse(readFileSync(new URL('../reference/inspection.json', import.meta.url), 'utf8'));

/** @param {number} word */
const hexOf = (word) => [0, 8, 16].map((shift) => ((word >> shift) & 255).toString(16).padStart(2, '0')).join('');

test('colour maps go through the reference points', () => {
  assert.deepEqual(POINTS, reference.colors);
  for (const [name, points] of Object.entries(reference.colors)) {
    const pixels = new Uint32Array(2);
    colorize(Float32Array.of(0, 1), 1, pixels, /** @type {import('../../pkg/src/element/color-map.js').Palette} */ (name));
    const hexes = points.split(' ');
    assert.deepEqual([...pixels].map(hexOf), [hexes[0], hexes.at(-1)], name);
  }
});

test('a channel is largest where the reference says', () => {
  const { height, width, channels, at } = reference.peaks;
  const maps = /** @type {any} */ ({ height, width, channels: channels.length, shape: [channels.length, height, width], data: Float32Array.from(channels.flat()) });
  at.forEach(([y, x], channel) => {
    const peak = peakOf(maps, channel);
    assert.deepEqual([peak.y, peak.x], [y, x], `channel ${channel}`);
  });
});
