// The project's own server, once with the headers of cross-origin isolation and once without.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @typedef {{ isolated: string, plain: string, stop: () => void }} Servers */

/** @returns {Promise<Servers>} */
export async function startServers() {
  const isolated = await startServer(['serve']);
  const plain = await startServer(['serve', '--no-isolation']);
  const stop = () => [isolated, plain].forEach((server) => server.process.kill());
  return { isolated: isolated.address, plain: plain.address, stop };
}

/**
 * Starts a chore that serves, on any free port.
 * @param {string[]} chore
 * @returns {Promise<{ process: import('node:child_process').ChildProcess, address: string }>}
 */
export async function startServer(chore) {
  const server = spawn('cargo', ['xtask', ...chore, '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(server.stdout)) {
    if (line.startsWith('http://')) return { process: server, address: line.trim() };
  }
  throw new Error(`cargo xtask ${chore.join(' ')} ended before it printed its address`);
}
