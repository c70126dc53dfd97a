import { isField } from './dom.js';

/**
 * Passes on the keys that are typed in the element, or anywhere but in a dialog of the page while it has the attribute `hotkeys`: letters as
 * small ones, Caps Lock or not. Not those that write into a field.
 * @param {Element} host
 * @param {(key: string) => void} act
 * @param {AbortSignal} signal ends it
 */
export function onHotkey(host, act, signal) {
  const listen = (/** @type {KeyboardEvent} */ event) => {
    const path = event.composedPath();
    if (event.ctrlKey || event.metaKey || event.altKey || isField(path[0])) return;
    const isElsewhere = path.some((target) => target instanceof HTMLDialogElement) && !path.includes(host);
    if (path.includes(host) || (host.hasAttribute('hotkeys') && !isElsewhere)) act(event.key.toLowerCase());
  };
  addEventListener('keydown', listen, { signal });
}

/**
 * The keys for modules, branches and another run.
 * @param {Element} host
 * @param {import('./controls.js').Actions} actions
 * @param {AbortSignal} signal ends it
 */
export function connectKeys(host, actions, signal) {
  const act = (/** @type {string} */ key) => {
    if (key === '[') actions.openNeighbour(-1);
    if (key === ']') actions.openNeighbour(1);
    if (key === 'r') actions.run();
    if (key === '0') actions.allOn();
    if (/^[1-6]$/.test(key)) actions.switchInModule(Number(key) - 1);
  };
  onHotkey(host, act, signal);
}
