// The whole answer with nsfwjs's weights: from opening the page, and then from a photo, to the names of the classes.

import { V3 } from '../bench/networks.mjs';
import { photoOf, serve } from '../bench/served.mjs';
import { median, number, text } from '../bench/table.mjs';
import { visit } from '../bench/visits.mjs';
import { contest, ratios } from './contest.mjs';
import { NSFWJS } from './versions.mjs';

export const COLUMNS = [
  number('threads'), text('library'), number('sent MB', 1), number('first answer ms'), number('further answers ms'),
  number('sent / ours', 2), number('first / ours', 2), number('further / ours', 2),
];

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('../bench/server.mjs').Servers} servers
 * @param {{ runs: number, visits: number }} counts
 * @returns {Promise<import('../bench/table.mjs').Cell[][]>} rows for `COLUMNS`
 */
export async function measureAnswers(browser, servers, counts) {
  await serve(browser, servers, V3);
  const rows = [];
  for (const [threads, origin] of /** @type {const} */ ([[1, servers.plain], [2, servers.isolated]])) {
    console.error(`    whole answers, threads: ${threads}`);
    /** @type {number[]} */
    const megabytes = [];
    const libraries = [
      { name: 'inception-web', page: 'inception', model: V3.address },
      { name: NSFWJS, page: 'nsfwjs', model: '/nsfwjs-model/' },
    ];
    const candidates = libraries.map(({ name, page, model }, i) => ({
      name,
      open: async () => {
        servers.sent = 0;
        const opened = await visit(browser, `${origin}/tests/peers/answer/${page}.html`, { model, photo: photoOf(V3), threads });
        megabytes[i] = servers.sent / 1e6;
        return opened;
      },
    }));
    const results = await contest(candidates, threads, counts);
    const figures = results.map(({ cold, warm }, i) => [megabytes[i], median(cold.map(({ firstAt }) => firstAt)), median(warm)]);
    const multiples = ratios(figures);
    rows.push(...figures.map((row, i) => [threads, candidates[i].name, ...row, ...multiples[i]]));
  }
  return rows;
}
