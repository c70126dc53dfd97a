import { el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { branchAt } from '../inspect.js';
import { term } from './term.js';

/** Channels whose contributions are listed. */
const LISTED = 6;
/** How far a sum of 32-bit floats may be from the logit, as a share of the sizes it adds up. */
const ROUNDING = 1e-4;

/**
 * The strongest contributions, the others together, the bias, and their sum beside the logit.
 * @param {import('../../index.js').Contributions} found
 * @param {import('../state.js').Model} model
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
export function contributionList({ contribution, layer, bias, logit, exact }, model, actions) {
  const order = Array.from(contribution, (_, c) => c).sort((a, b) => Math.abs(contribution[b] ?? 0) - Math.abs(contribution[a] ?? 0));
  const listed = order.slice(0, LISTED);
  const rest = order.slice(LISTED).reduce((sum, c) => sum + (contribution[c] ?? 0), 0);
  const sum = contribution.reduce((a, b) => a + b, bias);
  const sizes = contribution.reduce((a, b) => a + Math.abs(b), Math.abs(bias));
  const module = model.network.modules.find(({ name }) => name === layer) ?? null;
  const largest = Math.max(...listed.map((c) => Math.abs(contribution[c] ?? 0)));

  /** @param {string} name @param {number} amount @param {string} color of the bar */
  function cells(name, amount, color) {
    const size = largest > 0 ? (Math.abs(amount) / largest) * 50 : 0;
    const vars = { '--from': `${amount < 0 ? 50 - size : 50}%`, '--size': `${size}%`, '--c': color };
    return [el('span', { class: 'name', text: name }), el('span', { class: 'signed', 'aria-hidden': true }, el('i', { vars })), el('span', { class: 'amount', text: signed(amount) })];
  }

  /** @param {number} channel */
  function row(channel) {
    const amount = contribution[channel] ?? 0;
    const place = branchAt(module, channel);
    const branch = module?.branches.find(({ name }) => name === place?.layer);
    if (!module || !place || !branch) return el('li', {}, el('span', {}, ...cells(`${t('channel')} ${channel}`, amount, 'var(--ink2)')));
    const button = el('button', { title: place.layer, on: { click: () => actions.showChannel(module.name, channel) } });
    button.append(...cells(`${branch.label} · ${t('channel')} ${place.channel}`, amount, `var(--b${branch.index})`));
    return el('li', {}, button);
  }

  const plain = (/** @type {string} */ name, /** @type {number} */ amount) => el('li', {}, el('span', {}, el('span', { class: 'name', text: name }), el('span', {}), el('span', { class: 'amount', text: signed(amount) })));
  const isSum = Math.abs(sum - logit) <= ROUNDING * Math.max(1, sizes);
  const total = t(isSum ? 'sumLogit' : 'sumUnequal', { sum: signed(sum), logit: signed(logit) });
  return [
    el('h3', { class: 'contributions-title' }, t('contributions', { layer }), exactness(exact)),
    el('ol', { class: 'contributions' }, ...listed.map(row), plain(t('others', { n: order.length - listed.length }), rest), plain(t('bias'), bias), el('li', { class: 'sum', text: total })),
  ];
}

/** @param {boolean} exact */
export function exactness(exact) {
  return el('span', { class: 'tag' }, exact ? term('Exact', t('exact')) : term('Gradient', t('camGradient')));
}

/** @param {number} value */
function signed(value) {
  return value > 0 ? `+${digits(value)}` : digits(value);
}
