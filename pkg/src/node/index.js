// The package in Node.js: files of this computer beside addresses, and the engine in the thread that calls it, on the CPU.

import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LocalClient } from '../local-client.js';
import { platform } from '../platform.js';
import { severalFiles } from './own-files.js';

platform.base = () => pathToFileURL(`${process.cwd()}/`).href;
platform.lackOfWorkers = () => 'in Node.js the engine runs in the thread that calls it';
platform.LocalClient = LocalClient;
platform.modelAt = async (url) => severalFiles(fileURLToPath(url));
platform.name = 'Node.js';
platform.readFile = async (url) => ({
  bytes: await readFile(new URL(url)),
  type: url.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream',
});

export { InceptionError } from '../errors.js';
export { fraction } from '../fraction.js';
export { Inception } from '../inception.js';
