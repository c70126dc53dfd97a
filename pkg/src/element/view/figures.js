import { clipped, placeOf, seenFrom } from '../receptive.js';
import { channelPicture, clearPicture } from './atlas.js';

/** @typedef {import('../shown.js').Shown} Shown */
/** @typedef {import('../state.js').Spot} Spot */

/**
 * A channel as large as the canvas, with a frame around one value.
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<Shown, 'maps' | 'palette' | 'limit'>} shown
 * @param {Pick<Spot, 'channel' | 'y' | 'x'>} spot
 */
export function drawChannel(canvas, { maps, palette, limit }, spot) {
  const context = canvas.getContext('2d');
  if (context === null || maps === null) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(channelPicture({ maps, palette, limit }, spot.channel), 0, 0, canvas.width, canvas.height);
  const [width, height] = [canvas.width / maps.width, canvas.height / maps.height];
  for (const [color, line] of /** @type {[string, number][]} */ ([['#000', 4], ['#fff', 2]])) {
    context.strokeStyle = color;
    context.lineWidth = line;
    context.strokeRect(spot.x * width - 1, spot.y * height - 1, width + 2, height + 2);
  }
}

/**
 * The part of the picture that one position sees; what lies outside the picture stays empty, unless it sees more than the picture.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLCanvasElement} seen the picture as the network gets it
 * @param {import('../../index.js').LayerInfo} layer
 * @param {[number, number, number]} input
 * @param {Spot} spot
 */
export function drawPatch(canvas, seen, { receptiveField }, input, spot) {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const whole = seenFrom(receptiveField, spot.y, spot.x);
  const part = clipped(whole, input);
  const area = whole.width > input[2] || whole.height > input[1] ? { ...part, width: Math.max(part.width, part.height), height: Math.max(part.width, part.height) } : whole;
  const [fromX, fromY] = [seen.width / input[2], seen.height / input[1]];
  const [toX, toY] = [canvas.width / area.width, canvas.height / area.height];
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (part.width === 0 || part.height === 0) return;
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    seen,
    part.x * fromX,
    part.y * fromY,
    part.width * fromX,
    part.height * fromY,
    (part.x - area.x) * toX,
    (part.y - area.y) * toY,
    part.width * toX,
    part.height * toY,
  );
}

/**
 * A channel over the picture, each value on the middle of what it sees: zero is clear.
 * @param {HTMLCanvasElement} canvas as the picture
 * @param {Shown} shown
 * @param {number} channel
 * @param {[number, number, number]} input
 */
export function drawOverlay(canvas, { maps, palette, limit, layer }, channel, input) {
  const context = canvas.getContext('2d');
  if (context === null || maps === null) return;
  const place = placeOf(layer.receptiveField, maps);
  const [x, y] = [canvas.width / input[2], canvas.height / input[1]];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(clearPicture({ maps, palette, limit }, channel), place.x * x, place.y * y, place.width * x, place.height * y);
}
