/**
 * One's own classes, as the page shows them. Only `Teaching` changes them.
 *
 * @typedef {import('../../pkg/dist/teacher.js').Example} Example
 * @typedef {import('../../pkg/dist/teacher.js').TeachReport} TeachReport
 * @typedef {string | null} ClassName null: none of the classes
 *
 * @typedef {object} Teach
 * @property {'closed' | 'opening' | 'ready' | 'failed'} status
 * @property {Failure | null} failure why there is nothing to teach on, or why the last training failed
 * @property {readonly string[]} labels the classes
 * @property {readonly Example[]} examples
 * @property {Reading | null} reading pictures that are being read
 * @property {readonly Skipped[]} skipped files of the last batch that could not be read
 * @property {number} twice pictures of the last batch that were there already
 * @property {{ label: ClassName, count: number } | null} capturing the class that gets the camera's frames, and how many it got
 * @property {TeachReport | null} report of the head that answers
 * @property {boolean} isTraining whether the examples are others than the report's
 * @property {number} trainedShare how far the training at work is, from 0 to 1
 * @property {number | null} threshold by hand; null: the report's
 * @property {Opened | null} opened a classifier from a file, without examples
 * @property {{ key: string, values: Record<string, string> } | null} refused what is wrong with the file that was opened
 * @property {'kept' | 'full' | 'refused'} storage
 * @property {boolean} isElsewhere whether another tab has the same classes open
 * @property {boolean} canUndo
 *
 * @typedef {import('../state.js').Failure} Failure
 * @typedef {{ done: number, total: number, rate: number | null }} Reading rate: pictures a second; null until it is known
 * @typedef {{ name: string, reason: string }} Skipped
 * @typedef {{ name: string, bytes: Uint8Array, classes: number }} Opened
 */

/** @type {Teach} */
export const NOTHING_TAUGHT = {
  status: 'closed',
  failure: null,
  labels: [],
  examples: [],
  reading: null,
  skipped: [],
  twice: 0,
  capturing: null,
  report: null,
  isTraining: false,
  trainedShare: 0,
  threshold: null,
  opened: null,
  refused: null,
  storage: 'kept',
  isElsewhere: false,
  canUndo: false,
};

/** From how many classes, or pictures, on they are a table. */
const [MANY_CLASSES, MANY_PICTURES] = [9, 400];

/** @param {Pick<Teach, 'labels' | 'examples'>} teach */
export function isMany({ labels, examples }) {
  return labels.length >= MANY_CLASSES || examples.length >= MANY_PICTURES;
}

/**
 * @param {readonly Example[]} examples
 * @returns {Map<ClassName, Example[]>} by class, those of none under null
 */
export function byClass(examples) {
  /** @type {Map<ClassName, Example[]>} */
  const found = new Map();
  for (const example of examples) {
    const label = /** @type {ClassName} */ (example.label);
    const known = found.get(label);
    if (known) known.push(example);
    else found.set(label, [example]);
  }
  return found;
}

/**
 * @param {Pick<Teach, 'report' | 'opened'>} teach
 * @returns {number} classes of the head that there is; 0: there is none
 */
export function classesTaught({ report, opened }) {
  return opened?.classes ?? report?.labels.length ?? 0;
}

/**
 * @param {Pick<Teach, 'report' | 'threshold'>} teach
 * @returns {number} from 0 to 1
 */
export function thresholdOf({ report, threshold }) {
  return threshold ?? report?.threshold ?? 0;
}
