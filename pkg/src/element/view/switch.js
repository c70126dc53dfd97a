import { el } from '../dom.js';

/**
 * Switches a branch, or the same branch of equal blocks.
 * @param {string} name that is spoken
 * @param {string[]} branches
 * @param {import('../controls.js').Actions} actions
 * @returns {{ element: HTMLInputElement, update: (off: ReadonlySet<string>) => 'on' | 'partly' | 'off' }}
 */
export function branchSwitch(name, branches, actions) {
  const element = el('input', { type: 'checkbox', role: 'switch', class: 'switch', checked: true, 'aria-label': name, on: { change: () => actions.switchBranches(branches, element.checked) } });
  return {
    element,
    update: (off) => {
      const count = branches.filter((branch) => off.has(branch)).length;
      element.checked = count === 0;
      return count === 0 ? 'on' : count === branches.length ? 'off' : 'partly';
    },
  };
}
