import { $, el } from '../dom.js';
import { megabytes, milliseconds, percent } from '../format.js';
import { t } from '../i18n.js';
import { failureNote, note, progress } from './parts.js';
import { className, entryTitle } from './words.js';

const ROWS = 5;

/**
 * The answer panel: the likeliest classes, the auxiliary heads' answers, and the state of the run.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountAnswer(store, actions) {
  const [root, status, time] = [$('#answer'), $('#runStatus'), $('#answerTime')];
  store.watch(
    ({ run, picture, model, lang }) => [run.result, run.of === picture, model, lang],
    ({ run, picture, model }) => {
      const { result } = run;
      time.textContent = result ? milliseconds(result.timing.run) : '';
      const stale = result !== null && run.of !== picture;
      root.replaceChildren(
        el('div', { class: stale ? 'stale' : '' }, result?.predictions.length === 0 ? el('p', { class: 'muted', text: t('noClasses') }) : topFive(result)),
        model && result ? auxiliary(model, result) : '',
      );
    },
  );
  store.watch(
    ({ run, picture, model, catalog, lang }) => [run, picture, model, catalog, lang],
    (state) => status.replaceChildren(...statusOf(state, actions)),
  );
}

/** @param {import('../state.js').Answer | null} result */
function topFive(result) {
  const rows = result?.predictions.map((prediction) =>
    el(
      'li',
      {},
      el('span', { class: 'label', lang: 'en', text: className(prediction) }),
      el('span', { class: 'p', text: `${percent(prediction.probability)} %` }),
      el('span', { class: 'bar', 'aria-hidden': true }, el('i', { vars: { '--p': `${prediction.probability * 100}%` } })),
    ),
  );
  const placeholder = () => el('li', { 'aria-hidden': true }, el('span', { class: 'empty', text: '–' }), el('span', { class: 'bar' }));
  return el('ol', { class: 'top5', id: 'top5', 'aria-label': t('top5') }, ...(rows ?? Array.from({ length: ROWS }, placeholder)));
}

/**
 * @param {import('../state.js').Model} model
 * @param {import('../state.js').Answer} result
 */
function auxiliary({ info, network }, result) {
  const title = el('h3', { text: t('halfway') });
  if (result.auxiliary.length === 0) {
    return el('div', { class: 'half' }, title, el('p', { text: t(info.auxiliary.length === 0 ? 'auxNone' : 'auxUntrained') }));
  }
  const heads = [...result.auxiliary, { layer: 'Logits', predictions: result.predictions }];
  const steps = heads.map(({ layer, predictions: [first, ...others] }) => {
    if (!first) return null;
    const after = network.auxiliary.find(({ head }) => head === layer)?.after ?? t('final');
    const rest = others.slice(0, 2).map((p) => `${className(p)} ${(p.probability * 100).toFixed(0)}`);
    return el(
      'li',
      {},
      el('b', { lang: 'en', text: className(first) }),
      el('b', { class: 'num', text: `${(first.probability * 100).toFixed(0)} %` }),
      layer === 'Logits' ? null : el('small', { class: 'num', title: layer, lang: 'en', text: [after, ...rest].join(' · ') }),
    );
  });
  return el('div', { class: 'half' }, title, el('ol', { class: 'steps' }, ...steps));
}

/**
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
function statusOf({ run, picture, model, catalog }, actions) {
  const again = { text: t('run'), act: actions.run };
  if (run.status === 'running' && run.result !== null && run.of !== picture) {
    return [note('warn', t('stStale'), { text: t('cancel'), act: actions.cancelRun })];
  }
  if (run.status === 'running' && model) return [progress(t('stRunning', { layer: model.info.network }), null, actions.cancelRun)];
  if (run.status === 'cancelled') return [note('plain', t(run.result ? 'stCancelled' : 'err-aborted'), again)];
  if (run.status === 'failed' && run.failure) return [failureNote(run.failure, again)];
  const general = catalog.entries.find((entry) => !entry.offline && entry.reachable);
  const isOffline = model?.choice.kind === 'catalog' && catalog.entries.find(({ id }) => id === model.info.id)?.offline;
  if (!general || !isOffline) return [];
  const offer = t('offer', { title: entryTitle(general.id, general.title), size: megabytes(general.bytes) });
  return [note('plain', offer, { text: t('loadModel'), act: () => actions.loadModel(general.id) })];
}
