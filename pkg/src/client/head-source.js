import { absolute } from '../shared/addresses.js';
import { download } from '../shared/download.js';
import { InceptionError } from '../shared/errors.js';

/**
 * The bytes of a head's file, which the caller keeps.
 * @param {import('../index.js').HeadSource} source
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Uint8Array>}
 * @throws {InceptionError} `bad-option`, `network`, `aborted`
 */
export async function readHead(source, signal) {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  if (source instanceof Uint8Array) return source.slice();
  try {
    return (await download(absolute(source), signal)).bytes;
  } catch (cause) {
    if (cause instanceof InceptionError) throw cause;
    throw new InceptionError('bad-option', `'${source}' is not an address`, { cause });
  }
}
