import { rampImage } from '../color-map.js';
import { $, el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { KINDS, METHODS, SAMPLES, canBeOfHead, classAsked, firstOf, headOf, headsOf, kindOf, layerOf, methodOf, minusOf, modulesOf, whyOf, whyOfHead } from '../why.js';
import { contributionList, exactness } from './contributions.js';
import { advance, failureNote, note, progress } from './parts.js';
import { check, radios } from './radios.js';
import { KIND_NAMES, METHOD_NAMES, className, classNamed } from './words.js';

/** @typedef {Readonly<import('../state.js').State>} State */
/** @typedef {import('../state.js').Model} Model */

/** What is left of the rule of a scale that ends at the largest value, by kind, and by method of saliency. */
const RULES = { cam: 'scaleOwn', gradcam: 'scaleOwn', saliency: 'scale995', minus: 'scaleBoth' };

/**
 * Why an answer came about: which map lies over the picture, what it means and its colours, and what the last maps' channels add to the class.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountWhy(store, actions, shadow) {
  const root = $('#explain', shadow);
  const title = el('h3', { id: 'h-why' });
  const exact = el('span', {});
  const select = el('select', { id: 'camClass', on: { change: () => actions.choose(Number(select.value)) } });
  const head = el('select', { id: 'whyHead', on: { change: () => actions.setWhy(whyOfHead(store.state, head.value || null)) } });
  const kinds = radios('seg', KINDS, (kind) => kind === kindOf(store.state.why) || actions.setWhy(firstOf(kind, headOf(store.state))));
  const methods = radios('seg', METHODS, (method) => actions.setWhy(whyOf('saliency', method, headOf(store.state))));
  methods.id = 'whyMethod';
  const layer = el('select', { id: 'whyLayer', lang: 'en', on: { change: () => actions.setWhy(whyOf('gradcam', layer.value, headOf(store.state))) } });
  const minus = el('select', { id: 'whyMinus', on: { change: () => actions.setWhy(`minus:${Number(minus.value)}`) } });
  const [at, onMap, less] = [el('span', {}), el('span', { class: 'muted' }), el('span', {})];
  /** @type {Record<import('../why.js').Kind, HTMLElement[]>} */
  const options = { cam: [], gradcam: [at, layer, onMap], saliency: [methods], minus: [less, minus] };
  const row = el('div', { class: 'why-options' });
  const sentence = el('p', { class: 'why-sentence', 'aria-live': 'polite' });
  const status = el('div', { class: 'why-status' });
  const scale = el('div', { class: 'why-scale num' });
  const opacity = el('input', { type: 'range', id: 'camOpacity', min: 0, max: 100, on: { input: () => actions.setCamOpacity(opacity.valueAsNumber / 100) } });
  const [opacityText, output] = [el('span', {}), el('output', { class: 'num' })];
  const list = el('div', { id: 'contributions' });
  const way = el('div', { class: 'why', role: 'group', 'aria-labelledby': 'h-why' }, kinds, row, sentence, status, scale);
  root.replaceChildren(el('div', { class: 'why-title' }, title, exact), el('div', { class: 'why-class' }, select, head), way, el('div', { class: 'explain-row' }, opacityText, opacity, output), list);
  way.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if ((event.key !== '[' && event.key !== ']') || event.ctrlKey || event.metaKey || event.altKey || kindOf(store.state.why) !== 'gradcam') return;
    event.preventDefault();
    event.stopPropagation();
    actions.moveWhy(event.key === ']' ? 1 : -1);
  });

  store.watch(
    ({ model, lang }) => [model?.info, model?.network, lang],
    ({ model }) => {
      const { classes = 0, labels = null } = model?.info ?? {};
      const names = Array.from({ length: classes }, (_, index) => className({ index, label: labels?.[index] ?? null }));
      for (const list of [select, minus]) list.replaceChildren(...names.map((text, value) => el('option', { value, text, lang: labels && !model?.info.head ? 'en' : '' })));
      title.textContent = t('why');
      select.ariaLabel = t('chooseClass');
      head.ariaLabel = t('whoseAnswer');
      minus.ariaLabel = t('minusClass');
      [at.textContent, onMap.textContent, less.textContent, opacityText.textContent] = ['atLayer', 'onMap', 'minus', 'opacity'].map((key) => t(key));
      layer.ariaLabel = `${t('mGrad')}: ${t('atLayer')}`;
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
    (state) => [state.model, headsOf(state).join(), state.lang],
    (state) => {
      const after = (/** @type {string} */ name) => state.model?.network.auxiliary.find((one) => one.head === name)?.after ?? '';
      const halfway = headsOf(state).map((name) => el('option', { value: name, text: t('headAfter', { l: after(name) }) }));
      head.replaceChildren(el('option', { value: '', text: t('finalAnswer') }), ...halfway);
      head.value = headOf(state) ?? '';
    },
  );
  store.watch(
    (state) => [state.model, headOf(state)],
    (state) => layer.replaceChildren(...(state.model ? modulesOf(state.model.network, headOf(state)) : []).map(({ name }) => el('option', { value: name, text: name }))),
  );
  store.watch(
    (state) => [state.why, state.model, headsOf(state).join(), state.lang],
    (state) => {
      const { why } = state;
      const kind = kindOf(why);
      head.hidden = headsOf(state).length === 0 || !canBeOfHead(kind);
      head.value = headOf(state) ?? '';
      check(kinds, kind, (value) => t(KIND_NAMES[/** @type {import('../why.js').Kind} */ (value)]), t('why'));
      check(methods, methodOf(why), (value) => t(METHOD_NAMES[/** @type {import('../why.js').Method} */ (value)]), t('mSal'));
      row.hidden = options[kind].length === 0;
      if (options[kind].some((part, i) => row.children[i] !== part) || row.childElementCount !== options[kind].length) row.replaceChildren(...options[kind]);
      opacity.ariaLabel = `${t(KIND_NAMES[kind])}: ${t('opacity')}`;
      const isSigned = kind === 'minus' || (kind === 'saliency' && methodOf(why) === 'integrated');
      scale.replaceChildren(
        el('span', { text: isSigned ? '−' : '0' }),
        el('i', { class: 'ramp', 'aria-hidden': true, vars: { '--ramp': rampImage(isSigned ? 'diverging' : 'magma') } }),
        el('span', { text: isSigned ? '+' : t('max') }),
        el('span', { class: 'muted', text: t(RULES[kind]) }),
      );
    },
  );
  store.watch(
    (state) => [state.run.result, state.run.of === state.picture, state.model, classAsked(state), state.explanation, state.why, state.reason, state.off, state.live, state.lang],
    (state) => {
      const { run, model, explanation, picture, why, reason } = state;
      const shown = classAsked(state) ?? run.result?.predictions[0]?.index ?? 0;
      root.hidden = model === null || run.result === null || run.result.predictions.length === 0;
      root.classList.toggle('stale', run.of !== picture);
      if (model === null || root.hidden) return;
      select.value = String(shown);
      layer.value = layerOf(why, model.network, headOf(state)) ?? '';
      minus.value = String(minusOf(state, shown) ?? '');
      const isExact = explanation?.cam?.exact;
      exact.replaceChildren(kindOf(why) !== 'cam' || isExact === undefined ? '' : exactness(isExact));
      root.ariaBusy = String(explanation?.status === 'running' || reason?.status === 'running');
      showSentence(sentence, state, model, shown);
      showStatus(status, state, actions);
      if (explanation === null || (!explanation.isWhole && explanation.failure === null)) list.replaceChildren();
      else if (explanation.failure !== null) list.replaceChildren(failureNote(explanation.failure, { text: t('retry'), act: () => actions.choose(explanation.classIndex) }));
      else if (explanation.contributions === null) list.replaceChildren(el('p', { class: 'muted', text: t('explaining') }));
      else list.replaceChildren(...contributionList(explanation.contributions, model, actions));
    },
  );
}

