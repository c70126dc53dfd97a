import { sha256Of } from '../../shared/integrity.js';
import { Watch } from './watch.js';

/** @typedef {import('./model-cache.js').Version} Version */

/** In the origin private file system, the folder with a folder for each download that has not ended. */
const FOLDER = 'inception-web-downloads';
const ABOUT = 'about.json';
/** Bytes of a file; a download that breaks off without warning loses less than one. */
const SEGMENT = 2 << 20;
/** A download that takes no longer is not written down while it goes on, in milliseconds. */
const MOMENT = 1000;
/** How long a load waits for another one of the same file after its last word, in milliseconds. */
const PATIENCE = 5000;
/** Between two words to those who wait, in milliseconds. */
const INTERVAL = 200;
/** Words at most, a second apart, from when the file has come until it is kept. */
const LAST_WORDS = 60;

/** @typedef {Version & { url: string, total: number | null }} File */
/** What the folder holds, and which download wrote it last. @typedef {File & { id: string }} About */
/** How far the download of a file is that another load waits for. @typedef {{ loaded: number, total: number | null }} Word */

/**
 * The beginning of a file whose download broke off, as segments in the origin private file system. One at a time may write and
 * remove: whoever holds the lock, and of what others wrote only what it took up. The lock is held until the file is kept, so that
 * loads of one file, in whatever thread or page, have one download between them. Everything works without it, so nothing here rejects.
 */
export class Partial {
  /** @type {Promise<unknown>} */
  #writing = Promise.resolve();
  #written = 0;
  /** What is in the folder, where this download has written it or found it there. @type {About | null} */
  #own = null;
  /** What is to be written into the folder before the next segment. @type {File | null} */
  #about = null;
  /** Whether the folder's segments are of another try, and to be removed. */
  #isNew = true;
  /** When the download began, by `performance.now()`. */
  #begun = performance.now();
  #isRefused = false;
  #told = 0;
  /** @type {Word} */
  #word = { loaded: 0, total: null };
  #lastWords = 0;
  /** Gives the lock back. */
  release = () => {};
  #released = new Promise((resolve) => (this.release = () => resolve(undefined)));

  /**
   * @param {string} url
   * @param {string} name of its folder
   * @param {BroadcastChannel} channel to those who wait
   */
  constructor(url, name, channel) {
    this.url = url;
    this.name = name;
    this.channel = channel;
  }

