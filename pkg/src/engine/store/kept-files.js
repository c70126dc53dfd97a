import { absolute } from '../../shared/addresses.js';
import { checkedAddress } from '../../shared/options.js';
import { DEVICE_TIMES } from './device-times.js';
import { ModelCache } from './model-cache.js';
import { listPartials, removePartial } from './partial.js';

/** What this browser keeps of models, downloads that have not ended among it; documented in `index.d.ts`. */
export const keptFiles = {
  async size() {
    const files = await keptFiles.list();
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
  },

  async list() {
    const [cache, partials] = await Promise.all([ModelCache.open(), listPartials()]);
    const whole = typeof cache === 'string' ? [] : await cache.list();
    return [...whole, ...partials.map(({ url, bytes }) => ({ url, bytes }))];
  },

  /** @param {string | URL} [url] one file's; default all */
  async clear(url) {
    const wanted = url === undefined ? null : absolute(checkedAddress(url));
    const [cache, partials] = await Promise.all([ModelCache.open(), listPartials()]);
    await Promise.all([
      ...partials.filter((partial) => wanted === null || partial.url === wanted).map(({ name }) => removePartial(name)),
      ...(typeof cache === 'string' ? [] : wanted === null ? [cache.clear(), caches.delete(DEVICE_TIMES)] : [cache.remove(wanted)]),
    ]);
  },
};
