/** How long the page's server may take to answer, in milliseconds. */
const PATIENCE = 4000;

/** How the engine says that its worker did not come. */
const OF_WORKER = /^the (engine's )?worker/;

/**
 * Why a model was not loaded, for people on a page: where the page's server is gone, the engine's parts cannot come, and its own words are
 * for developers.
 * @param {import('./state.js').Failure} failure
 * @param {boolean} hasFiles whether the model's files are here, so that only the engine's parts come from a server
 * @returns {Promise<import('./state.js').Failure>}
 */
export async function loadFailure(failure, hasFiles) {
  const { message = '' } = /** @type {{ message?: string }} */ (failure.error ?? {});
  const isOfParts = failure.code === 'internal' || (failure.code === 'network' && (hasFiles || OF_WORKER.test(message)));
  if (!isOfParts || (await answers(document.baseURI))) return failure;
  const { host } = new URL(document.baseURI);
  return { code: 'network', detail: host, sentence: { key: 'serverAway', values: { host } }, error: failure.error };
}

/** @param {string} url */
async function answers(url) {
  if (!url.startsWith('http')) return true;
  try {
    await fetch(url, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  }
}
