import { $, el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { advance, failureNote } from '../../../pkg/dist/element/view/parts.js';
import { RANGES, WEIGHTS, placeIn } from '../../dream/state.js';
import { BeforeAfter } from './before-after.js';

/** @typedef {keyof typeof RANGES} Setting */

const NAMES = /** @type {const} */ ({ octaves: 'octaves', steps: 'stepsEach', strength: 'strength' });

/**
 * The dream: the picture before and after, what is followed, and how.
 * @param {import('../../state.js').Store} store
 * @param {import('../../dream/dreaming.js').Dreaming} dreaming
 */
export function mountDream(store, dreaming) {
  const panel = $('#dream');
  const [title, about] = [el('h2', { id: 'h-dream' }), el('span', { class: 'muted facts' })];
  const use = el('button', { id: 'dreamUse', on: { click: () => dreaming.usePicture() } });
  const keep = el('button', { id: 'dreamSave', on: { click: () => dreaming.savePicture() } });
  const pictures = new BeforeAfter();
  const empty = el('p', { class: 'muted' });
  const layerName = el('span', {});
  const layer = el('select', { id: 'dreamLayer', lang: 'en', on: { change: () => dreaming.setLayer(layer.value) } });
  const [weightsTitle, howTitle] = [el('h3', {}), el('h3', {})];
  const weights = el('div', { class: 'sliders', id: 'dreamWeights' });
  const how = /** @type {Setting[]} */ (Object.keys(RANGES)).map((key) => ({ key, ...slider(RANGES[key], (value) => dreaming.setHow({ [key]: value })) }));
  const go = el('button', { class: 'primary', id: 'dreamGo', on: { click: () => dreaming.start(store.state.dream.seed) } });
  const again = el('button', { id: 'dreamAgain', on: { click: () => dreaming.start(store.state.dream.seed + 1) } });
  const stop = el('button', { id: 'dreamStop', on: { click: () => dreaming.stop() } });
  const bar = el('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, el('i'));
  const step = el('span', { class: 'num small' });
  const said = el('p', { class: 'num small', role: 'status', id: 'dreamSaid' });
  const notes = el('div', {});
  const work = el('div', { class: 'work' }, bar, step);
  const controls = el('div', { class: 'dream-controls' }, el('label', { class: 'pick' }, layerName, layer), weightsTitle, weights, howTitle, el('div', { class: 'sliders' }, ...how.map(({ element }) => element)), el('div', { class: 'buttons' }, go, again, stop), work, said, notes);
  panel.replaceChildren(el('div', { class: 'teach-head' }, title, about, el('span', { class: 'grow' }), use, keep), el('div', { class: 'dream-parts' }, el('div', {}, pictures.element, empty), controls));
  /** The sliders of the branches, by name. @type {Map<string, ReturnType<typeof slider>>} */
  let branches = new Map();

  /** @param {import('../../dream/state.js').Dream} dream */
  function showValues(dream) {
    for (const [name, { set }] of branches) set(dream.weights[name] ?? 1);
    for (const { key, set } of how) set(dream[key]);
  }

  store.watch(
    ({ workspace, lang }) => [workspace, lang],
    ({ workspace }) => {
      panel.hidden = workspace !== 'dream';
      const texts = /** @type {[HTMLElement, string][]} */ ([[title, 'dreamTitle'], [about, 'dreamNote'], [use, 'useAsPicture'], [keep, 'savePicture'], [empty, 'dreamEmpty'], [layerName, 'dreamLayer'], [weightsTitle, 'weights'], [howTitle, 'dreamSettings'], [go, 'dreamGo'], [again, 'again'], [stop, 'stop']]);
      for (const [element, key] of texts) element.textContent = t(key);
      bar.ariaLabel = t('dreamTitle');
      for (const { key, name } of how) name(t(NAMES[key]));
    },
  );
  store.watch(
    ({ dream, model, lang }) => [dream.layer, model?.info, lang],
    ({ dream }) => {
      layer.replaceChildren(...dreaming.modules.map(({ name }) => el('option', { value: name, text: name })));
      layer.value = dream.layer ?? '';
      const module = dreaming.modules.find(({ name }) => name === dream.layer);
      branches = new Map((module?.branches ?? []).map((branch) => {
        const one = slider(WEIGHTS, (weight) => dreaming.setWeight(branch.name, weight), `var(--b${branch.index})`);
        one.name(branch.label, 'en');
        return [branch.name, one];
      }));
      weights.replaceChildren(...[...branches.values()].map(({ element }) => element));
      weightsTitle.hidden = branches.size === 0;
      showValues(dream);
    },
  );
  store.watch(
    ({ dream }) => [dream.weights, dream.octaves, dream.steps, dream.strength],
    ({ dream }) => showValues(dream),
  );
  store.watch(
    ({ dream, lang }) => [dream.before, dream.after, lang],
    ({ dream: { before, after } }) => {
      pictures.element.hidden = before === null && after === null;
      empty.hidden = !pictures.element.hidden;
      use.disabled = keep.disabled = after === null;
      pictures.show(before, after);
    },
  );
  store.watch(
    ({ dream, picture, model, lang }) => [dream.status, dream.done, dream.total, dream.failure, picture === null, model === null, lang],
    ({ dream, picture, model }) => {
      const { status, done, total, failure, each } = dream;
      const isRunning = status === 'running';
      const hadFocus = document.activeElement === stop;
      go.disabled = picture === null || model === null || isRunning;
      again.hidden = isRunning || (status !== 'done' && status !== 'stopped');
      stop.hidden = work.hidden = !isRunning;
      if (hadFocus && !isRunning) go.focus();
      if (isRunning) {
        step.textContent = done === 0 ? t('lfBegin') : t('dreamRun', placeIn(dream));
        advance(work, total > 0 ? done / total : 0);
      }
      const text = status === 'done' ? t('dreamDone', { n: Math.round(total / each), m: each }) : status === 'stopped' && done > 0 ? t('dreamStopped', placeIn(dream)) : '';
      if (said.textContent !== text) said.textContent = text;
      notes.replaceChildren(...(failure ? [failureNote(failure, { text: t('retry'), act: () => dreaming.start(dream.seed) })] : []));
    },
  );
}

/**
 * A value that is set by a slider and stands beside it.
 * @param {readonly [number, number, number]} range the least, the most and the step
 * @param {(value: number) => void} take
 * @param {string} [color] of a key before its name
 */
function slider([min, max, step], take, color) {
  const text = el('span', {});
  const output = el('output', { class: 'num' });
  const input = el('input', { type: 'range', min, max, step, on: { input: () => take(input.valueAsNumber) } });
  const key = color === undefined ? null : el('i', { class: 'key', 'aria-hidden': true });
  return {
    element: /** @type {HTMLElement} */ (el('label', { class: 'slider', vars: color === undefined ? {} : { '--c': color } }, el('span', {}, key, text), input, output)),
    /** @param {string} name @param {string} [lang] */
    name: (name, lang = '') => {
      text.textContent = input.ariaLabel = name;
      text.lang = lang;
    },
    /** @param {number} value */
    set: (value) => {
      input.value = String(value);
      output.textContent = step < 1 ? value.toFixed(1) : String(value);
    },
  };
}
