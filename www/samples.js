import { drawLandscape, drawRings } from './drawings.js';

/**
 * A picture to start with: a photo that set-up put beside the page, or one that the page draws.
 * @typedef {{ id: string, name: string, title: string, url: string } | { id: string, name: string, label: string, draw: (canvas: HTMLCanvasElement) => void }} Sample
 */

/** Side of the pictures that the page draws. */
const DRAWN_SIDE = 448;

/** @type {Sample[]} */
export const SAMPLES = [
  { id: 'chelsea', name: 'chelsea.png', title: 'Chelsea, Stéfan van der Walt, CC0', url: 'www/samples/chelsea.png' },
  { id: 'coffee', name: 'coffee.png', title: 'Coffee, Rachel Michetti, CC0', url: 'www/samples/coffee.png' },
  { id: 'rocket', name: 'rocket.jpg', title: 'Falcon 9, SpaceX, CC0', url: 'www/samples/rocket.jpg' },
  { id: 'astronaut', name: 'astronaut.png', title: 'Eileen Collins, NASA, public domain', url: 'www/samples/astronaut.png' },
  { id: 'landscape', name: 'landscape.png', label: 'landscape', draw: drawLandscape },
  { id: 'rings', name: 'rings.png', label: 'rings', draw: drawRings },
];

/** The one that the page opens with; where its photo is missing, one that the page draws. */
export const FIRST_SAMPLE = /** @type {Sample} */ (SAMPLES.find(({ id }) => id === 'chelsea'));
export const DRAWN_SAMPLE = /** @type {Sample} */ (SAMPLES.find(({ id }) => id === 'landscape'));

/** What the inspector was given of each sample. @type {Map<Sample, string | Blob>} */
const sources = new Map();

/**
 * @param {Sample} sample
 * @returns {Promise<string | Blob>} its address, or the picture that the page draws
 */
export async function sourceOf(sample) {
  const source = 'url' in sample ? sample.url : (sources.get(sample) ?? (await drawnPicture(sample.draw)));
  sources.set(sample, source);
  return source;
}

/**
 * @param {import('../pkg/dist/index.js').ImageSource | null | undefined} source what the inspector shows
 * @returns {Sample | null}
 */
export function sampleShown(source) {
  return SAMPLES.find((sample) => source && sources.get(sample) === source) ?? null;
}

/**
 * @param {(canvas: HTMLCanvasElement) => void} draw
 * @returns {HTMLCanvasElement}
 */
export function drawnCanvas(draw) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = DRAWN_SIDE;
  draw(canvas);
  return canvas;
}

/**
 * @param {(canvas: HTMLCanvasElement) => void} draw
 * @returns {Promise<Blob>} a PNG
 */
function drawnPicture(draw) {
  const canvas = drawnCanvas(draw);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The canvas gave no picture.'))), 'image/png');
  });
}
