// What is otherwise in Node.js than in browsers, for the thread that calls and for the engine's: files of this computer beside addresses.

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { platform } from '../shared/platform.js';
import { severalFiles } from './own-files.js';

platform.addressOf = (path) => pathToFileURL(path).href;
platform.base = () => pathToFileURL(`${process.cwd()}/`).href;
platform.isIsolated = () => true;
platform.modelAt = async (url) => severalFiles(fileURLToPath(url));
platform.name = 'Node.js';
platform.processors = availableParallelism;
platform.readFile = async (url) => ({
  bytes: await readFile(new URL(url)).catch((cause) => {
    throw cause.code === 'ENOENT' ? new Error('there is no such file', { cause }) : cause;
  }),
  type: url.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream',
});
