import { el } from '../dom.js';
import { t } from '../i18n.js';
import { chipText } from './words.js';

/** @typedef {import('../network.js').Module} Module */
/** @typedef {import('../network.js').Step} Step */

/**
 * @param {Module} module
 * @param {() => void} open
 * @returns {HTMLElement}
 */
export function moduleCard(module, open) {
  const [channels, height, width] = module.shape;
  const title = `${module.name}, ${channels} × ${height} × ${width}`;
  const button = el('button', { 'aria-pressed': false, title, 'aria-label': title }, el('b', { lang: 'en', text: module.label }), el('small', { class: 'num', text: channels }));
  return card(module, button, module.name, open);
}

/**
 * Equal blocks as one card that opens in place.
 * @param {import('../network.js').Stack} stack
 * @param {() => void} unfold
 * @returns {HTMLElement}
 */
export function stackCard({ label, modules }, unfold) {
  const [first] = /** @type {[Module]} */ (modules);
  const names = modules.map(({ name }) => name).join(' ');
  const title = t('blocks', { name: label, n: modules.length });
  const button = el(
    'button',
    { 'aria-expanded': false, title, 'aria-label': title },
    el('b', { lang: 'en', text: `${label} × ${modules.length}` }),
    el('small', { class: 'num', text: first.shape[0] }),
  );
  const element = card(first, button, names, unfold);
  element.classList.add('stack');
  return element;
}

/**
 * @param {import('../network.js').Stack} stack
 * @param {() => void} fold
 * @returns {HTMLElement}
 */
export function foldButton({ label, modules }, fold) {
  const title = t('blocks', { name: label, n: modules.length });
  return el('button', { class: 'fold', 'aria-expanded': true, title, 'aria-label': title, lang: 'en', text: `‹ ${label}`, on: { click: fold } });
}

/**
 * Layers outside modules: the stem, a pool between modules, the head.
 * @param {Step[]} steps
 * @param {'stem' | 'head' | 'between'} place
 * @returns {HTMLElement}
 */
export function stepsColumn(steps, place) {
  const step = (/** @type {Step} */ layer) => el('div', { class: layer.kind === 'conv' ? 'step conv' : 'step', title: layer.name, text: layer.kind === 'softmax' ? 'softmax' : chipText(layer) });
  return el('div', { class: `end ${place}` }, ...steps.map(step));
}

/**
 * @param {Module} module
 * @param {HTMLElement} button
 * @param {string} names of the modules that the card stands for
 * @param {() => void} act
 */
function card(module, button, names, act) {
  const lanes = module.branches.map(({ label, index, path }) => lane(label, path, `var(--b${index})`));
  if (module.residual.length > 0) lanes.push(lane(t('shortcut'), module.residual.map((step) => [step]), 'var(--line2)'));
  lanes.forEach(({ style }, i) => {
    style.setProperty('--row', String(i + 2));
    style.setProperty('--end', String(i + 1 < lanes.length ? i + 3 : -1));
  });
  const share = (/** @type {import('../network.js').Branch} */ { index, channels }) => el('i', { vars: { '--c': `var(--b${index})`, '--share': String(channels) } });
  const title = `${t('concat')}: ${module.branches.map(({ channels }) => channels).join(' + ')}`;
  return el(
    'div',
    { class: 'card', 'data-modules': names, 'data-on': false, on: { click: act } },
    button,
    ...lanes,
    el('div', { class: 'concat', title, 'aria-hidden': true }, ...module.branches.map(share)),
  );
}

/**
 * @param {string} title
 * @param {Step[][]} path
 * @param {string} color
 */
function lane(title, path, color) {
  const last = path.length - 1;
  const chips = path.flatMap((steps, i) => steps.map((step) => el('span', { class: i === last ? 'chip last' : 'chip', text: chipText(step) })));
  return el('div', { class: 'lane', title, vars: { '--c': color } }, el('div', { class: 'chips' }, ...chips));
}
