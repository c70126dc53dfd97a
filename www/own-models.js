import { sha256Of } from '../pkg/dist/shared/integrity.js';

/** The browser's cache that holds the user's own model files; the number changes when entries do. */
const NAME = 'inception-own-models-1';
/** Who changes the kept models holds it. */
const LOCK = NAME;
/** What this tab's session calls the own model in use. */
const IN_USE = 'inception-own-model';

/**
 * A model of the user's own that this browser keeps.
 *
 * @typedef {object} OwnModel
 * @property {string} id
 * @property {string} title the file's name
 * @property {number} bytes of all files
 * @property {number} classes
 * @property {number} params
 * @property {string[]} files names, in the order of the entries
 * @property {string[]} [digests] of the files, in their order
 * @property {string | null} labels name of the file of class names, the last entry
 *
 * @typedef {{ files: File[], labels: File | null }} OwnFiles
 * @typedef {{ id: string | null, title: string, isRemoved?: boolean }} InUse without an id it is not kept; isRemoved: any more, since somebody has removed it here
 */

/** @returns {Promise<OwnModel[]>} in the order in which they came; none where the browser keeps nothing */
export async function listOwn() {
  const cache = await open();
  const requests = (await cache?.keys().catch(() => [])) ?? [];
  const infos = requests.filter(({ url }) => url.startsWith(folder()) && url.endsWith('/info'));
  const known = await Promise.all(infos.map(async (request) => (await cache?.match(request))?.json().catch(() => undefined)));
  return known.filter((own) => own !== undefined);
}

/**
 * Keeps an own model; the same files once more take the place of the first.
 * @param {OwnFiles} own
 * @param {Pick<OwnModel, 'title' | 'classes' | 'params'>} about
 * @returns {Promise<OwnModel | null>} null where the browser refuses or has no room
 */
export async function keepOwn({ files, labels }, about) {
  const cache = await open();
  if (cache === null) return null;
  const digests = await digestsOf(files).catch(() => null);
  if (digests === null) return null;
  return alone(async () => {
    await removeRemains(cache);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const same = (await listOwn()).find((other) => isOf(other, { title: about.title, bytes, digests }));
    const own = { ...about, id: same?.id ?? crypto.randomUUID(), bytes, files: files.map(({ name }) => name), digests, labels: labels?.name ?? null };
    const all = labels === null ? files : [...files, labels];
    try {
      await Promise.all(all.map((file, i) => cache.put(entry(own.id, String(i)), new Response(file))));
      await cache.put(entry(own.id, 'info'), new Response(JSON.stringify(own)));
      if (same?.labels && labels === null) await cache.delete(entry(own.id, String(files.length)));
      return own;
    } catch {
      await removeOwn(own.id);
      return null;
    }
  });
}

/**
 * @param {OwnModel} kept
 * @param {{ title: string, bytes: number, digests: string[] }} own
 * @returns {boolean} whether both are of the same files; of a model that was kept without digests, as far as is known
 */
function isOf(kept, { title, bytes, digests }) {
  if (kept.digests) return kept.digests.join() === digests.join() && kept.title === title;
  return kept.title === title && kept.bytes === bytes;
}

/** @param {File[]} files @returns {Promise<string[]>} one at a time: each has to be in memory */
async function digestsOf(files) {
  /** @type {string[]} */
  const digests = [];
  for (const file of files) digests.push(await sha256Of(new Uint8Array(await file.arrayBuffer())));
  return digests;
}

/** Removes what a page that was closed while it kept a model has left. @param {Cache} cache */
async function removeRemains(cache) {
  const whole = new Set((await listOwn()).map(({ id }) => entry(id, '')));
  const remains = (await cache.keys()).filter(({ url }) => url.startsWith(folder()) && !whole.has(url.slice(0, url.lastIndexOf('/') + 1)));
  await Promise.all(remains.map((request) => cache.delete(request)));
}

/**
 * @template T
 * @param {() => Promise<T>} work that no other page does meanwhile
 * @returns {Promise<T>}
 */
async function alone(work) {
  return navigator.locks === undefined ? work() : /** @type {Promise<T>} */ (navigator.locks.request(LOCK, work));
}

/**
 * @param {string} id
 * @returns {Promise<OwnFiles | null>} null where it is not kept any more
 */
export async function readOwn(id) {
  const cache = await open();
  const own = /** @type {OwnModel | undefined} */ ((await listOwn()).find((kept) => kept.id === id));
  if (cache === null || own === undefined) return null;
  const names = own.labels === null ? own.files : [...own.files, own.labels];
  const responses = await Promise.all(names.map((_, i) => cache.match(entry(id, String(i)))));
  const files = await Promise.all(responses.map(async (response, i) => response && new File([await response.blob()], names[i] ?? '')));
  if (!files.every((file) => file !== undefined)) return null;
  return { files: files.slice(0, own.files.length), labels: files[own.files.length] ?? null };
}

/** @param {string} id */
export async function removeOwn(id) {
  const cache = await open();
  const requests = (await cache?.keys().catch(() => [])) ?? [];
  await Promise.all(requests.filter(({ url }) => url.startsWith(entry(id, ''))).map((request) => cache?.delete(request)));
}

/**
 * What this tab's session remembers, for a reload: the address does not hold own models.
 * @returns {InUse | null} null: no own model
 */
export function ownInUse() {
  try {
    return JSON.parse(sessionStorage.getItem(IN_USE) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {InUse | null} own */
export function rememberOwn(own) {
  try {
    if (own === null) sessionStorage.removeItem(IN_USE);
    else sessionStorage.setItem(IN_USE, JSON.stringify(own));
  } catch {
    // Storage may be forbidden; then a reload begins with the page's own model.
  }
}

/** Whether own models can be kept at all: pages can over https and from localhost. */
export const canKeepOwn = typeof caches !== 'undefined';

/** @returns {Promise<Cache | null>} null where the browser has or allows none */
async function open() {
  return canKeepOwn ? caches.open(NAME).catch(() => null) : null;
}

/** Own models of another page on this origin lie beside these. */
function folder() {
  return new URL('own-models/', document.baseURI).href;
}

/** @param {string} id @param {string} name */
function entry(id, name) {
  return `${folder()}${id}/${name}`;
}
