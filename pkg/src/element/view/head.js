import { $, el } from '../dom.js';
import { large } from '../format.js';
import { t } from '../i18n.js';
import { HEAD } from '../network.js';
import { failureNote } from './parts.js';
import { paintCam } from './tile.js';
import { chipText, classNamed } from './words.js';

/** @typedef {import('../state.js').Model} Model */
/** @typedef {import('../../index.js').Contributions} Contributions */
/** @typedef {{ name: string, amount: number, color: string }} Part of a score */

/**
 * The head, opened: where the network sees the class that is explained, and the score as the sum of what the last module's branches add.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountHead(store, actions, shadow) {
  const root = $('#head', shadow);
  store.watch(
    ({ model, module, explanation, picture, run, live, lang }) => [model, module, explanation, picture, run.result, live, lang],
    (state) => {
      const { model } = state;
      root.hidden = model === null || state.module !== HEAD;
      if (model === null || root.hidden) return root.replaceChildren();
      showHead(model);
      const path = model.network.head.map((step) => (step.kind === 'softmax' || step.kind === 'sigmoid' ? step.kind : chipText(step))).join(' → ');
      root.replaceChildren(el('section', { class: 'head-view' }, el('header', {}, el('b', { text: path })), ...contents(state, model)));
    },
  );

  /** @param {Model} model */
  function showHead({ network: { head } }) {
    const facts = $('#moduleFacts', shadow);
    const from = head.find(({ kind }) => kind === 'avg-pool')?.shape[0];
    const to = head.findLast(({ kind }) => kind === 'linear')?.shape[0];
    const macs = head.reduce((sum, step) => sum + step.macs, 0);
    $('#h-mod', shadow).textContent = t('head');
    facts.textContent = facts.title = `${from} → ${to} · ${large(macs)} MACs`;
  }

  /**
   * @param {Readonly<import('../state.js').State>} state
   * @param {Model} model
   * @returns {HTMLElement[]}
   */
  function contents({ explanation, picture, run, live }, model) {
    if (model.info.classes === 0) return [el('p', { class: 'lesson', text: t('noClasses') })];
    if (live) return [el('p', { class: 'lesson', text: t('headLive') })];
    const found = explanation?.of === picture ? explanation : null;
    if (found?.failure) return [failureNote(found.failure, { text: t('retry'), act: () => actions.choose(found.classIndex) })];
    if (picture === null || run.result === null) return [];
    if (!found?.cam || !found.contributions) return [el('p', { class: 'lesson', text: t('explaining') })];
    const { cam, contributions } = found;
    const label = classNamed(model.info, found.classIndex);
    const canvas = el('canvas', { role: 'img', 'aria-label': `${t('cam')}: ${label}, ${t(cam.exact ? 'exact' : 'camGradient')}` });
    paintCam(canvas, cam);
    return [
      el('p', { class: 'lesson', text: t(cam.exact ? 'headLesson' : 'headLessonGradient', { n: contributions.contribution.length }) }),
      el('div', { class: 'head-parts' }, el('figure', {}, canvas, el('figcaption', { text: `${t('cam')}: ${label}` })), score(contributions, model, label)),
    ];
  }
}

/**
 * @param {Contributions} found
 * @param {Model} model
 * @param {string} label of the class
 * @returns {HTMLElement}
 */
function score(found, { network }, label) {
  const parts = partsOf(found, network);
  const most = Math.max(...parts.map(({ amount }) => Math.abs(amount)), Number.MIN_VALUE);
  const row = (/** @type {Part} */ { name, amount, color }) =>
    el(
      'li',
      { vars: { '--c': color } },
      el('span', { class: 'name', title: name }, el('i', { class: 'key', 'aria-hidden': true }), name),
      el('span', { class: 'signed', 'aria-hidden': true }, el('i', { class: amount < 0 ? 'fall' : 'rise', vars: { '--part': `${(Math.abs(amount) / most) * 50}%` } })),
      el('span', { class: 'num', text: `${amount < 0 ? '' : '+'}${decimals(amount)}` }),
    );
  const sum = el('li', { class: 'sum' }, el('span', { text: t('score') }), el('span', {}), el('span', { class: 'num', text: decimals(found.logit) }));
  const title = t(parts.length > 2 ? 'scoreOf' : 'scoreOfLayer', { c: label, layer: found.layer });
  return el('div', { class: 'score' }, el('h3', {}, title, found.exact ? null : el('span', { class: 'tag', text: t('camGradient') })), el('ol', {}, ...parts.map(row), sum));
}

/**
 * What each branch of the last module adds to the score, or the last layer where its channels are not those of branches, and the bias.
 * @param {Contributions} found
 * @param {import('../network.js').Network} network
 * @returns {Part[]}
 */
function partsOf({ contribution, layer, bias }, { modules }) {
  const module = modules.find(({ name }) => name === layer);
  const isJoined = module !== undefined && module.shortcut === null;
  const spans = isJoined ? module.branches.map(({ label, channels, index }) => ({ name: label, channels, color: `var(--b${index})` })) : [{ name: layer, channels: contribution.length, color: 'var(--ink2)' }];
  let from = 0;
  const parts = spans.map(({ name, channels, color }) => {
    const amount = contribution.subarray(from, (from += channels)).reduce((sum, value) => sum + value, 0);
    return { name, amount, color };
  });
  return [...parts, { name: t('bias'), amount: bias, color: 'var(--ink3)' }];
}

/** @param {number} value */
function decimals(value) {
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
}
