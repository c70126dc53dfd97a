import { t } from '../i18n.js';
import { failureNote, note, progress } from './parts.js';

/**
 * What there is to say about the last run: at work, stopped, failed.
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
export function runStatus({ run, picture, model, modelTitle }, actions) {
  const again = { text: t('run'), act: actions.run };
  switch (run.status) {
    case 'running':
      if (run.result !== null && run.of !== picture) return [note('warn', t('stStale'), { text: t('cancel'), act: actions.cancelRun })];
      return [progress(t('stRunning', { layer: modelTitle ?? model?.info.title ?? '' }), null, actions.cancelRun)];
    case 'cancelled':
      return [note('plain', t(run.result ? 'stCancelled' : 'err-aborted'), again)];
    case 'failed':
      return run.failure ? [failureNote(run.failure, again)] : [];
    default:
      return [];
  }
}
