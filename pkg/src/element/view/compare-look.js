import { rampImage } from '../color-map.js';
import { pairsOf } from '../compare.js';
import { el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';

/** The rules that the legend states, whatever the module view's is: one scale for two pictures, a scale for each of two models. */
const RULES = {
  picture: { channel: 'bothBranch', branch: 'bothBranch', layer: 'bothLayer' },
  model: { channel: 'eachBranch', branch: 'eachBranch', layer: 'eachLayer' },
};

/**
 * How the comparison is shown: difference, order, and the legend of the sides' scale.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountCompareLook(root, store, actions) {
  const { box: difference, label: differenceLabel } = check((on) => actions.setCompare({ difference: on }));
  const { box: order, label: orderLabel } = check((on) => actions.setCompare({ byDifference: on }));
  difference.id = 'compareDifference';
  order.id = 'compareOrder';
  const legend = el('div', { class: 'legend', id: 'compareLegend' });
  root.replaceChildren(differenceLabel, orderLabel, el('span', { class: 'grow' }), legend);
  store.watch(
    (state) => [pairsOf(state), state.compare?.kind, state.compare?.difference, state.compare?.byDifference, state.look, state.lang],
    (state) => {
      const { compare, look } = state;
      const [pair, ...others] = pairsOf(state).filter(({ a, b }) => a?.maps || b?.maps);
      root.hidden = pair === undefined;
      differenceLabel.hidden = orderLabel.hidden = compare?.kind !== 'picture';
      differenceLabel.lastChild.textContent = t('difference');
      orderLabel.lastChild.textContent = t('byDifference');
      difference.checked = compare?.difference ?? false;
      order.checked = compare?.byDifference ?? false;
      if (pair === undefined) return;
      const isSigned = [pair, ...others].every(({ palette }) => palette === 'diverging');
      const limit = look.scale === 'layer' && pair.limits.a === pair.limits.b ? digits(pair.limits.a) : null;
      legend.replaceChildren(
        el('span', { class: 'num', text: isSigned ? (limit ? `≤ −${limit}` : '≤') : '0' }),
        el('i', { class: 'ramp', 'aria-hidden': true, vars: { '--ramp': rampImage(pair.palette) } }),
        el('span', { class: 'num', text: limit ? `≥ ${limit}` : '≥' }),
        el('small', { text: t(RULES[compare?.kind ?? 'picture'][look.scale]) }),
      );
    },
  );
}

/**
 * @param {(on: boolean) => void} set
 * @returns {{ box: HTMLInputElement, label: any }}
 */
function check(set) {
  const box = el('input', { type: 'checkbox', on: { change: () => set(box.checked) } });
  return { box, label: el('label', { class: 'check' }, box, el('span', {})) };
}
