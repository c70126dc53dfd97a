import { Atlas } from './atlas.js';

/** Side of a filter, as a share of its tile's. */
const SHARE = 0.38;

/** Maps with, in each one's corner, the filter that made it. */
export class FilteredAtlas extends Atlas {
  /**
   * @param {import('../maps.js').BranchMaps} maps of the layer of the filters
   * @param {import('../color-map.js').Palette} palette
   * @param {(channel: number) => number} limit
   * @param {OffscreenCanvas} filters one beside the other
   * @param {string} frame its colour
   */
  constructor(maps, palette, limit, filters, frame) {
    super(maps, palette, limit);
    this.filters = filters;
    this.frame = frame;
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {number} channel
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  draw(context, channel, x, y, width, height = width) {
    super.draw(context, channel, x, y, width, height);
    const side = this.filters.width / this.maps.channels;
    const [large, line] = [Math.round(width * SHARE), Math.max(1, Math.round(width / 64))];
    const [left, top] = [x + width - large - 2 * line, y + height - large - 2 * line];
    context.fillStyle = this.frame;
    context.fillRect(left - line, top - line, large + 2 * line, large + 2 * line);
    context.drawImage(this.filters, channel * side, 0, side, this.filters.height, left, top, large, large);
  }
}

/**
 * Filters as pictures, one beside the other: grey is 0, each to its own largest weight.
 * @param {import('../../index.js').Filters} filters
 * @param {'rgb' | 'bgr' | 'gray'} order of their input channels; of a grey picture the first alone is weighed
 * @returns {OffscreenCanvas}
 */
export function filterPictures({ shape: [count, channels, height, width], data }, order) {
  const canvas = new OffscreenCanvas(count * width, height);
  const image = new ImageData(count * width, height);
  const size = height * width;
  const channel = (/** @type {number} */ color) => ({ rgb: color, bgr: 2 - color, gray: 0 })[order];
  for (let filter = 0; filter < count; filter++) {
    const weights = data.subarray(filter * channels * size, (filter + 1) * channels * size);
    const largest = weights.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0) || 1;
    for (let at = 0; at < size; at++) {
      const pixel = (Math.floor(at / width) * count + filter) * width + (at % width);
      const level = (/** @type {number} */ color) => 127.5 + (127.5 * (weights[channel(color) * size + at] ?? 0)) / largest;
      image.data.set([level(0), level(1), level(2), 255], 4 * pixel);
    }
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}
