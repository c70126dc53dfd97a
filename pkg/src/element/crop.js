/**
 * @param {Pick<import('./state.js').State, 'picture' | 'run' | 'model'>} state
 * @returns {import('./pictures.js').Seen | null} what the network sees of the picture that is shown; null while that is not known
 */
export function seenOf({ picture, run, model }) {
  if (run.result && run.of === picture) return run.result.image;
  if (!picture?.preview || model === null) return null;
  const { width, height } = picture.preview;
  return { width, height, crop: cropOf(model.info.preprocess, picture.preview) };
}

/**
 * The part of a picture that the network sees, before the engine has said so to the pixel.
 * @param {import('../index.js').Preprocess} preprocess
 * @param {{ width: number, height: number }} picture
 * @returns {[number, number, number, number]} x, y, width and height
 */
export function cropOf({ width, height, resize, resizeTo, crop }, picture) {
  const short = Math.min(picture.width, picture.height);
  const seen = (/** @type {number} */ size, /** @type {number} */ kept) => {
    if (crop === 'none') return size;
    return Math.min(size, resize === 'stretch' ? (size * Math.min(width, height)) / resizeTo : (kept * short) / resizeTo);
  };
  const [columns, rows] = [seen(picture.width, width), seen(picture.height, height)];
  return [(picture.width - columns) / 2, (picture.height - rows) / 2, columns, rows];
}
