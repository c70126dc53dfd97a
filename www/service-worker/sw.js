/**
 * The service worker of the published page. It keeps the page's files, so that the page opens without a connection, and
 * answers with them and the headers of cross-origin isolation, so that the page has threads on hosts that send none.
 * Weights are not its concern: the package keeps those.
 *
 * @typedef {{ version: string, files: Record<string, string>, later: Record<string, string> }} Site what `cargo xtask dist` writes
 * above this: the files that the page needs, and those that it may need, each with its digest, in the form of subresource integrity
 */

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const { version, files, later } = /** @type {{ site: Site }} */ (/** @type {unknown} */ (globalThis)).site;

/** Where the page is; other sites may share its origin. */
const HOME = scope.registration.scope;
/** What the names of this site's caches begin with. */
const OWN = `inception-page ${HOME} `;
const CACHE = OWN + version;
/** Digests by address. */
const FILES = byAddress(files);
/** Of files that are kept once something has needed them. */
const LATER = byAddress(later);
/** Files that the package keeps. */
const WEIGHTS = /\.(safetensors|pth?|bin)$/;
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

scope.addEventListener('install', (event) => event.waitUntil(keepFiles()));
scope.addEventListener('activate', (event) => event.waitUntil(forgetOtherVersions()));
scope.addEventListener('message', (event) => event.waitUntil(hear(event)));
scope.addEventListener('fetch', (event) => {
  const { method, headers, url } = event.request;
  const address = addressOf(url);
  if (method !== 'GET' || headers.has('range') || !address.startsWith(HOME) || WEIGHTS.test(address)) return;
  event.respondWith(answer(event, address));
});

/** @param {Record<string, string>} digests by path */
function byAddress(digests) {
  return new Map(Object.entries(digests).map(([path, digest]) => [new URL(path, HOME).href, digest]));
}

/** @param {string} url */
function addressOf(url) {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  return address === HOME ? `${HOME}index.html` : address;
}

/**
 * Keeps every file of this version, or none: a file with another digest belongs to another version.
 * The samples are among them, since the page shows all of them at once.
 */
async function keepFiles() {
  const answers = await Promise.all([...FILES].map(([url, integrity]) => download(url, integrity)));
  const cache = await caches.open(CACHE);
  await Promise.all([...FILES.keys()].map((url, i) => cache.put(url, isolated(/** @type {Response} */ (answers[i])))));
}

/**
 * What the browser has just loaded need not be loaded again, unless it is of another version.
 * @param {string} url
 * @param {string} integrity
 */
function download(url, integrity) {
  return fetch(url, { integrity }).catch(() => fetch(url, { integrity, cache: 'reload' }));
}

async function forgetOtherVersions() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OWN) && name !== CACHE).map((name) => caches.delete(name)));
}

/**
 * Says whether a page may give way to this version: no other page needs the files of its own. Where it does, they are
 * deleted, so that the old worker, too, answers with this version's from then on, however long the browser keeps it.
 * @param {ExtendableMessageEvent} event
 */
async function hear({ data, ports }) {
  const { from, givesWay } = /** @type {{ from: string, givesWay: boolean }} */ (data);
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const isOnly = pages.filter(({ url }) => url.startsWith(HOME)).length <= 1;
  const mayTakeOver = from !== version && isOnly && (await caches.has(CACHE));
  if (mayTakeOver && givesWay) await forgetOtherVersions();
  ports[0]?.postMessage(mayTakeOver);
}

/**
 * @param {FetchEvent} event
 * @param {string} address
 */
async function answer(event, address) {
  const cacheName = await inUse().catch(() => undefined);
  if (event.request.mode === 'navigate') await mend(event, cacheName).catch(() => undefined);
  const kept = cacheName && (await caches.match(address, { cacheName }).catch(() => undefined));
  if (kept) return kept;
  const integrity = LATER.get(address);
  if (integrity === undefined || cacheName !== CACHE) return isolated(await fetch(event.request));
  const response = isolated(await download(address, integrity));
  const copy = response.clone();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.put(address, copy)).catch(() => undefined));
  return response;
}

/** @returns {Promise<string | undefined>} the cache with the version in use: this one, or the newer that it gave way to */
async function inUse() {
  const names = (await caches.keys()).filter((name) => name.startsWith(OWN));
  return names.find((name) => name === CACHE) ?? names[0];
}

/**
 * Where something else deleted files of this version, the whole page comes from its host, and the files are kept again.
 * @param {FetchEvent} event
 * @param {string | undefined} cacheName
 */
async function mend(event, cacheName) {
  if (cacheName !== undefined && cacheName !== CACHE) return;
  const cache = await caches.open(CACHE);
  const keys = new Set((await cache.keys()).map(({ url }) => url));
  if ([...FILES.keys()].every((url) => keys.has(url))) return;
  await caches.delete(CACHE);
  event.waitUntil(keepFiles().catch(() => undefined));
}

/**
 * @param {Response} response
 * @returns {Response} with the headers of cross-origin isolation
 */
function isolated(response) {
  if (response.type !== 'basic') return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  // A cache takes no answer that varies with everything (`*`); these files do not vary.
  headers.delete('vary');
  return new Response(response.body, { status, statusText, headers });
}
