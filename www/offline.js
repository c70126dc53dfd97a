/** What `cargo xtask dist` writes into the page; a page that is served as it is has no service worker. */
const VERSION = 'meta[name="site-version"]';
/** How long the worker of a new version may take to answer, in milliseconds. */
const PATIENCE = 3000;
/** What shows that somebody has begun to use the page. */
const DEEDS = ['pointerdown', 'keydown', 'paste', 'dragenter', 'drop'];

/**
 * Has a service worker keep the published page on this computer and isolate it from other origins, which threads need.
 * Where that is refused the page works as it would without.
 * @returns {Promise<void>} when the page may start
 */
export async function settle() {
  const version = document.querySelector(VERSION)?.getAttribute('content');
  if (!version) return;
  try {
    const workers = navigator.serviceWorker;
    const isKept = workers.controller?.scriptURL === new URL('sw.js', document.baseURI).href;
    if (isKept) await startNewVersion(workers, version);
    keep(workers, isKept).catch(() => undefined);
  } catch {
    // Without service workers there is nothing to wait for.
  }
}

/**
 * Starts the page anew with the version that was fetched during an earlier visit, if no other page needs the old one.
 * A page that loses patience never gives way, so that it keeps its version.
 * @param {ServiceWorkerContainer} workers
 * @param {string} from this page's version
 */
async function startNewVersion(workers, from) {
  const waiting = (await workers.getRegistration())?.waiting;
  if (!waiting) return;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, false));
  const isFree = await Promise.race([ask(waiting, { from, givesWay: false }), late]);
  if (!isFree || !(await ask(waiting, { from, givesWay: true }))) return;
  location.reload();
  await new Promise(() => undefined);
}

/**
 * @param {ServiceWorker} worker
 * @param {{ from: string, givesWay: boolean }} words
 * @returns {Promise<boolean>} whether its version takes over, or would
 */
function ask(worker, words) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(words, [port2]);
  });
}

/**
 * @param {ServiceWorkerContainer} workers
 * @param {boolean} isKept whether the worker answered for this page already
 */
async function keep(workers, isKept) {
  let isUsed = false;
  for (const deed of DEEDS) addEventListener(deed, () => (isUsed = true), { capture: true, once: true });
  const registration = await workers.register('sw.js', { updateViaCache: 'none' });
  if (isKept) return void (await registration.update());
  await workers.ready;
  if (!crossOriginIsolated && !isUsed && !isReload()) location.reload();
}

/** Whether this page was loaded by a reload: it is not reloaded again, whatever came of that. */
function isReload() {
  const [navigation] = performance.getEntriesByType('navigation');
  return navigation instanceof PerformanceNavigationTiming && navigation.type === 'reload';
}
