import { answerOf, endOf } from './database.js';
import { SIZE, keyOf } from './looks.js';

/** @typedef {import('./looks.js').Drawing} Drawing */

/** The origin's database of what channels look for, for each body of weights. */
const NAME = 'inception-looks';
const PICTURES = 'pictures';

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/**
 * @param {string} digest of the body's weights
 * @param {string} layer
 * @returns {Promise<Drawing[]>} what is kept of the layer, the latest last; nothing where the browser keeps nothing
 */
export async function keptLooks(digest, layer) {
  try {
    const store = (await database()).transaction(PICTURES).objectStore(PICTURES);
    const records = await answerOf(store.index('place').getAll(placeOf(digest, layer)));
    return records.map(fromRecord).sort((/** @type {Drawing} */ a, /** @type {Drawing} */ b) => a.made - b.made);
  } catch {
    return [];
  }
}

/**
 * @param {string} digest of the body's weights
 * @param {Drawing} drawing
 * @returns {Promise<boolean>} whether the browser keeps it
 */
export async function keepLook(digest, drawing) {
  try {
    const record = await recordOf(digest, drawing);
    const transaction = (await database()).transaction(PICTURES, 'readwrite');
    const done = endOf(transaction);
    transaction.objectStore(PICTURES).put(record, [record.place, keyOf(drawing.aim), SIZE, drawing.steps, drawing.seed].join('|'));
    await done;
    return true;
  } catch {
    return false;
  }
}

/** @returns {Promise<IDBDatabase>} */
function database() {
  opened ??= open().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(PICTURES).createIndex('place', 'place');
  const database = /** @type {IDBDatabase} */ (await answerOf(request));
  // A later version of the page, in another tab, or whoever clears the browser's data.
  database.onversionchange = () => {
    database.close();
    opened = null;
  };
  return database;
}

/** @param {string} digest @param {string} layer */
function placeOf(digest, layer) {
  return `${digest}|${layer}`;
}

/** Bytes, since not every browser keeps files in its database. @param {string} digest @param {Drawing} drawing */
async function recordOf(digest, { picture, film, ...rest }) {
  const bytes = async (/** @type {Blob} */ blob) => ({ type: blob.type, bytes: await blob.arrayBuffer() });
  const stages = await Promise.all(film.map(async ({ step, picture }) => ({ step, ...(await bytes(picture)) })));
  return { place: placeOf(digest, rest.aim.layer), ...rest, picture: await bytes(picture), film: stages };
}

/** @param {Awaited<ReturnType<typeof recordOf>>} record @returns {Drawing} */
function fromRecord({ place: _, picture, film, ...rest }) {
  const blob = (/** @type {{ type: string, bytes: ArrayBuffer }} */ { type, bytes }) => new Blob([bytes], { type });
  return { ...rest, picture: blob(picture), film: film.map(({ step, ...stage }) => ({ step, picture: blob(stage) })) };
}
