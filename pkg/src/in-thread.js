// The package for places that have no workers or may not fetch scripts later: service workers, background scripts of extensions. It holds
// the engine, which runs in the thread that imports it.
import { LocalClient } from './local-client.js';
import { platform } from './platform.js';

platform.localClient = async () => new LocalClient();
platform.lackOfWorkers = () => "with 'inception-web/in-thread' the engine runs in the thread that imports it";

export { InceptionError } from './errors.js';
export { fraction } from './fraction.js';
export { Inception } from './inception.js';