  /**
   * @param {string} url
   * @returns {Promise<boolean>} whether an earlier try left something
   */
  static async exists(url) {
    try {
      await folderOf(await nameFor(url));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Waits while another load has the file on its way, then works; what `work` gets has to be released.
   * @template T
   * @param {string} url
   * @param {AbortSignal | undefined} signal ends the waiting
   * @param {(word: Word) => void} onWord of the load that is waited for
   * @param {(partial: Partial | null, hasWaited: boolean) => Promise<T>} work null where there is no such file system or the other load is silent
   * @returns {Promise<T>}
   */
  static async use(url, signal, onWord, work) {
    const { locks, storage } = globalThis.navigator ?? {};
    if (locks === undefined || typeof storage?.getDirectory !== 'function') return work(null, false);
    const name = await nameFor(url);
    const channel = new BroadcastChannel(lockOf(name));
    const watch = new Watch(PATIENCE, signal);
    channel.onmessage = ({ data }) => {
      watch.rest();
      onWord(data);
    };
    return new Promise((resolve) => {
      const hold = async (/** @type {boolean} */ hasWaited) => {
        watch.end();
        channel.onmessage = null;
        const partial = new Partial(url, name, channel);
        const working = work(partial, hasWaited);
        resolve(working);
        await working.then(() => partial.#released, () => undefined);
      };
      const wait = () => locks.request(lockOf(name), { signal: watch.signal }, () => hold(true));
      const isHad = locks.request(lockOf(name), { ifAvailable: true }, async (lock) => lock !== null && (await hold(false), true));
      // Fails only where the lock was not had.
      isHad.then((had) => (had ? undefined : wait())).catch(() => resolve(work(null, false))).finally(() => channel.close());
    });
  }

  /**
   * Tells those who wait for the file how far it is.
   * @param {number} loaded
   * @param {number | null} total
   */
  tell(loaded, total) {
    this.#word = { loaded, total };
    if (performance.now() - this.#told < INTERVAL && loaded !== total) return;
    this.#told = performance.now();
    this.channel.postMessage(this.#word);
  }

  /** All files of the load have come: tells those who wait, until the lock is given back, that it goes on. */
  goOnTelling() {
    const timer = setInterval(() => {
      if ((this.#lastWords += 1) <= LAST_WORDS) this.channel.postMessage(this.#word);
      else clearInterval(timer);
    }, 1000);
    this.#released.then(() => clearInterval(timer));
  }

  /** @returns {Promise<{ about: File, segments: Uint8Array[] } | null>} what was kept of an earlier try */
  async read() {
    try {
      const folder = await folderOf(this.name);
      const about = await readAbout(folder);
      this.#own = about;
      /** @type {Uint8Array[]} */
      const segments = [];
      for (let last = SEGMENT; last === SEGMENT; ) {
        const file = await readSegment(folder, segments.length);
        if (file === null) break;
        segments.push(new Uint8Array(await file.arrayBuffer()));
        last = file.size;
      }
      return about.url === this.url && segments.length > 0 ? { about, segments } : null;
    } catch {
      return null;
    }
  }

  /**
   * Begins anew.
   * @param {File} about
   */
  begin(about) {
    this.#written = 0;
    this.#about = about;
    this.#isNew = true;
  }

  /**
   * Goes on where an earlier try ended.
   * @param {number} length that lies here
   */
  goOn(length) {
    this.#written = Math.floor(length / SEGMENT);
    this.#about = this.#own;
    this.#isNew = false;
  }

  /**
   * Writes, later, the whole segments that are new. A download that takes no longer than a moment is not worth it.
   * @param {Uint8Array} bytes from the beginning of the file to as far as it has come
   */
  advance(bytes) {
    if (performance.now() - this.#begun < MOMENT) return;
    this.#advance(bytes);
  }

  /** @param {Uint8Array} bytes */
  #advance(bytes) {
    for (; (this.#written + 1) * SEGMENT <= bytes.length; this.#written += 1) this.#write(this.#written, bytes);
  }

  /**
   * Writes the rest: the download has broken off.
   * @param {Uint8Array} bytes from the beginning of the file to as far as it has come
   */
  async flush(bytes) {
    this.#advance(bytes);
    if (this.#written * SEGMENT < bytes.length) this.#write(this.#written, bytes);
    await this.#writing;
  }

  /** Removes what this download has written or taken up, also what is still to be written. */
  async discard() {
    this.#isRefused = true;
    await this.#writing;
    try {
      const { id } = await readAbout(await folderOf(this.name));
      if (id === this.#own?.id) await removePartial(this.name);
    } catch {
      // There is nothing.
    }
  }

  /**
   * @param {number} index
   * @param {Uint8Array} bytes
   */
  #write(index, bytes) {
    const segment = bytes.subarray(index * SEGMENT, (index + 1) * SEGMENT);
    const about = this.#about;
    this.#about = null;
    this.#then(async () => {
      if (about !== null) await this.#claim(about);
      await writeFile(await folderOf(this.name), String(index), segment);
    });
  }

  /** @param {File} file whose segments follow */
  async #claim(file) {
    const own = { ...file, id: crypto.randomUUID() };
    const folder = await (this.#isNew ? newFolder(this.name) : folderOf(this.name));
    await writeFile(folder, ABOUT, new TextEncoder().encode(JSON.stringify(own)));
    this.#own = own;
  }

  /** @param {() => Promise<void>} work in its turn; after a failure nothing more is written */
  #then(work) {
    this.#writing = this.#writing.then(async () => {
      if (this.#isRefused) return;
      await work().catch(() => (this.#isRefused = true));
    });
  }
}

/** @returns {Promise<{ url: string, name: string, bytes: number }[]>} every download that has not ended */
export async function listPartials() {
  const found = [];
  try {
    for await (const [name, handle] of (await downloads(false)).entries()) {
      if (!(handle instanceof FileSystemDirectoryHandle)) continue;
      const about = await readAbout(handle).catch(() => null);
      let bytes = 0;
      for await (const file of handle.values()) {
        if (file instanceof FileSystemFileHandle && file.name !== ABOUT) bytes += (await file.getFile()).size;
      }
      found.push({ url: about?.url ?? '', name, bytes });
    }
  } catch {
    // No such file system, or no downloads in it.
  }
  return found;
}

/** @param {string} name of a download's folder */
export async function removePartial(name) {
  try {
    await (await downloads(false)).removeEntry(name, { recursive: true });
  } catch {
    // There was none.
  }
}

/** @param {string} name of a download's folder */
async function folderOf(name) {
  return (await downloads(false)).getDirectoryHandle(name);
}

/** @param {string} name of a download's folder, in place of what lies there */
async function newFolder(name) {
  const root = await downloads(true);
  await root.removeEntry(name, { recursive: true }).catch(() => undefined);
  return root.getDirectoryHandle(name, { create: true });
}

/** @param {boolean} create */
async function downloads(create) {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create });
}

/** @param {string} name of a download's folder */
const lockOf = (name) => `${FOLDER}/${name}`;

/** @param {string} url */
async function nameFor(url) {
  return (await sha256Of(new TextEncoder().encode(url))).slice(0, 32);
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @returns {Promise<About>}
 */
async function readAbout(folder) {
  return JSON.parse(await (await (await folder.getFileHandle(ABOUT)).getFile()).text());
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {number} index
 */
async function readSegment(folder, index) {
  const handle = await folder.getFileHandle(String(index)).catch(() => null);
  return handle && handle.getFile();
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 * @param {Uint8Array} bytes
 */
async function writeFile(folder, name, bytes) {
  const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await file.write(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  await file.close();
}
