import { isContentFilter } from '../pkg/dist/element/folded.js';
import { drawLandscape, drawRings } from './drawings.js';

/**
 * A picture to start with: a photo that set-up put beside the page, or one that the page draws.
 * @typedef {{ id: string, name: string, title: string, url: string, isPerson?: true } | { id: string, name: string, label: string, draw: (canvas: HTMLCanvasElement) => void }} Sample
 */

/** Side of the pictures that the page draws. */
const DRAWN_SIDE = 448;

/** @type {Sample[]} */
export const SAMPLES = [
  { id: 'chelsea', name: 'chelsea.jpg', title: 'Chelsea, Stéfan van der Walt, CC0', url: 'www/samples/chelsea.jpg' },
  { id: 'coffee', name: 'coffee.jpg', title: 'Coffee, Rachel Michetti, CC0', url: 'www/samples/coffee.jpg' },
  { id: 'rocket', name: 'rocket.jpg', title: 'Falcon 9, SpaceX, CC0', url: 'www/samples/rocket.jpg' },
  { id: 'astronaut', name: 'astronaut.jpg', title: 'Eileen Collins, NASA, public domain', url: 'www/samples/astronaut.jpg', isPerson: true },
  { id: 'landscape', name: 'landscape.png', label: 'landscape', draw: drawLandscape },
  { id: 'rings', name: 'rings.png', label: 'rings', draw: drawRings },
];

/** The one that the page opens with; where its photo is missing, one that the page draws. */
export const FIRST_SAMPLE = /** @type {Sample} */ (SAMPLES.find(({ id }) => id === 'chelsea'));
export const DRAWN_SAMPLE = /** @type {Sample} */ (SAMPLES.find(({ id }) => id === 'landscape'));

/** @type {Map<Sample, Promise<Blob>>} */
const pictures = new Map();
/** Which sample a picture is. @type {WeakMap<object, Sample>} */
const samples = new WeakMap();

/**
 * @param {import('../pkg/dist/element/index.js').PictureSource | null | undefined} source what the inspector shows
 * @returns {Sample | null}
 */
export function sampleShown(source) {
  return (source instanceof Blob && samples.get(source)) || null;
}

/**
 * The samples that suit a model: a content filter has nothing to say about a person that anybody should read.
 * @param {import('../pkg/dist/index.js').ModelInfo | null} info
 * @returns {Sample[]}
 */
export function samplesFor(info) {
  return info !== null && isContentFilter(info) ? SAMPLES.filter((sample) => !('isPerson' in sample)) : SAMPLES;
}

/**
 * A sample's file, which is fetched or drawn once: what has been shown small can be shown large without the server.
 * @param {Sample} sample
 * @returns {Promise<Blob>}
 */
export function samplePicture(sample) {
  const known = pictures.get(sample);
  if (known !== undefined) return known;
  const picture = 'url' in sample ? fetched(sample.url) : drawn(sample.draw);
  pictures.set(sample, picture);
  picture.then(
    (file) => samples.set(file, sample),
    () => pictures.delete(sample),
  );
  return picture;
}

/** @param {string} url */
async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.blob();
}

/**
 * @param {(canvas: HTMLCanvasElement) => void} draw
 * @returns {Promise<Blob>} a PNG
 */
function drawn(draw) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = DRAWN_SIDE;
  draw(canvas);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The canvas gave no picture.'))), 'image/png');
  });
}
