import { comparedHow, comparedModel, comparedPicture } from './compare.js';
import { failureText } from './i18n.js';
import { viewOf } from './view-of.js';

/** @typedef {Readonly<import('./state.js').State>} State */

/**
 * Tells the page what changes.
 * @param {HTMLElement} host
 * @param {import('./state.js').Store} store
 */
export function dispatchChanges(host, store) {
  /** @param {(state: State) => unknown[]} pick @param {(state: State) => void} act not at first */
  const onChange = (pick, act) => {
    let isFirst = true;
    store.watch(pick, (state) => {
      if (!isFirst) act(state);
      isFirst = false;
    });
  };
  const dispatch = (/** @type {string} */ name, /** @type {unknown} */ detail = null) => tell(host, name, detail);

  onChange(
    (state) => {
      const { module, inner, pin, large, look, off, chosen, camOpacity, why, shows, timesOpen, whole, zoom } = state;
      const compared = [comparedModel(state), comparedPicture(state), ...Object.values(comparedHow(state))];
      return [module, inner, pin, large, look, off, chosen, camOpacity, why, shows, timesOpen, whole, zoom, ...compared];
    },
    (state) => dispatch('view', viewOf(state)),
  );
  onChange(
    ({ spot, pin }) => [spot ?? pin],
    ({ spot, pin }) => dispatch('read', spot ?? pin),
  );
  onChange(
    ({ loading }) => [loading?.progress],
    ({ loading }) => loading?.progress && dispatch('progress', loading.progress),
  );
  onChange(
    ({ model }) => [model?.network],
    ({ model }) => model && dispatch('load', model.info),
  );
  onChange(
    ({ picture }) => [picture],
    () => dispatch('picture'),
  );
  onChange(
    ({ compare }) => [compare?.kind, compare?.picture, compare?.choice],
    () => dispatch('compare'),
  );
  onChange(
    ({ live }) => [live],
    ({ live }) => live || dispatch('stop'),
  );
  onChange(
    ({ run }) => [run.status === 'running' && run.purpose === 'answer' ? run : null],
    ({ run }) => run.status === 'running' && dispatch('run'),
  );
  onChange(
    ({ run }) => [run.result],
    ({ run: { result } }) => result && dispatch('result', result),
  );
  for (const failureOf of FAILURES) {
    onChange(
      (state) => [failureOf(state)],
      (state) => {
        const failure = failureOf(state);
        if (failure) dispatch('error', { code: failure.code, message: failureText(failure), error: failure.error });
      },
    );
  }
}

/**
 * @param {HTMLElement} host
 * @param {string} name
 * @param {unknown} detail
 */
export function tell(host, name, detail) {
  host.dispatchEvent(new CustomEvent(`inception-${name}`, { detail, bubbles: true, composed: true }));
}

/**
 * @param {HTMLElement} host
 * @param {string} name
 * @param {unknown} detail
 * @returns {boolean} whether somebody takes it
 */
export function offer(host, name, detail) {
  return !host.dispatchEvent(new CustomEvent(`inception-${name}`, { detail, bubbles: true, composed: true, cancelable: true }));
}

/** Where something can go wrong. @type {((state: State) => import('./state.js').Failure | null | undefined)[]} */
const FAILURES = [
  ({ loading }) => loading?.failure,
  ({ pictureFailure }) => pictureFailure,
  ({ run }) => run.failure,
  ({ shift }) => shift?.failure,
  ({ ranking }) => ranking?.failure,
  ({ explanation }) => explanation?.failure,
  ({ reason }) => reason?.failure,
  ({ drawing }) => drawing?.failure,
  ({ atlas }) => atlas?.failure,
  ({ times }) => times?.failure,
  ({ compare }) => compare?.pictureFailure,
  ({ compare }) => compare?.loading?.failure,
  ({ compare }) => compare?.failure,
];
