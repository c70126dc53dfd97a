import { pairsOf, sideA, sideB } from '../compare.js';
import { rampImage } from '../color-map.js';
import { el, isTouch } from '../dom.js';
import { answerRows } from '../folded.js';
import { answered, barOf } from '../format.js';
import { t } from '../i18n.js';
import { ownTitle, partsOf } from '../own-files.js';
import { drawSeen } from '../pictures.js';
import { failureNote, note, progress } from './parts.js';
import { shiftedRow } from './shift.js';
import { rowName } from './words.js';

/** @typedef {import('../compare.js').Side} Side */

/** Side of the pictures, in pixels of their canvases. */
const PICTURE = 192;
/** Classes of an answer. */
const ROWS = 3;
/** Branches that are named one by one. */
const NAMED = 2;

/**
 * What the two sides are: picture, model, answer; and the key to their difference.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountCompareSides(root, store, actions) {
  const [a, b] = ['A', 'B'].map((letter) => el('section', { class: 'side', 'data-side': letter }));
  const difference = el('section', { class: 'side key-side', 'data-side': 'B − A' });
  root.replaceChildren(a, b, difference);
  store.watch(
    ({ model, picture, run, shift, live, module, off, alternatives, lang }) => [model, picture, run.result, run.of, shift, live, module, off, alternatives, lang],
    (state) => showSide(a, 'A', sideA(state), null, titleA(state), []),
  );
  store.watch(
    ({ compare, model, module, run, shift, alternatives, lang }) => [compare?.kind, compare?.picture, compare?.model, compare?.module, compare?.outcome, compare?.status, compare?.failure, model, module, run.result, run.of, shift, alternatives, lang],
    (state) => showSide(b, 'B', sideB(state), state.compare?.kind === 'picture' ? sideA(state) : null, titleB(state), status(state, actions)),
  );
  store.watch(
    (state) => [pairsOf(state), state.compare?.difference, state.lang],
    (state) => {
      difference.hidden = !state.compare?.difference || pairsOf(state).every((pair) => pair.difference === null);
      difference.ariaLabel = 'B − A';
      const ramp = el('i', { class: 'ramp', 'aria-hidden': true, vars: { '--ramp': rampImage('diverging') } });
      difference.replaceChildren(el('b', { class: 'letter', text: 'B − A' }), el('div', {}, el('div', { class: 'legend' }, el('span', { text: '≤ −' }), ramp, el('span', { text: '≥ +' })), el('p', { class: 'muted', text: t('differenceRule') })));
    },
  );
}

/**
 * @param {HTMLElement} root
 * @param {string} letter
 * @param {Side | null} side
 * @param {Side | null} against the side whose classes are shown
 * @param {string} model title of it
 * @param {HTMLElement[]} state what there is to say about the run
 */
function showSide(root, letter, side, against, model, state) {
  root.classList.toggle('stale', side?.stale ?? false);
  const picture = side?.picture?.name ?? '';
  root.ariaLabel = [letter, model, picture].filter(Boolean).join(', ');
  const canvas = el('canvas', { width: PICTURE, height: PICTURE, role: 'img', 'aria-label': `${letter}: ${picture || '–'}, ${t('crop')}` });
  if (side?.picture?.preview) drawSeen(canvas, side.picture.preview, side.answer?.image ?? null);
  const off = side && side.off.size > 0 ? t('branchesOff', { b: side.off.size <= NAMED ? [...side.off].join(', ') : t('branches', { n: side.off.size }) }) : null;
  const allOn = against && against.off.size > 0 ? t('allBranchesOn') : null;
  root.replaceChildren(
    el('b', { class: 'letter', text: letter }),
    canvas,
    el(
      'div',
      { class: 'about' },
      picture ? el('p', { class: 'name', text: picture }) : null,
      el('p', { class: 'muted', text: [model, side?.module?.name].filter(Boolean).join(' · ') }),
      ...[off, allOn].map((text) => text && el('span', { class: 'tag', text })),
      ...(side?.answer ? answer(side.model.info, side.answer, against?.answer ?? null) : []),
      ...state,
    ),
  );
}

/**
 * The page's title of a model in the catalog, whose id is its own; a model from elsewhere has its network's.
 * @param {import('../state.js').Model | null} model
 * @param {Readonly<import('../state.js').State>} state
 */
function titleOf(model, { alternatives }) {
  const { id = '', title = '', network = '' } = model?.info ?? {};
  return (id !== network && alternatives.models.find((entry) => entry.id === id)?.title) || title;
}

/** @param {Readonly<import('../state.js').State>} state */
function titleA(state) {
  return state.modelTitle ?? titleOf(state.model, state);
}

/** @param {Readonly<import('../state.js').State>} state */
function titleB(state) {
  const { compare } = state;
  if (compare?.kind !== 'model') return titleA(state);
  return Array.isArray(compare.choice) ? ownTitle(partsOf(compare.choice).model) : titleOf(compare.model, state);
}

/**
 * The likeliest classes: of side A where there is one to compare with, so that the same classes stand beside each other.
 * @param {import('../../index.js').ModelInfo} info
 * @param {import('../state.js').Answer} own
 * @param {import('../state.js').Answer | null} reference of the same model
 * @returns {HTMLElement[]}
 */
function answer(info, own, reference) {
  if (own.predictions.length === 0) return [el('p', { class: 'muted', text: t('noClasses') })];
  const shift = reference && { status: /** @type {const} */ ('done'), off: new Set(), result: own, failure: null };
  const rows = answerRows(info, (reference ?? own).predictions).slice(0, ROWS).map((row) => {
    const { probability, difference, tick } = shiftedRow(shift, row);
    return el(
      'li',
      { class: difference ? 'shifted' : '' },
      el('span', { class: 'label', lang: row.isFolded ? null : 'en', text: rowName(row) }),
      el('span', { class: 'p', text: answered(probability, row.isValue) }),
      difference,
      el('span', { class: 'bar', 'aria-hidden': true }, el('i', { vars: { '--p': barOf(probability, row.isValue) } }), tick),
    );
  });
  const [[first], [before]] = [answerRows(info, own.predictions), answerRows(info, reference?.predictions ?? [])];
  const isOther = first && before && rowName(first) !== rowName(before);
  const other = isOther ? el('p', { class: 'first' }, '→ ', el('b', { lang: first.isFolded ? null : 'en', text: rowName(first) }), ` ${answered(first.probability, first.isValue)}`) : null;
  return [el('ol', { class: 'top3' }, ...rows), ...(other ? [other] : [])];
}

/**
 * What there is to say about side B: what to do first, at work, stopped, failed.
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
function status(state, actions) {
  const { compare } = state;
  const again = { text: t('run'), act: actions.runCompare };
  if (compare === null || (compare.kind === 'model' && compare.model === null && compare.loading !== null)) return [];
  if (compare.kind === 'picture' && compare.picture === null) return [el('p', { class: 'muted', text: t(isTouch() ? 'pickPictureTouch' : 'pickPicture') })];
  if (compare.kind === 'model' && compare.model === null) return [el('p', { class: 'muted', text: t('pickModel') })];
  if (compare.status === 'running') return [progress(t('stRunning', { layer: titleB(state) }), null, actions.cancelCompare)];
  if (compare.status === 'cancelled') return [note('plain', t('err-aborted'), again)];
  if (compare.status === 'failed' && compare.failure) return [failureNote(compare.failure, { ...again, text: t('retry') })];
  return [];
}
