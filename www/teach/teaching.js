import { t } from '../../pkg/dist/element/i18n.js';
import { failureFrom } from '../../pkg/dist/element/questions.js';
import { Edits } from './edits.js';
import { picturesIn } from './folders.js';
import { KeptClasses } from './kept-classes.js';
import { Reader } from './reader.js';
import { NOTHING_TAUGHT, byClass, classesTaught } from './state.js';
import { Tabs } from './tabs.js';
import { saidIn } from './taught-file.js';
import { thumbnailOf } from './thumbnails.js';

/** @typedef {import('../../pkg/dist/index.js').Inception} Net */
/** @typedef {import('../../pkg/dist/teacher.js').Teacher} Teacher */
/** @typedef {import('./state.js').Example} Example */
/** @typedef {import('./state.js').ClassName} ClassName */
/** @typedef {import('./state.js').Teach} Teach */

/** After a change nothing is trained, and nothing is written, for so many milliseconds: another may follow. */
const [BEFORE_TRAINING, BEFORE_WRITING] = [150, 100];
/** Least time between two frames of the camera that are taken, in milliseconds. */
const BETWEEN_FRAMES = 100;

/** Teaches the network that the inspector shows one's own classes, keeps them, and has the network answer with them. */
export class Teaching {
  /** @type {Net | null} */
  #net = null;
  /** @type {Teacher | null} */
  #teacher = null;
  /** @type {KeptClasses | null} */
  #kept = null;
  /** @type {Tabs | null} */
  #tabs = null;
  /** @type {Reader | null} */
  #reader = null;
  /** What is done by hand, where there is something to teach. @type {Edits | null} */
  edits = null;
  /** Ends what is at work for a network. */
  #open = new AbortController();
  #training = new AbortController();
  #capturing = new AbortController();
  /** What is written or read of the browser's storage, one after another. @type {Promise<unknown>} */
  #storing = Promise.resolve();
  /** @type {[training: number, writing: number, answer: number]} */
  #timers = [0, 0, 0];
  /** Heads that were given to the network. */
  #given = 0;
  /** Whether a classifier from a file is being opened, which comes before those that are trained meanwhile. */
  #isOpening = false;
  /** The files that pictures came from in this session, by the ids of their examples. @type {Map<number, Blob>} */
  #files = new Map();
  /** Classes that came with the folders that are being read. @type {string[]} */
  #fresh = [];

  /**
   * @param {import('../state.js').Store} store
   * @param {import('../../pkg/dist/element/index.js').InceptionInspector} inspector
   * @param {import('../camera.js').Camera} camera
   */
  constructor(store, inspector, camera) {
    this.store = store;
    this.inspector = inspector;
    this.camera = camera;
    inspector.addEventListener('inception-load', () => this.#follow());
    store.watch(
      ({ workspace, mine }) => [workspace, mine],
      ({ mine }) => {
        this.#follow();
        if (this.#teacher !== null && mine !== null) this.#answer();
      },
    );
  }

  /** @returns {Teach} */
  get #state() {
    return this.store.state.teach;
  }

  /** @param {Partial<Teach>} changes */
  #set(changes) {
    this.store.set({ teach: { ...this.#state, ...changes } });
  }

  /** Opens the classes of the network that is shown, once somebody wants them. */
  #follow() {
    const { net } = this.inspector;
    const { workspace, mine } = this.store.state;
    if (net === this.#net) return;
    this.#leave();
    if (net !== null && (workspace === 'teach' || mine === true)) this.#begin(net);
  }

  #leave() {
    const unread = this.#reader?.cancel() ?? 0;
    this.#writeLast();
    this.#open.abort();
    this.#training.abort();
    this.#capturing.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#tabs?.leave();
    this.#net = this.#teacher = this.#kept = this.#tabs = this.#reader = this.edits = null;
    this.#files.clear();
    const refused = unread === 0 ? null : { key: 'leftUnread', values: { n: String(unread) } };
    if (this.#state !== NOTHING_TAUGHT) this.store.set({ teach: { ...NOTHING_TAUGHT, refused } });
  }

  /** @param {Net} net */
  async #begin(net) {
    const { signal } = (this.#open = new AbortController());
    this.#net = net;
    this.#set({ status: 'opening' });
    try {
      const teacher = await net.teach();
      if (signal.aborted) return;
      this.#teacher = teacher;
      const isHere = () => this.#teacher === teacher;
      this.#reader = new Reader(teacher, {
        progress: (reading, isOver) => isHere() && this.#read(reading, isOver),
        added: (example, source) => isHere() && this.#files.set(example.id, source),
        done: ({ ids, skipped, twice }) => isHere() && this.#readAll(ids, skipped, twice),
      });
      this.edits = new Edits(teacher, this.#reader, this.#files, () => this.#changed());
      await this.#restore(teacher, net.info.backbone.digest, signal);
      if (signal.aborted) return;
      this.#set({ status: 'ready' });
      this.#changed();
      if (this.store.state.mine && this.#state.examples.length === 0) this.store.set({ mine: null });
    } catch (error) {
      if (!signal.aborted) this.#set({ status: 'failed', failure: failureFrom(error, net.info.title) });
    }
  }

  /**
   * @param {Teacher} teacher
   * @param {string} backbone
   * @param {AbortSignal} signal
   */
  async #restore(teacher, backbone, signal) {
    const listen = () => (this.#tabs = new Tabs(backbone, { others: (isElsewhere) => this.#set({ isElsewhere }), changed: () => this.#take() }));
    try {
      const kept = await KeptClasses.open(backbone);
      if (signal.aborted) return kept.close();
      this.#kept = kept;
      // What another tab writes from now on is heard, and taken once what is there has been read.
      listen();
      const reading = this.#storing.then(async () => {
        const { labels, threshold, examples } = await kept.read();
        if (signal.aborted) return;
        for (const label of labels) teacher.addLabel(label);
        this.#putKept(teacher, kept, examples);
        this.#set({ threshold });
      });
      this.#storing = reading.catch(() => undefined);
      await reading;
    } catch {
      if (signal.aborted) return;
      this.#set({ storage: 'refused' });
      if (this.#tabs === null) listen();
    }
  }

  /** @param {Teacher} teacher @param {KeptClasses} kept @param {import('./kept-classes.js').Kept[]} examples */
  #putKept(teacher, kept, examples) {
    for (const given of examples) {
      const [example] = teacher.put([given]);
      if (example) kept.know(example, given.key);
      else kept.remove(given.key);
    }
  }

  /** Shows the examples as they are now, trains on them and writes them down. @param {{ write?: boolean }} [how] */
  #changed({ write = true } = {}) {
    this.#show();
    this.#train();
    if (write) this.#write();
  }

