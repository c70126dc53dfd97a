// The package in Node.js: files of this computer beside addresses, and the engine in threads of its own, on the CPU.

import { LocalClient } from '../engine/local-client.js';
import { platform } from '../shared/platform.js';
import { openThread } from './thread.js';
import './platform.js';

platform.lackOfWorkers = () => null;
platform.localClient = async () => new LocalClient();
platform.openWorker = openThread;
// The single modules: the script that browsers fetch has a platform of its own.
platform.teaching = async () => ({ ...(await import('../teach/head-file.js')), ...(await import('../teach/teacher.js')) });

export { InceptionError } from '../shared/errors.js';
export { fraction } from '../client/fraction.js';
export { Inception } from '../client/inception.js';
