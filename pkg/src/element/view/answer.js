import { $, activeElement, el, rove, setTabStop } from '../dom.js';
import { explainedClass } from '../explained.js';
import { answerRows } from '../folded.js';
import { answered, barOf, milliseconds } from '../format.js';
import { t } from '../i18n.js';
import { advance } from './parts.js';
import { runStatus } from './run-status.js';
import { shiftedRow } from './shift.js';
import { term } from './term.js';
import { className, rowName } from './words.js';

const ROWS = 5;
/** Networks that were published with auxiliary heads, which a checkpoint may lack. */
const WITH_HEADS = ['googlenet', 'googlenet-torchvision', 'inception-v3', 'inception-v3-slim'];

/**
 * The answer panel: the likeliest classes, the auxiliary heads' answers, and the state of the run.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountAnswer(store, actions, shadow) {
  const [root, status, time] = [$('#answer', shadow), $('#runStatus', shadow), $('#answerTime', shadow)];
  rove(root, '[role=radio]', { choose: true });
  /** Whether the row of folded classes shows them. */
  let isOpen = false;
  const unfold = () => {
    isOpen = !isOpen;
    store.show(show);
  };
  /** @param {Readonly<import('../state.js').State>} state */
  function show(state) {
    const { run, picture, model, shift } = state;
    const { result } = run;
    time.textContent = result ? milliseconds(result.timing.run) : '';
    const stale = result !== null && run.of !== picture;
    const focused = [...root.querySelectorAll('#top5 button')].indexOf(activeElement(root));
    const rows = model && result ? answerRows(model.info, result.predictions) : null;
    const threshold = model?.info.head?.threshold ?? null;
    const isNone = (shift?.result ?? result)?.isNone ?? false;
    root.replaceChildren(
      el(
        'div',
        { class: [stale && 'stale', isNone && 'none'].filter(Boolean).join(' ') },
        isNone ? noneNote(threshold ?? 0) : null,
        rows?.length === 0 ? el('p', { class: 'muted', text: t('noClasses') }) : topFive(rows, shift, actions, { isOpen, unfold, lang: model?.info.head ? '' : 'en', threshold }),
      ),
    );
    $('#halfway', shadow).replaceChildren(model && result && model.info.head === null ? auxiliary(model, shift?.result ?? result) : '');
    mark($('#top5', root), explainedClass(state));
    if (focused >= 0) root.querySelectorAll('#top5 button')[focused]?.focus();
  }
  store.watch(
    ({ model }) => [model],
    () => (isOpen = false),
  );
  store.watch(({ run, picture, model, shift, lang }) => [run.result, run.of === picture, model, shift, lang], show);
  store.watch(
    (state) => [explainedClass(state)],
    (state) => mark($('#top5', root), explainedClass(state)),
  );
  store.watch(
    ({ run, picture, model, lang }) => [run, picture, model, lang],
    (state) => status.replaceChildren(...(state.run.purpose === 'answer' ? runStatus(state, actions) : [])),
  );
  store.watch(
    ({ passed }) => [passed],
    ({ passed }) => {
      if (passed !== null) advance(status, passed.done / passed.total);
    },
  );
}

/** @param {number} threshold from 0 to 1 */
function noneNote(threshold) {
  return el('div', { class: 'note', id: 'none' }, el('b', { text: t('noneOf') }), el('small', { text: t('belowThr', { t: Math.round(threshold * 100) }) }));
}

/** Marks the class that is explained. @param {HTMLElement | null} list @param {number | null} explained */
function mark(list, explained) {
  if (list === null) return;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[role=radio]'))) button.ariaChecked = String(Number(button.dataset.class) === explained);
  setTabStop(list, '[role=radio]');
}

/**
 * @param {import('../folded.js').AnswerRow[] | null} rows with nothing off, which decides the order
 * @param {import('../shift.js').Shift | null} shift
 * @param {import('../controls.js').Actions} actions
 * @param {{ isOpen: boolean, unfold: () => void, lang: string, threshold: number | null }} how lang: of the labels; threshold: below it there is no answer
 */
function topFive(rows, shift, actions, { isOpen, unfold, lang: labels, threshold }) {
  /** @param {import('../folded.js').AnswerRow} shown @param {Record<string, any>} properties */
  function line(shown, { lang = labels, ...properties }) {
    const { probability, difference, tick } = shiftedRow(shift, shown);
    return row(
      { ...properties, class: [properties.class, difference && 'shifted'].filter(Boolean).join(' ') },
      el('span', { class: 'label', lang, text: rowName(shown) }),
      el('span', { class: 'p', text: answered(probability, shown.isValue) }),
      difference ?? '',
      el('span', { class: 'bar', 'aria-hidden': true }, el('i', { vars: { '--p': barOf(probability, shown.isValue) } }), tick, threshold === null ? null : el('u', { class: 'from', title: t('threshold'), vars: { '--p': barOf(threshold, false) } })),
    );
  }
  /** @param {import('../../index.js').Prediction} prediction @param {boolean} isValue @param {string} [className] */
  function single(prediction, isValue, className) {
    const choose = () => actions.choose(prediction.index);
    const shown = { predictions: [prediction], isFolded: false, isValue, probability: prediction.probability };
    return line(shown, { class: className, role: 'radio', 'data-class': prediction.index, title: t('explainClass'), on: { click: choose } });
  }
  const lines = rows?.flatMap((shown) => {
    const singles = shown.isFolded && !isOpen ? [] : shown.predictions.map((prediction) => single(prediction, shown.isValue, shown.isFolded ? 'apart' : ''));
    return shown.isFolded ? [line(shown, { lang: null, class: 'together', 'aria-expanded': isOpen, on: { click: unfold } }), ...singles] : singles;
  });
  const placeholder = () => el('li', { 'aria-hidden': true }, el('span', { class: 'row-space' }, el('span', { class: 'empty', text: '–' }), el('span', { class: 'bar' })));
  return el('ol', { class: 'top5', id: 'top5', role: lines ? 'radiogroup' : undefined, 'aria-label': t('top5') }, ...(lines ?? Array.from({ length: ROWS }, placeholder)));
}

/**
 * @param {Record<string, any>} properties
 * @param {...(Node | string)} children
 */
function row(properties, ...children) {
  return el('li', { role: 'presentation' }, el('button', properties, ...children));
}

/**
 * @param {import('../state.js').Model} model
 * @param {import('../state.js').Answer} result
 */
function auxiliary({ info, network }, result) {
  const title = el('h3', {}, term('Aux', t('halfway')));
  if (result.auxiliary.length === 0) {
    const reason = info.auxiliary.length > 0 ? 'auxUntrained' : WITH_HEADS.includes(info.network) ? 'auxAbsent' : 'auxNone';
    return el('div', { class: 'half' }, title, el('p', { text: t(reason) }));
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
