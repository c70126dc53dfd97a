// The script of the engine's threads in Node.js.

import { parentPort } from 'node:worker_threads';
import { Helpers } from '../client/helpers.js';
import { platform } from '../shared/platform.js';
import { serve } from '../engine/serve.js';
import { openThread } from './thread.js';
import './platform.js';

// The engine opens its helpers itself, so that the caller's thread never holds the memory that they share: it goes with them.
platform.startHelpers = async (count, team) => {
  const helpers = new Helpers(openThread, (message) => {
    throw new Error(`a thread of the engine failed (${message})`);
  });
  const failure = await helpers.start(count, team);
  if (failure !== null) throw new Error(failure);
};

serve(/** @type {import('../shared/protocol.js').WorkerScope} */ (/** @type {unknown} */ (parentPort)));
