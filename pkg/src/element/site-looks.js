import { modelsFolder } from '../client/catalog.js';
import { branchAt } from './inspect.js';
import { moduleNamed } from './network.js';

/**
 * Pictures of what channels look for, as a site has them beside a model: `ID.atlas/atlas.json` in the folder of models, and a sheet a module.
 *
 * @typedef {object} SiteAtlas
 * @property {string} backbone digest of the body's weights that they are of
 * @property {number} tile side of a picture, in pixels
 * @property {number} steps
 * @property {number} seed
 * @property {Sheet[]} sheets
 *
 * @typedef {object} Sheet
 * @property {string} layer a module's name
 * @property {string} file a PNG: the channels of the module's output in their order, row by row
 * @property {number} columns
 * @property {number[]} [values] what each channel came to
 */

/**
 * @param {import('./state.js').Model} model
 * @param {string | URL | undefined} modelsUrl
 * @param {string} name of a module
 * @returns {Promise<import('./looks.js').Drawn[]>} what the site has of the module; nothing where it has none, or of other weights
 */
export async function siteLooks({ info, network }, modelsUrl, name) {
  try {
    const folder = new URL(`${info.id}.atlas/`, modelsFolder(modelsUrl));
    const answer = await fetch(new URL('atlas.json', folder));
    if (!answer.ok) return [];
    const { backbone, tile, steps, seed, sheets } = /** @type {SiteAtlas} */ (await answer.json());
    const sheet = sheets.find(({ layer }) => layer === name);
    const module = moduleNamed(network, name);
    if (backbone !== info.backbone.digest || sheet === undefined || module === null) return [];
    const picture = await (await fetch(new URL(sheet.file, folder))).blob();
    const whole = await createImageBitmap(picture);
    const channels = Array.from({ length: module.shape[0] }, (_, channel) => channel);
    const drawn = channels.map(async (channel) => {
      const place = branchAt(module, channel);
      const [left, top] = [(channel % sheet.columns) * tile, Math.floor(channel / sheet.columns) * tile];
      const bitmap = await createImageBitmap(whole, left, top, tile, tile);
      const aim = { layer: place?.layer ?? '', channel: place?.channel ?? 0, target: /** @type {const} */ ('channel') };
      return { aim, seed, steps, done: steps, value: sheet.values?.[channel] ?? NaN, picture: new Blob(), film: [], made: 0, bitmap, reached: null };
    });
    return await Promise.all(drawn);
  } catch {
    return [];
  }
}
