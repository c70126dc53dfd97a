import { keyOf } from '../looks.js';

/** Size of a channel's number, as a share of its tile, and in pixels of the canvas at most. */
const [NUMBER, LARGEST] = [0.3, 24];

/** What the channels of a layer look for, as tiles: a picture, or the number of a channel that has none yet. */
export class LooksAtlas {
  /**
   * @param {import('../state.js').State['drawn']} drawn
   * @param {string} layer
   * @param {number | null} now the channel that is at work
   * @param {CSSStyleDeclaration} style with the colours
   */
  constructor(drawn, layer, now, style) {
    this.drawn = drawn;
    this.layer = layer;
    this.now = now;
    this.style = style;
  }

  /** Pictures need no paint. */
  paint() {}

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} channel
   * @param {number} x
   * @param {number} y
   * @param {number} side
   */
  draw(context, channel, x, y, side) {
    const color = (/** @type {string} */ name) => this.style.getPropertyValue(name);
    const picture = this.drawn.get(keyOf({ layer: this.layer, channel, target: 'channel' }))?.bitmap;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    if (picture) context.drawImage(picture, x, y, side, side);
    else {
      context.fillStyle = color('--sunken');
      context.fillRect(x, y, side, side);
      context.fillStyle = color('--ink3');
      context.font = `${Math.min(LARGEST, Math.round(side * NUMBER))}px ${color('--font')}`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(String(channel), x + side / 2, y + side / 2);
    }
    if (channel !== this.now) return;
    context.strokeStyle = color('--focus');
    context.lineWidth = 4;
    context.strokeRect(x + 2, y + 2, side - 4, side - 4);
  }
}
