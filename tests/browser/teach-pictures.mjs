// Pictures of three kinds, which a network tells apart: bars across, bars down, and squares.

/** @typedef {'across' | 'down' | 'squares'} Kind */

/**
 * In the page: draws one, for each seed another.
 * @param {Kind} kind
 * @param {number} seed
 * @returns {OffscreenCanvas}
 */
function draw(kind, seed) {
  const side = 224;
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  context.fillStyle = `hsl(${(seed * 47) % 360} 60% 80%)`;
  context.fillRect(0, 0, side, side);
  context.fillStyle = `hsl(${(seed * 89 + 180) % 360} 70% 30%)`;
  for (let at = seed % 20; at < side; at += 16 + (seed % 5) * 4) {
    if (kind === 'across') context.fillRect(0, at, side, 9);
    else if (kind === 'down') context.fillRect(at, 0, 9, side);
    else context.fillRect((at * 7) % side, (at * 13) % side, 30, 30);
  }
  return canvas;
}

/** Makes `draw` known in a page. @param {import('playwright-core').Page} page */
export const withPictures = (page) => page.evaluate(`globalThis.draw = ${draw}`);

/**
 * @param {import('playwright-core').Page} page draws them
 * @param {Kind} kind
 * @param {number} count
 * @param {number} [first] seed
 * @returns {Promise<{ name: string, mimeType: string, buffer: Buffer }[]>} as `setInputFiles` takes them
 */
export async function pictures(page, kind, count, first = 0) {
  await withPictures(page);
  const drawn = await page.evaluate(
    async ({ kind, count, first }) => {
      const all = [];
      for (let seed = first; seed < first + count; seed++) {
        const blob = await globalThis.draw(kind, seed).convertToBlob({ type: 'image/png' });
        all.push(btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer()))));
      }
      return all;
    },
    { kind, count, first },
  );
  return drawn.map((base64, i) => ({ name: `${kind}-${first + i}.png`, mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') }));
}
