/** The steps: a picture is picked, a map pointed at, a branch switched off. @type {readonly boolean[]} */
export const NOTHING_DONE = [false, false, false];

/**
 * @param {readonly boolean[]} done
 * @param {number} step
 * @returns {readonly boolean[]}
 */
export function withDone(done, step) {
  return done.map((isDone, i) => isDone || i === step);
}

/**
 * @param {readonly boolean[] | null} tour
 * @returns {string} for `tourFrom`
 */
export function tourText(tour) {
  return tour === null || tour.every(Boolean) ? 'closed' : tour.map(Number).join('');
}

/**
 * @param {string | null} text as it is remembered; null on a first visit
 * @returns {readonly boolean[] | null}
 */
export function tourFrom(text) {
  if (text === 'closed') return null;
  return NOTHING_DONE.map((_, i) => text?.[i] === '1');
}

/**
 * Ends each step that the user takes, whichever comes first.
 * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector
 * @param {import('./controls.js').Actions} actions
 */
export function followSteps(inspector, actions) {
  inspector.addEventListener('inception-picture', () => actions.passStep(0));
  inspector.addEventListener('inception-read', ({ detail }) => detail && actions.passStep(1));
  let off = inspector.view.off.length;
  inspector.addEventListener('inception-view', ({ detail }) => {
    if (detail.off.length > off) actions.passStep(2);
    off = detail.off.length;
  });
}
