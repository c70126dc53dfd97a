// Compares a network with its reference on two threads: this worker and one that it starts.

import { compare } from '../parity.mjs';

/** @type {import('../../../pkg/src/shared/protocol.js').LoadHooks['startHelpers']} */
const startHelpers = async (count, team) => {
  for (let i = 0; i < count; i += 1) {
    const helper = new Worker('/pkg/dist/worker.js', { type: 'module' });
    helper.postMessage({ type: 'helper', team });
    await new Promise((resolve, reject) => {
      helper.onmessage = resolve;
      helper.onerror = reject;
    });
  }
};

globalThis.onmessage = async ({ data: source }) => {
  globalThis.postMessage(await compare(source, 'cpu', startHelpers));
};