  #show() {
    const teacher = this.#teacher;
    if (teacher !== null) this.#set({ labels: [...teacher.labels], examples: [...teacher.examples], canUndo: this.edits?.canUndo ?? false });
  }

  #train() {
    const teacher = this.#teacher;
    if (teacher === null) return;
    clearTimeout(this.#timers[0]);
    this.#training.abort();
    const { signal } = (this.#training = new AbortController());
    const examples = byClass(teacher.examples);
    if (teacher.labels.filter((label) => examples.has(label)).length < 2) {
      this.#set({ report: null, isTraining: false, failure: null });
      this.#answer();
      return;
    }
    this.#set({ isTraining: true, trainedShare: 0 });
    // A classifier that is opened meanwhile is newer than what comes of this.
    const { opened } = this.#state;
    this.#timers[0] = setTimeout(async () => {
      try {
        const report = await teacher.train({ signal, onProgress: (trainedShare) => signal.aborted || this.#set({ trainedShare }) });
        if (signal.aborted) return;
        this.#set({ report, isTraining: false, failure: null, opened: this.#state.opened === opened ? null : this.#state.opened });
        const { mine, workspace } = this.store.state;
        if (mine === null && workspace === 'teach') this.store.set({ mine: true });
        else this.#answer();
      } catch (error) {
        if (!signal.aborted) this.#set({ isTraining: false, failure: failureFrom(error, this.#net?.info.title ?? '') });
      }
    }, BEFORE_TRAINING);
  }

  /** Has the network answer with one's own classes, or with its own again. */
  async #answer() {
    const [net, teacher] = [this.#net, this.#teacher];
    if (net === null || teacher === null || net.disposed || this.#isOpening) return;
    const given = ++this.#given;
    const { opened, threshold } = this.#state;
    const isMine = this.store.state.mine === true && classesTaught(this.#state) > 0;
    if (!isMine && net.info.head === null) return;
    try {
      const head = !isMine ? null : opened ? opened.bytes : await teacher.head(threshold === null ? {} : { threshold });
      if (given !== this.#given || net !== this.#net) return;
      await net.useHead(head);
      if (given !== this.#given || net !== this.#net) return;
      const { status } = this.store.state.camera;
      if (status === 'off') this.inspector.run();
    } catch (error) {
      if (net === this.#net && !net.disposed) this.#set({ failure: failureFrom(error, net.info.title) });
    }
  }

  /** Writes the examples down, a moment later. */
  #write() {
    clearTimeout(this.#timers[1]);
    this.#timers[1] = setTimeout(() => this.#alone(async (teacher, kept) => {
      const about = { labels: [...teacher.labels], threshold: this.#state.threshold };
      if (await kept.write(about, teacher.examples)) this.#tabs?.changed();
      if (this.#kept === kept) this.#set({ storage: 'kept' });
    }), BEFORE_WRITING);
  }

  /** What has not been written yet, before another network's classes are shown. */
  #writeLast() {
    const [teacher, kept] = [this.#teacher, this.#kept];
    if (teacher === null || kept === null) return kept?.close();
    const about = { labels: [...teacher.labels], threshold: this.#state.threshold };
    const written = this.#storing.then(() => kept.write(about, teacher.examples));
    this.#storing = written.catch(() => undefined).then(() => kept.close());
  }

  /** Takes what another tab has written. */
  #take() {
    this.#alone(async (teacher, kept) => {
      const { labels, threshold, examples } = await kept.read();
      const byKey = new Map(examples.map((example) => [example.key, example]));
      const known = new Set();
      for (const example of [...teacher.examples]) {
        const key = kept.keyOf(example.id);
        if (key === undefined) continue;
        known.add(key);
        const now = byKey.get(key);
        if (now === undefined) {
          teacher.remove(example.id);
          kept.forget(example.id);
        } else if (JSON.stringify(now.label) !== JSON.stringify(example.label)) {
          teacher.move(now.label, example.id);
          kept.relabel(example.id, now.label);
        }
      }
      for (const label of labels) teacher.addLabel(label);
      const fresh = examples.filter(({ key }) => !known.has(key));
      this.#putKept(teacher, kept, fresh);
      const inUse = byClass([...teacher.examples]);
      for (const label of [...teacher.labels]) if (!labels.includes(label) && !inUse.has(label)) teacher.removeLabel(label);
      this.#set({ threshold });
      this.#changed({ write: false });
    });
  }

  /** @param {(teacher: Teacher, kept: KeptClasses) => Promise<void>} work that nothing else does with what is kept meanwhile */
  #alone(work) {
    const [teacher, kept] = [this.#teacher, this.#kept];
    if (teacher === null || kept === null) return;
    this.#storing = this.#storing.then(async () => {
      try {
        if (kept === this.#kept) await work(teacher, kept);
      } catch (error) {
        if (kept === this.#kept) this.#set({ storage: /** @type {Error | null} */ (error)?.name === 'QuotaExceededError' ? 'full' : 'refused' });
      }
    });
  }

  /** @param {import('./state.js').Reading | null} reading @param {boolean} isOver whether it is time to write */
  #read(reading, isOver) {
    this.#set({ reading });
    this.#show();
    if (isOver) this.#write();
  }

  /** @param {number[]} ids @param {import('./state.js').Skipped[]} skipped @param {number} twice */
  #readAll(ids, skipped, twice) {
    this.#set({ reading: null, skipped, twice });
    this.edits?.added(ids, this.#fresh.splice(0));
  }

  /** Reads pictures as examples of a class. @param {ClassName} label @param {File[]} files */
  addFiles(label, files) {
    this.#reader?.add(files.map((image) => ({ image, label, name: image.name })));
  }

  /** Reads pictures, each as an example of the class that its folder is; those that lay loose become one. @param {import('./folders.js').Found[]} found */
  addFound(found) {
    const loose = found.some(({ label }) => label === null) ? (this.edits?.addClass() ?? null) : null;
    const known = new Set(this.#teacher?.labels);
    for (const { label } of found) {
      if (label === null) continue;
      if (!known.has(label)) this.#fresh.push(label);
      known.add(label);
      this.#teacher?.addLabel(label);
    }
    this.#show();
    this.#reader?.add(found.map(({ file, label }) => ({ image: file, label: label ?? loose, name: file.name })));
  }

  /**
   * What was dropped: files of pictures, and folders.
   * @param {{ files: File[], folders: FileSystemDirectoryEntry[] }} dropped
   * @param {ClassName | undefined} label of all of them; undefined: folders say so
   */
  async addDropped({ files, folders }, label) {
    const found = (await Promise.all(folders.map((folder) => picturesIn(folder).catch(() => [])))).flat();
    const all = [...files.map((file) => ({ file, label: null })), ...found];
    if (label !== undefined) this.addFiles(label, all.map(({ file }) => file));
    else this.addFound(all);
  }

  cancelReading() {
    this.#reader?.cancel();
  }

  /** Takes the camera's frames as examples until it is stopped. @param {ClassName} label */
  async capture(label) {
    const teacher = this.#teacher;
    if (teacher === null) return;
    this.#capturing.abort();
    const { signal } = (this.#capturing = new AbortController());
    /** @type {number[]} */
    const ids = [];
    this.#set({ capturing: { label, count: 0 } });
    this.camera.start();
    while (!signal.aborted) {
      const began = performance.now();
      const { status } = this.store.state.camera;
      if (status === 'off') break;
      const frame = await this.camera.frame();
      if (frame !== null && !signal.aborted) {
        const thumbnail = await thumbnailOf(frame);
        const example = await teacher.add(frame, label, { name: t('camera'), thumbnail }).catch(() => null);
        if (example !== null && example.thumbnail === thumbnail) ids.push(example.id);
        if (this.#capturing.signal === signal && this.#teacher === teacher) this.#set({ capturing: signal.aborted ? null : { label, count: ids.length } });
        this.#show();
      }
      frame?.close();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, BETWEEN_FRAMES - (performance.now() - began))));
    }
    if (this.#teacher !== teacher) return;
    if (this.#capturing.signal === signal) this.#set({ capturing: null });
    if (ids.length > 0) this.edits?.added(ids);
  }

  stopCapture() {
    this.#capturing.abort();
    this.#set({ capturing: null });
  }

  /** @param {number | null} threshold from 0 to 1; null: the report's */
  setThreshold(threshold) {
    this.#set({ threshold });
    this.#write();
    clearTimeout(this.#timers[2]);
    this.#timers[2] = setTimeout(() => this.#answer(), BEFORE_TRAINING);
  }

  /**
   * Shows a picture in the inspector.
   * @param {number} id of its example
   * @returns {Promise<boolean>} whether that is all that is left of it, its thumbnail
   */
  async showPicture(id) {
    const example = this.#teacher?.examples.find((one) => one.id === id);
    const file = this.#files.get(id);
    const image = file ?? (example?.thumbnail ? new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (example.thumbnail)]) : null);
    if (image === null || example === undefined) return false;
    await this.inspector.show(image, example.name || t('pictureOne'));
    return file === undefined;
  }

  /** @returns {Promise<Uint8Array>} the file of the classifier */
  async headFile() {
    const { opened, threshold } = this.#state;
    if (opened) return opened.bytes;
    return /** @type {Teacher} */ (this.#teacher).head(threshold === null ? {} : { threshold });
  }

  /** @returns {Uint8Array} the file to go on with */
  classesFile() {
    return /** @type {Teacher} */ (this.#teacher).save({ threshold: this.#state.threshold });
  }

  /** Opens a file of classes, or of a classifier. @param {File} file */
  async openFile(file) {
    const [teacher, net] = [this.#teacher, this.#net];
    if (teacher === null || net === null) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.#set({ refused: null });
    try {
      const added = teacher.restore(bytes).map(({ id }) => id);
      const { threshold } = await saidIn(file);
      if (net !== this.#net) return;
      if (threshold !== undefined) this.#set({ threshold: Number(threshold) });
      this.edits?.added(added);
    } catch (error) {
      if (isWrongBackbone(error)) this.#refuse(file, error);
      else await this.#openHead(net, file, bytes);
    }
  }

  /** @param {Net} net @param {File} file @param {Uint8Array} bytes */
  async #openHead(net, file, bytes) {
    this.#given += 1;
    this.#isOpening = true;
    const refusal = await net.useHead(bytes).catch((error) => error);
    this.#isOpening = false;
    if (net !== this.#net) return;
    if (refusal !== undefined) {
      this.#refuse(file, refusal);
      this.#answer();
      return;
    }
    this.#set({ opened: { name: file.name, bytes, classes: net.info.classes } });
    if (this.store.state.mine !== true) this.store.set({ mine: true });
    else this.inspector.run();
  }

  /** Goes back from an opened classifier to the classes that are here. */
  closeOpened() {
    this.#set({ opened: null });
    this.#answer();
  }

  /** @param {File} file @param {unknown} error */
  async #refuse(file, error) {
    const own = this.#net?.info.title ?? '';
    const { title, network } = isWrongBackbone(error) ? await saidIn(file) : {};
    const other = title ?? network;
    if (other === undefined) this.#set({ refused: { key: 'notOurFile', values: { name: file.name } } });
    else this.#set({ refused: { key: other === own ? 'wrongWeights' : 'wrongBackbone', values: { a: other, b: own } } });
  }

  /** Removes all classes, here and from this computer. */
  clear() {
    const teacher = this.#teacher;
    if (teacher === null) return;
    this.cancelReading();
    for (const label of [...teacher.labels]) teacher.removeLabel(label);
    teacher.remove(...teacher.examples.map(({ id }) => id));
    this.edits?.forget();
    this.#files.clear();
    this.#set({ threshold: null, skipped: [], twice: 0, opened: null, refused: null });
    this.#changed();
    this.store.set({ mine: null });
  }

  /** Says no more what became of the last files. */
  dismiss() {
    this.#set({ skipped: [], twice: 0, refused: null });
  }
}

/** @param {unknown} error */
function isWrongBackbone(error) {
  return /** @type {{ code?: string }} */ (error).code === 'bad-option';
}