/**
 * What the map over the picture means.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Model} model
 * @param {number} shown index of the class
 */
function showSentence(root, state, model, shown) {
  const text = state.live ? t('whyLive') : sentenceOf(state, model, shown);
  if (root.textContent !== text) root.textContent = text;
}

/**
 * @param {State} state
 * @param {Model} model
 * @param {number} shown index of the class
 * @returns {string} empty while what it tells is not known
 */
function sentenceOf(state, { info, network }, shown) {
  const { why, reason, explanation, off } = state;
  const kind = kindOf(why);
  const c = classNamed(info, shown);
  if (kind === 'cam') return t(explanation?.cam?.exact === false ? 'wCamGradient' : 'wCam', { c });
  const found = reason?.found ?? null;
  const head = headOf(state);
  const after = network.auxiliary.find((one) => one.head === head)?.after ?? '';
  const more = [head !== null && t('whyHead', { l: after }), off.size > 0 && kind !== 'minus' && t('whyAllOn')].flatMap((text) => (text ? [` ${text}`] : [])).join('');
  if (kind === 'gradcam') return t('wGrad', { c, l: layerOf(why, network, head) ?? '' }) + more;
  const method = methodOf(why);
  if (kind === 'saliency' && method !== 'integrated') return t(method === 'smooth' ? 'wSmooth' : 'wGradient', { c, n: SAMPLES }) + more;
  if (found === null) return '';
  const d = digits(found.sum);
  if (kind === 'saliency') return t('wIntegrated', { c, d }) + more;
  return t(found.exact ? 'wDiff' : 'wDiffGradient', { a: c, b: classNamed(info, reason?.asked.minus ?? 0), d });
}

/**
 * How far it is, or what became of it.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {import('../controls.js').Actions} actions
 */
function showStatus(root, { reason }, actions) {
  const again = { text: t('retry'), act: actions.findReason };
  if (reason === null || reason.status === 'done') return root.replaceChildren();
  if (reason.status === 'failed') return root.replaceChildren(...(reason.failure ? [failureNote(reason.failure, again)] : []));
  if (reason.status === 'cancelled') return root.replaceChildren(note('plain', t('whyCancelled'), again));
  const { done, total } = reason;
  const text = total > 1 ? t('whyRun', { i: Math.min(done + 1, total), n: total }) : t('explaining');
  const words = $('.row > span', root);
  // The button under the pointer, or with the focus, stays.
  if (root.firstElementChild?.classList.contains('work') && words) {
    words.textContent = text;
    if (total > 1) advance(root, done / total);
    return;
  }
  const line = progress(text, total > 1 ? done / total : null, actions.stopReason);
  line.classList.add('work');
  root.replaceChildren(line);
}
