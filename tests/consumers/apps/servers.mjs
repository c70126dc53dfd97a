// Apps that answer on their server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended } from '../../engines/process.mjs';

/** @typedef {{ ask: (picture: string) => Promise<import('../answers.mjs').Probabilities>, close: () => Promise<void> }} Answering */

/**
 * Starts the server of an app, on the port that it chooses.
 * @param {string} folder
 * @param {string} program
 * @param {string[]} args
 * @param {string} path that answers a picture with its classes
 * @returns {Promise<Answering>}
 */
export async function serverOf(folder, program, args, path) {
  const child = spawn(join(folder, 'node_modules/.bin', program), args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let said = '';
  let address = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    address ||= /http:\/\/localhost:\d+/.exec(said)?.[0] ?? '';
    child.emit('said');
  });
  while (address === '' && child.exitCode === null) await Promise.race([once(child, 'said'), once(child, 'exit')]);
  if (address === '') throw new Error(`${program} ended: ${said}`);
  return {
    ask: async (picture) => {
      const response = await fetch(address + path, { method: 'POST', body: await readFile(picture) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status}: ${text}\n${said}`);
      return Object.fromEntries(JSON.parse(text).map((/** @type {{ label: string, probability: number }} */ { label, probability }) => [label, probability]));
    },
    close: () => ended(child),
  };
}
