import { ownTitle } from '../pkg/dist/element/own-files.js';

/** @typedef {import('./state.js').Choice} Choice */
/** @typedef {import('./state.js').Entry} Entry */

/** How long an address may take to answer before it counts as out of reach, in milliseconds. */
const PATIENCE = 4000;

/**
 * @param {typeof import('../pkg/dist/index.js').Inception} Inception
 * @returns {Promise<import('./state.js').Catalog>}
 */
export async function readCatalog(Inception) {
  try {
    const entries = await Inception.catalog();
    return { entries: entries.map((entry) => ({ ...entry, reachable: null })), asking: false, failure: null };
  } catch (error) {
    const { code = 'internal', message = '' } = /** @type {{ code?: string, message?: string }} */ (error);
    return { entries: [], asking: false, failure: { code, detail: code === 'network' ? 'models/catalog.json' : message } };
  }
}

/**
 * @param {Entry[]} entries
 * @param {string | null} preferred
 * @returns {Choice | null} the preferred model, else one that needs no connection
 */
export function firstChoice(entries, preferred) {
  const entry = entries.find(({ id }) => id === preferred) ?? entries.find(({ offline }) => offline);
  return entry ? { kind: 'catalog', id: entry.id } : null;
}

/**
 * @param {Entry[]} entries
 * @param {string | null} preferred
 * @returns {string | null} the preferred model's id where there is none of that name
 */
export function unknownIn(entries, preferred) {
  return entries.length > 0 && !entries.some(({ id }) => id === preferred) ? preferred : null;
}

/**
 * Asks whether the files are there that are not on this computer: each hub once until it has answered, the page's own host for every file.
 * Without a connection nobody is asked: the browser would log each failure.
 * @param {Entry[]} entries
 * @param {import('./state.js').Kept[]} kept
 * @returns {Promise<Entry[]>}
 */
export function withReachability(entries, kept) {
  /** @type {Map<string, Promise<boolean>>} */
  const asked = new Map();
  return Promise.all(
    entries.map(async (entry) => {
      if (isKept(entry, kept) || (entry.reachable && isFromHub(entry))) return entry;
      const { href, host } = addressOf(entry);
      const whom = isFromHub(entry) ? host : href;
      const answer = asked.get(whom) ?? answers(href);
      asked.set(whom, answer);
      return { ...entry, reachable: await answer };
    }),
  );
}

/** @param {Entry} entry @returns {boolean} whether its file lies on another host than the page */
export function isFromHub(entry) {
  return addressOf(entry).origin !== location.origin;
}

/** @param {Entry} entry */
function addressOf({ url }) {
  return new URL(url, new URL('models/', document.baseURI));
}

/**
 * @param {Choice} choice
 * @param {Entry[]} entries
 * @returns {string}
 */
export function titleOf(choice, entries) {
  if (choice.kind === 'catalog') return entries.find(({ id }) => id === choice.id)?.title ?? choice.id;
  return choice.kind === 'own' ? choice.title : ownTitle(choice.files);
}

/**
 * @param {Entry} entry
 * @param {import('./state.js').Kept[]} kept
 * @returns {boolean} whether the browser has the model's file
 */
export function isKept(entry, kept) {
  const { href } = addressOf(entry);
  return kept.some((file) => file.url === href);
}

/**
 * @param {Entry} entry
 * @param {import('./state.js').Kept[]} kept
 * @returns {boolean} whether it can be opened without a connection: the browser has its file, or the page's own host has it beside the page
 */
export function isHere(entry, kept) {
  return isKept(entry, kept) || (entry.offline && entry.reachable !== false);
}

/** @param {string} url */
async function answers(url) {
  if (!navigator.onLine) return false;
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PATIENCE) });
    return response.ok;
  } catch {
    return false;
  }
}
