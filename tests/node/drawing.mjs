// What the page draws of maps is what the command line draws: crate/tests/inspect.rs holds the engine against the same file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { POINTS, colorize } from '../../pkg/src/element/color-map.js';
import { peakOf } from '../../pkg/src/element/maps.js';

const reference = JSON.parse(readFileSync(new URL('../reference/inspection.json', import.meta.url), 'utf8'));

/** @param {number} word */
const hexOf = (word) => [0, 8, 16].map((shift) => ((word >> shift) & 255).toString(16).padStart(2, '0')).join('');

test('colour maps have the reference levels', () => {
  assert.deepEqual(POINTS, reference.colors);
  for (const [name, points] of Object.entries(reference.colors)) {
    const pixels = new Uint32Array(258);
    // Each level, and what lies outside.
    const values = Float32Array.from({ length: 258 }, (_, i) => i - 1);
    colorize(values, 255, pixels, /** @type {import('../../pkg/src/element/color-map.js').Palette} */ (name));
    const levels = reference.levels[name].split(' ');
    assert.deepEqual([...pixels].map(hexOf), [levels[0], ...levels, levels[255]], name);
    // Between levels the nearest; without a range the colour of zero.
    const between = new Uint32Array(4);
    colorize(Float32Array.of(0.4, 0.6, 99.4, 99.6), 255, between, /** @type {import('../../pkg/src/element/color-map.js').Palette} */ (name));
    assert.deepEqual([...between].map(hexOf), [0, 1, 99, 100].map((level) => levels[level]), name);
    colorize(Float32Array.of(0, 0, 0, 0), 0, between, /** @type {import('../../pkg/src/element/color-map.js').Palette} */ (name));
    assert.deepEqual([...between].map(hexOf), Array(4).fill(levels[name === 'diverging' ? 128 : 0]), name);
    assert.deepEqual([levels[0], levels[255]], [points.split(' ')[0], points.split(' ').at(-1)], name);
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
