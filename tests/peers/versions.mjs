// The peers' names, with the versions that are installed.

import { readFileSync } from 'node:fs';

/** @param {string} name */
const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

export const TFJS = `TF.js ${version('@tensorflow/tfjs')} wasm`;
export const ONNXRUNTIME = `onnxruntime-web ${version('onnxruntime-web')} wasm`;
export const NSFWJS = `nsfwjs ${version('nsfwjs')} on ${TFJS}`;
