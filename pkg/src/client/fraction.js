/** @typedef {import('../index.js').Progress} Progress */

/** How much of a load each stage takes, of 20 parts: roughly, and of a slow connection less than the download does. @type {Record<Progress['stage'], number>} */
const PARTS = { download: 16, compile: 1, prepare: 3 };
/** Bytes after which half of a download of unknown length counts as done. */
const HALF_OF_UNKNOWN = 1 << 25;

/**
 * @param {(fraction: number) => void} onFraction
 * @returns {(progress: Progress) => void} documented in `index.d.ts`
 */
export function fraction(onFraction) {
  const done = { download: 0, compile: 0, prepare: 0 };
  let last = -1;
  return ({ stage, loaded, total }) => {
    done[stage] = total === null ? loaded / (loaded + HALF_OF_UNKNOWN) : Math.min(1, loaded / total);
    if (stage === 'prepare') done.download = done.compile = 1;
    const now = (PARTS.download * done.download + PARTS.compile * done.compile + PARTS.prepare * done.prepare) / 20;
    if (now > last) onFraction((last = now));
  };
}
