// Fresh visits to a page that measures, and the page that stays open.

const LIMIT_MS = 300_000;
const PAUSE_MS = 100;
/** A page is not asked at every frame whether it has finished: frames that nobody wants take time from what is measured. */
const POLL_MS = 50;

/**
 * Opens a page in a browser context of its own and waits until it says what it found.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {unknown} options for the page, in its address
 * @returns {Promise<import('playwright-core').Page>} with `globalThis.subject`
 */
export async function visit(browser, url, options) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const failed = new Promise((_, reject) => page.on?.('pageerror', reject));
  const address = new URL(url);
  address.searchParams.set('options', JSON.stringify(options));
  await page.goto(address.href);
  await Promise.race([failed, page.waitForFunction(() => 'subject' in globalThis, undefined, { polling: POLL_MS })]);
  return page;
}

/**
 * What a page found on its first run, functions left out.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<any>}
 */
export const found = (page) => page.evaluate(() => /** @type {any} */ (globalThis).subject);

/**
 * What another run took, in milliseconds, or what another function of the page's `subject` answers.
 * @param {import('playwright-core').Page} page
 * @param {string} [name]
 * @returns {Promise<any>}
 */
export const again = (page, name = 'run') => page.evaluate((name) => /** @type {any} */ (globalThis).subject[name](), name);

/**
 * Waits until the page has done what it puts off until after the first answer.
 * @param {import('playwright-core').Page} page
 */
export const settled = (page) => page.evaluate(() => /** @type {any} */ (globalThis).subject.settled?.());

/** @param {import('playwright-core').Page} page */
export const leave = (page) => page.context().close();

/**
 * Loads in turns, then runs in turns on each one's last page, so that what slows the machine down slows all of them.
 * @param {(() => Promise<import('playwright-core').Page>)[]} openers each opens its page anew
 * @param {{ runs: number, visits: number }} counts
 * @returns {Promise<{ cold: any[], warm: number[] }[]>} of each, what its pages found on their first runs, and milliseconds of the others
 */
export async function race(openers, { runs, visits }) {
  const racers = openers.map((open) => ({ open, cold: /** @type {any[]} */ ([]), warm: /** @type {number[]} */ ([]) }));
  const enter = async (/** @type {typeof racers[number]} */ { open, cold }) => {
    const page = await open();
    cold.push(await found(page));
    return page;
  };
  await inTurns(racers, visits - 1, async (racer) => leave(await enter(racer)));
  /** @type {{ page: import('playwright-core').Page, warm: number[] }[]} */
  const stayed = [];
  await inTurns(racers, 1, async (racer) => {
    const page = await enter(racer);
    await settled(page);
    stayed.push({ page, warm: racer.warm });
  });
  await inTurns(stayed, runs, async ({ page, warm }) => void warm.push(await again(page)));
  for (const { page } of stayed) await leave(page);
  return racers;
}

/**
 * Between turns there is a pause, because the threads of some libraries go on waiting in a busy loop.
 * @template T
 * @param {T[]} subjects
 * @param {number} rounds
 * @param {(subject: T) => Promise<void>} turn
 */
async function inTurns(subjects, rounds, turn) {
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await turn(subject);
    }
  }
}
