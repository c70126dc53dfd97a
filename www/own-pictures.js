import { ownTitle, partsOf } from '../pkg/dist/element/own-files.js';
import { sampleShown } from './samples.js';

/** @typedef {import('../pkg/dist/element/index.js').InceptionInspector} Inspector */
/** @typedef {'shown' | 'compared'} Place */
/** @typedef {{ name: string, id: string | null, isModel?: boolean }} InUse without an id: it is not kept; isModel: files of a model to compare with */
/** @typedef {{ name: string, place: Place, isModel: boolean }} Lost what a reload could not bring back */
/** @typedef {{ name: string, blob: Blob | ImageBitmap }} Picture */

/** The browser's cache that holds the user's own pictures, for a reload of the tab that shows them. */
const NAME = 'inception-own-pictures-1';
/** What this tab's session calls those in use. */
const IN_USE = 'inception-own-pictures';
/** When a picture was kept, and how long pictures of tabs that are gone stay, in milliseconds. */
const [KEPT, LONGEST] = ['x-kept', 24 * 60 * 60 * 1000];

/** What is in each place, so that it is kept once. @type {Record<Place, object | null>} */
const known = { shown: null, compared: null };

/**
 * Keeps the user's own pictures while they are shown or compared: the address does not hold them.
 * @param {Inspector} inspector
 */
export function followPictures(inspector) {
  /** @param {boolean} isOver whether a film has ended: its last frame is kept, others are closed soon */
  const follow = (isOver) => {
    const { picture } = inspector;
    if (picture !== null && (isOver || picture.source !== null)) place('shown', sampleShown(picture.source) ? null : picture);
  };
  inspector.addEventListener('inception-picture', () => follow(false));
  inspector.addEventListener('inception-stop', () => follow(true));
  inspector.addEventListener('inception-compare', () => {
    const { picture = null, model = null } = inspector.compared ?? {};
    if (Array.isArray(model)) remember('compared', { name: ownTitle(partsOf(model).model), id: null, isModel: true });
    else place('compared', picture === null || sampleShown(picture.source) ? null : picture);
  });
}

/**
 * Own pictures that this tab had before it was reloaded.
 * @returns {Promise<{ shown: File | null, compared: File | null, lost: Lost[] }>}
 */
export async function formerPictures() {
  const { shown, compared } = inUse();
  const [one, other] = await Promise.all([read(shown), read(compared)]);
  known.shown = one;
  known.compared = other;
  const lost = [shown && !one && lostFrom('shown', shown), compared && !other && lostFrom('compared', compared)];
  return { shown: one, compared: other, lost: lost.filter((file) => file !== null && file !== false) };
}

/** @param {Place} place @param {InUse} picture @returns {Lost} */
function lostFrom(place, { name, isModel = false }) {
  return { name, place, isModel };
}

/**
 * @param {Place} at
 * @param {Picture | null} picture null: none of the user's own
 */
async function place(at, picture) {
  if (picture?.blob === known[at] && picture !== null) return;
  known[at] = picture?.blob ?? null;
  const before = inUse()[at];
  const id = picture && crypto.randomUUID();
  remember(at, picture && { name: picture.name, id });
  try {
    const cache = await caches.open(NAME);
    if (before?.id) await cache.delete(entry(before.id));
    await removeOld(cache);
    if (picture !== null) await cache.put(entry(id ?? ''), new Response(await blobOf(picture.blob), { headers: { [KEPT]: String(Date.now()) } }));
  } catch {
    // Without a cache, or without room in it, a reload says that the picture is lost.
  }
}

/** @param {Cache} cache */
async function removeOld(cache) {
  for (const request of await cache.keys()) {
    const kept = Number((await cache.match(request))?.headers.get(KEPT));
    if (Date.now() - kept > LONGEST) await cache.delete(request);
  }
}

/** @param {Blob | ImageBitmap} picture @returns {Promise<Blob>} */
async function blobOf(picture) {
  if (picture instanceof Blob) return picture;
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** @param {InUse | null} picture @returns {Promise<File | null>} */
async function read(picture) {
  if (picture === null || picture.id === null) return null;
  try {
    const blob = await (await (await caches.open(NAME)).match(entry(picture.id)))?.blob();
    return blob ? new File([blob], picture.name, { type: blob.type }) : null;
  } catch {
    return null;
  }
}

/** @returns {Record<Place, InUse | null>} */
function inUse() {
  try {
    return { shown: null, compared: null, ...JSON.parse(sessionStorage.getItem(IN_USE) ?? '{}') };
  } catch {
    return { shown: null, compared: null };
  }
}

/** @param {Place} at @param {InUse | null} picture */
function remember(at, picture) {
  try {
    sessionStorage.setItem(IN_USE, JSON.stringify({ ...inUse(), [at]: picture }));
  } catch {
    // Storage may be forbidden; then a reload begins with the sample.
  }
}

/** @param {string} id */
function entry(id) {
  return new URL(`own-pictures/${id}`, document.baseURI).href;
}
