import { drawLandscape } from '../drawings.js';
import { measure } from './measure.js';
import { Pace, expected } from './pace.js';
import { median } from './figures.js';
import { placesOn } from './places.js';
import { keepReport, keptReport } from './report.js';

/** Side of the picture that is classified, in pixels. */
const SIDE = 448;

/** Measures, row by row, what has been chosen. */
export class Bench {
  #running = new AbortController();

  /** @param {import('./state.js').Store} store */
  constructor(store) {
    this.store = store;
  }

  /** @returns {{ subject: import('./subjects.js').Subject, place: import('./places.js').Place, seconds: number }[]} what would be measured now, and about how long each row takes */
  rows() {
    const { subjects, models, places, machine, runs: most } = this.store.state;
    if (machine === null) return [];
    const where = placesOn(machine.processors).filter(({ id }) => places.has(id));
    const software = machine.adapter?.software ?? false;
    return subjects.filter(({ id }) => models.has(id)).flatMap((subject) =>
      where.map((place) => ({ subject, place, seconds: expected(subject, place, { software, most, known: this.#known(subject, place) }) })),
    );
  }

  /**
   * @param {import('./subjects.js').Subject} subject
   * @param {import('./places.js').Place} place
   * @returns {number | null} milliseconds of a run, the last time
   */
  #known({ id }, { device, threads, tuned }) {
    const row = this.store.state.report?.answers.find((answer) => answer.model === id && answer.device === device && answer.threads === threads && answer.tuned === tuned);
    return row === undefined || row.failure !== null ? null : median(row.runs);
  }

  /** Measures what is chosen, until all of it is there or somebody cancels. */
  async start() {
    const { store } = this;
    const { machine, runs: most } = store.state;
    const rows = this.rows();
    const [first] = rows;
    if (machine === null || first === undefined || store.state.phase === 'running') return;
    const { signal } = (this.#running = new AbortController());
    const before = store.state.report;
    // What is whole is not given up for what may be cancelled.
    const isKept = keptReport()?.complete ?? false;
    const pace = new Pace(rows.map(({ seconds }) => seconds));
    const picture = drawnPicture();
    /** @type {import('./report.js').Report} */
    let report = { format: 'inception-bench', version: 1, measured: new Date().toISOString(), complete: false, picture: { width: SIDE, height: SIDE }, machine, answers: [] };
    const course = (/** @type {number} */ i, /** @type {number} */ fraction) => {
      const { subject, place } = rows[i] ?? first;
      store.set({ course: { i: i + 1, n: rows.length, subject, place, ...pace.at(i, fraction) } });
    };
    const onPause = (/** @type {boolean} */ paused) => {
      pace.pause(paused);
      store.set({ paused });
    };
    course(0, 0);
    store.set({ phase: 'running', cancelled: false, report: null, allLayers: false, layersOf: null });
    try {
      for (const [i, { subject, place }] of rows.entries()) {
        const { answer, simd } = await measure(subject, place, { picture, most, signal, onPause, onProgress: (fraction) => course(i, fraction) });
        report = { ...report, machine: { ...report.machine, simd: simd ?? report.machine.simd }, answers: [...report.answers, answer] };
        store.set({ report });
        if (!isKept) keepReport(report);
        if (i + 1 < rows.length) course(i + 1, 0);
      }
      report = { ...report, complete: true };
      keepReport(report);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      const hasAny = report.answers.length > 0;
      store.set({ phase: hasAny ? 'report' : 'before', report: hasAny ? report : before, course: null, paused: false, cancelled: signal.aborted });
    }
  }

  cancel() {
    this.#running.abort();
  }

  /** Back to the choice; the last report stays until there is another. */
  again() {
    this.store.set({ phase: 'before', cancelled: false });
  }
}

/** @returns {ImageData} the same on every machine, but for how the browser draws */
function drawnPicture() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  drawLandscape(canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  return context.getImageData(0, 0, SIDE, SIDE);
}
