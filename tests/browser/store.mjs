// Pages of a server of their own, for tests of what it sends and what the browser keeps of that.

import { pageTest } from './harness.mjs';
import { CUT, WeightsServer } from './weights-server.mjs';

/** @typedef {import('playwright-core').Page} Page */

/**
 * A test on a page of a server of its own.
 * @param {string} name
 * @param {(page: Page, server: WeightsServer) => Promise<void>} body
 */
export function storeTest(name, body) {
  pageTest(name, { isolated: false }, async (page) => {
    const server = new WeightsServer();
    try {
      await page.goto(`${await server.start()}tests/browser/blank.html`);
      await page.waitForFunction(() => 'Inception' in globalThis);
      await body(page, server);
    } finally {
      server.stop();
    }
  });
}

/**
 * Loads the server's model; has the server break the connection off where a cutting one waits for that.
 * @param {Page} page
 * @param {object} [options] of `Inception.load`
 * @param {string} [address]
 * @returns {Promise<{ code?: string, message?: string, value?: { classes: number, cache: object, progress: [number, number | null][] } }>}
 */
export function load(page, options = {}, address = '/weights/model.safetensors') {
  return page.evaluate(
    ([options, address, cut]) => {
      const progress = [];
      const onProgress = ({ stage, loaded, total }) => {
        if (stage !== 'download') return;
        progress.push([loaded, total]);
        if (loaded === cut) fetch('/break');
      };
      let onKept;
      const isKept = new Promise((resolve) => (onKept = resolve));
      const loading = Inception.load(address, { threads: 1, onProgress, onKept, ...options });
      return outcomeOf(
        loading.then(async (net) => {
          if (net.info.cache.kept === null) await isKept;
          const { classes, cache } = net.info;
          net.dispose();
          return { classes, cache, progress };
        }),
      );
    },
    [options, address, CUT],
  );
}

/** What the browser keeps of models, whole files and parts; the lists of class names are kept, too. @param {Page} page */
export const kept = (page) => page.evaluate(async () => (await Inception.cache.list()).filter(({ url }) => !/\.(json|txt)$/.test(url)));

export const IN_CACHE = { hit: true, kept: true, reason: null };
export const FETCHED = { hit: false, kept: true, reason: null };
