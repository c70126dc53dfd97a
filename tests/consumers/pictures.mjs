// What the consumers classify: a picture generated here, and the photos of the verification data.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { CONSUMERS, ROOT, VERIFY } from './projects.mjs';

const SIDE = 320;

/** @typedef {{ name: string, path: string }} Picture */

/** The content filter's classes in the order of its outputs. */
const FILTER_CLASSES = ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'];
/** Photos that leave no doubt. */
const CLEAR = ['chelsea', 'coffee'];

/** Why the photos cannot be had, or null. */
export const noPhotos = existsSync(VERIFY) ? null : `${VERIFY} is missing (verification data beside the repository)`;

/** A picture that is the same wherever it is made. @returns {Picture} */
export function generatedPicture() {
  const path = join(CONSUMERS, 'generated.png');
  const whole = `${path}.${process.pid}`;
  writeFileSync(whole, png(SIDE, SIDE, rings));
  renameSync(whole, path);
  return { name: 'generated', path };
}

/** Photos, and the class that onnxruntime finds most likely in each. @returns {(Picture & { label: string })[]} */
export function photos() {
  const labels = JSON.parse(readFileSync(join(ROOT, 'models/imagenet1k.json'), 'utf8'));
  return CLEAR.map((name) => ({ name, path: join(VERIFY, 'photos', `${name}.png`), label: labels[golden()[name].bvlc_googlenet.top5[0][0]] }));
}

/** Photos of the content filter's own size, and what onnxruntime answers for them. @returns {(Picture & { expected: Record<string, number> })[]} */
export function filterPhotos() {
  return Object.entries(golden()).map(([name, { nsfwjs_inception_v3: { probabilities } }]) => ({
    name,
    path: join(VERIFY, 'photos', `${name}_299.png`),
    expected: Object.fromEntries(FILTER_CLASSES.map((label, i) => [label, probabilities[i]])),
  }));
}

const golden = () => JSON.parse(readFileSync(join(VERIFY, 'golden.json'), 'utf8'));

/** Coloured rings on a gradient, in whole numbers throughout. @param {number} x @param {number} y */
function rings(x, y) {
  const far = (x - 150) ** 2 + (y - 130) ** 2;
  const ring = (far >> 9) % 5 === 0 ? 90 : 0;
  return [(x * 199) >> 8, ((y * 151) >> 8) + ring / 2, 200 - ring];
}

/**
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number[]} color red, green and blue from 0 to 255
 */
function png(width, height, color) {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  const rows = Array.from({ length: height }, (_, y) => [0, ...Array.from({ length: width }, (_, x) => color(x, y)).flat()]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.concat([size, Buffer.from([8, 2, 0, 0, 0])])),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
