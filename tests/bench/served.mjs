// A network on the local servers: its weights, and a photo of the size of its input, so that no library resizes it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inception } from '../../pkg/dist/node/index.js';
import { ROOT, weightsOf } from './networks.mjs';

/** @typedef {import('playwright-core').Browser} Browser */
/** @typedef {import('./networks.mjs').Network} Network */
/** @typedef {import('./server.mjs').Servers} Servers */

/** One of the page's samples, which `cargo xtask setup` fetches; nsfwjs's network is not too sure of it. */
const PHOTO = 'www/samples/rocket.jpg';

/** Where the servers have a network's photo. @param {Network} network */
export const photoOf = ({ id }) => `/photo/${id}.png`;

/**
 * Puts a network's weights and photo on the servers.
 * @param {Browser} browser
 * @param {Servers} servers
 * @param {Network} network
 */
export async function serve(browser, servers, network) {
  const weights = await weightsOf(network);
  const net = await Inception.load(weights);
  const { layers, info } = net;
  net.dispose();
  servers.put(network.address, weights);
  servers.put(photoOf(network), await drawn(browser, info.preprocess));
  return { weights, layers, info };
}

/**
 * @param {Browser} browser
 * @param {{ width: number, height: number }} size in pixels
 * @returns {Promise<Buffer>} the photo as a PNG
 */
async function drawn(browser, { width, height }) {
  const source = `data:image/jpeg;base64,${await readFile(join(ROOT, PHOTO), 'base64')}`;
  const page = await browser.newPage();
  const png = await page.evaluate(async ({ source, width, height }) => {
    const image = Object.assign(new Image(), { src: source });
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
    return canvas.toDataURL('image/png');
  }, { source, width, height });
  await page.close();
  return Buffer.from(png.slice(png.indexOf(',') + 1), 'base64');
}
