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
    return { entries: entries.map((entry) => ({ ...entry, reachable: entry.offline ? true : null })), failure: null };
  } catch (error) {
    const { code = 'internal', message = '' } = /** @type {{ code?: string, message?: string }} */ (error);
    return { entries: [], failure: { code, detail: code === 'network' ? 'models/catalog.json' : message } };
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
 * Asks each host once; general classifiers that answer come before the models on this computer.
 * @param {Entry[]} entries
 * @returns {Promise<Entry[]>}
 */
export async function withReachability(entries) {
  /** @type {Map<string, Promise<boolean>>} */
  const hosts = new Map();
  const asked = entries.map(async (entry) => {
    if (entry.offline) return entry;
    const { host } = new URL(entry.url, document.baseURI);
    const answer = hosts.get(host) ?? answers(entry.url);
    hosts.set(host, answer);
    return { ...entry, reachable: await answer };
  });
  const known = await Promise.all(asked);
  const rank = (/** @type {Entry} */ { offline, reachable }) => (offline ? 1 : reachable ? 0 : 2);
  return known.sort((a, b) => rank(a) - rank(b));
}

/**
 * @param {Choice} choice
 * @param {Entry[]} entries
 * @returns {string}
 */
export function titleOf(choice, entries) {
  if (choice.kind === 'catalog') return entries.find(({ id }) => id === choice.id)?.title ?? choice.id;
  const { files } = choice;
  return (files.find(({ name }) => name.endsWith('.json')) ?? files[0])?.name ?? '';
}

/**
 * @param {Entry} entry
 * @param {import('./state.js').Kept[]} kept
 * @returns {boolean} whether the browser has the model's file
 */
export function isKept({ url }, kept) {
  const { href } = new URL(url, new URL('models/', document.baseURI));
  return kept.some((file) => file.url === href);
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
