// First, so that the bundle is smaller, compressed.
export { Inception } from './client/inception.js';
import { InceptionError } from './shared/errors.js';
import { missingAsset } from './shared/missing-asset.js';
import { platform } from './shared/platform.js';

// The engine for the page's own thread, of which most pages fetch nothing. Only this script has an `import()`: bundlers put no such into scripts that are no modules.
platform.localClient = async () => {
  try {
    const { LocalClient } = await import('./page-engine.js');
    return new LocalClient();
  } catch (cause) {
    throw new InceptionError('unsupported', `the engine's script for this thread did not load (${cause}): import from 'inception-web/in-thread', which holds it`, { cause });
  }
};

platform.teaching = async () => {
  try {
    return await import('./teach.js');
  } catch (cause) {
    throw new InceptionError('network', `the script that teaches and reads heads did not load (${cause}): ${missingAsset('teach.js')}`, { cause });
  }
};

export { InceptionError };
export { fraction } from './client/fraction.js';
