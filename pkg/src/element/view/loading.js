import { $ } from '../dom.js';
import { megabytes } from '../format.js';
import { t } from '../i18n.js';
import { changeText } from './device-words.js';
import { failureNote, note, progress } from './parts.js';

/**
 * What the model is doing that the element loads itself, and what became of its GPU.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountLoading(store, actions, shadow) {
  const [root, movedNote] = [$('#loadStatus', shadow), $('#movedNote', shadow)];
  store.watch(
    ({ loading, lang }) => [loading, lang],
    ({ loading }) => {
      if (loading === null) root.replaceChildren();
      else if (loading.failure?.code === 'disposed') root.replaceChildren(failureNote(loading.failure));
      else if (loading.failure !== null) root.replaceChildren(failureNote(loading.failure, { text: t('retry'), act: actions.retryLoad }));
      else root.replaceChildren(loadProgress(loading.title, loading.progress, actions.cancelLoad));
    },
  );
  store.watch(
    ({ moved, lang }) => [moved, lang],
    ({ moved }) => movedNote.replaceChildren(...(moved ? [note('warn', changeText(moved))] : [])),
  );
}

/**
 * @param {string} title
 * @param {import('../../index.js').Progress | null} done
 * @param {() => void} cancel
 * @returns {HTMLElement}
 */
export function loadProgress(title, done, cancel) {
  if (done === null || done.stage === 'compile') return progress(t('stCompile'), null, cancel);
  const { stage, loaded, total } = done;
  const fraction = total ? loaded / total : null;
  if (stage === 'prepare') return progress(t('stPrepare', { loaded, total: total ?? '' }), fraction, cancel);
  const values = { title, loaded: megabytes(loaded), total: megabytes(total ?? 0) };
  return progress(t(total ? 'stDownload' : 'stDownloadUnknown', values), fraction, cancel);
}
