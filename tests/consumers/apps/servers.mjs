// Apps that have a server of their own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ended } from '../../engines/process.mjs';
import { probabilitiesOf } from '../answers.mjs';

/**
 * Starts the server of an app, on the port that it chooses.
 * @param {string} folder
 * @param {string} command
 * @returns {Promise<{ address: string, close: () => Promise<void> }>}
 */
export async function serverOf(folder, command) {
  const [program = '', ...args] = command.split(' ');
  const env = { ...process.env, PORT: '0', PATH: [join(folder, 'node_modules/.bin'), process.env.PATH].join(delimiter) };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let said = '';
  let port = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    port ||= /http:\S+:(\d+)/.exec(said)?.[1] ?? '';
    child.emit('said');
  });
  while (port === '' && child.exitCode === null) await Promise.race([once(child, 'said'), once(child, 'exit')]);
  if (port === '') throw new Error(`${command} ended: ${said}`);
  return { address: `http://localhost:${port}/`, close: () => ended(child) };
}

/**
 * What a server answers for a picture.
 * @param {string} address
 * @param {string} picture
 * @returns {Promise<import('../answers.mjs').Probabilities>}
 */
export async function post(address, picture) {
  const response = await fetch(address, { method: 'POST', body: await readFile(picture) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return probabilitiesOf(text);
}
