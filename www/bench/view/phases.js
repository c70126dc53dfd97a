import { $ } from '../../../pkg/dist/element/dom.js';
import { failureText, t } from '../../../pkg/dist/element/i18n.js';
import { inMs } from '../figures.js';
import { placeName } from '../places.js';
import { spread } from '../report.js';
import { mountBefore } from './before.js';
import { titleOf } from './panel.js';
import { mountReport } from './report.js';
import { mountRunning } from './running.js';

/** Where the focus goes when a phase begins by what had it in the one before. */
const FIRST_FOCUS = { before: '#start', running: '#cancel', report: '#again' };

/**
 * The page before, during and after a measurement, and what is said of it to whoever does not see it.
 * @param {import('../state.js').Store} store
 * @param {import('../bench.js').Bench} bench
 */
export function mountPhases(store, bench) {
  const root = $('#phase');
  let had = false;
  // What has the focus is about to go with its phase.
  store.watch(
    ({ phase }) => [phase],
    () => (had = root.contains(document.activeElement)),
  );
  mountBefore(store, bench, $('#before'));
  mountRunning(store, bench, $('#running'));
  mountReport(store, bench, $('#report'));
  store.watch(
    ({ phase }) => [phase],
    ({ phase }) => {
      if (had) $(FIRST_FOCUS[phase]).focus();
    },
  );
  store.watch(
    ({ phase, report, paused, cancelled }) => [phase, report, paused, cancelled],
    (state) => ($('#said').textContent = said(state) ?? $('#said').textContent),
  );
}

/**
 * @param {Readonly<import('../state.js').State>} state
 * @returns {string | null} null: nothing new
 */
function said({ phase, report, paused, cancelled }) {
  if (paused) return t('bHidden');
  if (phase !== 'running') return cancelled ? t(phase === 'report' ? 'bCancelled' : 'bCancelledNone') : null;
  const last = report?.answers.at(-1);
  if (last === undefined) return '';
  const text = t('bRun', { m: titleOf({ id: last.model, title: last.title }), d: placeName(last) });
  return t('bOfModel', { m: text, text: last.failure === null ? `${inMs(spread(last).ms)} ms` : failureText(last.failure) });
}
