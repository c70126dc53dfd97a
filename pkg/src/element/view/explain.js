import { $, el } from '../dom.js';
import { explainedClass } from '../explained.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { branchAt } from '../inspect.js';
import { failureNote } from './parts.js';
import { term } from './term.js';
import { className } from './words.js';

/** Channels whose contributions are listed. */
const LISTED = 6;
/** How far a sum of 32-bit floats may be from the logit, as a share of the sizes it adds up. */
const ROUNDING = 1e-4;

/**
 * Where a class's logit comes from: its activation map over the picture, and what the last maps' channels add to it.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountExplain(store, actions, shadow) {
  const root = $('#explain', shadow);
  const title = el('h3', {});
  const select = el('select', { id: 'camClass', on: { change: () => actions.choose(Number(select.value)) } });
  const opacity = el('input', { type: 'range', id: 'camOpacity', min: 0, max: 100, on: { input: () => actions.setCamOpacity(opacity.valueAsNumber / 100) } });
  const output = el('output', { class: 'num' });
  const list = el('div', { id: 'contributions' });
  root.replaceChildren(title, el('div', { class: 'explain-row' }, select, opacity, output), list);

  store.watch(
    ({ model, lang }) => [model?.info, lang],
    ({ model }) => {
      const { classes = 0, labels = null } = model?.info ?? {};
      const names = Array.from({ length: classes }, (_, index) => className({ index, label: labels?.[index] ?? null }));
      select.replaceChildren(...names.map((text, value) => el('option', { value, text, lang: labels && !model?.info.head ? 'en' : '' })));
      select.ariaLabel = t('chooseClass');
      opacity.ariaLabel = `${t('cam')}: ${t('opacity')}`;
    },
  );
  store.watch(
    ({ camOpacity }) => [camOpacity],
    ({ camOpacity }) => {
      opacity.value = String(Math.round(camOpacity * 100));
      output.textContent = `${opacity.value} %`;
    },
  );
  store.watch(
    (state) => [state.run.result, state.run.of === state.picture, state.model, explainedClass(state), state.explanation, state.lang],
    (state) => {
      const { run, model, explanation, picture } = state;
      root.hidden = model === null || run.result === null || run.result.predictions.length === 0;
      root.classList.toggle('stale', run.of !== picture);
      select.value = String(explainedClass(state) ?? run.result?.predictions[0]?.index ?? 0);
      const exact = explanation?.cam?.exact;
      title.replaceChildren(t('cam'), exact === undefined ? '' : exactness(exact));
      root.ariaBusy = String(explanation?.status === 'running');
      if (model === null || explanation === null || (!explanation.isWhole && explanation.failure === null)) list.replaceChildren();
      else if (explanation.failure !== null) list.replaceChildren(failureNote(explanation.failure, { text: t('retry'), act: () => actions.choose(explanation.classIndex) }));
      else if (explanation.contributions === null) list.replaceChildren(el('p', { class: 'muted', text: t('explaining') }));
      else list.replaceChildren(...contributionList(explanation.contributions, model, actions));
    },
  );
}

/**
 * The strongest contributions, the others together, the bias, and their sum beside the logit.
 * @param {import('../../index.js').Contributions} found
 * @param {import('../state.js').Model} model
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
function contributionList({ contribution, layer, bias, logit, exact }, model, actions) {
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
function exactness(exact) {
  return el('span', { class: 'tag' }, exact ? term('Exact', t('exact')) : term('Gradient', t('camGradient')));
}

/** @param {number} value */
function signed(value) {
  return value > 0 ? `+${digits(value)}` : digits(value);
}
