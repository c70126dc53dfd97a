import { el, rove } from '../../../pkg/dist/element/dom.js';

/** @typedef {{ text: string, act: () => void }} Item */

/**
 * Hangs a menu from a button until something is chosen or it is left.
 * @param {HTMLElement} button with `aria-haspopup`
 * @param {string} label
 * @param {Item[]} items
 */
export function openMenu(button, label, items) {
  const leave = new AbortController();
  const menu = el('div', { class: 'teach-menu', role: 'menu', 'aria-label': label });
  const close = () => {
    leave.abort();
    menu.remove();
    button.ariaExpanded = 'false';
  };
  const choose = (/** @type {Item} */ { act }) => {
    close();
    button.focus();
    act();
  };
  menu.append(...items.map((item, i) => el('button', { role: 'menuitem', tabIndex: i === 0 ? 0 : -1, text: item.text, on: { click: () => choose(item) } })));
  rove(menu, '[role=menuitem]');
  menu.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    close();
    button.focus();
  });
  menu.addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget) && relatedTarget !== button) close();
  });
  addEventListener('pointerdown', ({ target }) => target instanceof Node && !menu.contains(target) && close(), { signal: leave.signal });
  document.body.append(menu);
  const { left, right, bottom, top } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const { clientWidth, clientHeight } = document.documentElement;
  const x = left + width < clientWidth - 8 ? left : Math.max(8, right - width);
  const y = bottom + 4 + height > clientHeight && top > height + 4 ? top - height - 4 : bottom + 4;
  menu.style.setProperty('--x', `${x + scrollX}px`);
  menu.style.setProperty('--y', `${y + scrollY}px`);
  button.ariaExpanded = 'true';
  menu.firstElementChild.focus();
}
