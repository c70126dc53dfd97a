import { unlessAborted } from '../shared/alive.js';
import { Guard } from './guard.js';
import { startArtefact } from './wasm.js';

/**
 * Fetches what decodes the formats that few pictures have, and decodes one, in an instance that goes with it.
 * @param {Uint8Array} bytes of a file that the engine leaves to it
 * @param {string | null} wasmUrl
 * @param {AbortSignal | undefined} signal takes effect while it is fetched
 * @returns {Promise<ReturnType<import('../shared/protocol.js').PicturesGlue['decode_rare']>>}
 * @throws {import('../shared/errors.js').InceptionError} `network`, `bad-image`, `out-of-memory`, `aborted`
 */
export async function decodeRare(bytes, wasmUrl, signal) {
  const guard = new Guard((await unlessAborted(startArtefact('pictures', wasmUrl), signal)).glue);
  return guard.call((glue) => glue.decode_rare(bytes));
}
