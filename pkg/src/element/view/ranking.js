import { $, el } from '../dom.js';
import { points } from '../format.js';
import { t } from '../i18n.js';
import { failureNote, note, progress } from './parts.js';
import { className } from './words.js';

/** Branches that are listed before all are asked for. */
const SHOWN = 12;

/**
 * How much each branch matters for the likeliest class.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountRanking(store, actions, shadow) {
  const [root, button] = [$('#ranking', shadow), $('#rank', shadow)];
  let showsAll = false;
  button.addEventListener('click', actions.toggleRanking);
  const render = () => {
    const { ranking } = store.state;
    root.hidden = ranking === null;
    button.ariaExpanded = String(ranking !== null);
    if (ranking === null) {
      showsAll = false;
      return root.replaceChildren();
    }
    root.replaceChildren(...contents(ranking, showsAll, actions));
    const more = ranking.status === 'done' && !showsAll && ranking.effects.length > SHOWN;
    if (more) root.append(el('button', { class: 'more', text: t('showAll', { n: ranking.effects.length }), on: { click: () => expand() } }));
  };
  const expand = () => {
    showsAll = true;
    store.show(render);
    root.querySelectorAll('li button')[SHOWN]?.focus();
  };
  store.watch(({ ranking, lang }) => [ranking, lang], render);
  store.watch(
    ({ run, picture, model }) => [run.result, run.of === picture, model],
    ({ run, picture, model }) => {
      button.disabled = run.result === null || run.of !== picture || model === null || run.result.predictions.length === 0;
    },
  );
}

/**
 * @param {import('../shift.js').Ranking} ranking
 * @param {boolean} showsAll
 * @param {import('../controls.js').Actions} actions
 * @returns {HTMLElement[]}
 */
function contents({ status, of, done, total, effects, failure }, showsAll, actions) {
  switch (status) {
    case 'running':
      return [progress(t('rankRun', { i: done, n: total }), total > 0 ? done / total : null, actions.cancelRanking)];
    case 'cancelled':
      return [note('plain', t('err-aborted'), { text: t('retry'), act: actions.rank })];
    case 'failed':
      return failure ? [failureNote(failure, { text: t('retry'), act: actions.rank })] : [];
    default: {
      const most = Math.max(...effects.map(({ change }) => Math.abs(change)), Number.MIN_VALUE);
      const rows = effects.slice(0, showsAll ? effects.length : SHOWN).map((effect) => row(effect, most, actions));
      return [el('h3', { text: t('ranked', { c: className(of) }) }), el('ol', {}, ...rows)];
    }
  }
}

/**
 * @param {import('../../index.js').BranchEffect} effect
 * @param {number} most the largest change, which fills half of a bar
 * @param {import('../controls.js').Actions} actions
 */
function row({ branch, change }, most, actions) {
  const at = branch.lastIndexOf('/');
  const color = `var(--b${/\d+$/.exec(branch)?.[0] ?? 0})`;
  const bar = el('i', { class: change < 0 ? 'fall' : 'rise', vars: { '--part': `${(Math.abs(change) / most) * 50}%`, '--c': color } });
  return el(
    'li',
    {},
    el('button', { lang: 'en', text: branch, on: { click: () => actions.openModule(branch.slice(0, at)) } }),
    el('span', { class: 'signed', 'aria-hidden': true }, bar),
    el('span', { class: 'num', text: `${points(change)} ${t('points')}` }),
  );
}
