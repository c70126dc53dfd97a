import { el } from '../dom.js';
import { t } from '../i18n.js';
import { paperName } from '../paper.js';
import { branchLane, shortcutLane } from './lane.js';

/** @typedef {import('../network.js').Module} Module */
/** @typedef {import('../controls.js').Actions} Actions */
/** @typedef {{ element: HTMLElement, lanes: import('./lane.js').LaneView[] }} CardView */

/**
 * @param {Module} module
 * @param {() => void} open
 * @param {Actions} actions
 * @param {string} network that it belongs to
 * @returns {CardView}
 */
export function moduleCard(module, open, actions, network) {
  const [channels, height, width] = module.shape;
  const role = module.role === 'stem' || module.role === 'reduction' ? `, ${t(module.role).toLowerCase()}` : '';
  const paper = paperName(network, module.name);
  const title = `${module.name}, ${channels} × ${height} × ${width}${role}${paper === null ? '' : `, ${t('inPaper', { m: paper })}`}`;
  const button = el('button', { 'aria-pressed': false, title, 'aria-label': title }, el('b', { lang: 'en', text: module.label }), ' ', el('small', { class: 'num', text: channels }));
  return card([module], button, module.name, open, actions);
}

/**
 * Equal blocks as one card that opens in place.
 * @param {import('../network.js').Stack} stack
 * @param {() => void} unfold
 * @param {Actions} actions
 * @returns {CardView}
 */
export function stackCard({ label, modules }, unfold, actions) {
  const [first] = /** @type {[Module]} */ (modules);
  const title = t('blocks', { name: label, n: modules.length });
  const button = el(
    'button',
    { 'aria-expanded': false, title, 'aria-label': title },
    el('b', { lang: 'en', text: `${label} × ${modules.length}` }),
    ' ',
    el('small', { class: 'num', text: first.shape[0] }),
  );
  const view = card(modules, button, label, unfold, actions);
  view.element.classList.add('stack');
  return view;
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
 * @param {Module[]} modules that the card stands for
 * @param {HTMLElement} button
 * @param {string} name
 * @param {() => void} act
 * @param {Actions} actions
 * @returns {CardView}
 */
function card(modules, button, name, act, actions) {
  const [first] = /** @type {[Module]} */ (modules);
  const lanes = first.branches.map((branch) => branchLane(modules, branch, `${name}/${branch.label}`, actions));
  if (first.shortcut) lanes.push(shortcutLane(modules));
  lanes.forEach(({ element: { style } }, i) => {
    style.setProperty('--row', String(i + 2));
    style.setProperty('--end', String(i + 1 < lanes.length ? i + 3 : -1));
  });
  const share = (/** @type {import('../network.js').Branch} */ { index, channels }) => el('i', { vars: { '--c': `var(--b${index})`, '--share': String(channels) } });
  const title = `${t('concat')}: ${first.branches.map(({ channels }) => channels).join(' + ')}`;
  const onClick = (/** @type {{ target: Element }} */ { target }) => target.closest('input') ?? act();
  const element = el(
    'div',
    { class: 'card', 'data-modules': modules.map((module) => module.name).join(' '), 'data-role': first.role, 'data-on': false, on: { click: onClick } },
    button,
    ...lanes.map((lane) => lane.element),
    el('div', { class: 'concat', title, 'aria-hidden': true }, ...first.branches.map(share)),
  );
  return { element, lanes };
}
