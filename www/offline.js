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
  if (document.querySelector(VERSION) === null) return;
  try {
    const workers = navigator.serviceWorker;
    const isKept = workers.controller?.scriptURL === new URL('sw.js', document.baseURI).href;
    if (isKept) await startNewVersion(workers);
    keep(workers, isKept).catch(() => undefined);
  } catch {
    // Without service workers there is nothing to wait for.
  }
}

/**
 * Starts the page anew with the version that was fetched during an earlier visit, if no other page needs the old one.
 * @param {ServiceWorkerContainer} workers
 */
async function startNewVersion(workers) {
  const waiting = (await workers.getRegistration())?.waiting;
  if (!waiting) return;
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    workers.addEventListener('controllerchange', () => location.reload());
    port1.onmessage = resolve;
    setTimeout(resolve, PATIENCE);
    waiting.postMessage('take over', [port2]);
  });
  port1.close();
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
