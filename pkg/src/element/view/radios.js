import { rampImage } from '../color-map.js';
import { el, rove, setTabStop } from '../dom.js';

/**
 * A group of which one is chosen.
 * @template {string} T
 * @param {'seg' | 'swatches'} kind
 * @param {readonly T[]} values
 * @param {(value: T) => void} choose
 * @returns {HTMLElement}
 */
export function radios(kind, values, choose) {
  const buttons = values.map((value) => {
    const vars = kind === 'swatches' ? { '--ramp': rampImage(/** @type {import('../color-map.js').Palette} */ (/** @type {string} */ (value))) } : {};
    return el('button', { role: 'radio', 'data-value': value, vars, on: { click: () => choose(value) } });
  });
  const group = el('div', { class: kind, role: 'radiogroup' }, ...buttons);
  rove(group, '[role=radio]', { choose: true });
  return group;
}

/**
 * @param {HTMLElement} group
 * @param {string} chosen
 * @param {(value: string) => string} name
 * @param {string} label
 */
export function check(group, chosen, name, label) {
  group.ariaLabel = label;
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (group.querySelectorAll('[role=radio]'))) {
    const value = button.dataset.value ?? '';
    button.ariaChecked = String(value === chosen);
    if (group.classList.contains('seg')) button.textContent = name(value);
    else Object.assign(button, { ariaLabel: name(value), title: name(value) });
  }
  setTabStop(group, '[role=radio]');
}
