import { colorize } from '../color-map.js';
import { channelOf } from '../maps.js';

/**
 * The maps of a layer as pictures, one pixel a value, each coloured before it is first drawn.
 */
export class Atlas {
  /**
   * @param {import('../maps.js').BranchMaps} maps
   * @param {import('../color-map.js').Palette} palette
   * @param {(channel: number) => number} limit the value at the upper end of the channel's colours
   */
  constructor(maps, palette, limit) {
    this.maps = maps;
    this.palette = palette;
    this.limit = limit;
    this.columns = Math.ceil(Math.sqrt(maps.channels));
    this.canvas = new OffscreenCanvas(this.columns * maps.width, Math.ceil(maps.channels / this.columns) * maps.height);
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    this.image = new ImageData(maps.width, maps.height);
    this.painted = new Uint8Array(maps.channels);
  }

  /**
   * Colours channels that are to be drawn. All together: a canvas that is painted after it was drawn from is copied first.
   * @param {number[]} channels
   */
  paint(channels) {
    for (const channel of channels) {
      if (this.painted[channel] === 1) continue;
      const [left, top] = this.#place(channel);
      paint(this.image, this, channel);
      this.context.putImageData(this.image, left, top);
      this.painted[channel] = 1;
    }
  }

  /**
   * Draws a painted channel into a square of another canvas, its values as they are.
   * @param {CanvasRenderingContext2D} context
   * @param {number} channel
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  draw(context, channel, x, y, width, height = width) {
    const { maps, canvas } = this;
    const [left, top] = this.#place(channel);
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas, left, top, maps.width, maps.height, x, y, width, height);
  }

  /** @param {number} channel @returns {[number, number]} its left upper corner */
  #place(channel) {
    const { maps, columns } = this;
    return [(channel % columns) * maps.width, Math.floor(channel / columns) * maps.height];
  }
}

/** Values are opaque from this share of the upper end on. */
const OPAQUE = 0.8;

/**
 * One channel as a picture, one pixel a value.
 * @param {Pick<Atlas, 'maps' | 'palette' | 'limit'>} of
 * @param {number} channel
 * @returns {OffscreenCanvas}
 */
export function channelPicture(of, channel) {
  const image = new ImageData(of.maps.width, of.maps.height);
  paint(image, of, channel);
  return canvasOf(image);
}

/**
 * One channel to lie over a picture: the further a value is from zero, the more opaque.
 * @param {Pick<Atlas, 'maps' | 'palette' | 'limit'>} of
 * @param {number} channel
 * @returns {OffscreenCanvas}
 */
export function clearPicture(of, channel) {
  const image = new ImageData(of.maps.width, of.maps.height);
  const opaque = OPAQUE * of.limit(channel);
  paint(image, of, channel);
  channelOf(of.maps, channel).forEach((value, i) => {
    image.data[4 * i + 3] = opaque > 0 ? Math.min(255, Math.round((255 * Math.abs(value)) / opaque)) : 0;
  });
  return canvasOf(image);
}

/** @param {ImageData} image */
function canvasOf(image) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {ImageData} image
 * @param {Pick<Atlas, 'maps' | 'palette' | 'limit'>} of
 * @param {number} channel
 */
function paint(image, { maps, palette, limit }, channel) {
  const high = limit(channel);
  colorize(channelOf(maps, channel), high, new Uint32Array(image.data.buffer), palette, palette === 'diverging' ? -high : 0);
}
