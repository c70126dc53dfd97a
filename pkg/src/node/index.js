// The package in Node.js: files of this computer beside addresses, and the engine in threads of its own, on the CPU.

import { LocalClient } from '../local-client.js';
import { platform } from '../platform.js';
import { openThread } from './thread.js';
import './platform.js';

platform.lackOfWorkers = () => null;
platform.localClient = async () => new LocalClient();
platform.openWorker = openThread;

export { InceptionError } from '../errors.js';
export { fraction } from '../fraction.js';
export { Inception } from '../inception.js';
