// What grows for minutes on a slow machine, grown small.

/**
 * From now on the page's networks draw smaller pictures in fewer steps, in the same shares.
 * @param {import('playwright-core').Page} page
 * @param {{ size?: number, steps?: number }} [of] steps: instead of the 128 that are taken at once
 */
export function drawSmall(page, { size = 64, steps = 8 } = {}) {
  return page.evaluate(
    async ({ size, steps }) => {
      const { Inception } = await import('/pkg/dist/index.js');
      const { visualize, dream } = Inception.prototype;
      globalThis.asked = [];
      Inception.prototype.visualize = function (target, options) {
        globalThis.asked.push({ target, seed: options.seed, steps: options.steps });
        const onStep = (/** @type {number} */ step, /** @type {number} */ all, /** @type {unknown} */ picture) => options.onStep((step * 128) / steps, (all * 128) / steps, picture);
        return visualize.call(this, target, { ...options, size, steps: (options.steps * steps) / 128, onStep });
      };
      Inception.prototype.dream = function (image, target, options) {
        globalThis.asked.push({ target, ...options });
        return dream.call(this, image, target, { ...options, size: 160 });
      };
    },
    { size, steps },
  );
}
