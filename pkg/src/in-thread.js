// The package for places that have no workers or may not fetch scripts later: service workers, background scripts of extensions. It holds
// the engine, which runs in the thread that imports it.
import { LocalClient } from './engine/local-client.js';
import { platform } from './shared/platform.js';
import { headOf } from './teach/head-file.js';
import { Teacher } from './teach/teacher.js';

platform.localClient = async () => new LocalClient();
platform.lackOfWorkers = () => "with 'inception-web/in-thread' the engine runs in the thread that imports it";
platform.teaching = async () => ({ Teacher, headOf });

export { InceptionError } from './shared/errors.js';
export { fraction } from './client/fraction.js';
export { Inception } from './client/inception.js';
