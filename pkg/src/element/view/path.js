import { $, activeElement, el } from '../dom.js';
import { chipText } from './words.js';

/**
 * The layers of a branch, or of the stem, one after another: tells the one that is shown, and opens each.
 * @param {HTMLElement} root
 * @param {import('../network.js').Branch} branch
 * @param {string} shown name of the layer; the branch's own for its end
 * @param {Pick<import('../controls.js').Actions, 'openInner'>} actions
 */
export function showPath(root, branch, shown, actions) {
  const focused = /** @type {HTMLElement | null} */ (activeElement(root));
  const hadFocus = root.contains(focused) ? focused?.dataset.layer : null;
  const last = branch.path.at(-1) ?? [];
  const own = branch.path.flat().find(({ name }) => name === branch.name);
  const ends = own ? [own] : last;
  const chips = branch.path.flatMap((steps, i) => {
    const joined = steps.flatMap((step, k) => {
      const isEnd = ends.includes(step);
      const layer = isEnd && ends.length === 1 ? null : step.name;
      const on = shown === (layer ?? branch.name);
      const open = () => actions.openInner(branch.name, on ? null : layer);
      const button = el('button', { class: isEnd && shown === branch.name ? 'chip on' : 'chip', 'aria-pressed': on, title: step.name, 'data-layer': step.name, text: chipText(step), on: { click: open } });
      return k > 0 ? [' + ', button] : [button];
    });
    return i > 0 ? [' → ', ...joined] : joined;
  });
  root.replaceChildren(...chips);
  root.title = root.textContent;
  if (hadFocus) $(`[data-layer="${hadFocus}"]`, root)?.focus();
}
